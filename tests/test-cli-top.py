#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drives `wsmulti top` against Python programs with WSMULTI_INSPECT=1, on a bus of its own.

The first argument names the program.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent / "support"))

from process import DEADLINE, Process, Server  # noqa: E402
from terminal import Terminal  # noqa: E402

PROGRAM = sys.argv.pop(1)

FEEDS = """
import sys
import gi
gi.require_version ("Wsm", "1")
from gi.repository import GLib, Wsm
GLib.set_application_name (sys.argv[1])
pool = Wsm.Pool ()
for argument in sys.argv[2:]:
    name, uri = argument.split ("=", 1)
    # Who answers gets the time to do it, however busy the machine is.
    heartbeat = Wsm.Heartbeat (interval=100, timeout=80 if name == "quiet" else 9000, max_missed=2,
                               idle_only=False)
    feed = Wsm.Connection (name=name, uri=uri, heartbeat=heartbeat)
    pool.add_connection (feed)
    feed.open ()
GLib.MainLoop ().run ()
"""


def bus():
    """A session bus."""
    daemon = Process("dbus-daemon", "--session", "--nofork", "--print-address")
    os.environ["DBUS_SESSION_BUS_ADDRESS"] = daemon.read_line()
    return daemon


def feeds(called, **uris):
    return Process(sys.executable, "-c", FEEDS, called,
                   *(f"{name}={uri}" for name, uri in uris.items()), WSMULTI_INSPECT="1")


def top(*arguments):
    return Process(PROGRAM, "top", *arguments)


def run(*arguments, **options):
    """Runs top to its end."""
    return subprocess.run([PROGRAM, "top", *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=DEADLINE, **options)


class WithServer(unittest.TestCase):
    """One server for all, with a path for each trouble, and one bus."""

    PATHS = ("/healthy", "/mute,mute", "/gone,refuse=404", "/drop,drop-after-time=400ms")

    @classmethod
    def setUpClass(cls):
        cls.bus = bus()
        cls.server = Server(PROGRAM, *cls.PATHS)
        cls.uri = cls.server.uri

    @classmethod
    def tearDownClass(cls):
        cls.server.end(signal.SIGTERM)
        cls.bus.end(signal.SIGTERM)


class Asked(unittest.TestCase):
    """What it says when asked, and what it refuses."""

    def test_help(self):
        result = run("--help")
        self.assertEqual(result.returncode, 0)
        for word in ("--once", "--wait=TIME", "--json", "--duration=TIME", "WSMULTI_INSPECT=1",
                     "Examples:", "Exit status:"):
            self.assertIn(word, result.stdout)
        for line in result.stdout.splitlines():
            self.assertLessEqual(len(line), 100)

    def test_wrong_command_lines_end_with_2_and_a_remedy(self):
        for arguments, word in (
                (("--frobnicate",), "--frobnicate"),
                (("--wait", "1"), "--wait: “1”"),
                (("--duration", "x"), "--duration: “x”"),
                (("--wait", "1s"), "--duration"),
                (("--once", "--duration", "1s"), "--wait"),
        ):
            with self.subTest(arguments=arguments):
                result = run(*arguments)
                self.assertEqual(result.returncode, 2)
                self.assertEqual(result.stdout, "")
                self.assertIn(word, result.stderr)

    def test_no_session_bus(self):
        with tempfile.TemporaryDirectory() as folder:
            environment = {**os.environ, "XDG_RUNTIME_DIR": folder}
            for name in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY"):
                environment.pop(name, None)
            result = run(env=environment)
            self.assertEqual(result.returncode, 1)
            self.assertEqual(result.stdout, "")
            self.assertIn("there is no session bus", result.stderr)
            self.assertIn("dbus-run-session", result.stderr)


class Piped(WithServer):
    """Lines for files and pipes."""

    def test_nobody_is_attached(self):
        begin = time.monotonic()
        result = run("--once", "--wait", "200ms")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout, "")
        self.assertIn("nobody is attached yet", result.stderr)
        self.assertIn("WSMULTI_INSPECT=1", result.stderr)
        self.assertLess(time.monotonic() - begin, 5)

    def test_hint_while_it_waits(self):
        with top() as watched:
            line = watched.process.stderr.readline().decode()
            self.assertIn("WSMULTI_INSPECT=1", line)
            status, errors = watched.end(signal.SIGTERM)
            self.assertEqual((status, errors, watched.lines), (1, "", []))

    def test_a_program_comes_and_goes(self):
        with top() as watched:
            with feeds("ticker", prices=self.uri["healthy"]) as program:
                pid = program.process.pid
                line = watched.wait_for(lambda line: line.endswith("attached"))
                self.assertRegex(line, rf"^ +\d+\.\d\d\d s  ticker \({pid}\)  attached$")
                line = watched.wait_for(lambda line: " open " in line)
                self.assertRegex(line, rf"s  ticker \({pid}\)  prices  open        opened$")
                program.end(signal.SIGKILL)
            line = watched.wait_for(lambda line: " gone" in line)
            self.assertRegex(line, rf"s  ticker \({pid}\)  gone")
            self.assertEqual(watched.end(signal.SIGTERM), (1, ""))

    def test_all_open_is_0(self):
        with feeds("ticker", prices=self.uri["healthy"]), \
                top("--duration", "60s") as watched:
            watched.wait_for(lambda line: " open " in line)
            self.assertEqual(watched.end(signal.SIGINT), (0, ""))
            # And the table, once.
            table = watched.lines[watched.lines.index(next(
                line for line in watched.lines if " of " in line)):]
            self.assertRegex(table[0], r"^1 of 1 open after \d+ s$")
            self.assertRegex(table[1], r"^state +name .* next +reason$")
            self.assertRegex(table[2], r"^ticker \(\d+\)$")
            self.assertRegex(table[3], r"^● open +prices .* opened$")
            self.assertEqual(len(table), 4)

    def test_trouble_is_told(self):
        with top() as watched, feeds("ticker", quiet=self.uri["mute"]):
            line = watched.wait_for(lambda line: " waiting " in line)
            self.assertRegex(line, r"quiet +waiting +heartbeat-lost: 2 of 2 beats unanswered")

    def test_once(self):
        with feeds("ticker", prices=self.uri["healthy"]):
            result = run("--once")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(result.stderr, "")
            lines = result.stdout.splitlines()
            self.assertRegex(lines[0], r"^1 of 1 open after \d s$")
            self.assertRegex(lines[3], r"^● open +prices +\d+\.\d +\d+\.\d +\d+\.\d +\d+/\d+ ")
            self.assertEqual(len(lines), 4)

            with feeds("gateway", orders=self.uri["gone"]):
                result = run("--once")
                self.assertEqual(result.returncode, 1)
                self.assertIn("1 of 2 open", result.stdout)
                self.assertRegex(result.stdout, r"✗ failed +orders .* http-status: 404")

                # Only what is asked for counts.
                self.assertEqual(run("--once", "TICK").returncode, 0)
                self.assertEqual(run("--once", "gateway").returncode, 1)
                result = run("--once", "--wait", "500ms", "someone")
                self.assertEqual((result.returncode, result.stdout), (1, ""))

    def test_by_process_id(self):
        with feeds("one", prices=self.uri["healthy"]) as one, \
                feeds("two", prices=self.uri["gone"]):
            result = run("--once", str(one.process.pid))
            self.assertEqual(result.returncode, 0)
            self.assertNotIn("two", result.stdout)

    def test_many_at_the_same_time(self):
        with top() as first, top() as second, feeds("ticker", prices=self.uri["healthy"]):
            for watched in (first, second):
                watched.wait_for(lambda line: " open " in line)

    def test_nobody_reads_any_more(self):
        with top("--json") as watched, feeds("ticker", prices=self.uri["healthy"]):
            watched.read_line()
            watched.process.stdout.close()
            self.assertIsNotNone(watched.process.wait(timeout=DEADLINE))
            watched.process.stdout = open(os.devnull, "rb")

    def test_names_are_made_safe(self):
        with top() as watched, feeds("\033[31mred", prices=self.uri["healthy"]):
            line = watched.wait_for(lambda line: line.endswith("attached"))
            self.assertIn("[31mred", line)
            self.assertNotIn("\033", line)


class BusThatEnds(unittest.TestCase):
    def test_the_bus_ends(self):
        with bus() as daemon, top() as watched:
            # It is there once its hint is.
            self.assertIn("nobody", watched.process.stderr.readline().decode())
            daemon.end(signal.SIGTERM)
            status, errors = watched.end()
            self.assertEqual(status, 1)
            self.assertIn("the session bus is gone", errors)


class Json(WithServer):
    """Objects for programs."""

    def test_events(self):
        with top("--json") as watched:
            with feeds("ticker", prices=self.uri["healthy"]) as program:
                for _ in range(3):
                    watched.wait_for(lambda line: '"beat"' in line)
                status, errors = watched.end(signal.SIGTERM)
                self.assertEqual((status, errors), (0, ""))
                pid = program.process.pid
        events = [json.loads(line) for line in watched.lines]
        for event in events:
            self.assertIsInstance(event["time_ms"], int)
            self.assertEqual((event["program"], event["pid"]), ("ticker", pid))
        self.assertEqual([event["time_ms"] for event in events],
                         sorted(event["time_ms"] for event in events))

        self.assertEqual(events[0]["event"], "attached")
        states = [event for event in events if event["event"] == "state"]
        self.assertEqual(states[-1]["name"], "prices")
        self.assertEqual((states[-1]["state"], states[-1]["reason"]), ("open", "opened"))
        beats = [event for event in events if event["event"] == "beat"]
        self.assertTrue(all(0 < event["rtt_ms"] < 9000 for event in beats))
        summary = events[-1]
        self.assertEqual((summary["event"], summary["state"]), ("summary", "open"))
        self.assertGreaterEqual(summary["beats_answered"], len(beats))
        self.assertEqual(summary["n_reconnects"], 0)

    def test_missed_beats_are_null(self):
        with top("--json") as watched, feeds("ticker", quiet=self.uri["mute"]) as program:
            line = watched.wait_for(lambda line: '"beat"' in line)
            self.assertIsNone(json.loads(line)["rtt_ms"])
            program.end(signal.SIGKILL)
            watched.wait_for(lambda line: '"detached"' in line)

    def test_once(self):
        with feeds("ticker", prices=self.uri["healthy"], orders=self.uri["healthy"]):
            result = run("--once", "--json")
            self.assertEqual(result.returncode, 0)
            events = [json.loads(line) for line in result.stdout.splitlines()]
            self.assertEqual([event["event"] for event in events], ["summary"] * 2)
            self.assertEqual([event["name"] for event in events], ["prices", "orders"])


class OnTerminal(WithServer):
    """The table, redrawn in place."""

    def top(self, columns, rows, *arguments, **environment):
        environment = {**os.environ, "TERM": "xterm", **environment}
        return Terminal([PROGRAM, "top", *arguments], columns, rows, environment)

    def test_from_nobody_to_gone(self):
        for columns in (120, 80, 40):
            with self.subTest(columns=columns), self.top(columns, 24) as terminal:
                terminal.wait_for(lambda text: text.startswith("Nobody is attached yet."))
                with feeds("ticker", prices=self.uri["healthy"], quiet=self.uri["mute"]):
                    terminal.wait_for(lambda text: re.search(r"^ticker \(\d+\)$", text, re.M))
                    terminal.wait_for(lambda text: re.search(r"^● open +prices", text, re.M))
                    terminal.wait_for(lambda text: "heartbeat-lost: 2 of 2" in text)
                terminal.wait_for(lambda text: re.search(r"^ticker \(\d+\), gone$", text, re.M))
                terminal.send(signal.SIGINT)
                self.assertEqual(terminal.end(), 1)

                text = terminal.screen.text()
                self.assertEqual(text.count("state         name"), 1, text)
                self.assertNotIn("Nobody", text)
                self.assertRegex(text, r"^0 of 0 open after \d+ s\n")
                self.assertLessEqual(terminal.screen.widest, columns)
                self.assertIn("32", terminal.screen.colours)
                self.assertTrue(terminal.screen.wraps)

    def test_odd_sizes(self):
        with feeds("ticker", prices=self.uri["healthy"], orders=self.uri["healthy"]):
            for columns, rows in ((1, 1), (2, 3), (10, 4), (500, 2), (30, 100), (80, 5)):
                with self.subTest(columns=columns, rows=rows), \
                        self.top(columns, rows, "--duration", "1500ms") as terminal:
                    self.assertEqual(terminal.end(), 0)
                    lines = terminal.screen.text().splitlines()
                    self.assertLessEqual(len(lines), max(rows - 1, 3))
                    self.assertLessEqual(terminal.screen.widest, columns)

    def test_once_is_drawn_once(self):
        with feeds("ticker", prices=self.uri["healthy"]), \
                self.top(80, 24, "--once", NO_COLOR="1") as terminal:
            self.assertEqual(terminal.end(), 0)
            lines = terminal.screen.text().splitlines()
            self.assertRegex(lines[0], r"^1 of 1 open after \d s$")
            self.assertEqual(len(lines), 5)
            self.assertEqual(terminal.screen.colours, set())

    def test_follows_its_size(self):
        with feeds("ticker", prices=self.uri["healthy"]), self.top(100, 24) as terminal:
            terminal.wait_for(lambda text: "● open" in text)
            terminal.resize(160, 24)
            terminal.wait_for(lambda text: "next        reason" in text)
            terminal.send(signal.SIGTERM)
            self.assertEqual(terminal.end(), 0)


if __name__ == "__main__":
    if shutil.which("dbus-daemon") is None:
        print("dbus-daemon is not installed")
        sys.exit(77)
    unittest.main()
