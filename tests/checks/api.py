#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public API as a list, a line for each thing in it: what programs in any language rely on.

api.py GIR LIST            compares; a thing that is lost, or new and not in the list, is told
api.py --write GIR LIST    writes the list anew
api.py --list GIR          prints it

A compiler sees functions, but not properties, signals, and what a caller has to free; so the list
is made of what bindings are made of.
"""

import pathlib
import sys
import xml.etree.ElementTree

CORE = "{http://www.gtk.org/introspection/core/1.0}"
C = "{http://www.gtk.org/introspection/c/1.0}"
GLIB = "{http://www.gtk.org/introspection/glib/1.0}"


def type_of(node):
    """A type, with what is in it if it is a list."""
    for kind in (CORE + "type", CORE + "array"):
        found = node.find(kind)
        if found is None:
            continue
        inner = [type_of(found)] if found.find(CORE + "type") is not None else []
        name = found.get("name", "array")
        return f"{name}<{inner[0]}>" if inner else name
    return "none" if node.find(CORE + "varargs") is None else "..."


def value_of(node):
    """A parameter's or return value's type, who owns it, and what else a caller has to know."""
    notes = []
    if node.get("transfer-ownership", "none") != "none":
        notes.append(node.get("transfer-ownership"))
    if node.get("direction", "in") != "in":
        notes.append(node.get("direction"))
    if node.get("nullable") == "1":
        notes.append("nullable")
    if node.get("optional") == "1":
        notes.append("optional")
    if node.get("scope") is not None:
        notes.append(node.get("scope"))
    return " ".join([type_of(node)] + notes)


def call_of(node):
    """Parameters and return value of a function or signal."""
    parameters = [f"{one.get('name')}: {value_of(one)}"
                  for one in node.iterfind(f"{CORE}parameters/{CORE}parameter")]
    returned = value_of(node.find(CORE + "return-value"))
    text = f"({', '.join(parameters)})"
    if returned != "none":
        text += f" -> {returned}"
    return text + (" throws" if node.get("throws") == "1" else "")


def state_of(node):
    """Since when, and since when no more."""
    text = f" since {node.get('version')}" if node.get("version") else ""
    if node.get("deprecated") == "1":
        text += f" deprecated {node.get('deprecated-version', '')}".rstrip()
    return text


def functions_of(node):
    for kind in ("constructor", "method", "function"):
        for one in node.iterfind(CORE + kind):
            yield f"{kind} {one.get(C + 'identifier')} {call_of(one)}{state_of(one)}"


def properties_of(node, owner):
    for one in node.iterfind(CORE + "property"):
        flags = [word for word, key, default in (
            ("read", "readable", "1"), ("write", "writable", "0"),
            ("construct", "construct", "0"), ("construct-only", "construct-only", "0"))
            if one.get(key, default) == "1"]
        yield (f"property {owner}:{one.get('name')} {type_of(one)} {' '.join(flags)}"
               f"{state_of(one)}")


def signals_of(node, owner):
    for one in node.iterfind(GLIB + "signal"):
        details = " detailed" if one.get("detailed") == "1" else ""
        yield f"signal {owner}::{one.get('name')} {call_of(one)}{details}{state_of(one)}"


def members_of(node):
    for one in node.iterfind(CORE + "member"):
        yield (f"member {one.get(C + 'identifier')} = {one.get('value')} "
               f"{one.get(GLIB + 'nick')}{state_of(one)}")


def lines_of_type(kind, node):
    name = node.get(C + "type")
    parents = [node.get("parent")] if node.get("parent") else []
    parents += [one.get("name") for one in node.iterfind(CORE + "implements")]
    words = [kind, name, node.get(GLIB + "get-type"), node.get(GLIB + "error-domain")]
    text = " ".join(word for word in words if word)
    yield text + (f" : {', '.join(parents)}" if parents else "") + state_of(node)
    yield from functions_of(node)
    yield from properties_of(node, name)
    yield from signals_of(node, name)
    yield from members_of(node)


def list_api(text):
    """The lines, sorted."""
    namespace = xml.etree.ElementTree.fromstring(text).find(CORE + "namespace")
    lines = list(functions_of(namespace))
    for kind in ("class", "interface", "record", "enumeration", "bitfield"):
        for node in namespace.iterfind(CORE + kind):
            # Of a final type, nothing in its class is for anybody.
            if not node.get(GLIB + "is-gtype-struct-for"):
                lines += lines_of_type(kind, node)
    for node in namespace.iterfind(CORE + "constant"):
        lines.append(f"constant {node.get(C + 'type')} {type_of(node)}{state_of(node)}")
    for node in namespace.iterfind(CORE + "function-macro"):
        names = [one.get("name") for one in node.iterfind(f"{CORE}parameters/{CORE}parameter")]
        lines.append(f"macro {node.get(C + 'identifier')} ({', '.join(names)}){state_of(node)}")
    for node in namespace.iterfind(CORE + "callback"):
        lines.append(f"callback {node.get(C + 'type')} {call_of(node)}{state_of(node)}")
    return sorted(lines)


def compare(old, new):
    """What is lost and what is new, as findings."""
    lost = sorted(set(old) - set(new))
    added = sorted(set(new) - set(old))
    return [f"lost: {line}" for line in lost] + [f"new: {line}" for line in added]


SAMPLE = """<repository xmlns="http://www.gtk.org/introspection/core/1.0"
            xmlns:c="http://www.gtk.org/introspection/c/1.0"
            xmlns:glib="http://www.gtk.org/introspection/glib/1.0">
<namespace name="Wsm">
<class name="Pool" c:type="WsmPool" glib:get-type="wsm_pool_get_type" parent="GObject.Object"
       version="0.1">
  <implements name="Gio.ListModel"/>
  <method name="add" c:identifier="wsm_pool_add" throws="1" version="0.1">
    <return-value transfer-ownership="none"><type name="Connection"/></return-value>
    <parameters>
      <instance-parameter name="self"><type name="Pool"/></instance-parameter>
      <parameter name="uri" transfer-ownership="none"><type name="utf8"/></parameter>
    </parameters>
  </method>
  <property name="coalesce" writable="1" version="0.1"><type name="gint"/></property>
  <glib:signal name="message" version="0.1">
    <return-value transfer-ownership="none"><type name="none"/></return-value>
    <parameters>
      <parameter name="data" transfer-ownership="none"><type name="GLib.Bytes"/></parameter>
    </parameters>
  </glib:signal>
</class>
<record name="PoolClass" c:type="WsmPoolClass" glib:is-gtype-struct-for="Pool"/>
<enumeration name="State" c:type="WsmState" glib:get-type="wsm_state_get_type" version="0.1">
  <member name="open" value="2" c:identifier="WSM_STATE_OPEN" glib:nick="open"/>
</enumeration>
<constant name="MAJOR_VERSION" value="0" c:type="WSM_MAJOR_VERSION"><type name="gint"/></constant>
</namespace></repository>
"""

LISTED = [
    "class WsmPool wsm_pool_get_type : GObject.Object, Gio.ListModel since 0.1",
    "constant WSM_MAJOR_VERSION gint",
    "enumeration WsmState wsm_state_get_type since 0.1",
    "member WSM_STATE_OPEN = 2 open",
    "method wsm_pool_add (uri: utf8) -> Connection throws since 0.1",
    "property WsmPool:coalesce gint read write since 0.1",
    "signal WsmPool::message (data: GLib.Bytes) since 0.1",
]

# What a careless change does, and the line that it loses.
PLANTS = [
    ('value="2"', 'value="3"', "member WSM_STATE_OPEN"),
    ('glib:nick="open"', 'glib:nick="opened"', "member WSM_STATE_OPEN"),
    ('writable="1"', 'writable="0"', "property WsmPool:coalesce"),
    ('name="gint"/></property>', 'name="guint"/></property>', "property WsmPool:coalesce"),
    ('name="GLib.Bytes"', 'name="utf8"', "signal WsmPool::message"),
    ('<type name="Connection"/>', '<type name="utf8"/>', "method wsm_pool_add"),
    ('throws="1"', 'throws="0"', "method wsm_pool_add"),
    ('<implements name="Gio.ListModel"/>', "", "class WsmPool"),
    ('name="uri" transfer-ownership="none"', 'name="uri" transfer-ownership="full"',
     "method wsm_pool_add"),
    ('c:identifier="wsm_pool_add"', 'c:identifier="wsm_pool_put"', "method wsm_pool_add"),
]


def prove():
    assert list_api(SAMPLE) == LISTED, list_api(SAMPLE)
    assert compare(LISTED, LISTED) == []
    assert compare(LISTED[1:], LISTED) == ["new: " + LISTED[0]]
    for before, after, expected in PLANTS:
        assert before in SAMPLE, before
        findings = compare(LISTED, list_api(SAMPLE.replace(before, after, 1)))
        assert any(one.startswith("lost: " + expected) for one in findings), (expected, findings)
    return len(PLANTS)


def read_list(path):
    lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


HEAD = """# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The public API, written by `./dev api`. What is in a release stays: CONTRIBUTING.md says how.

"""


def main():
    proved = prove()
    arguments = sys.argv[1:]
    how = arguments.pop(0) if arguments[0].startswith("--") else "--compare"
    lines = list_api(pathlib.Path(arguments[0]).read_text(encoding="utf-8"))
    assert lines, "nothing public: is this the right file?"
    if how == "--list":
        print("\n".join(lines))
        return
    if how == "--write":
        pathlib.Path(arguments[1]).write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
        return

    findings = compare(read_list(arguments[1]), lines)
    for finding in findings:
        print(finding)
    if findings:
        print("Is it meant? Then `./dev api` writes the list anew. What is lost breaks programs.")
    print(f"{len(lines)} things public, {len(findings)} findings; {proved} planted faults found")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
