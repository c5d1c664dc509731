#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the type stubs for Python, of what the scanner knows and of what the override adds.

stubs.py GIR OVERRIDE… >Wsm.pyi

The first override is the module itself, what it takes from the others is in theirs. What the
override defines is as it says; all else is as in C.
"""

import ast
import pathlib
import re
import sys
import textwrap

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

import scanned  # noqa: E402
from scanned import (SPACES, find_all, find_kinds, find_parameters,  # noqa: E402
                     is_nullable_property, is_settable, read_namespace, word)

HEAD = '''\
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: LGPL-2.1-or-later
# Made of the introspection data and of the override.

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterator, Sequence
from datetime import timedelta
from enum import IntEnum, IntFlag
from typing import Any, Generic, Literal, TypeVar, overload

from gi.repository import Gio, GLib, GObject, Soup

_Result = TypeVar("_Result")


# Not properties: older type checkers want those to take what they give.
class _Time:
    def __get__(self, seconds: object, owner: object = None) -> float | None: ...
    def __set__(self, seconds: object, value: float | timedelta) -> None: ...


class _OptionalTime(_Time):
    def __set__(self, seconds: object, value: float | timedelta | None) -> None: ...
'''

SIMPLE = {
    "GLib.Quark": "int",
    "gboolean": "bool",
    "gdouble": "float",
    "gint": "int",
    "gint64": "int",
    "gpointer": "Any",
    "guint": "int",
    "guint64": "int",
    "none": "None",
    "utf8": "str",
}

UNIT = re.compile(r"(milli|micro)seconds")


def find_text(element):
    """The first paragraph of its documentation."""
    return scanned.find_text(element, "None")


def indent(text):
    return textwrap.indent(text, "    ")


def quote(text):
    return f'"""{text}"""\n' if text else ""


def type_of(element, is_argument):
    """The type of a parameter, a return value or a property."""
    array = element.find("array", SPACES)
    if array is not None:
        item = type_of(array, is_argument)
        name = f"Sequence[{item}]" if is_argument else f"list[{item}]"
    else:
        name = element.find("type", SPACES).get("name")
        name = SIMPLE.get(name, name)
        if name == "Gio.AsyncReadyCallback":
            name = "Callable[..., object]"
    if element.get("nullable") == "1" and name != "Any":
        name += " | None"
    return name


def arguments_of(method):
    """What Python gives to a method: names and types."""
    arguments = []
    for parameter in find_parameters(method):
        name = parameter.get("name")
        kind = type_of(parameter, True)
        if name == "user_data":
            arguments.append(("*user_data", "Any", None))
        else:
            arguments.append((name, kind, "None" if kind.endswith("None") else None))
    # Only at the end may arguments be left out.
    for position in range(len(arguments) - 1, -1, -1):
        name, kind, _ = arguments[position]
        if not name.startswith("*") and not kind.endswith("None"):
            arguments[:position] = [(name, kind, None) for name, kind, _ in arguments[:position]]
            break
    return arguments


def define(name, first, arguments, result, text="", decorator=""):
    words = [first] if first else []
    for argument, kind, default in arguments:
        words.append(argument if kind is None else f"{argument}: {kind}")
        if default is not None:
            words[-1] += f" = {default}"
    start = f"{decorator}def {name}({', '.join(words)}) -> {result}:"
    return f"{start}\n{indent(quote(text))}    ...\n" if text else f"{start} ...\n"


class Override:
    """What the override says of itself."""

    def __init__(self, paths):
        self.modules = [ast.parse(pathlib.Path(path).read_text(encoding="utf-8"))
                        for path in paths]
        self.text = ast.get_docstring(self.modules[0], clean=False)
        self.classes = {}
        self.functions = {}
        self.bases = {}
        for module in self.modules:
            for node in module.body:
                if isinstance(node, ast.ClassDef):
                    self.classes[node.name] = node
                if isinstance(node, ast.FunctionDef):
                    self.functions[node.name] = node
                if isinstance(node, ast.Assign) and node.targets[0].id == "_ERROR_BASES":
                    for key, value in zip(node.value.keys, node.value.values):
                        self.bases[key.value] = [one.id for one in value.elts]
        self.taken = [node.targets[0].id for node in self.modules[0].body
                      if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
                      and getattr(node.value.func, "id", "") == "public"]
        self.made = [name for name, node in {**self.classes, **self.functions}.items()
                     if any(getattr(one, "id", "") == "public" for one in node.decorator_list)]

    def members(self, name):
        """What a class of the override defines for others: by name, each as often as it is."""
        node = self.classes.get(name)
        found = {}
        for item in node.body if node else []:
            if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
                if not item.name.startswith("_") or item.name.startswith("__"):
                    found.setdefault(item.name, []).append(item)
            elif isinstance(item, ast.AnnAssign) and not item.target.id.startswith("_"):
                found[item.target.id] = [item]
        found.pop("__del__", None)
        # The last one is what the overloads are of.
        return {name: items[:-1] or items for name, items in found.items()}

    def find_value(self, name, attribute, default):
        """What a class of the override sets an attribute of its own to."""
        node = self.classes.get(name)
        for item in node.body if node else []:
            if isinstance(item, ast.Assign) and item.targets[0].id == attribute:
                return ast.literal_eval(item.value)
        return default


def write_node(node, decorator=""):
    """A function or an attribute of the override without what it does."""
    if isinstance(node, ast.AnnAssign):
        return f"{node.target.id}: {ast.unparse(node.annotation)}\n"
    decorators = "".join(f"@{one.id}\n" for one in node.decorator_list
                         if one.id in ("classmethod", "overload", "property", "staticmethod"))
    words = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    result = ast.unparse(node.returns) if node.returns else "Any"
    text = ast.get_docstring(node) if not node.name.startswith("__") else None
    start = f"{decorators}{words} {node.name}({ast.unparse(node.args)}) -> {result}:"
    return f"{start}\n{indent(quote(text))}    ...\n" if text else f"{start} ...\n"


def write_asynchronous(method, finish, override):
    """To be awaited without a callback, as in C with one."""
    name = method.get("name")
    arguments = arguments_of(method)
    defaults = {}
    if override is not None:
        given = override.args
        for argument, default in zip(given.args[len(given.args) - len(given.defaults):],
                                     given.defaults):
            defaults[argument.arg] = ast.unparse(default)
    leading = [one for one in arguments if one[0] not in ("callback", "*user_data")]
    awaited = [(one, kind, defaults.get(one, default)) for one, kind, default in leading]
    called = [(one, kind, None) for one, kind, _ in leading]
    called += [("callback", "Callable[..., object]", None), ("*user_data", "Any", None)]
    result = type_of(finish.find("return-value", SPACES), False)
    text = ast.get_docstring(override) if override is not None else find_text(method)
    return (define(name, "self", awaited, f"Awaitable[{result}]", text, "@overload\n")
            + define(name, "self", called, "None", "", "@overload\n"))


class Kind:
    """A class or a record."""

    def __init__(self, element, override):
        self.element = element
        self.name = element.get("name")
        self.override = override.members(self.name)
        self.optional_times = override.find_value(self.name, "_optional_times", ())
        self.methods = {one.get("name"): one for one in find_all(element, "method")}
        self.properties = find_all(element, "property")
        self.signals = element.findall("glib:signal", SPACES)

    def type_of_property(self, item, is_argument=False):
        kind = type_of(item, is_argument)
        if is_nullable_property(item, self.methods) and not kind.endswith("None"):
            kind += " | None"
        return kind

    def times(self):
        """The names of its times, with whether they can be set and whether they are points."""
        found = {}
        for item in self.properties:
            unit = UNIT.search(find_text(item).split(". ")[0])
            if unit:
                found[word(item.get("name"))] = (is_settable(item), unit[1] == "micro")
        for name, method in self.methods.items():
            unit = UNIT.search(find_text(method).split(". ")[0])
            if name.startswith("get_") and unit:
                found.setdefault(name[4:], (False, unit[1] == "micro"))
        return found

    def is_list(self, name):
        getter = self.methods.get("get_" + name)
        return getter is not None and getter.find("return-value/array", SPACES) is not None

    def write_seconds(self):
        lines = []
        for name, (can_be_set, _) in self.times().items():
            kind = "list[float | None]" if self.is_list(name) else "float | None"
            if can_be_set:
                kind = "_OptionalTime" if name in self.optional_times else "_Time"
                lines.append(f"{name}: {kind}\n")
            else:
                lines.append(f"@property\ndef {name}(self) -> {kind}: ...\n")
        return f"class _{self.name}Seconds(Seconds):\n{indent(''.join(lines))}\n\n"

    def write_properties(self):
        lines = []
        for item in self.properties:
            name = word(item.get("name"))
            kind = self.type_of_property(item)
            if is_settable(item):
                lines.append(f"{name}: {kind}\n")
            else:
                lines.append(f"@property\ndef {name}(self) -> {kind}: ...\n")
        return (f"class Props(GObject.Object.Props):\n{indent(''.join(lines))}\n"
                "@property\ndef props(self) -> Props: ...\n")

    def write_constructor(self, name, first, result, decorator="", seconds=()):
        arguments = [("*", None, None)]
        for item in self.properties:
            key = word(item.get("name"))
            kind = "float | timedelta" if key in seconds else self.type_of_property(item, True)
            if item.get("writable") == "1" or item.get("construct-only") == "1":
                arguments.append((key, kind, "..."))
        if len(arguments) == 1:
            arguments = []
        return define(name, first, arguments, result, "", decorator)

    def write_signals(self):
        lines = []
        for signal in self.signals:
            found = signal.find("parameters", SPACES)
            kinds = [self.name]
            for item in [] if found is None else find_all(found, "parameter"):
                kinds.append(type_of(item, False))
            result = type_of(signal.find("return-value", SPACES), False)
            result = "object" if result == "None" else result
            if signal.get("name") == "prepare":
                result += " | Coroutine[Any, Any, None]"
            handler = f"Callable[[{', '.join(kinds)}], {result}]"
            lines.append((f"Literal[{signal.get('name')!r}]", handler, find_text(signal)))
        names = ["notify", *(f"notify::{item.get('name')}" for item in self.properties)]
        lines.append((f"Literal[{', '.join(map(repr, names))}]",
                      f"Callable[[{self.name}, GObject.ParamSpec], object]", ""))
        blocks = []
        for name in ("connect", "connect_after"):
            block = "".join(
                define(name, "self", [("signal", signal, None), ("handler", handler, None),
                                      ("*arguments", "Any", None)], "int", text,
                       "@overload\n" if len(lines) > 1 else "")
                for signal, handler, text in lines)
            # Stricter than that of any object, which takes any text.
            blocks.append(block.replace("\n", "  # type: ignore[override]\n", 1))
        return "".join(blocks)

    def write_methods(self):
        lines = []
        for name, method in self.methods.items():
            (override,) = self.override.get(name, [None])
            if name.endswith("_async"):
                finish = self.methods[name[:-6] + "_finish"]
                lines.append(write_asynchronous(method, finish, override))
            elif override is None:
                result = type_of(method.find("return-value", SPACES), False)
                lines.append(define(name, "self", arguments_of(method), result,
                                    find_text(method)))
        for static in find_all(self.element, "constructor") + find_all(self.element, "function"):
            result = type_of(static.find("return-value", SPACES), False)
            lines.append(define(static.get("name"), "", arguments_of(static), result,
                                find_text(static), "@staticmethod\n"))
        return "".join(lines)

    def write(self):
        bases, lines = [], []
        is_object = self.element.get("parent") is not None
        if is_object:
            bases = ["GObject.Object"]
            bases += [f"{one.get('name')}[Connection]" if one.get("name") == "Gio.ListModel"
                      else one.get("name") for one in find_all(self.element, "implements")]
            lines.append(self.write_properties())
            lines.append(self.write_constructor("__init__", "self", "None"))
        lines.append(self.write_methods())
        for name, nodes in self.override.items():
            if name == "in_seconds":
                lines.append(self.write_constructor(name, "cls", self.name, "@classmethod\n",
                                                    self.times()))
            elif name not in ("__init__", "connect") and not name.endswith("_async"):
                lines += map(write_node, nodes)
        if is_object:
            lines.append(self.write_signals())
        before = ""
        if self.times():
            before = self.write_seconds()
            lines.append(f"@property\ndef seconds(self) -> _{self.name}Seconds: ...\n")
        head = f"class {self.name}({', '.join(bases or ['GObject.GBoxed'])}):\n"
        return before + head + indent(quote(find_text(self.element)) + "".join(lines))


def write_enumeration(element, base):
    members = "".join(f"{member.get('name').upper()} = {member.get('value')}\n"
                      for member in element.findall("member", SPACES))
    functions = "".join(define(one.get("name"), "", arguments_of(one),
                               type_of(one.find("return-value", SPACES), False), "",
                               "@staticmethod\n") for one in find_all(element, "function"))
    if base == "IntEnum":
        members += "\n@property\ndef value_nick(self) -> str: ...\n"
        members += "@property\ndef value_name(self) -> str: ...\n"
    return (f"class {element.get('name')}({base}):\n"
            + indent(quote(find_text(element)) + members + functions))


def write_errors(element, override):
    blocks = []
    for member in element.findall("member", SPACES):
        nick = member.get("name").upper()
        name = "".join(part.capitalize() for part in nick.split("_")) + "Error"
        bases = ", ".join(["WsmError", *override.bases[nick]])
        text = find_text(member)
        text = f"{text[0].upper()}{text[1:]}."
        blocks.append(f"class {name}({bases}):\n{indent(quote(text))}")
    return blocks


def write_added(name, override):
    """A class or function that only Python has."""
    if name in override.functions:
        return write_node(override.functions[name])
    node = override.classes[name]
    bases = ", ".join(ast.unparse(base) for base in node.bases)
    lines = [write_node(member) for members in override.members(name).values()
             for member in members]
    if name == "InboxFullError":
        lines.insert(0, "n_messages: int\nn_bytes: int\n")
    return (f"class {name}{f'({bases})' if bases else ''}:\n"
            + indent(quote(ast.get_docstring(node)) + "".join(lines)))


def main():
    gir, *paths = sys.argv[1:]
    override = Override(paths)
    space = read_namespace(gir)
    blocks = [write_enumeration(one, "IntEnum") for one in find_all(space, "enumeration")]
    blocks += [write_enumeration(one, "IntFlag") for one in find_all(space, "bitfield")]

    kinds = find_kinds(space)
    names = {one.get("name") for one in kinds}
    added = [name for name in override.made + override.taken if name not in names]
    blocks += [write_added(name, override) for name in dict.fromkeys(added)]
    for enumeration in find_all(space, "enumeration"):
        if enumeration.get("name") == "Error":
            blocks += write_errors(enumeration, override)
    blocks.append('class Seconds:\n    """The times of an object in seconds; None is "there is '
                  'none"."""\n')
    blocks += [Kind(one, override).write() for one in kinds]
    blocks += [f"{one.get('name')}: {type_of(one, False)}\n" for one in find_all(space, "constant")]
    # Some are also where they belong, under another name.
    blocks += [define(one.get("name"), "", arguments_of(one),
                      type_of(one.find("return-value", SPACES), False), find_text(one))
               for one in find_all(space, "function") if one.get("moved-to") is None]
    print(quote(override.text) + HEAD)
    print("\n\n".join(blocks), end="")


main()
