#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The house rules that a program can see: CONTRIBUTING.md tells them to people.

style.py ROOT
"""

import os
import re

import sources

COLUMNS = 100
LINES = 800

CODE = {".c", ".h", ".js", ".py", ".sh", ".vala"}
BUILD = {".build", ".supp"}
WITHOUT_SUFFIX = {"dev", "run", "meson_options.txt"}
PROSE = {".md", ".toml", ".in", ".yml"}

LICENSE = re.compile(r"SPDX-License-Identifier: (\S+)")
LICENSES = {"LGPL-2.1-or-later", "GPL-3.0-or-later"}
OF_LIBRARY = ("bindings/", "libwsmulti/")
OF_PROGRAMS = ("cli/", "inspector/", "tests/")

PLAIN_TYPES = re.compile(r"\bg(char|double|float|int|long|short)\b")
# Spelt apart, so that this file passes its own check.
MARKERS = re.compile(r"\b(TO" r"DO|XX" r"X|HA" r"CK|WI" r"P)\b")
SLEEP = re.compile(r"\bg_usleep\b|\busleep\b|\bnanosleep\b|\btime\.sleep\b|(?<![.\w])sleep *\(")
# What would keep a compiler from telling what is on its way out. Spelt apart, too.
HIDING = re.compile(r"(?:G[DT]K|ADW)_(?:VERSION_M(?:AX|IN)|DISABLE_DEPRE" r"CATION)\w*|"
                    r"IGNORE_DEPRE" r"CATIONS|-Wno-(?:error=)?depre" r"cated\S*")
# A member of another library's structure has the name that it has.
SHORT = re.compile(r"(?<!->)(?<!\.)\b(addr|buf|cfg|cnt|conn|ctx|err|evt|fn|hdr|idx|len|msg|num|"
                   r"ptr|res|ret|str|sz|tmp|val)\b")


def is_code(path):
    return path.suffix in CODE | BUILD or path.name in WITHOUT_SUFFIX


def walk(root):
    """All files but what is built, hidden from git, or not ours to write (licence texts)."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders
                            if not name.startswith(("_build", ".git"))
                            and name not in {"LICENSES", "__pycache__", "node_modules"})
        for name in sorted(names):
            yield sources.pathlib.Path(folder, name)


def is_whole_prototype(line):
    """A prototype in a header keeps its columns; what holds one parameter cannot break."""
    return re.search(r"^(\w.* \*?\w+ +\(| {20,})[^,()]*(,|\)[ \w]*;)$", line) is not None


def is_unbroken_text(path, line):
    """A row of a table cannot break, nor a paragraph in Chinese: a break is shown as a space."""
    return path.suffix == ".md" and (line.startswith("|") or path.stem.endswith(".zh_CN"))


def is_identifier_line(line):
    """The first line of a doc comment, which names its accessors, cannot break either."""
    return re.search(r"^ *\* \w+:[\w-]+: \(getter ", line) is not None


def check_lines(name, path, text, say):
    in_header = path.suffix == ".h"
    for number, line in enumerate(text.split("\n"), 1):
        if "\t" in line:
            say(number, "a tab")
        if line != line.rstrip():
            say(number, "space at the end of the line")
        if len(line) > COLUMNS and not (in_header and is_whole_prototype(line)) \
                and not is_identifier_line(line) and not is_unbroken_text(path, line):
            say(number, f"{len(line)} columns; {COLUMNS} are the limit")
        hiding = HIDING.search(line)
        if hiding:
            say(number, f"{hiding[0]}: hides deprecations; use what is right everywhere")
        if MARKERS.search(line):
            say(number, "finish it, or open an issue")
        if name.startswith("tests/") and not name.startswith("tests/checks/"):
            if SLEEP.search(line):
                say(number, "sleeps; wait for what it is that you wait for, with a deadline")
    if text and not text.endswith("\n"):
        say(text.count("\n") + 1, "no line end at the end")


def check_head(name, text, say):
    head = "\n".join(text.split("\n")[:4])
    license_line = LICENSE.search(head)
    if "SPDX-FileCopyrightText: The libwsmulti authors" not in head:
        say(1, "no SPDX-FileCopyrightText among its first lines")
    if license_line is None or license_line[1] not in LICENSES:
        say(1, "no SPDX-License-Identifier of ours among its first lines")
    elif name.startswith(OF_LIBRARY) and license_line[1] != "LGPL-2.1-or-later":
        say(1, "the library is LGPL-2.1-or-later")
    elif name.startswith(OF_PROGRAMS) and license_line[1] != "GPL-3.0-or-later":
        say(1, "programs and tests are GPL-3.0-or-later")


def check_c(name, path, text, say):
    code = sources.without_comments_and_texts(text)
    for number, line in enumerate(code.split("\n"), 1):
        for match in PLAIN_TYPES.finditer(line):
            say(number, f"{match[0]}: write {match[1]}")
        if name.startswith("libwsmulti/"):
            for match in SHORT.finditer(line):
                say(number, f"{match[0]}: write the word")
    if path.suffix == ".h" and re.search(r"^#pragma once$", code, re.MULTILINE) is None:
        say(1, "no #pragma once")
    if path.suffix == ".c":
        first = re.search(r'^ *# *include +(.*)$', sources.without_comments(text), re.MULTILINE)
        # Whoever uses the library from outside has no config.h.
        if first and first[1] not in {'"config.h"', "<libwsmulti.h>"}:
            say(1, 'the first include is not "config.h"')


def check_file(root, path):
    name = path.relative_to(root).as_posix()
    findings = []

    def say(number, what):
        findings.append(f"{name}:{number}: {what}")

    if not is_code(path) and path.suffix not in PROSE:
        return findings
    text = path.read_text(encoding="utf-8")
    check_lines(name, path, text, say)
    if is_code(path):
        check_head(name, text, say)
    if path.suffix in {".c", ".h"}:
        check_c(name, path, text, say)
    if path.suffix in CODE and text.count("\n") > LINES:
        say(LINES, f"{LINES} lines are the limit: where is the seam?")
    return findings


def check(root):
    findings = []
    for path in walk(root):
        findings += check_file(root, path)
    return findings


SPDX_C = """/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

"""
SPDX_PYTHON = """# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""
WIDE = "x" * (COLUMNS + 1)

GOOD = {
    "libwsmulti/a.c": SPDX_C + '#include "config.h"\n\ni = text->len; /* a gint, an err */\n',
    "libwsmulti/a.h": SPDX_C + "#pragma once\n\nWsmConnection "
                      + " " * 40 + "*wsm_connection_new" + " " * 20
                      + "(const char           *uri) G_GNUC_WARN_UNUSED_RESULT;\n"
                      + " " * 90 + "gboolean queue_while_closed,\n",
    "tests/test-a.py": SPDX_PYTHON + "wait_until (lambda: asleep (feed))\n",
    "_build/generated.c": "\tgchar c;\n",
    "README.md": "| " + WIDE + " |\n",
    "README.zh_CN.md": WIDE + "\n",
}

PLANTS = [
    ({"libwsmulti/a.c": '#include "config.h"\n'}, "a.c:1: no SPDX-FileCopyrightText"),
    ({"libwsmulti/a.c": SPDX_C.replace("LGPL", "MIT") + "\n"}, "no SPDX-License-Identifier"),
    ({"libwsmulti/a.c": SPDX_C.replace("LGPL-2.1", "GPL-3.0") + "\n"}, "library is LGPL"),
    ({"bindings/python/a.py": SPDX_PYTHON}, "library is LGPL"),
    ({"cli/a.c": SPDX_C + "\n"}, "programs and tests are GPL"),
    ({"libwsmulti/a.c": SPDX_C + "\tint i;\n"}, "a.c:5: a tab"),
    ({"libwsmulti/a.c": SPDX_C + "int i; \n"}, "space at the end"),
    ({"README.md": "words  \n"}, "README.md:1: space at the end"),
    ({"README.md": WIDE + "\n"}, "101 columns"),
    ({"libwsmulti/a.c": SPDX_C + WIDE + "\n"}, "101 columns"),
    ({"libwsmulti/a.h": SPDX_C + "#pragma once\n/* " + WIDE + " */\n"}, "columns"),
    ({"libwsmulti/a.h": SPDX_C + "#pragma once\nvoid " + WIDE + " (int a, int b);\n"}, "columns"),
    ({"libwsmulti/a.c": SPDX_C + "int i;"}, "no line end"),
    ({"libwsmulti/a.c": SPDX_C + "gchar *text;\n"}, "gchar: write char"),
    ({"libwsmulti/a.c": SPDX_C + "gint i;\n"}, "gint: write int"),
    ({"libwsmulti/a.c": SPDX_C + "int ret;\n"}, "ret: write the word"),
    ({"libwsmulti/a.c": SPDX_C + "#include <glib.h>\n"}, 'not "config.h"'),
    ({"inspector/a.c": SPDX_C + "\n"}, "programs and tests are GPL"),
    ({"meson.build": SPDX_PYTHON + "'-DGDK_VERSION" "_MAX_ALLOWED=GDK_VERSION_4_8'\n"},
     "hides deprecations"),
    ({"libwsmulti/a.c": SPDX_C + "G_GNUC_BEGIN_IGNORE" "_DEPRECATIONS\n"}, "hides deprecations"),
    ({"meson.build": SPDX_PYTHON + "'-Wno-" "deprecated-declarations',\n"}, "hides deprecations"),
    ({"libwsmulti/a.h": SPDX_C + "int i;\n"}, "no #pragma once"),
    ({"libwsmulti/a.c": SPDX_C + "int i;\n" * LINES}, "where is the seam"),
    ({"libwsmulti/a.c": SPDX_C + "/* TO" "DO: later */\n"}, "finish it"),
    ({"tests/test-a.py": SPDX_PYTHON + "time.sleep (1)\n"}, "sleeps"),
    ({"tests/test-a.py": SPDX_PYTHON + "sleep (1)\n"}, "sleeps"),
    ({"tests/test-a.py": SPDX_PYTHON + "GLib.usleep (1)\n"}, "sleeps"),
]


if __name__ == "__main__":
    sources.main(check, GOOD, PLANTS)
