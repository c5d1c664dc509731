#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it costs an app to be watched, and an inspector to watch it.

measure.py FOLDER [--rounds N] [--seconds S] [WORLD…]

FOLDER has the programs watched, watcher and window. A WORLD is a network, a number of connections
and an interval in ms: play:10000:5000 for peers without sockets, so that what remains is the cost
of the library; ws:1000:500 for a server on Node's ws, which beats as often.

It takes a session bus of its own; with a screen too, the list of connections and the Inspector are
measured, in the first world:

  with-display measure.py …
"""

import argparse
import dataclasses
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent

# How an app can be looked at, in the order in which a round goes through it.
HOWS = ["alone", "exported", "attached", "100 rows", "all rows"]
# How the list is scrolled.
WAYS = ["still", "smooth", "pages", "thumb"]
# The column of round trips, and all that are sorted by in turn, one each so many ms; the last one
# is again that of round trips, which change all the time.
ROUND_TRIP = 2
COLUMNS = [0, 1, 4, 5, 6, 7, 8, 9, ROUND_TRIP]
NEXT_MS = 400
# What is typed, letter by letter, and taken away again.
TYPED = ["9", "99", "9", "-", "feed", "-"]

VERDICTS = {True: "met", False: "NOT MET", None: ""}

WORLDS = ["play:10000:5000", "ws:10000:5000"]

# In ms: between two looks at something that has to become so, and until what has begun is done.
TICK = 50
SETTLING = 600
PATIENCE_S = 300
# The same, where it matters how soon.
SHORT_TICK = 10

# More than that at once, and one sees it.
HITCH_MS = 100

# What libsoup's connections are to cost one day, in µs a beat: 0.8 times Node's ws, with 10,000.
FRUGAL_APP = 16


class Child:
    """A program that answers each line with a line."""

    def __init__(self, *command):
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args[0]} ended with {self.process.wait()}")
        return line

    def ask(self, *words):
        self.process.stdin.write(" ".join(str(word) for word in words) + "\n")
        self.process.stdin.flush()
        return json.loads(self.read())

    def wait_until(self, condition):
        end = time.monotonic() + PATIENCE_S
        while not condition(said := self.ask("after", TICK, "look")):
            if time.monotonic() > end:
                raise RuntimeError(f"{self.process.args[0]}: {said}")

    def end(self):
        self.process.stdin.close()
        self.process.wait()


class Stretch:
    """What an app, and who watches it, did in the same few seconds."""

    def __init__(self, seconds, app, watcher=None):
        before = app.ask("look")
        watcher_before = watcher.ask("look") if watcher else None
        after = app.ask("after", round(seconds * 1000), "look")
        self.watcher = watcher.ask("look") if watcher else None

        self.n_turns = after["n_turns"] - before["n_turns"]
        self.n_beats = after["n_beats"] - before["n_beats"]
        self.seconds = (after["time_us"] - before["time_us"]) / 1e6
        # In µs a beat.
        self.cost = (after["cpu_us"] - before["cpu_us"]) / max(self.n_beats, 1)
        if watcher:
            # In percent of a core.
            watched_us = self.watcher["time_us"] - watcher_before["time_us"]
            self.load = 100 * (self.watcher["cpu_us"] - watcher_before["cpu_us"]) / watched_us
            # Of it, where there is a window.
            self.painting = 100 * (self.watcher.get("painting_us", 0) -
                                   watcher_before.get("painting_us", 0)) / watched_us


class Inspector:
    """The program itself, used by a hand that knows where things are."""

    SIZE = (1500, 950)
    # The first row of the sidebar is its own pool, the second one the app.
    SOURCE = (100, 115)
    ROW = (700, 200)
    # Between list and details; the list gets most of the window.
    HANDLE = (700, 272)
    HANDLE_TO = (700, 780)
    # A line of the wheel each so many ms, as from a busy finger.
    WHEEL_MS = 30

    @staticmethod
    def find(folder):
        """Where it is, if it can be used here."""
        program = pathlib.Path(folder).parent.parent / "inspector" / "app" / "wsmulti-inspector"
        return program if program.exists() and shutil.which("xdotool") else None

    def __init__(self, folder, app):
        program = self.find(folder)
        schemas = program.parent.parent.parent / "data"
        began = time.monotonic()
        self.process = subprocess.Popen([program], env=dict(os.environ,
                                                            GSETTINGS_SCHEMA_DIR=str(schemas)))
        self.window = self.wait_for_window(app)
        self.first_window_s = time.monotonic() - began
        app.wait_until(lambda said: said["n_clients"] == 1)
        app.ask("after", 3000, "look")
        self.act("windowsize", "--sync", self.window, *self.SIZE)
        self.click(*self.SOURCE)
        app.ask("after", SETTLING, "look")
        self.drag(self.HANDLE, self.HANDLE_TO, app)

    def act(self, *words):
        return subprocess.run(["xdotool", *(str(word) for word in words)], check=True, text=True,
                              stdout=subprocess.PIPE).stdout

    def wait_for_window(self, app):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self.process.poll() is None:
            found = subprocess.run(["xdotool", "search", "--onlyvisible", "--pid",
                                    str(self.process.pid)], text=True, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL).stdout.split()
            if found:
                return found[-1]
            app.ask("after", SHORT_TICK, "look")
        raise RuntimeError("the Inspector shows no window")

    def click(self, x, y):
        self.act("mousemove", "--window", self.window, x, y, "click", 1)

    def drag(self, place, other_place, app):
        self.act("mousemove", "--window", self.window, *place, "mousedown", 1)
        app.ask("after", SETTLING, "look")
        self.act("mousemove", "--window", self.window, *other_place)
        app.ask("after", SETTLING, "look")
        self.act("mouseup", 1)

    def get_cpu_s(self):
        words = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def measure(self, what, seconds, app):
        """In percent of a core."""
        wheel = None
        self.act("mousemove", "--window", self.window, *self.ROW)
        if what == "with a connection chosen":
            self.click(*self.ROW)
        elif what == "scrolled":
            wheel = subprocess.Popen(["xdotool", "click", "--repeat", "100000",
                                      "--delay", str(self.WHEEL_MS), "5"])
        app.ask("after", SETTLING, "look")
        began = time.monotonic()
        began_cpu_s = self.get_cpu_s()
        app.ask("after", round(seconds * 1000), "look")
        load = 100 * (self.get_cpu_s() - began_cpu_s) / (time.monotonic() - began)
        if wheel:
            wheel.kill()
            wheel.wait()
        return load

    def end(self):
        self.process.terminate()
        self.process.wait()


@dataclasses.dataclass
class InspectorUse:
    """What the Inspector took: until its window was there, and in percent of a core."""

    first_window_s: float
    loads: dict


@dataclasses.dataclass
class ListUse:
    """What the list took: a stretch for each way to scroll it, and the longest turns of its main
    loop, in µs, while it became another one."""

    stretches: dict
    turns: dict


class World:
    """An app with many connections that beat."""

    def __init__(self, folder, name):
        network, n_connections, interval = name.split(":")
        self.folder = pathlib.Path(folder)
        self.name = name
        self.n_connections = int(n_connections)
        self.server = None
        uris = []
        if network == "ws":
            # Debian's, which another node would not find.
            self.server = Child("/usr/bin/env", "NODE_PATH=/usr/share/nodejs", "/usr/bin/node",
                                HERE / "server-ws.js", 4)
            uris = self.server.read().split()

        self.app = Child(self.folder / "watched", n_connections, *uris)
        self.app.wait_until(lambda said: said["n_open"] == self.n_connections)
        if int(interval) > 0:
            self.app.ask("beat", interval)
            self.app.wait_until(lambda said: said["n_beats"] >= self.n_connections)

    def end(self):
        self.app.end()
        if self.server:
            self.server.end()

    def start(self, program):
        """Starts who watches, and waits until it knows all rows."""
        child = Child(self.folder / program, time.monotonic_ns() // 1000)
        child.wait_until(lambda said: said["n_rows"] == self.n_connections)
        return child

    def measure_alone(self, how, seconds):
        self.app.ask("unexport" if how == "alone" else "export")
        self.app.ask("after", SETTLING, "look")
        return Stretch(seconds, self.app)

    def go_round(self, seconds):
        """One stretch of each way to be looked at."""
        found = {how: self.measure_alone(how, seconds) for how in ["alone", "exported"]}
        watcher = self.start("watcher")
        found["attached"] = Stretch(seconds, self.app, watcher)
        watcher.ask("listen", "all")
        for how, n_rows in [("100 rows", 100), ("all rows", "all")]:
            watcher.ask("watch", 100, n_rows)
            # What was heard until then was old.
            watcher.ask("after", SETTLING, "look")
            found[how] = Stretch(seconds, self.app, watcher)
        watcher.end()
        self.app.wait_until(lambda said: said["n_clients"] == 0)
        return found

    def use_inspector(self, seconds):
        """What the Inspector takes while somebody looks on, scrolls, and has chosen a row."""
        loads = {}
        self.app.ask("export")
        inspector = Inspector(self.folder, self.app)
        for what in ["looked at", "scrolled", "with a connection chosen"]:
            loads[what] = inspector.measure(what, seconds, self.app)
        inspector.end()
        return InspectorUse(inspector.first_window_s, loads)

    def use_list(self, seconds):
        """One stretch of each way to use the list."""
        found = {}
        self.app.ask("export")
        window = self.start("window")
        for way in WAYS:
            window.ask("scroll", way)
            window.ask("after", SETTLING, "look")
            found[way] = Stretch(seconds, self.app, window)
        window.ask("scroll", "still")
        window.ask("after", SETTLING, "look")
        turns = {"another order": self.find_longest_turn(window, "sort", COLUMNS)}
        found["sorted"] = Stretch(seconds, self.app, window)
        turns["sorted, by itself"] = found["sorted"].watcher["longest_turn_us"]
        turns["another filter"] = self.find_longest_turn(window, "filter", TYPED)
        window.end()
        return ListUse(found, turns)

    @staticmethod
    def find_longest_turn(window, command, arguments):
        """What is done at once when the list becomes another one, in µs of processor time."""
        longest_us = 0
        window.ask("look")
        for argument in arguments:
            window.ask(command, argument)
            said = window.ask("after", NEXT_MS, "look")
            longest_us = max(longest_us, said["longest_turn_us"])
        return longest_us


def median(rounds, how, of):
    return statistics.median(of(each[how]) for each in rounds)


def ratio(rounds, how):
    """Neighbours are compared: what else the machine does changes slowly."""
    return statistics.median(each[how].cost / each["alone"].cost for each in rounds)


def more(rounds, how):
    return statistics.median(each[how].cost - each["alone"].cost for each in rounds)


def spread(said, name):
    """In ms: the middle, the worst of a hundred, the worst."""
    return [f"{said[f'{name}_{point}_us'] / 1000:.1f}" for point in ["p50", "p99", "max"]]


def print_table(*rows):
    """The first column to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(len(rows[0]))]
    for row in rows:
        cells = [cell.rjust(width) for cell, width in zip(row, widths)]
        print("  ".join(["", row[0].ljust(widths[0]), *cells[1:]]).rstrip(), flush=True)


def describe_rounds(rounds):
    yield ["the app is", "µs a beat", "ratio", "turns/s", "watcher %", "beat heard after ms: p50",
           "p99", "max"]
    for how in HOWS:
        row = [how, f"{median(rounds, how, lambda s: s.cost):.2f}", f"{ratio(rounds, how):.3f}",
               f"{median(rounds, how, lambda s: s.n_turns / s.seconds):.1f}"]
        if rounds[0][how].watcher:
            row.append(f"{median(rounds, how, lambda s: s.load):.2f}")
        if how.endswith("rows"):
            row += spread(rounds[-1][how].watcher, "age")
        yield row


def describe_list(used):
    yield ["the list is", "window %", "painting %", "frames/s", "frame ms: p50", "p99", "max",
           "frame to frame ms: p50", "p99", "max", "over 33 ms", "beat seen after ms: p50", "p99",
           "max"]
    for way, stretch in used.stretches.items():
        said = stretch.watcher
        row = [way, f"{stretch.load:.1f}", f"{stretch.painting:.1f}",
               f"{said['n_frames'] / stretch.seconds:.0f}", *spread(said, "frame"),
               *spread(said, "interval"), f"{said['n_intervals_over']} of {said['n_intervals']}"]
        yield row + (spread(said, "age") if way == "still" else [])


def judge_app(world, rounds):
    """What the project has promised: what it is, the goal, what it is here, whether it is met."""
    for how, percent in [("100 rows", 10), ("all rows", 50)]:
        if world.server:
            measured = 100 * (ratio(rounds, how) - 1)
            yield f"app pays more, {how}", f"{percent} %", f"{measured:.0f} %", measured <= percent
        else:
            # Connections that cost next to nothing are no app to compare with.
            goal = FRUGAL_APP * percent / 100
            measured = more(rounds, how)
            yield (f"app pays more, {how}, a beat, as if one cost {FRUGAL_APP} µs",
                   f"{goal:.1f} µs", f"{measured:.1f} µs", measured <= goal)
    for how in ["100 rows", "all rows"]:
        worst = max(each[how].watcher["age_max_us"] for each in rounds) / 1000
        yield f"beat in the model, at worst, {how}", "250 ms", f"{worst:.0f} ms", worst <= 250
    load = median(rounds, "all rows", lambda stretch: stretch.load)
    yield "model, all rows, of a core", "25 %", f"{load:.1f} %", load <= 25


def judge_inspector(use):
    yield ("Inspector, first window after", "1000 ms", f"{1000 * use.first_window_s:.0f} ms",
           use.first_window_s <= 1)
    for what, load in use.loads.items():
        yield f"Inspector {what}, of a core", "25 %", f"{load:.1f} %", load <= 25


def judge_list(use):
    still = use.stretches["still"].watcher
    measured = still["first_frame_us"] / 1000
    yield "list, first frame after", "1000 ms", f"{measured:.0f} ms", measured <= 1000
    # The first rows are seen long before.
    yield "list, all rows after", "", f"{still['all_rows_us'] / 1000:.0f} ms", None
    worst = still["age_max_us"] / 1000
    yield "beat on the screen, at worst", "250 ms", f"{worst:.0f} ms", worst <= 250
    for way, stretch in use.stretches.items():
        said = stretch.watcher
        yield f"list, {way}, of a core", "25 %", f"{stretch.load:.0f} %", stretch.load <= 25
        if way in ("still", "sorted"):
            continue
        worst = said["frame_max_us"] / 1000
        yield f"longest frame, {way}", "33 ms", f"{worst:.0f} ms", worst <= 33
        # By the frame clock; on a busy machine it is others who make one wait.
        worst = said["interval_max_us"] / 1000
        yield f"frame to frame, {way}, at worst", "33 ms", f"{worst:.0f} ms", worst < 34
    for what, turn_us in use.turns.items():
        yield (f"list, {what}, at once", f"{HITCH_MS} ms", f"{turn_us / 1000:.0f} ms",
               turn_us <= 1000 * HITCH_MS)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("worlds", nargs="*", metavar="WORLD", default=WORLDS)
    arguments = parser.parse_intermixed_args()
    has_screen = "DISPLAY" in os.environ

    for name in arguments.worlds:
        world = World(arguments.folder, name)
        rounds = [world.go_round(arguments.seconds) for _ in range(arguments.rounds)]
        print(f"\n{name}")
        print_table(*describe_rounds(rounds))
        judgements = [*judge_app(world, rounds)]
        if has_screen:
            use = world.use_list(arguments.seconds)
            print_table(*describe_list(use))
            judgements += judge_list(use)
        if has_screen and Inspector.find(arguments.folder):
            judgements += judge_inspector(world.use_inspector(arguments.seconds))
        world.end()
        print_table(["what was promised", "goal", "here", ""],
                    *([what, goal, measured, VERDICTS[is_met]]
                      for what, goal, measured, is_met in judgements))
        # What is seen is the same in another world.
        has_screen = False


if __name__ == "__main__":
    main()
