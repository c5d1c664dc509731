#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages list, against what there is: codes, defaults, the members of the bus, files.

pages.py ROOT GIR
"""

import pathlib
import re
import sys
import xml.etree.ElementTree

import gi

gi.require_version("Wsm", "1")
from gi.repository import Wsm

CORE = "{http://www.gtk.org/introspection/core/1.0}"
GLIB = "{http://www.gtk.org/introspection/glib/1.0}"
ROW = re.compile(r"^\| (.*) \|$", re.MULTILINE)
PROPERTY = re.compile(r"\[property@Wsm\.(\w+):([\w-]+)\]$")
NUMBER = re.compile(r"`?(-?[\d.]+|TRUE|FALSE|none)`?(?: (ms|s|MiB)\b)?")
LINK = re.compile(r"\]\(([\w./-]+)(?:#[\w-]+)?\)")
FACTORS = {None: 1, "ms": 1, "s": 1000, "MiB": 1 << 20}
# A key in the comments of an interface: `- name (s)`, `mode (u: 1 ping`, `p95, p99 (d)`.
KEY = re.compile(r"([a-z][\w-]*) \((?:[a-z({][a-z{}()]*)\b[^)]*\)")


def nicks_of(gir, name):
    (found,) = gir.findall(f".//{CORE}enumeration[@name='{name}']")
    return {member.get(f"{GLIB}nick") for member in found.iter(f"{CORE}member")}


def first_cells(text, heading):
    """The first cell of each row below a heading, without its quotes."""
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return {row.split(" | ")[0].strip("` ") for row in ROW.findall(section)[2:]}


def compare(where, said, there):
    findings = [f"{where}: {name} is missing" for name in sorted(there - said)]
    return findings + [f"{where}: there is no {name}" for name in sorted(said - there)]


def check_codes(text, gir):
    errors = {nick.upper().replace("-", "_") for nick in nicks_of(gir, "Error")}
    return (compare("debugging.md", first_cells(text, "What a reason means"),
                    nicks_of(gir, "ReasonCode")) +
            compare("debugging.md", first_cells(text, "What an error means"), errors))


def read_default(cell):
    """What a cell says, as the property has it."""
    number, unit = NUMBER.match(cell).groups()
    words = {"TRUE": True, "FALSE": False, "none": None}
    return words[number] if number in words else float(number) * FACTORS[unit]


def check_defaults(name, text):
    """The column of defaults in tables whose rows are properties."""
    findings = []
    count = 0
    titles = []
    for row in ROW.findall(text):
        cells = [cell.strip() for cell in row.split(" | ")]
        found = PROPERTY.match(cells[0])
        if found is None:
            titles = cells if set(row) - set("| -") else titles
            continue
        if "default" not in titles:
            continue
        kind, pspec = getattr(Wsm, found[1]), found[2].replace("-", "_")
        there = getattr(kind.props, pspec).default_value
        said = read_default(cells[titles.index("default")])
        count += 1
        if said != there:
            findings.append(f"{name}: {found[1]}:{found[2]} is {there}, not {said}")
    return findings, count


def check_bus(text, path):
    """Each member, argument and key of an interface has a word in the page."""
    source = path.read_text(encoding="utf-8")
    words = set(re.findall(r"[\w-]+", text))
    there = set()
    for element in xml.etree.ElementTree.fromstring(source).iter():
        if element.tag in ("method", "signal", "arg"):
            there.add(element.get("name"))
    for comment in re.findall(r"<!--(.*?)-->", source, re.DOTALL):
        there |= set(KEY.findall(comment))
    return [f"dbus.md: {name} of {path.name} is missing" for name in sorted(there - words)]


def check_links(path, text):
    """That the files to which a page leads are there, where it lies."""
    return [f"{path.name}: there is no {target}" for target in LINK.findall(text)
            if not (path.parent / target).exists()]


def check_itself():
    assert check_links(pathlib.Path(__file__), "[a](pages.py) [b](pages.py#x) [c](d.py)") == [
        "pages.py: there is no d.py"]
    assert compare("planted", {"a"}, {"b"}) == ["planted: b is missing", "planted: there is no a"]
    table = "| property | default |\n| --- | --- |\n| [property@Wsm.Heartbeat:interval] | {} |\n"
    for cell, count in {"25 s": 0, "25000 ms": 0, "24 s": 1}.items():
        findings, found = check_defaults("planted", table.format(cell))
        assert (len(findings), found) == (count, 1), cell


def main():
    root = pathlib.Path(sys.argv[1])
    check_itself()
    texts = {path.name: path.read_text(encoding="utf-8")
             for path in sorted((root / "docs").glob("*.md"))}
    gir = xml.etree.ElementTree.parse(sys.argv[2]).getroot()
    findings = check_codes(texts["debugging.md"], gir)
    n_defaults = 0
    for name, text in texts.items():
        wrong, count = check_defaults(name, text)
        findings += wrong
        n_defaults += count
    for path in sorted(root.glob("*.md")) + sorted((root / "docs").glob("*.md")):
        findings += check_links(path, path.read_text(encoding="utf-8"))
    for path in sorted((root / "data" / "dbus").glob("*.xml")):
        findings += check_bus(texts["dbus.md"], path)
    print("\n".join(findings) or f"{n_defaults} defaults")
    sys.exit(1 if findings or n_defaults == 0 else 0)


main()
