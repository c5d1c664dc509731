#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it may cost to be watched, and how soon a beat is heard: bounds that hold on a busy machine
too, and not if something is done for each beat that was done for each batch, or for each row.

test-scale.py FOLDER
"""

import sys

import measure

# 2,000 beats a second; more connections would take longer, not tell more.
WORLD = "play:2000:1000"
SECONDS = 1
# The best one counts: what else the machine does makes a round worse, never better.
ROUNDS = 2


class Tap:
    """Says what is so and what is not."""

    def __init__(self):
        self.n = 0
        self.n_failed = 0

    def check(self, is_so, what):
        self.n += 1
        self.n_failed += not is_so
        print(f"{'ok' if is_so else 'not ok'} {self.n} - {what}", flush=True)

    def end(self):
        print(f"1..{self.n}")
        return 1 if self.n_failed else 0


def check_silence(tap, folder):
    """Without beats, an app with a pool to be looked at sleeps as long as one without: each
    command takes some turns of the loop, something each tenth of a second would take more."""
    world = measure.World(folder, "play:10:0")
    turns = {how: min(world.measure_alone(how, 0.5).n_turns for _ in range(ROUNDS))
             for how in ["alone", "exported"]}
    tap.check(turns["exported"] < turns["alone"] + 4, f"not watched, no wake-up: {turns}")
    watcher = world.start("watcher")
    watched = min(measure.Stretch(0.5, world.app, watcher).n_turns for _ in range(ROUNDS))
    tap.check(watched < turns["alone"] + 4, f"nothing to tell, no wake-up: {watched}")
    watcher.end()
    world.end()


def check_costs(tap, rounds):
    for how, most in [("exported", 1.7), ("100 rows", 2.5), ("all rows", 4.0)]:
        ratio = min(each[how].cost for each in rounds) / min(each["alone"].cost for each in rounds)
        tap.check(ratio < most, f"{how}: {ratio:.2f} times the processor time, {most} at most")
    load = min(each["all rows"].load for each in rounds)
    tap.check(load < 10, f"all rows take {load:.1f} % of a core to be known, 10 at most")


def check_windows(tap, rounds):
    """What is not asked for is not told."""
    in_window = max(each["100 rows"].watcher["n_heard"] for each in rounds)
    tap.check(in_window < 400, f"100 rows of 2,000: {in_window} beats were told")


def check_ages(tap, rounds):
    for how in ["100 rows", "all rows"]:
        n_heard = min(each[how].watcher["n_heard"] for each in rounds)
        worst = min(each[how].watcher["age_max_us"] for each in rounds) / 1000
        tap.check(n_heard > 20, f"{how}: {n_heard} beats were heard")
        tap.check(worst < 250, f"{how}: a beat is heard after {worst:.0f} ms, 250 at most")


def main():
    tap = Tap()
    folder = sys.argv[1]
    check_silence(tap, folder)
    world = measure.World(folder, WORLD)
    rounds = [world.go_round(SECONDS) for _ in range(ROUNDS)]
    world.end()
    check_costs(tap, rounds)
    check_windows(tap, rounds)
    check_ages(tap, rounds)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
