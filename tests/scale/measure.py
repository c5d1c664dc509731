#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it costs an app to be watched, and an inspector to watch it.

measure.py WATCHED WATCHER [--rounds N] [--seconds S] WORLD…

A WORLD is a network, a number of connections and an interval in ms: play:10000:5000 for peers
without sockets, ws:1000:500 for a server on Node's ws. It needs a session bus of its own:

  dbus-run-session -- measure.py …
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent

# How an app can be looked at, in the order in which a round goes through it.
HOWS = ["alone", "exported", "attached", "100 rows", "all rows"]

# In ms: between two looks at something that has to become so, and until what has begun is done.
TICK = 50
SETTLING = 1000
PATIENCE_S = 180


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
    """What two processes did in the same few seconds."""

    def __init__(self, seconds, app, watcher=None):
        before = app.ask("look")
        watcher_before = watcher.ask("look") if watcher else None
        after = app.ask("after", round(seconds * 1000), "look")
        watcher_after = watcher.ask("look") if watcher else None

        self.n_beats = after["n_beats"] - before["n_beats"]
        self.seconds = (after["time_us"] - before["time_us"]) / 1e6
        # In µs a beat.
        self.cost = (after["cpu_us"] - before["cpu_us"]) / max(self.n_beats, 1)
        self.turns = (after["n_turns"] - before["n_turns"]) / self.seconds
        if watcher:
            # In percent of a core.
            self.watcher_load = ((watcher_after["cpu_us"] - watcher_before["cpu_us"]) / 1e4 /
                                 ((watcher_after["time_us"] - watcher_before["time_us"]) / 1e6))
            self.heard = watcher_after


def go_round(app, watcher_path, n_connections, seconds):
    """One stretch of each way to be looked at."""
    found = {}
    app.ask("unexport")
    app.ask("after", SETTLING, "look")
    found["alone"] = Stretch(seconds, app)
    app.ask("export")
    app.ask("after", SETTLING, "look")
    found["exported"] = Stretch(seconds, app)

    watcher = Child(watcher_path)
    watcher.wait_until(lambda said: said["n_rows"] == n_connections)
    found["attached"] = Stretch(seconds, app, watcher)
    for how, n_rows in [("100 rows", 100), ("all rows", "all")]:
        watcher.ask("listen", n_rows)
        watcher.ask("watch", 100, n_rows)
        # What was heard until then was old.
        watcher.ask("after", SETTLING, "look")
        found[how] = Stretch(seconds, app, watcher)
    watcher.end()
    app.wait_until(lambda said: said["n_clients"] == 0)

    return found


def measure(world, arguments):
    network, n_connections, interval = world.split(":")
    n_connections = int(n_connections)
    server = None
    uris = []
    if network == "ws":
        server = Child("/usr/bin/node", HERE / "server-ws.js", 4)
        uris = server.read().split()

    app = Child(arguments.watched, n_connections, *uris)
    app.wait_until(lambda said: said["n_open"] == n_connections)
    app.ask("beat", interval)
    app.wait_until(lambda said: said["n_beats"] >= n_connections)
    rounds = [go_round(app, arguments.watcher, n_connections, arguments.seconds)
              for _ in range(arguments.rounds)]
    app.end()
    if server:
        server.end()

    return rounds


def median(rounds, how, of):
    return statistics.median(of(each[how]) for each in rounds)


def report(world, rounds):
    print(f"\n{world}")
    print(f"  {'':10} {'µs a beat':>10} {'ratio':>7} {'beats/s':>8} {'turns/s':>8} "
          f"{'watcher %':>9} {'heard after ms: p50':>20} {'p99':>7} {'max':>7}")
    for how in HOWS:
        line = (f"  {how:10} {median(rounds, how, lambda s: s.cost):10.2f} "
                f"{statistics.median(r[how].cost / r['alone'].cost for r in rounds):7.3f} "
                f"{median(rounds, how, lambda s: s.n_beats / s.seconds):8.0f} "
                f"{median(rounds, how, lambda s: s.turns):8.1f}")
        if hasattr(rounds[0][how], "heard"):
            line += f" {median(rounds, how, lambda s: s.watcher_load):9.2f}"
            if rounds[0][how].heard["n_heard"]:
                line += "".join(
                    f" {median(rounds, how, lambda s, k=key: s.heard[k]) / 1000:{width}.1f}"
                    for key, width in [("age_p50_us", 20), ("age_p99_us", 7), ("age_max_us", 7)])
        print(line, flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("watched")
    parser.add_argument("watcher")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("worlds", nargs="+", metavar="WORLD")
    arguments = parser.parse_args()

    for world in arguments.worlds:
        report(world, measure(world, arguments))


if __name__ == "__main__":
    main()
