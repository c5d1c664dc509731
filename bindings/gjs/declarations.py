#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the type declarations for JavaScript and TypeScript of what the scanner knows.

declarations.py GIR >wsm-1.d.ts

They go together with those of other libraries that ts-for-gir makes, and are named as it does:
the module is `@girs/wsm-1`, and `gi://Wsm?version=1` is the same.
"""

import pathlib
import sys
import textwrap

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from scanned import (SPACES, find_all, find_kinds, find_parameters, find_text,  # noqa: E402
                     is_nullable_property, is_settable, read_namespace, word)

HEAD = """\
// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Made of the introspection data.

declare module 'gi://Wsm?version=1' {
    import Wsm from '@girs/wsm-1';
    export default Wsm;
}

declare module 'gi://Wsm' {
    import Wsm from '@girs/wsm-1';
    export default Wsm;
}

declare module '@girs/wsm-1' {
    import Gio from 'gi://Gio';
    import GLib from 'gi://GLib';
    import GObject from 'gi://GObject';
    import Soup from 'gi://Soup?version=3.0';

    export namespace Wsm {
"""

TAIL = """\
    }

    export default Wsm;
}
"""

SIMPLE = {
    "GLib.Bytes": "GLib.Bytes",
    "GLib.Quark": "number",
    "gboolean": "boolean",
    "gdouble": "number",
    "gint": "number",
    "gint64": "number",
    "gpointer": "any",
    "gsize": "number",
    "guint": "number",
    "guint64": "number",
    "none": "void",
    "utf8": "string",
}


def indent(text, depth=1):
    return textwrap.indent(text, "    " * depth)


def comment(element):
    text = find_text(element, "null")
    if not text:
        return ""
    if len(text) < 80:
        return f"/** {text} */\n"
    lines = textwrap.wrap(text, 85, break_long_words=False, break_on_hyphens=False)
    return "/**\n" + "".join(f" * {line}\n" for line in lines) + " */\n"


def camel(name):
    first, *others = name.replace("_", "-").split("-")
    return first + "".join(part.capitalize() for part in others)


def type_of(element, is_nullable=None):
    array = element.find("array", SPACES)
    if array is not None:
        name = f"{type_of(array)}[]"
    else:
        name = element.find("type", SPACES).get("name")
        name = SIMPLE.get(name, name)
        if name == "Gio.AsyncReadyCallback":
            name = "((source: this, result: Gio.AsyncResult) => void)"
    if is_nullable is None:
        is_nullable = element.get("nullable") == "1"
    return f"{name} | null" if is_nullable and name != "any" else name


def parameters_of(method):
    """What JavaScript gives; it has functions that know their data."""
    return ", ".join(f"{camel(one.get('name'))}: {type_of(one)}" for one in find_parameters(method)
                     if one.get("name") != "user_data")


def define(method, words=""):
    result = type_of(method.find("return-value", SPACES))
    return f"{comment(method)}{words}{method.get('name')}({parameters_of(method)}): {result};\n"


class Kind:
    """A class or a record."""

    def __init__(self, element):
        self.element = element
        self.name = element.get("name")
        self.methods = {one.get("name"): one for one in find_all(element, "method")}
        self.properties = find_all(element, "property")
        self.signals = element.findall("glib:signal", SPACES)

    def spell_properties(self):
        """Each property, under both of its names."""
        for item in self.properties:
            kind = type_of(item, is_nullable_property(item, self.methods))
            for name in dict.fromkeys([word(item.get("name")), camel(item.get("name"))]):
                yield item, name, kind

    def write_constructor(self):
        lines = [f"{name}: {kind};\n" for item, name, kind in self.spell_properties()
                 if item.get("writable") == "1"]
        return (f"interface {self.name}Properties {{\n{indent(''.join(lines))}}}\n" if lines
                else "")

    def write_properties(self):
        lines = []
        for item, name, kind in self.spell_properties():
            if not is_settable(item):
                lines.append(f"{comment(item)}get {name}(): {kind};\n")
            else:
                lines.append(f"{comment(item)}get {name}(): {kind};\nset {name}(value: {kind});\n")
        return "".join(lines)

    def write_signals(self):
        lines = []
        for signal in self.signals:
            found = signal.find("parameters", SPACES)
            arguments = ["source: this"]
            arguments += [f"{camel(one.get('name'))}: {type_of(one)}"
                          for one in ([] if found is None else find_all(found, "parameter"))]
            result = type_of(signal.find("return-value", SPACES))
            lines.append((comment(signal), f"'{signal.get('name')}'",
                          f"({', '.join(arguments)}) => {result}"))
        names = " | ".join(f"'notify::{one.get('name')}'" for one in self.properties)
        lines.append(("", f"'notify' | {names}",
                      "(source: this, spec: GObject.ParamSpec) => void"))
        return "".join(f"{text}{name}(signal: {signal}, callback: {callback}): number;\n"
                       for name in ("connect", "connect_after")
                       for text, signal, callback in lines)

    def write(self):
        is_object = self.element.get("parent") is not None
        lines = [self.write_properties()]
        constructors = find_all(self.element, "constructor")
        properties = self.write_constructor() if is_object else ""
        if properties:
            lines.insert(0, f"constructor(properties?: Partial<{self.name}Properties>);\n")
        lines += [f"{comment(one)}static {one.get('name')}({parameters_of(one)}): {self.name};\n"
                  for one in constructors]
        lines += [define(one, "static ") for one in find_all(self.element, "function")]
        lines += [define(one) for name, one in self.methods.items()
                  if not (name == "free" and not is_object)]
        if is_object:
            lines.append(self.write_signals())
        base = " extends GObject.Object" if is_object else ""
        merged = "".join(f"interface {self.name} extends {one.get('name')}<Connection> {{}}\n"
                         for one in find_all(self.element, "implements"))
        return (f"{properties}{merged}{comment(self.element)}class {self.name}{base} {{\n"
                f"{indent(''.join(lines))}}}\n")


def write_enumeration(element):
    members = "".join(f"{comment(one)}{one.get('name').upper()} = {one.get('value')},\n"
                      for one in element.findall("member", SPACES))
    assert not find_all(element, "function"), element.get("name")
    return f"{comment(element)}enum {element.get('name')} {{\n{indent(members)}}}\n"


def write_error(element):
    """An error domain is a class, whose codes are numbers."""
    codes = "".join(f"{comment(one)}static readonly {one.get('name').upper()}: number;\n"
                    for one in element.findall("member", SPACES))
    functions = "".join(define(one, "static ") for one in find_all(element, "function"))
    return (f"{comment(element)}class {element.get('name')} extends GLib.Error {{\n"
            f"{indent(codes + functions)}}}\n")


def main():
    space = read_namespace(sys.argv[1])
    blocks = [f"{comment(one)}const {one.get('name')}: {type_of(one)};\n"
              for one in find_all(space, "constant")]
    blocks += [write_error(one) if one.get("name") == "Error" else write_enumeration(one)
               for one in find_all(space, "enumeration") + find_all(space, "bitfield")]
    blocks += [Kind(one).write() for one in find_kinds(space)]
    # Some are also where they belong, under another name.
    blocks += [define(one, "function ") for one in find_all(space, "function")
               if one.get("moved-to") is None]
    print(HEAD + indent("\n".join(blocks), 2) + TAIL, end="")


main()
