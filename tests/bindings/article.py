#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The article's promise, kept for a minute.

Two feeds get a text "ping" every 5 s. Feed B stops at 10 s, is killed at 20 s and comes back at
40 s; feed A must not notice.

article.py [FACTOR]    all times are multiplied by it, 0.2 makes 12 s of the minute
"""

import os
import signal
import sys

import gi
import harness
import peers
from harness import case, until

gi.require_version("Wsm", "1")
from gi.repository import GLib, Wsm

FACTOR = float(sys.argv.pop()) if len(sys.argv) > 1 else 1.0
MAX_DELAY = 5000


def scaled(milliseconds):
    return round(milliseconds * FACTOR)


class Timeline:
    """What happened when; seconds count as if the factor were 1."""

    def __init__(self, start):
        self.start = start
        self.events = []

    def now(self):
        return (GLib.get_monotonic_time() - self.start) / 1e6 / FACTOR

    def note(self, name, what, reason=None):
        now = self.now()
        text = reason.to_string() if reason else ""
        bound = reason.get_delay_bound() if reason else 0
        self.events.append((now, name, what, bound))
        print(f"# {now:5.1f} s  {name}  {what:<11} {text}".rstrip(), flush=True)

    def run_to(self, seconds):
        harness.spin(max(0, scaled((seconds - self.now()) * 1000)))

    def when(self, name, what, since=0):
        """The first time that something happened."""
        times = [time for time, *event, _ in self.events if event == [name, what] and time >= since]
        assert times, f"{name} was not {what} after {since} s"
        return times[0]


def make_feed(pool, name, server):
    feed = Wsm.Connection(uri=server.uri, name=name, greetings=[f"subscribe {name}"])
    assert pool.add_connection(feed)
    assert feed.open()
    return feed


@case
def one_feed_dies_and_comes_back_the_other_misses_nothing():
    reserved, port = peers.reserve_port()
    first = peers.Server()
    second = peers.Server("--port", str(port))
    third = peers.Server("--port", str(port), "--wait")
    with reserved, first, second, third:
        pool = Wsm.Pool(
            heartbeat=Wsm.Heartbeat(mode=Wsm.HeartbeatMode.TEXT, payload="ping",
                                    reply_match=Wsm.ReplyMatch.EXACT, reply="pong",
                                    interval=scaled(5000), timeout=scaled(2500), max_missed=2,
                                    jitter=0.0, idle_only=False),
            backoff=Wsm.Backoff(initial=scaled(500), max=scaled(MAX_DELAY)))
        a = make_feed(pool, "A", first)
        b = make_feed(pool, "B", second)
        until(lambda: pool.props.n_open == 2 and b.props.next_beat_at > 0)

        # Feed B's beats fall on 0.5, 5.5, 10.5 s and so on: the stop comes just before one.
        line = Timeline(b.props.next_beat_at - scaled(500) * 1000)
        missed = []
        a.connect("notify::n-missed", lambda feed, spec: missed.append(feed.props.n_missed))
        for feed in (a, b):
            feed.connect("beat", lambda feed, number, round_trip:
                         line.note(feed.props.name, "beat"))
        pool.connect("connection-state-changed", lambda pool, feed:
                     line.note(feed.props.name, feed.props.state.value_nick.upper(),
                               feed.props.reason))

        line.run_to(10)
        line.note("B", "(stopped)")
        os.kill(second.process.pid, signal.SIGSTOP)
        line.run_to(20)
        line.note("B", "(killed)")
        second.process.kill()
        second.process.wait()
        line.run_to(40)
        line.note("B", "(started)")
        third.listen()
        line.run_to(60)

        sent, answered = a.props.n_beats_sent, a.props.n_beats_answered
        print(f"# A: {answered} of {sent} beats answered, none missed; "
              f"B: {b.props.n_beats_answered} of {b.props.n_beats_sent}")
        assert [event for event in line.events if event[1] == "A" and event[2] != "beat"] == []
        assert [number for number in missed if number] == []
        assert answered >= 11 and sent - answered <= 1
        assert (a.props.n_reconnects, a.props.state) == (0, Wsm.State.OPEN)

        assert 10 < line.when("B", "SUSPECT") < line.when("B", "WAITING") < 20
        assert 40 < line.when("B", "OPEN") < 47
        assert line.when("B", "beat", 47) < 53
        assert (b.props.n_reconnects, b.props.state) == (1, Wsm.State.OPEN)
        bounds = [bound for _, name, what, bound in line.events if (name, what) == ("B", "WAITING")]
        assert bounds[0] == scaled(500) and bounds[-1] == scaled(MAX_DELAY), bounds
        for before, after in zip(bounds, bounds[1:]):
            assert after == min(2 * before, scaled(MAX_DELAY)), bounds

        for server, name in ((first, "A"), (third, "B")):
            server.end()
            told = [text for text in server.lines if text.startswith(("opened", "received"))]
            assert told[:3] == ["opened", f"received subscribe {name}", "received ping"], told


if __name__ == "__main__":
    harness.main()
