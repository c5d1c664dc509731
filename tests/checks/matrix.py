#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether each row of the fault matrix has its words and its test.

matrix.py ROOT

The words are in tests/matrix/rows.ini, F1 to F50; a test is a case of the path /matrix/fNN-words in
any source below tests/, and it must say what it measured for that row.
"""

import configparser
import re

import sources

N_ROWS = 50
KEYS = {"fault", "injected", "promised"}
SUFFIXES = {".c", ".js", ".py"}

# In a call, or in a table that ends up in one; each in a file that has such calls.
CASE = re.compile(r"[\"/]f(\d+)-")
MEASURED = re.compile(r"\"F(\d+)\"")
CALLS = {CASE: "/matrix/", MEASURED: "matrix_measured"}


def check_words(root, names):
    path = root / "tests/matrix/rows.ini"
    rows = configparser.ConfigParser(interpolation=None)
    rows.read(path, encoding="utf-8")
    findings = []

    if rows.sections() != names:
        wrong = sorted(set(rows.sections()) ^ set(names)) or ["not in their order"]
        findings.append(f"tests/matrix/rows.ini: not F1 to F{N_ROWS}: {', '.join(wrong)}")
    for name in rows.sections():
        keys = {key for key, text in rows[name].items() if text}
        if keys != KEYS:
            findings.append(f"tests/matrix/rows.ini: {name}: {', '.join(sorted(keys ^ KEYS))}")
    return findings


def find_rows(root, pattern):
    """Where each row is named."""
    found = {}
    for path in sorted((root / "tests").rglob("*")):
        if path.suffix not in SUFFIXES or "checks" in path.parts or path.name == "table.py":
            continue
        text = path.read_text(encoding="utf-8")
        if CALLS[pattern] not in text:
            continue
        for match in pattern.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            found.setdefault(f"F{int(match[1])}", f"{path.relative_to(root).as_posix()}:{line}")
    return found


def check(root):
    names = [f"F{number}" for number in range(1, N_ROWS + 1)]
    findings = check_words(root, names)
    cases = find_rows(root, CASE)
    measured = find_rows(root, MEASURED)

    for found in (cases, measured):
        for name in found:
            if name not in names:
                findings.append(f"{found[name]}: there is no row {name}")
    for name in names:
        if name not in cases:
            findings.append(f"tests/matrix: no case for {name}")
        elif name not in measured:
            findings.append(f"{cases[name]}: nothing measured for {name}")
    return findings


ROWS = "".join(f"[F{number}]\nfault=a\ninjected=b\npromised=c\n"
               for number in range(1, N_ROWS + 1))
CASES = "".join(f'g_test_add_func ("/matrix/f{number:02}-words", f);\n'
                f'matrix_measured ("F{number}", "x");\n' for number in range(1, N_ROWS + 1))

GOOD = {
    "tests/matrix/rows.ini": ROWS,
    "tests/matrix/test-matrix-all.c": CASES,
}

PLANTS = [
    ({"tests/matrix/rows.ini": ROWS.replace("[F7]", "[F70]")}, "not F1 to F50: F7, F70"),
    ({"tests/matrix/rows.ini": ROWS + "[F51]\nfault=a\ninjected=b\npromised=c\n"}, "F51"),
    ({"tests/matrix/rows.ini": ROWS.replace("promised=c\n", "", 1)}, "F1: promised"),
    ({"tests/matrix/rows.ini": ROWS.replace("fault=a", "fault=", 1)}, "F1: fault"),
    ({"tests/matrix/test-matrix-all.c": CASES.replace("/f09-", "/g09-")}, "no case for F9"),
    ({"tests/matrix/test-matrix-all.c": CASES.replace('("F9"', '("G9"')},
     "nothing measured for F9"),
    ({"tests/matrix/test-more.c": '"/matrix/f51-words"\n'}, "test-more.c:1: there is no row F51"),
    ({"tests/test-more.c": 'ADD ("f52-words")\n#define ADD "/matrix/"\n'}, "there is no row F52"),
    ({"tests/test-more.c": '\nmatrix_measured ("F0", "x")\n'}, "test-more.c:2: there is no row F0"),
    ({"tests/test-more.c": '{ "F0" }\nmatrix_measured (row, "x")\n'}, "there is no row F0"),
    ({"tests/matrix/test-matrix-all.c": CASES.replace("matrix_measured", "other")},
     "nothing measured for F9"),
]


if __name__ == "__main__":
    sources.main(check, GOOD, PLANTS)
