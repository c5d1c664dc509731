#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `wsmulti` where nobody reads what it writes: all else has to go on.

The first argument names the program.
"""

import fcntl
import http.client
import json
import os
import pathlib
import re
import select
import signal
import socket
import struct
import sys
import tempfile
import termios
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent / "support"))

from process import DEADLINE, Process, Server  # noqa: E402
from terminal import Terminal  # noqa: E402

PROGRAM = sys.argv.pop(1)
FAST = ("--interval", "20ms", "--timeout", "15s")
METRICS = ("--metrics", "0", "--metrics-max-connections", "0")

PATHS = ("/healthy", "/drop,drop-after=3", "/gone,refuse=404")

# The smallest that a pipe can be.
PIPE_BYTES = 4096

# A pipe is soon full of these.
NAME = "x" * 300

# As long as an argument can be, or so: 16 MiB of lines come quickly then.
LONG = 120_000


class Stalled(Process):
    """A program into a small pipe that is read when the test says so."""

    def __init__(self, *arguments, **environment):
        super().__init__(PROGRAM, *arguments, **environment)
        fcntl.fcntl(self.process.stdout, fcntl.F_SETPIPE_SZ, PIPE_BYTES)

    def wait_until_full(self):
        """Waits until what the program wants to write does not fit."""
        wait_until(lambda: self.count_waiting() > PIPE_BYTES - 512)

    def count_waiting(self):
        """How many bytes are in the pipe."""
        return struct.unpack("i", fcntl.ioctl(self.process.stdout, termios.FIONREAD, b"0123"))[0]


def wait_until(condition):
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, "not in time"
        select.select([], [], [], 0.01)


def find_metrics(text):
    """Where `wsmulti watch --metrics 0` says that they are."""
    return text.split("http://")[1].split("/")[0]


def read_metric(address, name):
    """A counter, from the program itself: it answers, so its main loop runs."""
    connection = http.client.HTTPConnection(address, timeout=DEADLINE)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    return next(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))


class Watch(unittest.TestCase):
    """`wsmulti watch`."""

    def start(self, *arguments):
        watch = self.enterContext(Stalled("watch", *METRICS, *FAST, *arguments))
        self.address = find_metrics(watch.process.stderr.readline().decode())
        return watch

    def setUp(self):
        self.server = self.enterContext(Server(PROGRAM, *PATHS))

    def wait_for_beats(self, n_more):
        name = "wsmulti_pool_answered_beats_total"
        n_beats = read_metric(self.address, name) + n_more
        wait_until(lambda: read_metric(self.address, name) >= n_beats)

    def test_beats_and_reconnections_go_on(self):
        watch = self.start("--json", *(f"{name}={self.server.uri[name]}"
                                       for name in ("healthy", "drop")))
        watch.wait_until_full()
        n_before = read_metric(self.address, "wsmulti_pool_reconnections_total")
        self.wait_for_beats(50)
        wait_until(lambda: read_metric(self.address, "wsmulti_pool_reconnections_total") > n_before)

        # What waited is all there.
        sequence = 0
        while sequence < 60:
            event = json.loads(watch.read_line())
            if (event["event"], event["name"]) == ("beat", "healthy"):
                self.assertEqual(event["sequence"], sequence + 1)
                sequence += 1
        watch.process.send_signal(signal.SIGTERM)
        events = [json.loads(watch.wait_for(lambda line: '"summary"' in line)) for _ in range(2)]
        self.assertEqual([event["name"] for event in events], ["healthy", "drop"])
        self.assertEqual(watch.end()[1], "")

    def test_what_is_dropped_is_told(self):
        names = [letter * LONG for letter in "abcdefgh"]
        watch = self.start("--json", *(f"{name}={self.server.uri['healthy']}" for name in names))
        self.wait_for_beats(400)

        last = dict.fromkeys(names, 0)
        n_missing = n_dropped = 0
        seen = set()
        while n_dropped == 0 or len(seen) < len(names):
            event = json.loads(watch.read_line())
            if event["event"] == "dropped":
                n_dropped += event["lines"]
                seen.clear()
            elif event["event"] == "beat":
                seen.add(event["name"])
                n_missing += event["sequence"] - last[event["name"]] - 1
                last[event["name"]] = event["sequence"]
            else:
                n_missing -= 1
        # Sixteen lines tell that the connections connect and are open; they may be among them.
        self.assertEqual(n_missing, n_dropped - 16)

    def test_lines_for_people_tell_it_too(self):
        with tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
            file.write("[defaults]\ninitial=10ms\nmax=10ms\n")
            file.flush()
            watch = self.start("--config", file.name, *(f"{letter * LONG}={self.server.uri['drop']}"
                                                        for letter in "abcdefgh"))
        # Three lines each time.
        wait_until(lambda: read_metric(self.address, "wsmulti_pool_reconnections_total") > 60)
        line = watch.wait_for(lambda line: " dropped" in line)
        self.assertRegex(line, r"^ *\d+\.\d\d\d s  \d+ lines? dropped, because nobody read ")
        # What is in its place is the oldest.
        self.assertEqual(len(watch.lines), 2)

    def test_signals_end_it(self):
        for uri, expected in ((self.server.uri["healthy"], 0), (self.server.uri["gone"], 1)):
            with self.subTest(expected=expected):
                watch = self.start("--json", NAME + "=" + self.server.uri["healthy"], "x=" + uri)
                watch.wait_until_full()
                watch.process.send_signal(signal.SIGTERM)
                # The second one is for who does not want to wait three seconds.
                errors = select.select([watch.process.stderr], [], [], 0.5)[0]
                self.assertEqual(errors, [])
                watch.process.send_signal(signal.SIGINT)
                self.assertEqual(watch.process.wait(timeout=DEADLINE), expected)
                self.assertRegex(watch.process.stderr.read().decode(),
                                 r"^wsmulti watch: \d+ lines? (is|are) lost, because nobody read ")

    def test_it_does_not_wait_long_for_who_does_not_read(self):
        watch = self.start("--json", NAME + "=" + self.server.uri["healthy"])
        watch.wait_until_full()
        watch.process.send_signal(signal.SIGTERM)
        self.assertEqual(watch.process.wait(timeout=DEADLINE), 0)

    def test_who_stops_reading_ends_it(self):
        for uri, expected in ((self.server.uri["healthy"], 0), (self.server.uri["gone"], 1)):
            with self.subTest(expected=expected):
                watch = self.start("--json", NAME + "=" + self.server.uri["healthy"], "x=" + uri)
                watch.wait_until_full()
                watch.process.stdout.close()
                self.assertEqual(watch.process.wait(timeout=DEADLINE), expected)
                self.assertEqual(watch.process.stderr.read(), b"")
                watch.process.stdout = open(os.devnull, "rb")

    def test_even_when_there_is_nothing_to_write(self):
        watch = self.start(NAME + "=" + self.server.uri["healthy"])
        watch.wait_for(lambda line: " open " in line)
        watch.process.stdout.close()
        self.assertEqual(watch.process.wait(timeout=DEADLINE), 0)
        watch.process.stdout = open(os.devnull, "rb")

    def test_who_set_an_end_waits_for_all_of_it(self):
        watch = self.start("--json", "--duration", "1s", NAME + "=" + self.server.uri["healthy"])
        watch.wait_until_full()
        # It has closed its connections, but not all is read.
        wait_until(lambda: read_metric(self.address, 'wsmulti_connections{state="open"}') == 0)
        watch.wait_for(lambda line: '"summary"' in line)
        self.assertEqual(watch.end(), (0, ""))

    def test_terminal_that_stands_still(self):
        arguments = [PROGRAM, "watch", *METRICS, *FAST, self.server.uri["healthy"]]
        with Terminal(arguments, 80, 24, {**os.environ, "TERM": "xterm"}) as terminal:
            terminal.wait_for(lambda text: "● open" in text)
            self.address = find_metrics(terminal.screen.text())
            terminal.type(b"\x13")
            self.wait_for_beats(30)
            terminal.type(b"\x11")
            terminal.wait_for(lambda text: re.search(r" open after [1-9]\d* s", text))
            terminal.send(signal.SIGTERM)
            self.assertEqual(terminal.end(), 0)
            self.assertEqual(terminal.screen.text().count(" open after "), 1)


class Top(unittest.TestCase):
    """`wsmulti top`, which looks into a `wsmulti watch`."""

    def setUp(self):
        self.server = self.enterContext(Server(PROGRAM, *PATHS))
        daemon = self.enterContext(
            Process("dbus-daemon", "--session", "--nofork", "--print-address"))
        self.bus = {"DBUS_SESSION_BUS_ADDRESS": daemon.read_line()}

    def start(self, *arguments):
        self.enterContext(Process(PROGRAM, "watch", *FAST, NAME + "=" + self.server.uri["healthy"],
                                  WSMULTI_INSPECT="1", **self.bus))
        top = self.enterContext(Stalled("top", *arguments, **self.bus))
        top.wait_until_full()
        return top

    def test_signals_end_it(self):
        top = self.start("--json")
        top.process.send_signal(signal.SIGTERM)
        self.assertEqual(top.process.wait(timeout=DEADLINE), 0)
        self.assertRegex(top.process.stderr.read().decode(),
                         r"^wsmulti top: \d+ lines? (is|are) lost, because nobody read ")

    def test_what_waited_is_read_in_the_end(self):
        top = self.start("--json", "--duration", "1s")
        status, errors = top.end()
        self.assertEqual((status, errors), (0, ""))
        self.assertIn('"summary"', top.lines[-1])

    def test_who_stops_reading_ends_it(self):
        top = self.start("--json")
        top.process.stdout.close()
        self.assertEqual(top.process.wait(timeout=DEADLINE), 0)
        top.process.stdout = open(os.devnull, "rb")


class Serve(unittest.TestCase):
    """`wsmulti serve`."""

    REQUEST = (b"GET /x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
               b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n\r\n")

    def test_it_goes_on_serving(self):
        server = self.enterContext(Stalled("serve", "/x"))
        port = int(server.read_line().split(":")[2].split("/")[0])
        for _ in range(2 * PIPE_BYTES // len("    0.000 s  opened  /x\n")):
            with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as client:
                client.sendall(self.REQUEST)
                self.assertIn(b" 101 ", client.recv(4096))
        self.assertGreater(server.count_waiting(), PIPE_BYTES - 512)

        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.process.wait(timeout=DEADLINE), 0)


if __name__ == "__main__":
    unittest.main()
