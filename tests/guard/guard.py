#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the library costs, counted in instructions, held against what it may cost.

guard.py PROGRAM WORLD            counts, and compares with figures.json
guard.py PROGRAM WORLD --accept   counts, and makes what it cost now what it may cost
guard.py PROGRAM WORLD --shares   counts, and tells whose instructions they are
guard.py --self-test

PROGRAM is guard-jobs. WORLD is a word for what else instructions depend on: compiler, optimisation,
versions of libraries. Only the library's own instructions are compared, with figures of the same
world; what grows with the number of connections is seen in any.

It speaks TAP. Counting is valgrind's, and takes no notice of what else the machine does.
"""

import argparse
import collections
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FIGURES = pathlib.Path(__file__).with_name("figures.json")

# In percent, of what is accepted: of our own instructions, and of those of all libraries together,
# which are not quite the same in each run and on each processor.
MOST = 5
MOST_IN_ALL = 10

# What each job of the program is called, and whose figure is kept.
JOBS = {
    "connect": "one connect",
    "messages": "one message each way",
    "beats-100": "one beat with its pong, of 100 connections",
    "beats-1000": "one beat with its pong, of 1,000 connections",
    "members-100": "one connection added and one removed, of 100",
    "members-1000": "one connection added and one removed, of 1,000",
}

# With ten times the connections, so many times the instructions at most: ours, and all. In a lane
# that is full, a beat costs less. Who leaves first has all others close the ranks.
GROWTH = [
    ("beats-100", "beats-1000", 1.05, 1.0),
    ("members-100", "members-1000", 1.05, 1.15),
]

# What depends on the machine, or takes threads, stays away.
ENVIRONMENT = {
    "GIO_MODULE_DIR": "/nonexistent",
    "GIO_USE_NETWORK_MONITOR": "base",
    "GIO_USE_PROXY_RESOLVER": "dummy",
    "GIO_USE_VFS": "local",
    "GSETTINGS_BACKEND": "memory",
    "LC_ALL": "C.UTF-8",
    "PATH": "/usr/bin:/bin",
}

OF_LIBRARY = re.compile(r"/libwsmulti/wsm-[^/]*\.c$")

COST = re.compile(r"[-+*0-9]")

# Whose instructions they are, by the beginning of a file's name.
LIBRARIES = {
    "libsoup-3.0": "libsoup",
    "libgobject-2.0": "GObject",
    "libgio-2.0": "GIO",
    "libglib-2.0": "GLib",
    "libc.": "C library",
}

# What is formatted for debugging goes through here.
LOG = "g_log"

# Of functions, in percent of their job: less is not worth a line.
WORTH = 0.5
N_SHOWN = 8


class Bill:
    """What one part of the program cost."""

    def __init__(self):
        self.functions = collections.Counter()
        self.libraries = collections.Counter()
        self.total = 0.0
        self.logging = 0.0

    @property
    def ours(self):
        return sum(self.functions.values())

    def minus(self, other, n):
        """The difference, of n times."""
        bill = Bill()
        for whole, part, difference in [(self.functions, other.functions, bill.functions),
                                        (self.libraries, other.libraries, bill.libraries)]:
            difference.update({name: (whole[name] - part[name]) / n for name in whole})
        bill.total = (self.total - other.total) / n
        bill.logging = (self.logging - other.logging) / n
        return bill


def find_library(path):
    name = path.rpartition("/")[2]
    return next((library for start, library in LIBRARIES.items() if name.startswith(start)),
                "others")


def read_bill(text):
    """What valgrind wrote, without compressed names. What was inlined belongs to whom it is in."""
    bill = Bill()
    file = function = library = called = None
    is_call = False
    for line in text.splitlines():
        key, _, value = line.partition("=")
        if key == "ob":
            library = find_library(value)
        elif key == "fl":
            file = value
        elif key == "fn":
            # With what called it, if it calls itself.
            function = value.split("'")[0] if OF_LIBRARY.search(file or "") else None
        elif key == "cfn":
            called = value
        elif key == "calls":
            # The next line is what the one that is called cost.
            is_call = True
        elif COST.match(line):
            cost = int(line.split()[1])
            if not is_call:
                bill.total += cost
                bill.libraries["libwsmulti" if function else library] += cost
                if function is not None:
                    bill.functions[function] += cost
            elif called == LOG:
                bill.logging += cost
            is_call = False
    return bill


def count(program):
    """What each job costs once, from those that were done once and twice."""
    parts = collections.defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "out")
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", "--quiet", f"--callgrind-out-file={out}",
             "--toggle-collect=jobs_work", "--dump-after=jobs_end", "--compress-strings=no",
             "--compress-pos=no", program],
            env=ENVIRONMENT, stdout=subprocess.PIPE, text=True, check=True)
        for number, line in enumerate(done.stdout.splitlines(), 1):
            name, n = line.split()
            bill = read_bill(pathlib.Path(f"{out}.{number}").read_text(encoding="utf-8"))
            parts[name].append((int(n), bill))
    bills = {}
    for name, (_, (n, once), (n_twice, twice)) in parts.items():
        bills[name] = twice.minus(once, n_twice - n)
        if min(bills[name].ours, bills[name].total) <= 0:
            raise RuntimeError(f"miscounted: {describe(name, bills[name])}")
    return bills


def describe(name, bill):
    return f"{JOBS[name]}: {bill.ours:,.0f} instructions of ours, {bill.total:,.0f} in all"


def find_changes(bill, accepted):
    """The functions that cost most more, or most less."""
    names = set(bill.functions) | set(accepted["functions"])
    changes = [(bill.functions[name] - accepted["functions"].get(name, 0), name) for name in names]
    changes = [change for change in changes
               if abs(change[0]) > accepted["ours"] * WORTH / 100]
    return sorted(changes, key=lambda change: -abs(change[0]))[:N_SHOWN]


class Tap:
    """Says what is so and what is not."""

    def __init__(self):
        self.n = 0
        self.n_failed = 0

    def check(self, is_so, what, *remarks):
        self.n += 1
        self.n_failed += not is_so
        print(f"{'ok' if is_so else 'not ok'} {self.n} - {what}")
        for remark in remarks:
            print(f"# {remark}")

    def skip(self, what, why):
        self.n += 1
        print(f"ok {self.n} - {what} # SKIP {why}")

    def end(self):
        print(f"1..{self.n}")
        return 1 if self.n_failed else 0


def check_figure(tap, name, bill, accepted):
    ours, total = (100 * (round(now) - then) / then for now, then in
                   [(bill.ours, accepted["ours"]), (bill.total, accepted["total"])])
    what = (f"{describe(name, bill)}; {ours:+.1f} % of ours, {MOST} % more at most, "
            f"{total:+.1f} % in all, {MOST_IN_ALL} % more at most")
    remarks = []
    if abs(ours) > MOST or abs(total) > MOST_IN_ALL:
        remarks = [f"{accepted['ours']:,} of ours were accepted, {accepted['total']:,} in all"]
        remarks += [f"{change:+,.0f} in {function} ()"
                    for change, function in find_changes(bill, accepted)]
        remarks.append("if that is what it has to cost: ./dev guard --accept")
    tap.check(ours <= MOST and total <= MOST_IN_ALL, what, *remarks)


def check_growth(tap, bills, few, many, most_ours, most_total):
    for whose, most in [("ours", most_ours), ("total", most_total)]:
        growth = getattr(bills[many], whose) / getattr(bills[few], whose)
        what = "instructions of ours" if whose == "ours" else "instructions in all"
        tap.check(growth <= most, f"{JOBS[many]}: {growth:.2f} times the {what} that it takes with "
                                  f"100, {most:.2f} at most")


def check(tap, bills, figures, world):
    for name in JOBS:
        if world in figures:
            check_figure(tap, name, bills[name], figures[world][name])
        else:
            tap.skip(describe(name, bills[name]).replace("#", ""),
                     f"nothing is accepted for {world}; ./dev guard --accept does that")
    for growth in GROWTH:
        check_growth(tap, bills, *growth)


def read_figures():
    return json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}


def accept(bills, world):
    """Figures of other worlds stay as they are."""
    figures = read_figures()
    figures[world] = {
        name: {
            "ours": round(bill.ours),
            "total": round(bill.total),
            "functions": {function: round(cost) for function, cost in bill.functions.items()
                          if cost >= bill.ours * WORTH / 100},
        } for name, bill in bills.items()
    }
    FIGURES.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    for name, bill in bills.items():
        print(describe(name, bill))


def show_shares(bills):
    """In percent, as a table of Markdown."""
    columns = ["libwsmulti", *LIBRARIES.values(), "others"]
    print("| instructions for | in all |", " | ".join(columns), "| for debug lines |")
    print("| --- |", "---: | " * (len(columns) + 2))
    for name, bill in bills.items():
        shares = [bill.libraries[column] for column in columns] + [bill.logging]
        shares = [f"{100 * share / bill.total:.0f} %" for share in shares]
        print(f"| {JOBS[name]} | {bill.total:,.0f} |", " | ".join(shares), "|")


SAMPLE = """\
ob=/tree/build/guard-jobs
fl=/tree/build/../libwsmulti/wsm-pulse.c
fn=wsm_pulse_beat
10 100
fi=/usr/include/glib-2.0/glib/gmem.h
20 5
cfi=???
cfn=g_malloc
calls=7 0
11 9000

fn=wsm_pulse_plan'2
30 40

ob=/usr/lib/libglib-2.0.so.0
fl=???
fn=g_malloc
0 8000
cfn=g_log
calls=1 0
0 700
"""


def test_itself():
    bill = read_bill(SAMPLE)
    assert bill.functions == {"wsm_pulse_beat": 105, "wsm_pulse_plan": 40}, bill.functions
    assert (bill.ours, bill.total) == (145, 8145), (bill.ours, bill.total)
    assert bill.libraries == {"libwsmulti": 145, "GLib": 8000}, bill.libraries
    assert bill.logging == 700, bill.logging
    print("1 sample understood")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("program", nargs="?")
    parser.add_argument("world", nargs="?")
    parser.add_argument("--accept", action="store_true")
    parser.add_argument("--shares", action="store_true")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        test_itself()
        return 0
    if shutil.which("valgrind") is None:
        print("1..0 # SKIP there is no valgrind here")
        return 0

    bills = count(options.program)
    if options.accept:
        accept(bills, options.world)
        return 0
    if options.shares:
        show_shares(bills)
        return 0
    tap = Tap()
    check(tap, bills, read_figures(), options.world)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
