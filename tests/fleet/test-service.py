#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`wsmulti watch` as a service: the test is on systemd's side of the socket.

The first argument names the program, the second one its unit.
"""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from fleet import Watch
from process import DEADLINE, Process, Server

UNIT = pathlib.Path(sys.argv.pop())
PROGRAM = sys.argv.pop()

# Somewhat more than two signs of life that did not come.
WATCHDOG_S = 0.4


class Manager:
    """A socket like that of systemd, and what was said there."""

    def __init__(self, abstract=False):
        self.folder = tempfile.TemporaryDirectory()
        self.name = f"@wsmulti-test-{os.getpid()}" if abstract else self.folder.name + "/notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.name.replace("@", "\0"))
        self.heard = []

    def environment(self, **more):
        return {"NOTIFY_SOCKET": self.name, **more}

    def listen(self, seconds):
        """The lines of the next datagram, or None if none comes."""
        self.socket.settimeout(seconds)
        try:
            lines = self.socket.recv(4096).decode().split("\n")
        except (BlockingIOError, TimeoutError):
            return None
        self.heard += lines
        return lines

    def wait_for(self, condition):
        """Listens until a line is as it should be, and returns it."""
        end = time.monotonic() + DEADLINE
        while True:
            lines = self.listen(max(end - time.monotonic(), 0.01))
            assert lines is not None, self.heard
            for line in lines:
                if condition(line):
                    return line

    def close(self):
        self.socket.close()
        self.folder.cleanup()


class WithServer(unittest.TestCase):
    """One server for all, and a manager for each."""

    PATHS = ("/healthy", "/refuse,refuse=503", "/gone,refuse=404")

    @classmethod
    def setUpClass(cls):
        cls.server = Server(PROGRAM, *cls.PATHS)
        cls.uri = cls.server.uri

    @classmethod
    def tearDownClass(cls):
        cls.server.end(signal.SIGTERM)

    def manage(self, *arguments, abstract=False, **environment):
        """A manager, and a program that it has started."""
        manager = Manager(abstract)
        self.addCleanup(manager.close)
        watch = Watch(PROGRAM, *arguments, **manager.environment(**environment))
        self.addCleanup(watch.__exit__)
        return manager, watch


class Told(WithServer):
    """What systemd hears."""

    def test_ready_when_something_is_known_of_each(self):
        for abstract in (False, True):
            manager, watch = self.manage(self.uri["healthy"], self.uri["refuse"], self.uri["gone"],
                                         abstract=abstract)
            manager.wait_for(lambda line: line == "READY=1")
            self.assertEqual(manager.heard[-2:], ["READY=1", "STATUS=1 of 3 open, 1 given up"])
            watch.process.send_signal(signal.SIGTERM)
            manager.wait_for(lambda line: line == "STOPPING=1")
            self.assertEqual(watch.process.wait(DEADLINE), 1)
            self.assertNotIn("WATCHDOG=1", manager.heard)

    def test_not_ready_while_nothing_is_known_of_one(self):
        with socket.create_server(("127.0.0.1", 0)) as silent, \
                tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
            uri = f"ws://127.0.0.1:{silent.getsockname()[1]}/"
            file.write(f"[a]\nuri={self.uri['healthy']}\n[b]\nuri={uri}\nconnect-timeout=2s\n")
            file.flush()
            begin = time.monotonic()
            manager, _ = self.manage("--config", file.name)
            manager.wait_for(lambda line: line == "READY=1")
            self.assertGreater(time.monotonic() - begin, 1.9)
            # It was said before that one is open, which is no news that it is ready.
            self.assertIn("STATUS=1 of 2 open, 0 given up", manager.heard)

    def test_status_follows(self):
        with Server(PROGRAM, "/mortal") as server:
            manager, _ = self.manage(self.uri["healthy"], server.uri["mortal"])
            manager.wait_for(lambda line: line == "STATUS=2 of 2 open, 0 given up")
            server.process.kill()
            manager.wait_for(lambda line: line == "STATUS=1 of 2 open, 0 given up")

    def test_stopping_is_told_before_the_farewell(self):
        manager, watch = self.manage(self.uri["healthy"])
        manager.wait_for(lambda line: line == "READY=1")
        watch.process.send_signal(signal.SIGTERM)
        manager.wait_for(lambda line: line == "STOPPING=1")
        self.assertEqual(watch.process.wait(DEADLINE), 0)

    def test_whoever_is_not_there_does_not_matter(self):
        for name in ("/nonexistent/notify", "@nobody-listens", "nonsense", "", "@", "vsock:2:1"):
            with Watch(PROGRAM, self.uri["healthy"], NOTIFY_SOCKET=name,
                       WATCHDOG_USEC="100000") as watch:
                watch.wait_until(lambda: watch.count_open() == 1)
                self.assertEqual(watch.stop(), (0, ""))

    def test_manager_that_does_not_listen_holds_nothing_up(self):
        manager, watch = self.manage(self.uri["healthy"], WATCHDOG_USEC="2000")
        # The queue of its socket is full after some of them.
        beats = '{connection="%s"}' % self.uri["healthy"]
        watch.wait_until(lambda: watch.count_open() == 1)
        watch.wait_until(lambda: watch.read("process_cpu_seconds_total")[""] > 0.05)
        self.assertIn(beats, watch.read("wsmulti_connection_up"))
        manager.wait_for(lambda line: line == "READY=1")
        self.assertEqual(watch.stop()[0], 0)


class Watchdog(WithServer):
    """Signs of life of the main loop."""

    def test_loop_that_stands_still_gives_no_sign(self):
        manager, watch = self.manage(self.uri["healthy"],
                                     WATCHDOG_USEC=str(int(WATCHDOG_S * 1e6)))
        for _ in range(3):
            begin = time.monotonic()
            manager.wait_for(lambda line: line == "WATCHDOG=1")
        self.assertLess(time.monotonic() - begin, DEADLINE)

        os.kill(watch.process.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, watch.process.pid, os.WSTOPPED)
        while manager.listen(0) is not None:
            pass
        self.assertIsNone(manager.listen(3 * WATCHDOG_S))

        os.kill(watch.process.pid, signal.SIGCONT)
        manager.wait_for(lambda line: line == "WATCHDOG=1")

    def test_they_come_twice_in_the_time(self):
        manager, _ = self.manage(self.uri["healthy"],
                                 WATCHDOG_USEC=str(int(WATCHDOG_S * 1e6)))
        manager.wait_for(lambda line: line == "WATCHDOG=1")
        begin = time.monotonic()
        for _ in range(5):
            manager.wait_for(lambda line: line == "WATCHDOG=1")
        # Not more often, whatever the machine does; how seldom, a busy machine decides.
        self.assertGreater(time.monotonic() - begin, 5 * WATCHDOG_S / 2 * 0.8)

    def test_they_come_before_the_time_is_over(self):
        begin = time.monotonic()
        manager, _ = self.manage(self.uri["healthy"], WATCHDOG_USEC="4000000")
        manager.wait_for(lambda line: line == "WATCHDOG=1")
        self.assertLess(time.monotonic() - begin, 4)

    def test_they_are_for_one_process(self):
        manager, watch = self.manage(self.uri["healthy"], WATCHDOG_USEC="10000",
                                     WATCHDOG_PID="1")
        manager.wait_for(lambda line: line == "READY=1")
        watch.process.send_signal(signal.SIGTERM)
        manager.wait_for(lambda line: line == "STOPPING=1")
        self.assertNotIn("WATCHDOG=1", manager.heard)

    def test_nonsense_is_no_time(self):
        for microseconds in ("", "0", "-1", "x", "1e6", "99999999999999999999999"):
            manager, watch = self.manage(self.uri["healthy"], WATCHDOG_USEC=microseconds)
            manager.wait_for(lambda line: line == "READY=1")
            watch.stop()
            while manager.listen(0) is not None:
                pass
            self.assertNotIn("WATCHDOG=1", manager.heard)


class Unit(unittest.TestCase):
    """The unit, as the tools of systemd see it."""

    @staticmethod
    @contextlib.contextmanager
    def instance():
        """Its file, with the program that is built instead of the one that is installed."""
        text = UNIT.read_text(encoding="utf-8")
        command = text.split("ExecStart=")[1].split()[0]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, UNIT.name.replace("@", "@feeds"))
            path.write_text(text.replace(command, os.path.realpath(PROGRAM)), encoding="utf-8")
            yield path

    def analyze(self, *arguments):
        result = subprocess.run(["systemd-analyze", *arguments], stdout=subprocess.PIPE, text=True,
                                stderr=subprocess.STDOUT, timeout=DEADLINE, check=False)
        self.assertEqual(result.returncode, 0, result.stdout)
        return result.stdout

    def test_unit_is_right(self):
        with self.instance() as path:
            self.assertEqual(self.analyze("verify", "--man=no", path), "")

    def test_unit_may_do_little(self):
        with self.instance() as path:
            self.analyze("security", "--no-pager", "--offline=true", "--threshold=15", path)

    def test_command_is_one_that_the_program_knows(self):
        text = UNIT.read_text(encoding="utf-8").replace("\\\n", "")
        command = text.split("ExecStart=")[1].split("\n")[0].split()
        with tempfile.TemporaryDirectory() as folder, \
                Server(PROGRAM, "/healthy") as server:
            pathlib.Path(folder, "feeds.ini").write_text(
                f"[feed]\nuri={server.uri['healthy']}\n", encoding="utf-8")
            manager = Manager()
            self.addCleanup(manager.close)
            self.assertEqual(command[1], "watch")
            arguments = [word.replace("${CREDENTIALS_DIRECTORY}", folder)
                         .replace("${WSMULTI_METRICS}", "0") for word in command[2:]]
            with Process(PROGRAM, "watch", *arguments, **manager.environment()) as watch:
                manager.wait_for(lambda line: line == "READY=1")
                self.assertEqual(watch.end(signal.SIGTERM)[0], 0)


if __name__ == "__main__":
    unittest.main()
