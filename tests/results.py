#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adds up what the test runs left in Meson's logs.

results.py NAME=STATUS=FOLDER…     for each run: its log, its exit status, where the log is
results.py --self-test

What is counted: each test case of a program that speaks TAP, and each other program as one. A
case that ran plain and under valgrind ran twice and counts twice. A program that dies, or a run
that does not start, is a failure even if every case before it passed. The last line is the sum;
the exit status is 0 only if something passed and nothing failed.
"""

import collections
import io
import json
import pathlib
import re
import sys
import tempfile

CASE = re.compile(r"^(?P<verdict>ok|not ok)\b\s*\d*\s*-?\s*(?P<name>[^#]*)"
                  r"(?P<skip>#\s*SKIP\S*\s*(?P<why>.*))?(?:#.*)?$", re.IGNORECASE)
PLAN_SKIP = re.compile(r"^1\.\.0\s*#\s*SKIP\S*\s*(?P<why>.*)$", re.IGNORECASE)
GOOD = {"OK", "EXPECTEDFAIL"}


class Tally:
    def __init__(self):
        self.counts = collections.Counter()
        self.failures = []
        self.skips = []

    def passed(self):
        self.counts["passed"] += 1

    def failed(self, name, why):
        self.counts["failed"] += 1
        self.failures.append(f"{name}: {why}")

    def skipped(self, name, why):
        self.counts["skipped"] += 1
        self.skips.append(f"{name}: {why or 'no reason given'}")

    def total(self):
        return sum(self.counts.values())

    def add(self, other):
        self.counts += other.counts
        self.failures += other.failures
        self.skips += other.skips

    def line(self):
        return ", ".join(f"{self.counts[word]} {word}" for word in ("passed", "failed", "skipped"))


def last_line(text):
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""


def read_program(program):
    """The tally of one program, from its record in the log."""
    tally = Tally()
    name, result = program["name"], program["result"]
    output = program.get("stdout", "")

    for line in output.splitlines():
        case = CASE.match(line)
        if case is None:
            continue
        path = f"{name} {case['name'].strip()}"
        if case["skip"]:
            tally.skipped(path, case["why"])
        elif case["verdict"].lower() == "ok":
            tally.passed()
        else:
            tally.failed(path, "failed")

    if tally.total() == 0 and result == "SKIP":
        plan = PLAN_SKIP.match(output.strip())
        tally.skipped(name, plan["why"] if plan else last_line(output))
    elif result not in GOOD | {"SKIP"} and not tally.failures:
        tally.failed(name, f"{result.lower()}, exit status {program.get('returncode')}")
    elif tally.total() == 0:
        tally.passed()
    return tally


def read_run(name, status, folder):
    """The tally of one run: of all logs whose names begin with its name."""
    tally = Tally()
    logs = sorted(pathlib.Path(folder).glob(name + "*.json"))
    for log in logs:
        for line in log.read_text(encoding="utf-8").splitlines():
            tally.add(read_program(json.loads(line)))
    if tally.total() == 0:
        tally.failed(name, f"nothing ran, exit status {status}")
    elif status != 0 and not tally.failures:
        tally.failed(name, f"the run itself ended with status {status}")
    return tally


def report(runs, out):
    total = Tally()
    tallies = []
    for run in runs:
        name, status, folder = run.split("=", 2)
        tally = read_run(name, int(status), folder)
        tallies.append(f"{name}: {tally.line()}")
        for failure in tally.failures:
            print(f"failed   {name}: {failure}", file=out)
        for skip in tally.skips:
            print(f"skipped  {name}: {skip}", file=out)
        total.add(tally)
    print("Test cases, by run:", file=out)
    for line in tallies:
        print("  " + line, file=out)
    print(total.line(), file=out)
    return 0 if total.counts["passed"] and not total.counts["failed"] else 1


def self_test():
    def record(name, result, stdout, returncode=0):
        return json.dumps({"name": name, "result": result, "stdout": stdout,
                           "returncode": returncode})

    samples = [
        # (records, exit status of the run, last line, exit status expected)
        ([record("a", "OK", "1..2\nok 1 /a/b\nok 2 /a/c # SKIP no server\n"),
          record("b", "OK", "chatter")], 0, "2 passed, 0 failed, 1 skipped", 0),
        ([record("a", "FAIL", "ok 1 /a/b\nnot ok 2 /a/c\n", 1)], 1,
         "1 passed, 1 failed, 0 skipped", 1),
        ([record("a", "ERROR", "ok 1 /a/b\n", 139)], 1, "1 passed, 1 failed, 0 skipped", 1),
        ([record("a", "TIMEOUT", "", -15)], 1, "0 passed, 1 failed, 0 skipped", 1),
        ([record("a", "OK", "not ok 1 /a/b # expected\nok 2 /a/c\n")], 0,
         "1 passed, 1 failed, 0 skipped", 1),
        ([record("a", "SKIP", "1..0 # SKIP no node\n")], 0, "0 passed, 0 failed, 1 skipped", 1),
        ([record("a", "SKIP", "no node\n", 77), record("b", "OK", "")], 0,
         "1 passed, 0 failed, 1 skipped", 0),
        ([record("a", "OK", "ok 1 /a/b\n")], 3, "1 passed, 1 failed, 0 skipped", 1),
        ([], 0, "0 passed, 1 failed, 0 skipped", 1),
    ]
    for records, status, line, expected in samples:
        with tempfile.TemporaryDirectory() as folder:
            if records:
                pathlib.Path(folder, "plain.json").write_text("\n".join(records) + "\n")
            out = io.StringIO()
            outcome = report([f"plain={status}={folder}"], out)
            got = last_line(out.getvalue())
            assert (got, outcome) == (line, expected), (records, got, outcome)
            assert "no node" not in "".join(records) or "no node" in out.getvalue()
    print(f"{len(samples)} samples counted as they should be")


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    else:
        sys.exit(report(sys.argv[1:], sys.stdout))
