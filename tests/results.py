#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adds up what the test runs left in Meson's logs.

results.py [--document FILE] NAME=STATUS=FOLDER…
                                   for each run: its log, its exit status, where the log is
results.py --keep FOLDER NAME STATUS
                                   writes a log of its own for what is no run of Meson's, from
                                   what it said
results.py --self-test

What is counted: each test case of a program that speaks TAP, and each other program as one. A
case that ran plain and under valgrind ran twice and counts twice. A program that dies, or a run
that does not start, is a failure even if every case before it passed. The last line is the sum;
the exit status is 0 only if something passed and nothing failed. A document is a page with the
same in tables, and with what it was that ran.
"""

import collections
import datetime
import io
import json
import os
import pathlib
import platform
import re
import subprocess
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
        self.begin = None
        self.end = None

    def ran(self, program):
        begin = program.get("starttime")
        if begin is None:
            return
        self.begin = begin if self.begin is None else min(self.begin, begin)
        end = begin + program.get("duration", 0)
        self.end = end if self.end is None else max(self.end, end)

    def seconds(self):
        return round(self.end - self.begin) if self.begin is not None else 0

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
            program = json.loads(line)
            tally.add(read_program(program))
            tally.ran(program)
    if tally.total() == 0:
        tally.failed(name, f"nothing ran, exit status {status}")
    elif status != 0 and not tally.failures:
        tally.failed(name, f"the run itself ended with status {status}")
    return tally


def keep(folder, name, status, text):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    program = {"name": name, "result": "OK" if status == 0 else "FAIL", "returncode": status,
               "stdout": text}
    folder.joinpath(name + ".json").write_text(json.dumps(program) + "\n", encoding="utf-8")


def read_runs(runs):
    """Pairs of a name and a tally."""
    tallies = []
    for run in runs:
        name, status, folder = run.split("=", 2)
        tallies.append((name, read_run(name, int(status), folder)))
    return tallies


def report(tallies, out):
    total = Tally()
    for name, tally in tallies:
        for failure in tally.failures:
            print(f"failed   {name}: {failure}", file=out)
        for skip in tally.skips:
            print(f"skipped  {name}: {skip}", file=out)
        total.add(tally)
    print("Test cases, by run:", file=out)
    for name, tally in tallies:
        print(f"  {name}: {tally.line()}", file=out)
    print(total.line(), file=out)
    return 0 if total.counts["passed"] and not total.counts["failed"] else 1


def first_line(*command):
    """What a program says of itself, or that it is not there."""
    try:
        result = subprocess.run(command, check=True, capture_output=True, encoding="utf-8")
    except (OSError, subprocess.CalledProcessError):
        return "not there"
    return result.stdout.strip().split("\n")[0]


def find_facts():
    """What it was that ran, and on what."""
    facts = {
        "Date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "Commit": first_line("git", "-C", str(pathlib.Path(__file__).parent), "describe",
                             "--always", "--dirty", "--exclude=*"),
        "System": f"{platform.freedesktop_os_release()['PRETTY_NAME']}, "
                  f"Linux {platform.release().split('-')[0]}, {platform.machine()}, "
                  f"{os.cpu_count()} processors",
    }
    for name, module in (("GLib", "glib-2.0"), ("libsoup", "libsoup-3.0"), ("GTK", "gtk4"),
                         ("libadwaita", "libadwaita-1")):
        facts[name] = first_line("pkg-config", "--modversion", module)
    for name in ("gcc", "clang", "valgrind"):
        facts[name] = first_line(name, "--version")
    return facts


def cell(text):
    return text.replace("|", "\\|").strip()


def document(tallies, facts, out):
    total = Tally()
    print("# The last full test\n\nWritten by `./dev test --full`, when it had ended.\n", file=out)
    print("| | |\n| --- | --- |", file=out)
    for name, text in facts.items():
        print(f"| {name} | {cell(text)} |", file=out)
    print("\n| run | passed | failed | skipped | seconds |\n| --- | --: | --: | --: | --: |",
          file=out)
    for name, tally in tallies:
        total.add(tally)
        print(f"| {name} | {tally.counts['passed']} | {tally.counts['failed']} | "
              f"{tally.counts['skipped']} | {tally.seconds()} |", file=out)
    print(f"| all | {total.counts['passed']} | {total.counts['failed']} | "
          f"{total.counts['skipped']} | {sum(tally.seconds() for _, tally in tallies)} |", file=out)
    for title, field in (("Failed", "failures"), ("Skipped", "skips")):
        lines = [f"| {name} | {cell(text)} |" for name, tally in tallies
                 for text in getattr(tally, field)]
        if lines:
            print(f"\n## {title}\n\n| run | case, and why |\n| --- | --- |", file=out)
            print("\n".join(lines), file=out)


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
            tallies = read_runs([f"plain={status}={folder}"])
            outcome = report(tallies, out)
            got = last_line(out.getvalue())
            assert (got, outcome) == (line, expected), (records, got, outcome)
            assert "no node" not in "".join(records) or "no node" in out.getvalue()

    with tempfile.TemporaryDirectory() as folder:
        lines = [json.dumps({"name": "a", "result": "OK", "returncode": 0, "starttime": 100.2,
                             "duration": 3.0, "stdout": "ok 1 /a/b\nok 2 /a/c # SKIP no | here\n"}),
                 json.dumps({"name": "b", "result": "FAIL", "returncode": 1, "starttime": 101.0,
                             "duration": 9.0, "stdout": "not ok 1 /b/c\n"})]
        pathlib.Path(folder, "plain.json").write_text("\n".join(lines) + "\n")
        out = io.StringIO()
        document(read_runs([f"plain=1={folder}"]), {"Date": "today"}, out)
    page = out.getvalue()
    for wanted in ("| Date | today |", "| plain | 1 | 1 | 1 | 10 |", "| all | 1 | 1 | 1 | 10 |",
                   "## Failed", "| plain | b /b/c: failed |", "## Skipped",
                   "| plain | a /a/c: no \\| here |"):
        assert wanted in page, (wanted, page)
    assert all(len(line) <= 100 or line.startswith("|") for line in page.split("\n"))
    assert "Commit" in find_facts()
    for status, expected in ((0, "1 passed, 0 failed"), (1, "0 passed, 1 failed")):
        with tempfile.TemporaryDirectory() as folder:
            keep(folder, "gates", status, "3 gates, 0 of them open\n")
            assert expected in read_runs([f"gates={status}={folder}"])[0][1].line()
    print(f"{len(samples)} samples counted as they should be, and one written down")


def main():
    arguments = sys.argv[1:]
    if arguments == ["--self-test"]:
        self_test()
        return
    if arguments[:1] == ["--keep"]:
        keep(arguments[1], arguments[2], int(arguments[3]), sys.stdin.read())
        return
    path = None
    if arguments[:1] == ["--document"]:
        path, arguments = pathlib.Path(arguments[1]), arguments[2:]
    tallies = read_runs(arguments)
    if path is not None:
        out = io.StringIO()
        document(tallies, find_facts(), out)
        path.write_text(out.getvalue(), encoding="utf-8")
    sys.exit(report(tallies, sys.stdout))


if __name__ == "__main__":
    main()
