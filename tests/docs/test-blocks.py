#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests the code that the documentation shows, one case a block.

test-blocks.py ROOT BUILD LANGUAGE COMMAND…
                       the blocks of one language, which COMMAND compiles or runs
test-blocks.py ROOT BUILD formats LANGUAGE…
                       all others: commands, key files, data. Those LANGUAGEs that are programs are
                       tested elsewhere; what is neither is not tested, and fails
"""

import pathlib
import subprocess
import sys
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "bindings"))

# pylint: disable=wrong-import-position
import blocks
import formats
import languages

PROGRAMS = {
    "c": languages.C,
    "js": languages.JavaScript,
    "python": languages.Python,
    "vala": languages.Vala,
}
FORMATS = {
    "ini": formats.KeyFile,
    "json": formats.Json,
    "meson": formats.Meson,
    "sh": formats.Shell,
    "text": formats.Text,
    "xml": formats.Xml,
}

COLUMNS = "state name rtt ms median p95 beats missed next"

# Blocks that are wrong. Each is to be found out, or nothing that is tested here means anything.
PLANTED = {
    "c": ["wsm_pool_add (pool, NULL);\n", "int number = \"text\";\n", "no_such_function ();\n",
          "static void\nopened_cb (WsmConnection *feed, gpointer user_data)\n{\n}\n\n"
          "g_signal_connect (feed, \"opened\", G_CALLBACK (opened_cb), NULL);\n"],
    "ini": ["[feed]\nuri=wss://feed.example.com\nintervall=5s\n"],
    "js": ["pool.noSuchMethod();\n"],
    "json": ["{event: 1}\n"],
    "python": ["pool.no_such_method()\n"],
    "sh": ["wsmulti watch --no-such-option\n", "wsmulti look\n", "./dev nothing\n",
           "meson setup _build -Dnothing=true\n", "if then\n", "cc no-such-file.c\n"],
    "text": ["nobody prints\nthis\n",
             "1 of 1 open after 2 s\nstate  name\n",
             f"1 of 1 open after 2 s\n{COLUMNS}\n● opened  /slow\n",
             f"1 of 1 open after 2 s\n{COLUMNS}\n● open  /quick\n",
             f"1 of 1 open after 2 s\n{COLUMNS}\n● open  /slow\n  no-such-reason\n"],
    "vala": ["pool.no_such_method ();\n"],
    "xml": ["<a></b>\n"],
}


class Tap:
    """Cases as they come; the plan is at the end."""

    def __init__(self):
        self.n_cases = 0
        self.n_failed = 0

    def case(self, name, function, *arguments):
        self.n_cases += 1
        try:
            function(*arguments)
            print(f"ok {self.n_cases} - {name}", flush=True)
        except (AssertionError, OSError, SyntaxError, ValueError, subprocess.SubprocessError):
            self.n_failed += 1
            print(f"not ok {self.n_cases} - {name}", flush=True)
            for line in traceback.format_exc().splitlines():
                print(f"# {line}", flush=True)

    def skip(self, name, why):
        self.n_cases += 1
        print(f"ok {self.n_cases} - {name} # SKIP {why}", flush=True)

    def end(self):
        print(f"1..{self.n_cases}")
        sys.exit(1 if self.n_failed else 0)


def finds_what_is_planted(tester, language):
    for text in PLANTED.get(language, []):
        try:
            tester.check(blocks.Block("planted", 1, language, text))
        except (AssertionError, SyntaxError, ValueError):
            continue
        raise AssertionError(f"nothing is wrong with {text!r}?")


def output_is_judged():
    ours = {"ws://127.0.0.1:1/1/a.example.com": "wss://a.example.com"}
    lines = ["ws://127.0.0.1:1/1/a.example.com opened after 17 ms"]
    for shown, missing in {
        "wss://a.example.com opened after 3 ms\n": 0,
        "wss://a.example.com opened …\n": 0,
        "wss://a.example.com opened\n": 1,
        "wss://b.example.com opened after 17 ms\n": 1,
    }.items():
        assert len(languages.judge_output(shown, lines, ours)) == missing, shown


def test_language(tap, language, tester, found):
    tap.case(f"{language}: finds what is wrong", finds_what_is_planted, tester, language)
    for block in found:
        if block.language != language:
            continue
        if block.why_not:
            tap.skip(f"{block.name} {language}", block.why_not)
        else:
            tap.case(f"{block.name} {language}", tester.check, block)
    tester.close()


def is_known(block, known):
    assert block.language in known, f"a block of language “{block.language}”: how to test it?"


def main():
    root, build, kind, *command = sys.argv[1:]
    root, build = pathlib.Path(root), pathlib.Path(build)
    tap = Tap()
    found = blocks.find_all_blocks(root)
    if kind == "formats":
        tap.case("output is judged", output_is_judged)
        for block in found:
            if block.language not in PROGRAMS | FORMATS:
                tap.case(block.name, is_known, block, command)
        for language, tester in FORMATS.items():
            test_language(tap, language, tester(root, build, command), found)
    else:
        test_language(tap, kind, PROGRAMS[kind](root, build, command), found)
    tap.end()


main()
