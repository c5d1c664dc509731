#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the table of the fault matrix from what the tests say of themselves.

table.py ROWS LOG…     the texts of the rows; Meson's logs, as JSON; the table goes to the output

A case is called /matrix/fNN-words and says `matrix FNN: what was measured`, as often as it likes.
"""

import configparser
import json
import pathlib
import re
import sys
import tempfile

CASE = re.compile(r"^(?P<verdict>ok|not ok) \d+ /matrix/f(?P<row>\d\d)-(?P<words>\S+)"
                  r"(?: # SKIP\s*(?P<why>.*))?$")
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?!\w)")
MEASURED = re.compile(r"^# matrix F(?P<row>\d+): (?P<text>.*)$")

HEAD = """\
Title: What nothing stops

<!-- SPDX-FileCopyrightText: The libwsmulti authors -->
<!-- SPDX-License-Identifier: LGPL-2.1-or-later -->

# What nothing stops

What can go wrong with a connection, how the tests make it go wrong, what this library promises
then, and what the tests measured when this table was made with `./dev matrix`. Times are those of
one small machine; the tests fail where a promise is not kept.

| | fault | injected | promised | measured |
| --- | --- | --- | --- | --- |
"""


def read_rows(path):
    rows = configparser.ConfigParser(interpolation=None)
    rows.read(path, encoding="utf-8")
    return rows


def note(told, row, text):
    texts = told.setdefault(f"F{int(row)}", [])
    if text not in texts:
        texts.append(text)


def read_log(path, told, skipped):
    """Adds what the programs of one run said, in their order; and why cases did not run, or None
    where they did in another run."""
    for record in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        for line in json.loads(record).get("stdout", "").splitlines():
            measured = MEASURED.match(line)
            case = CASE.match(line)
            if measured:
                note(told, measured["row"], measured["text"])
            elif case and case["verdict"] == "not ok":
                note(told, case["row"], f"**failed**: {case['words']}")
            elif case and case["why"] is not None:
                skipped.setdefault((case["row"], case["words"]), case["why"] or "no reason given")
            elif case:
                skipped[case["row"], case["words"]] = None


def note_skipped(told, skipped):
    for (row, _), why in skipped.items():
        if why is not None:
            note(told, row, f"skipped: {why}")


def merge(texts):
    """Puts those together that say the same of several, with whatever numbers."""
    groups = {}
    for text in texts:
        names, separator, what = text.partition(": ")
        key = NUMBER.sub("#", what) if separator else text
        groups.setdefault(key, []).append((names, what))
    merged = []
    for group in groups.values():
        names = list(dict.fromkeys(name for name, what in group))
        names = ("; " if any("," in name for name in names) else ", ").join(names)
        columns = zip(*(NUMBER.findall(what) for name, what in group))
        ranges = iter([span(column) for column in columns])
        what = NUMBER.sub(lambda match, ranges=ranges: next(ranges), group[0][1])
        merged.append(f"{names}: {what}" if what else names)
    return merged


def span(numbers):
    lowest, highest = min(numbers, key=float), max(numbers, key=float)
    return lowest if lowest == highest else f"{lowest} to {highest}"


def cell(text):
    return text.replace("|", "\\|")


def make_table(rows, told):
    lines = []
    for name in rows.sections():
        row = rows[name]
        measured = "<br>".join(merge(told.get(name, ["not run"])))
        texts = [name, row["fault"], row["injected"], row["promised"], measured]
        lines.append("| " + " | ".join(cell(text) for text in texts) + " |\n")
    return HEAD + "".join(lines)


def self_test():
    rows = configparser.ConfigParser(interpolation=None)
    rows.read_string("".join(f"[F{n}]\nfault=f\ninjected=i|j\npromised=p\n" for n in range(1, 6)))
    told, skipped = {}, {}
    lines = ["ok 1 /matrix/f01-one", "# matrix F1: a: 3 ms", "# matrix F1: a: 3 ms",
             "# matrix F1: 4 ms", "# matrix F1: b: 12 ms",
             "# matrix F1: c: 0x3", "# matrix F1: d: 0x4",
             "ok 2 /matrix/f02-two # SKIP not as root", "not ok 3 /matrix/f03-three",
             "ok 4 /matrix/f04-four", "# other F4: no",
             "ok 5 /matrix/f04-five # SKIP takes long", "ok 1 /matrix/f04-five"]
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder, "log.json")
        log.write_text(json.dumps({"stdout": "\n".join(lines)}), encoding="utf-8")
        read_log(log, told, skipped)
    note_skipped(told, skipped)
    got = make_table(rows, told).splitlines()[-5:]
    cells = ["a, b: 3 to 12 ms<br>4 ms<br>c: 0x3<br>d: 0x4", "skipped: not as root",
             "**failed**: three", "not run", "not run"]
    for line, expected in zip(got, cells):
        assert line.endswith(f"| f | i\\|j | p | {expected} |"), line
    print(f"{len(got)} rows as they should be")


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    else:
        collected, not_run = {}, {}
        for log_path in sys.argv[2:]:
            read_log(log_path, collected, not_run)
        note_skipped(collected, not_run)
        sys.stdout.write(make_table(read_rows(sys.argv[1]), collected))
