#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manual pages: they are well formed, and say of a program what its own help says.

manual.py PAGE PROGRAM [COMMAND…]

Without a COMMAND, all options of the page are those of `PROGRAM --help-all`. With some, a section
is called like each, and says what `PROGRAM COMMAND --help` does: its options, and the switches or
keys that are listed below them. The options in DESCRIPTION are those of `PROGRAM --help` then.
"""

import pathlib
import re
import subprocess
import sys

# An option in the help: its short form, its long form, and whether a value follows.
OPTION_IN_HELP = re.compile(r"^  (?:-(\S), )?--([\w-]+)(=\S+)?", re.MULTILINE)
# The macros around the words of an option's entry, and what they look like without these.
MACRO = re.compile(r"\b(?:Fl|Ns|Ar|Ic|Op|Cm)\b ?")
# Lists in the help that hold no options: their title, and what begins a line of theirs.
ITEM_IN_HELP = re.compile(r"^  ([a-z][\w-]*)(?=  |=)", re.MULTILINE)
LISTS_IN_HELP = ("Keys of the file:", "Switches of a path")
# Those of the toolkits come and go with its versions.
TOOLKIT = re.compile(r"^(?:help|gapplication|gtk|gdk|display|class|name)")


def sections_of(page):
    """The text of each section, by its title."""
    parts = re.split(r"^\.Sh (.*)$", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def options_of_page(section):
    """Each as (short, long, takes a value); one entry may name several."""
    options = set()
    for entry in re.findall(r"^\.It (Fl .*)$", section, re.MULTILINE):
        names = [MACRO.sub("", name).replace(" ", "") for name in entry.split(" , ")]
        takes = any("=" in name for name in names)
        names = [name.split("=")[0] for name in names]
        short = [name for name in names if len(name) == 1]
        for name in names:
            if name.startswith("-"):
                options.add((short[0] if short else "", name[1:], takes))
    return options


def items_of_page(section):
    items = set()
    for entry in re.findall(r"^\.It Ic (.*)$", section, re.MULTILINE):
        items |= {name.split()[0] for name in MACRO.sub("", entry).split(" , ")}
    return items


def options_of_help(text):
    return {(short, name, bool(value)) for short, name, value in OPTION_IN_HELP.findall(text)}


def items_of_help(text):
    items = set()
    for title in LISTS_IN_HELP:
        found = re.search(rf"^{title}.*\n((?:  .*\n)+)", text, re.MULTILINE)
        if found:
            items |= set(ITEM_IN_HELP.findall(found[1]))
    return items


def compare(where, said, helped):
    findings = [f"{where}: {item} is missing" for item in sorted(helped - said)]
    return findings + [f"{where}: there is no {item}" for item in sorted(said - helped)]


def ask(*command):
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout


def check_program(page, program):
    helped = options_of_help(ask(program, "--help-all"))
    own = {option for option in helped if not TOOLKIT.match(option[1])}
    said = options_of_page(page)
    return compare("page", said & (own | said - helped), own)


def check_commands(page, program, commands):
    sections = sections_of(page)
    listed = re.search(r"^Commands:\n((?:  .*\n)+)", ask(program, "--help"), re.MULTILINE)[1]
    findings = compare("commands", set(commands), set(ITEM_IN_HELP.findall(listed)))
    findings += compare("DESCRIPTION", options_of_page(sections["DESCRIPTION"]),
                        options_of_help(ask(program, "--help")))
    for command in commands:
        section = sections.get(command.upper())
        if section is None:
            findings.append(f"{command}: has no section")
            continue
        text = ask(program, command, "--help")
        findings += compare(command, options_of_page(section), options_of_help(text))
        findings += compare(command, items_of_page(section), items_of_help(text))
    return findings


def check_form(path):
    """What two readers of such pages have to complain about."""
    said = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", path], check=False,
                          capture_output=True, encoding="utf-8").stdout.splitlines()
    shown = subprocess.run(["man", "--warnings", "--encoding=utf-8", "--local-file", path],
                           check=True, capture_output=True, encoding="utf-8")
    return said + shown.stderr.splitlines()


PAGE = """.Sh DESCRIPTION
.It Fl h , Fl -help
.It Fl p , Fl -port Ns = Ns Ar n
.It Fl -quiet
.It Ic late Ns = Ns Ar time
.It Ic mute , drop-after
"""
HELP = """Options:
  -h, --help       Show
  -p, --port=N     Listen
  --quiet          Say little

Switches of a path, after commas:
  late=TIME   late
  mute        say nothing
  drop-after  hang up

"""


def check_itself():
    """That it finds what is not so."""
    assert options_of_page(PAGE) == options_of_help(HELP)
    assert items_of_page(PAGE) == items_of_help(HELP) == {"late", "mute", "drop-after"}
    options = options_of_page(PAGE)
    for old, new in {"-p, --port": "--port", "--quiet ": "--silent", "=N": "  "}.items():
        assert compare("planted", options, options_of_help(HELP.replace(old, new, 1))), old
    assert compare("planted", items_of_page(PAGE), items_of_help(HELP.replace("  late=TIME", "")))


def main():
    path, program, *commands = sys.argv[1:]
    page = pathlib.Path(path).read_text(encoding="utf-8")
    check_itself()
    findings = check_form(path)
    if commands:
        findings += check_commands(page, program, commands)
    else:
        findings += check_program(page, program)
    print("\n".join(findings) or f"{len(options_of_page(page))} options")
    sys.exit(1 if findings else 0)


main()
