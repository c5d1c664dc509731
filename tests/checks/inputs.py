#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each bad input, by its number from 1 to 77, is a test case of that name.

inputs.py ROOT
"""

import re

import sources

LAST = 77

# "/inputs/NN-words", or the words alone where a macro or a loop puts "/inputs/" before them; the
# bindings' harness names its cases after functions.
WHOLE = re.compile(r'["\']/inputs/(\d\d)-|\bdef inputs_(\d\d)_')
PIECE = re.compile(r'"(\d\d)-[a-z0-9][a-z0-9-]*"')
PREFIX = re.compile(r'"/inputs/"')


def numbers_in(text):
    found = {int(match[1] or match[2]) for match in WHOLE.finditer(text)}
    if PREFIX.search(text):
        found |= {int(number) for number in PIECE.findall(text)}
    return found


def check(root):
    found = set()
    for path in sorted((root / "tests").rglob("*")):
        if path.suffix in {".c", ".js", ".py"} and path.parent.name != "checks":
            found |= numbers_in(path.read_text(encoding="utf-8"))
    return [f"bad input {number} has no test case /inputs/{number:02}-…"
            for number in range(1, LAST + 1) if number not in found]


def make_sample(numbers):
    return "".join(f'  g_test_add_func ("/inputs/{number:02}-what-is-bad", test);\n'
                   for number in numbers)


GOOD = {
    "tests/test-some.c": make_sample(range(1, 40)),
    "tests/inputs/test-more.c": '  ADD ("40-what-is-bad", test);\n#define ADD(p) "/inputs/" p\n',
    "tests/window/test-bus.c": make_sample(range(41, LAST)),
    "tests/bindings/story.py": f"def inputs_{LAST}_what_is_bad():\n",
}

PLANTS = [
    ({"tests/test-some.c": make_sample(range(2, 40))}, "bad input 1 has no"),
    ({"tests/inputs/test-more.c": '  ADD ("40-what-is-bad", test);\n'}, "bad input 40 has no"),
    ({"tests/window/test-bus.c": "\n"}, "bad input 41 has no"),
    ({"tests/bindings/story.py": "\n"}, "bad input 77 has no"),
]


if __name__ == "__main__":
    sources.main(check, GOOD, PLANTS)
