#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A page of what run.py has measured: a table, the goals, and a plot.

report.py LINES [DOCUMENT]

Prints the page, or writes it to DOCUMENT and the plot beside it.
"""

import json
import pathlib
import re
import statistics
import sys

import plot

# Ours first, the floor, and then who else there is.
NAMES = {
    "wsmulti": "**libwsmulti**",
    "wsmulti-each": "**libwsmulti**, a handler on each beat",
    "wsmulti-python": "**libwsmulti from Python**, each beat handled, in bursts",
    "wsmulti-python-each": "**libwsmulti from Python**, a handler on each beat",
    "wsmulti-gjs": "**libwsmulti from GJS**, each beat handled, in bursts",
    "wsmulti-gjs-each": "**libwsmulti from GJS**, a handler on each beat",
    "epoll": "epoll and bare sockets in C (the floor)",
    "soup": "libsoup alone, one timer",
    "soup-even": "libsoup alone, one timer, each beat on its own",
    "ws": "node `ws`",
    "websockets": "Python `websockets`",
    "aiohttp": "Python `aiohttp`",
    "websocket-client": "Python `websocket-client`, threads",
    "rel": "Python `websocket-client` with `rel`",
    "libwebsockets": "libwebsockets",
}

# In ms: so long beats may wait for each other, here and in the clients that the benchmark times.
SLOT = 250
ECHO_SIZES = [125, 65536]
# If others take so much of a core, in one run of ten, they are in what was measured.
BUSY = 0.1


def quantile(numbers, fraction):
    return sorted(numbers)[int(fraction * (len(numbers) - 1) + 0.5)]


def cost(record):
    """In ms of CPU for 1,000 beats, which is µs for one."""
    return record["cpu_us"] / record["n_beats"] if record.get("n_beats") else None


def memory(record):
    """In KB a connection."""
    return (record["pss_kb"] - record["base_kb"]) / record["connections"]


def opened(record):
    """In s."""
    return record["opened_us"] / 1e6


def rate(record):
    """Messages to and fro, a second."""
    return record["n_echoes"] / (record["ended_us"] - record["began_us"]) * 1e6


def wakeups(record):
    """A second."""
    return record["n_wakeups"] / (record["ended_us"] - record["began_us"]) * 1e6


def key(name):
    return lambda record: record.get(name)


def show(number, digits=2):
    """So many digits that tell something, with thousands apart."""
    if number is None:
        return "-"
    before = len(str(int(abs(number))))
    return f"{number:,.{max(digits - before, 0) if abs(number) >= 1 else digits}f}"


def tell(record):
    """One run, in a line."""
    others = record.get("others", 0)
    return describe(record) + (f"  (others: {others:.0%} of a core)" if others > BUSY else "")


def describe(record):
    head = f"{record['world']:10} {record['connections']:6}  {record['client']:16}"
    if "failed" in record:
        return f"{head}  {record['failed']}"
    if record["world"].startswith("echo"):
        return f"{head}  {rate(record):9,.0f} messages/s"
    if record["world"] == "idle":
        return f"{head}  {wakeups(record):9.2f} wake-ups/s"
    return (f"{head}  {show(cost(record), 3):>6} ms a 1,000 beats  {show(memory(record)):>5} KB "
            f"each  {opened(record):6.2f} s to open  round trip "
            f"{show(record.get('round_trip_p50'))}, truly {show(record.get('true_p50'))} ms"
            + (f"  late {show(record['own_late_p99'])} ms" if "own_late_p99" in record else ""))


class Results:
    def __init__(self, lines):
        records = [json.loads(line) for line in lines if line.strip()]
        self.machine = records[0]
        self.records = records[1:]

    def find(self, client, n=None, world="beats"):
        """The runs of a client that got there, by round."""
        return {record["round"]: record for record in self.records
                if record["client"] == client and record["world"] == world
                and n in (None, record["connections"]) and "failed" not in record}

    def median(self, of, client, n=None, world="beats"):
        found = [of(record) for record in self.find(client, n, world).values()]
        found = [value for value in found if value is not None]
        return statistics.median(found) if found else None

    def ratio(self, of, client, n, other, n_other, world="beats"):
        """Of neighbours: what else the machine does changes slowly."""
        ours, theirs = self.find(client, n, world), self.find(other, n_other, world)
        found = [of(ours[i]) / of(theirs[i]) for i in ours
                 if i in theirs and of(ours[i]) is not None and of(theirs[i])]
        return statistics.median(found) if found else None

    def why_not(self, client, n):
        """Why there is nothing of a client, or None."""
        of_it = [record for record in self.records if record["world"] == "beats"
                 and record["client"] == client and record["connections"] == n]
        if not of_it or self.find(client, n):
            return None
        return of_it[-1]["failed"]

    @property
    def numbers(self):
        return sorted({record["connections"] for record in self.records
                       if record["world"] == "beats"})

    @property
    def clients(self):
        measured = {record["client"] for record in self.records if record["world"] == "beats"}
        return [name for name in NAMES if name in measured]

    @property
    def others(self):
        """How much of a core other programs took in one run of ten, or more."""
        return quantile([record.get("others", 0) for record in self.records] or [0], 0.9)

    def versions(self):
        found = {}
        for record in self.records:
            if record.get("version"):
                found[record["client"]] = record["version"]
        return {name: found[name] for name in NAMES if name in found}

    def largest(self, *clients):
        """The largest number of connections to which all of them got."""
        return max((n for n in self.numbers if all(self.find(name, n) for name in clients)),
                   default=None)


def make_row(results, client, n):
    missing = results.why_not(client, n)
    if missing:
        return f"| {NAMES[client]} | {missing} | | | | | |"

    def middle(of):
        return results.median(of, client, n)

    def late():
        own = middle(key("own_late_p99"))
        return show(middle(key("late_p99"))) + (f" ({show(own)})" if own is not None else "")

    def pair(first, second):
        if middle(key(first)) is None:
            return "not to be had"
        return f"{show(middle(key(first)))} / {show(middle(key(second)))}"

    return (f"| {NAMES[client]} | {show(middle(cost), 3)} | {show(middle(memory))} "
            f"| {show(middle(opened))} | {pair('round_trip_p50', 'round_trip_p99')} "
            f"| {pair('true_p50', 'true_p99')} | {late()} |")


def make_table(results, n):
    yield ("| client | CPU, ms a 1,000 beats | memory, KB a connection | all open after, s "
           "| round trip as it sees it, ms, p50 / p99 | as the server sees it | late, ms, p99 |")
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for client in results.clients:
        if results.find(client, n) or results.why_not(client, n):
            yield make_row(results, client, n)


class Goal:
    def __init__(self, what, bound, is_least, measured, peer, unit=""):
        self.what = what
        self.bound = bound
        self.is_least = is_least
        self.measured = measured
        self.peer = peer
        self.unit = unit

    @property
    def verdict(self):
        if self.measured is None:
            return "not measured"
        is_met = self.measured >= self.bound if self.is_least else self.measured <= self.bound
        return "met" if is_met else "**not met**"

    def make_row(self):
        bound = f"at {'least' if self.is_least else 'most'} {self.bound:g}{self.unit}"
        measured = "-" if self.measured is None else f"{self.measured:.3g}{self.unit}"
        return f"| {self.what} | {bound} | {measured} | {self.peer} | {self.verdict} |"


def at(n):
    return f"{n:,} connections" if n else "any number of connections"


def against(results, of, bound, what, other, client="wsmulti", n=None):
    """A goal that is a ratio to somebody else, where both got to most."""
    n = n or results.largest(client, other)
    value = results.ratio(of, client, n, other, n) if n else None
    beside = results.median(of, other, n) if n else None
    return Goal(f"{what}, {at(n)}", bound, False, value,
                f"{NAMES[other]}: {show(beside, 3)}", " x")


def find_goals(results):
    """What the project has set itself."""
    n = results.largest("wsmulti")
    middle = n and (lambda of: results.median(of, "wsmulti", n))

    yield against(results, cost, 0.8, "CPU a beat", "ws")
    yield against(results, cost, 2.5, "CPU a beat", "epoll")

    smaller = 1000 if n and n > 1000 else min(results.numbers, default=None)
    growth = results.ratio(cost, "wsmulti", n, "wsmulti", smaller) if n and n != smaller else None
    of_floor = results.ratio(cost, "epoll", n, "epoll", smaller) if growth is not None else None
    yield Goal(f"CPU a beat, {at(n)} beside {smaller or 0:,}", 1.0, False, growth,
               f"{NAMES['epoll']}: {show(of_floor)}", " x")

    both = results.largest("wsmulti", "soup")
    own = both and results.median(memory, "wsmulti", both)
    bare = both and results.median(memory, "soup", both)
    yield Goal(f"memory a connection above libsoup's, {at(both)}", 1.5, False,
               own - bare if both else None, f"{NAMES['soup']}: {show(bare)} KB", " KB")
    yield against(results, memory, 0.7, "memory a connection", "ws")

    late = middle(key("late_p99")) if n else None
    yield Goal(f"a beat later than {SLOT} ms, p99, {at(n)}", 5, False,
               max(late - SLOT, 0) if late is not None else None,
               f"{NAMES['ws']}: {show(results.median(key('late_p99'), 'ws', n))} ms late", " ms")
    seen, true = (middle(key("round_trip_p50")), middle(key("true_p50"))) if n else (None, None)
    yield Goal(f"round trip, p50, off the true one, {at(n)}", 1.0, False,
               abs(seen - true) if None not in (seen, true) else None,
               f"it says {show(seen)}, the server {show(true)} ms", " ms")
    yield against(results, opened, 1.0, "until all are open", "ws")

    idle = results.median(wakeups, "wsmulti", world="idle")
    yield Goal("wake-ups a second of 3 idle connections, a beat each 25 s", 0.3, False, idle, "-")
    for size in ECHO_SIZES:
        world = f"echo {size}"
        value = results.ratio(rate, "wsmulti", 1, "soup", 1, world)
        yield Goal(f"messages a second, one connection, {size:,} bytes", 0.95, True, value,
                   f"{NAMES['soup']}: {show(results.median(rate, 'soup', 1, world), 3)}", " x")

    for client, bound in [("wsmulti-python", 3), ("wsmulti-gjs", 4)]:
        usual = 1000 if results.find(client, 1000) else results.largest(client, "wsmulti-each")
        yield against(results, cost, bound, f"CPU a beat, {NAMES[client].replace('*', '')}",
                      "wsmulti-each", client, usual)


def make_goals(results):
    yield "| what | goal | measured | beside | |"
    yield "| --- | --- | --- | --- | --- |"
    for goal in find_goals(results):
        yield goal.make_row()


def find_beats(results):
    return next(record for record in results.records if record["world"] == "beats")


def make_series(results):
    """What the plot shows: for each client, its cost by the number of connections. Ours is last,
    and so on top. What else can be done with it is in the tables."""
    for client in reversed(results.clients):
        if client.endswith("-each"):
            continue
        points = [(n, results.median(cost, client, n)) for n in results.numbers]
        points = [point for point in points if point[1] is not None]
        if points:
            label = re.sub(r"[*`]|, each beat handled.*", "", NAMES[client])
            yield label, points, client == "wsmulti"


def make_page(results, plot_name):
    machine, beats = results.machine, find_beats(results)
    n_rounds = 1 + max(record["round"] for record in results.records)
    yield "Title: Benchmarks"
    yield ""
    yield "<!-- SPDX-FileCopyrightText: The libwsmulti authors -->"
    yield "<!-- SPDX-License-Identifier: LGPL-2.1-or-later -->"
    yield ""
    yield "# Benchmarks"
    yield ""
    yield "<!-- Made by ./dev bench; what is written here by hand is lost. -->"
    yield ""
    yield "What it costs to keep many connections alive in one process, here and elsewhere."
    yield ""
    yield f"![CPU for 1,000 beats by the number of connections]({plot_name})"
    yield ""
    if results.others > BUSY:
        yield (f"**Other programs took {results.others:.0%} of a core meanwhile: believe none of "
               "this.**")
        yield ""
    yield "## Goals"
    yield ""
    yield from make_goals(results)
    yield ""
    yield "What limits those that are not met stands in [Why it is like this](rationale.md). What"
    yield "happens when a server comes back to those that lost it is F40 in"
    yield ("[What nothing stops](fault-matrix.md); what it costs to be looked at, `./dev measure` "
           "tells.")
    for n in results.numbers:
        yield ""
        yield f"## {n:,} connections"
        yield ""
        yield from make_table(results, n)
    yield from make_method(results, machine, beats, n_rounds)


METHOD = """
- One ping a connection each {interval:g} s, {seconds} s long, after each had its first. Medians of
  {n_rounds} rounds, in which the clients take turns; ratios are of neighbours in a round.
- The server is a small one on epoll, which is nobody's library. It has a core for itself, the
  client has the other one, whatever threads it starts. Each run has a loopback address of its own.
- CPU is that of the process, from `getrusage()`, in GJS from `/proc`. Beats are the pings that the
  server got.
- Memory is the proportional set size with all connections open, less that of the process before
  the first one.
- 64 handshakes at a time, everywhere but on the floor, which has 256.
- The server tells the true round trip: from when the kernel stamped the ping as arrived until the
  pong was written. What the client adds before it looks is what the two columns differ in.
- A beat is late by what the time since the one before exceeds {interval:g} s. In brackets: how long
  after the end of its slot it left, as the library itself tells since it was started.
- libwsmulti, epoll and libsoup gather their beats in slots of {slot} ms. The others beat each
  connection by itself, as they do.
- `websockets`, `aiohttp`, `websocket-client` and libwebsockets beat by what they have built in.
  `ws` and libsoup have nothing that also tells a round trip: there it is the usual recipe.
- libwsmulti notices dead peers, reconnects, and keeps statistics meanwhile. epoll and libsoup do
  none of it here.
- Who handles each beat keeps its round trip in a list: in a handler of its connection's, or in one
  of the pool's that is called once for a burst.
"""


def make_method(results, machine, beats, n_rounds):
    yield ""
    yield "## How it was measured"
    yield METHOD.format(interval=beats["interval_ms"] / 1000, seconds=beats["seconds"],
                        n_rounds=n_rounds, slot=SLOT).rstrip()
    inexact = [record["client"] for record in results.records if record.get("exact") is False]
    if inexact:
        yield ("- The kernel did not stamp all pings: there, the time is when the server came to "
               "read them.")
    yield ""
    yield (f"{machine['machine']}, {machine['n_cores']} cores, Linux {machine['kernel']}, "
           f"{machine['system']}, {machine['date']};")
    yield f"at most {machine['n_files']:,} open files."
    yield ""
    for client, version in results.versions().items():
        yield f"- {NAMES[client].replace('*', '')}: {version}"
    yield ""
    yield "## Do it again"
    yield ""
    yield "```sh"
    yield "./dev bench            # less than ten minutes, up to 1,000 connections"
    yield "./dev bench --full     # two hours, up to 10,000, and this page made anew"
    yield "./dev bench wsmulti ws # these two only"
    yield "```"


def publish(lines_path, document):
    """The page and its plot beside it; table and goals are printed, too."""
    results = Results(lines_path.read_text(encoding="utf-8").splitlines())
    picture = document.with_suffix(".svg")
    document.write_text("\n".join(make_page(results, picture.name)) + "\n", encoding="utf-8")
    picture.write_text(plot.draw(list(make_series(results))), encoding="utf-8")
    for n in results.numbers:
        print(f"\n{n:,} connections\n")
        print("\n".join(make_table(results, n)))
    print("\nGoals\n")
    print("\n".join(make_goals(results)))
    print(f"\n{document}")


if __name__ == "__main__":
    publish(pathlib.Path(sys.argv[1]),
            pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "benchmarks.md"))
