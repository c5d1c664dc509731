#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that is public is documented, and says since when it is there.

documentation.py GIR VERSION

Counted are types, functions, properties, signals, members, constants and macros, with each of their
parameters and return values. There are no exceptions.
"""

import collections
import pathlib
import re
import sys
import xml.etree.ElementTree

from api import C, CORE, GLIB

# What stands for itself, and what is a part of it.
WHOLE = ("class", "interface", "record", "enumeration", "bitfield", "callback", "constant",
         "function-macro", "constructor", "method", "function", "property", "signal")
PARTS = ("member", "parameter", "return-value")

# Those of which g-ir-scanner does not keep what they say.
WITHOUT_SINCE = ("member",) + PARTS

# A first sentence that only a long one could end is no first sentence.
FIRST_PARAGRAPH = 300


def kind_of(node):
    return node.tag.replace(CORE, "").replace(GLIB, "")


def name_of(node):
    for key in (C + "identifier", C + "type", "name"):
        if node.get(key):
            return node.get(key)
    return "the return value"


def is_nothing(node):
    """A return value of type none needs no words."""
    found = node.find(CORE + "type")
    return kind_of(node) == "return-value" and found is not None and found.get("name") == "none"


def number_of(version):
    return [int(part) for part in version.split(".")]


def check_since(node, place, version, say):
    since = node.get("version")
    if since is None:
        say(f"{place}: no Since:")
    elif number_of(since) > number_of(version):
        say(f"{place}: since {since}, which is not there yet")


def check_node(node, place, version, say):
    """The findings about one thing itself."""
    kind = kind_of(node)
    text = node.find(CORE + "doc")
    words = " ".join((text.text or "").split("\n\n")[0].split()) if text is not None else ""
    if len(re.findall(r"\w", words)) < 3:
        say(f"{place}: not documented")
        return
    if kind in WHOLE:
        check_since(node, place, version, say)
        if len(words) > FIRST_PARAGRAPH:
            say(f"{place}: its first paragraph has {len(words)} characters; say it in a line")
    if node.get("deprecated") == "1" and node.find(CORE + "doc-deprecated") is None:
        say(f"{place}: deprecated, without a word of what to use instead")


def check(text, version):
    """The findings, and how many things of each kind there are."""
    namespace = xml.etree.ElementTree.fromstring(text).find(CORE + "namespace")
    findings = []
    counts = collections.Counter()

    def walk(node, path):
        kind = kind_of(node)
        if node.get(GLIB + "is-gtype-struct-for"):
            return
        if kind in WHOLE + PARTS and not is_nothing(node):
            path = path + [name_of(node)]
            counts[kind] += 1
            check_node(node, f"{kind} {' '.join(path)}", version, findings.append)
        for child in node:
            walk(child, path)

    walk(namespace, [])
    return findings, counts


GOOD = """<repository xmlns="http://www.gtk.org/introspection/core/1.0"
            xmlns:c="http://www.gtk.org/introspection/c/1.0"
            xmlns:glib="http://www.gtk.org/introspection/glib/1.0">
<namespace name="Wsm">
<class name="Pool" c:type="WsmPool" version="0.1"><doc>Keeps connections.</doc>
  <method name="add" c:identifier="wsm_pool_add" version="0.1"><doc>Adds one.</doc>
    <return-value><doc>the connection</doc><type name="Connection"/></return-value>
    <parameters><parameter name="uri"><doc>an address</doc><type name="utf8"/></parameter>
    </parameters>
  </method>
  <method name="probe" c:identifier="wsm_pool_probe" version="0.1"><doc>Asks all.</doc>
    <return-value><type name="none"/></return-value>
  </method>
  <property name="coalesce" version="0.1"><doc>How far apart.</doc><type name="gint"/></property>
  <glib:signal name="message" version="0.1"><doc>A message came.</doc>
    <return-value><type name="none"/></return-value></glib:signal>
</class>
<record name="PoolClass" glib:is-gtype-struct-for="Pool"/>
<enumeration name="State" c:type="WsmState" version="0.1"><doc>The states.</doc>
  <member name="open" value="2" c:identifier="WSM_STATE_OPEN"><doc>messages flow</doc></member>
</enumeration>
</namespace></repository>
"""

PLANTS = [
    ("<doc>Keeps connections.</doc>", "", "class WsmPool: not documented"),
    ("<doc>Adds one.</doc>", "", "method WsmPool wsm_pool_add: not documented"),
    ("<doc>Adds one.</doc>", "<doc> . </doc>", "method WsmPool wsm_pool_add: not documented"),
    ("<doc>the connection</doc>", "", "wsm_pool_add the return value: not documented"),
    ("<doc>an address</doc>", "", "parameter WsmPool wsm_pool_add uri: not documented"),
    ("<doc>How far apart.</doc>", "", "property WsmPool coalesce: not documented"),
    ("<doc>A message came.</doc>", "", "signal WsmPool message: not documented"),
    ("<doc>messages flow</doc>", "", "member WsmState WSM_STATE_OPEN: not documented"),
    ('name="coalesce" version="0.1"', 'name="coalesce"', "coalesce: no Since:"),
    ('name="coalesce" version="0.1"', 'name="coalesce" version="0.2"', "not there yet"),
    ('name="coalesce" version="0.1"', 'name="coalesce" version="0.1" deprecated="1"',
     "without a word of what to use instead"),
    ("Adds one.", "Adds one " + "and one " * 60, "say it in a line"),
]


def prove():
    findings, counts = check(GOOD, "0.1.0")
    assert findings == [] and sum(counts.values()) == 9, (findings, counts)
    for before, after, expected in PLANTS:
        assert before in GOOD, before
        findings, _ = check(GOOD.replace(before, after, 1), "0.1.0")
        assert any(expected in finding for finding in findings), (expected, findings)
    return len(PLANTS)


def main():
    proved = prove()
    path, version = sys.argv[1:]
    findings, counts = check(pathlib.Path(path).read_text(encoding="utf-8"), version)
    for finding in findings:
        print(finding)
    undocumented = sum("not documented" in finding for finding in findings)
    total = sum(counts.values())
    print(", ".join(f"{number} {kind}" for kind, number in counts.most_common()))
    print(f"{total - undocumented} of {total} documented, {len(findings)} findings; "
          f"{proved} planted faults found")
    sys.exit(1 if findings or total == 0 else 0)


if __name__ == "__main__":
    main()
