#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the tests take each transition from state to state that the library allows.

transitions.py SOURCE LOG…
transitions.py --self-test

SOURCE is the file with the table allowed_next; LOG is what Meson kept of tests that ran with
G_MESSAGES_DEBUG=libwsmulti, in JSON.
"""

import json
import pathlib
import re
import sys

TABLE = re.compile(r"allowed_next\[\] = \{(.*?)\n\};", re.DOTALL)
ROW = re.compile(r"\[WSM_STATE_(\w+)\] = ([^\[]*)")
BIT = re.compile(r"STATE_BIT \((\w+)\)")
MOVE = re.compile(r"libwsmulti-DEBUG: .*?: (\w+) to (\w+): ")


def allowed_in(source):
    """Pairs of states, in small letters."""
    table = TABLE.search(source)
    rows = ROW.findall(table[1]) if table else []
    return {(old.lower(), new.lower()) for old, bits in rows for new in BIT.findall(bits)}


def taken_in(log):
    return {pair for line in log.splitlines() if line.strip()
            for pair in MOVE.findall(json.loads(line).get("stdout", ""))}


def judge(source, logs):
    allowed = allowed_in(source)
    taken = set().union(*(taken_in(log) for log in logs))
    findings = [f"no test goes from {old} to {new}" for old, new in sorted(allowed - taken)]
    findings += [f"a test goes from {old} to {new}, which is not allowed"
                 for old, new in sorted(taken - allowed)]
    if not allowed:
        findings.append("no table of transitions: is this the right file?")
    return findings, len(allowed)


def self_test():
    source = """
static const guint allowed_next[] = {
  [WSM_STATE_IDLE] = STATE_BIT (CONNECTING),
  [WSM_STATE_CONNECTING] = STATE_BIT (OPEN) |
                           STATE_BIT (CLOSED),
};
"""
    lines = ["# libwsmulti-DEBUG: ws://a:1/: idle to connecting: requested",
             "# libwsmulti-DEBUG: one to two: three: connecting to open: opened",
             "# libwsmulti-DEBUG: ws://a/: connecting to closed: aborted: x to y: z"]

    def log(*some):
        return json.dumps({"name": "a", "stdout": "\n".join(some)}) + "\n"

    assert judge(source, [log(*lines[:1]), log(*lines[1:])]) == ([], 3)
    assert judge(source, [log(*lines[:2])])[0] == ["no test goes from connecting to closed"]
    assert judge(source, [log(*lines, lines[0].replace("idle", "open"))])[0] == \
        ["a test goes from open to connecting, which is not allowed"]
    assert judge("", [log()])[0] == ["no table of transitions: is this the right file?"]
    assert judge(source, [])[0] != []


def main():
    self_test()
    if sys.argv[1:] == ["--self-test"]:
        print("5 samples judged as they should be")
        return
    source, *logs = (pathlib.Path(path).read_text(encoding="utf-8") for path in sys.argv[1:])
    findings, count = judge(source, logs)
    for finding in findings:
        print(finding)
    print(f"{count} transitions are allowed, {count - len(findings)} of them taken")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
