#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drives `wsmulti watch`, as a script and as a person at a terminal, against `wsmulti serve`.

The first argument names the program.
"""

import json
import os
import pathlib
import re
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
FAST = ("--interval", "100ms", "--timeout", "80ms", "--max-missed", "2")


def run(*arguments, **options):
    """Runs the program to its end."""
    return subprocess.run([PROGRAM, "watch", *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=DEADLINE, **options)


class WithServer(unittest.TestCase):
    """One server for all, with a path for each trouble."""

    PATHS = ("/healthy", "/mute,mute", "/refuse,refuse=503", "/gone,refuse=404",
             "/feed,reply-to=ping,reply=pong", "/drop,drop-after=3")

    @classmethod
    def setUpClass(cls):
        cls.server = Server(PROGRAM, *cls.PATHS)
        cls.uri = cls.server.uri

    @classmethod
    def tearDownClass(cls):
        cls.server.end(signal.SIGTERM)


class Asked(unittest.TestCase):
    """What it says when asked, and what it refuses."""

    def test_help_has_options_keys_and_examples(self):
        result = run("--help")
        self.assertEqual(result.returncode, 0)
        for word in ("--interval=TIME", "--max-missed=N", "--config=FILE", "--json",
                     "reply-match", "stable-after", "[defaults]", "Examples:", "Exit status:"):
            self.assertIn(word, result.stdout)
        for line in result.stdout.splitlines():
            self.assertLessEqual(len(line), 100)

    def test_wrong_command_lines_end_with_2_and_a_remedy(self):
        uri = "ws://user:secret@127.0.0.1:1/"
        for arguments, words in (
                ((), ("a URI is missing", "--config", "wsmulti watch --help")),
                (("--frobnicate",), ("--frobnicate",)),
                (("http://127.0.0.1/",), ("begin it with ws://",)),
                (("feed=127.0.0.1",), ("feed: ", "ws://")),
                (("a=" + uri, "a=" + uri), ("a", "another connection")),
                (("=" + uri,), ("name",)),
                (("--interval", "5", uri), ("--interval: “5”", "such as 500ms")),
                (("--interval", "1ms", uri), ("interval is 1 ms", "from 10")),
                (("--timeout", "1", uri), ("--timeout: “1”",)),
                (("--max-missed", "x", uri), ("--max-missed: “x”", "whole number")),
                (("--max-missed", "0", uri), ("max-missed is 0", "from 1")),
                (("--duration", "1", uri), ("--duration", "such as 500ms")),
                (("--reply", "pong", uri), ("--reply", "--text")),
                (("--text", "", uri), ("payload", "bytes")),
                (("--config", "/nowhere/feeds.ini"), ("/nowhere/feeds.ini: ", "No such file")),
                (("--config", "/"), ("/: ", "directory")),
        ):
            with self.subTest(arguments=arguments):
                result = run(*arguments)
                self.assertEqual(result.returncode, 2)
                self.assertEqual(result.stdout, "")
                self.assertNotIn("secret", result.stderr)
                for word in words:
                    self.assertIn(word, result.stderr)

    def test_a_wrong_file_starts_nothing(self):
        with tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
            file.write("[good]\nuri=ws://127.0.0.1:1/\n[bad]\nuri=ws://127.0.0.1:1/\nmode=x\n")
            file.flush()
            result = run("--config", file.name)
            self.assertEqual(result.returncode, 2)
            self.assertEqual(result.stdout, "")
            self.assertIn(f"{file.name}: [bad] mode: “x”", result.stderr)


class Piped(WithServer):
    """Lines for files and pipes."""

    def test_all_open_is_0(self):
        result = run(*FAST, "--duration", "300ms", self.uri["healthy"])
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stderr, "")
        self.assertNotIn("\x1b", result.stdout)
        lines = result.stdout.splitlines()
        name = self.uri["healthy"]
        self.assertRegex(lines[0], rf"^ +0\.\d\d\d s  {name}  connecting  requested$")
        self.assertRegex(lines[1], rf"^ +0\.\d\d\d s  {name}  open        opened$")

        # And the table, once.
        self.assertEqual(lines[2], "1 of 1 open after 0 s")
        self.assertRegex(lines[3], r"^state  +name  +rtt ms  +median  +p95  +beats  +missed  +next"
                                   r"  +reason$")
        self.assertRegex(lines[4], rf"^● open +{name} +\d+\.\d .* opened$")
        self.assertEqual(len(lines), 5)

    def test_not_all_open_is_1(self):
        result = run(*FAST, "--duration", "300ms", self.uri["healthy"], self.uri["gone"])
        self.assertEqual(result.returncode, 1)
        self.assertIn("1 of 2 open after 0 s, at ws://127.0.0.1:", result.stdout)
        self.assertRegex(result.stdout, r"/gone +failed +http-status: 404 \(Not Found\)\n")
        self.assertRegex(result.stdout, r"✗ failed +/gone ")

    def test_names_and_a_file(self):
        with tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
            file.write(f"[defaults]\ninterval=100ms\n[株価]\nuri={self.uri['healthy']}\n")
            file.flush()
            result = run("--config", file.name, "--duration", "300ms",
                         "mine=" + self.uri["healthy"])
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertRegex(result.stdout, r"s  株価  open")
            self.assertRegex(result.stdout, r"s  mine  open")

    def test_signals_end_it_politely(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with (self.subTest(number=number),
                  Process(PROGRAM, "watch", self.uri["healthy"]) as watch):
                watch.wait_for(lambda line: " open " in line)
                status, errors = watch.end(number)
                self.assertEqual((status, errors), (0, ""))
                self.assertEqual(len(watch.lines), 2)

    def test_who_does_not_answer_the_close_is_not_waited_for_long(self):
        with Process(PROGRAM, "watch", self.uri["mute"]) as watch:
            watch.wait_for(lambda line: " open " in line)
            begin = time.monotonic()
            status, _ = watch.end(signal.SIGTERM)
            self.assertEqual(status, 0)
            self.assertLess(time.monotonic() - begin, 4)

    def test_second_signal_ends_at_once(self):
        with tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
            file.write(f"[mute]\nuri={self.uri['mute']}\nclose-timeout=1h\n")
            file.flush()
            with Process(PROGRAM, "watch", "--config", file.name) as watch:
                watch.wait_for(lambda line: " open " in line)
                begin = time.monotonic()
                watch.process.send_signal(signal.SIGTERM)
                # Two equal signals at once may be one to the kernel.
                status, _ = watch.end(signal.SIGINT)
                self.assertEqual(status, 0)
                self.assertLess(time.monotonic() - begin, 2)

    def test_heartbeat_is_lost_and_says_so(self):
        with Process(PROGRAM, "watch", *FAST, self.uri["mute"]) as watch:
            line = watch.wait_for(lambda line: " suspect " in line)
            self.assertRegex(line, r"suspect +beat-missed: 1 of 2 beats unanswered")
            line = watch.wait_for(lambda line: " waiting " in line)
            self.assertRegex(line, r"waiting +heartbeat-lost: 2 of 2 beats unanswered.*; "
                                   r"trying again in ")

    def test_nobody_reads_any_more(self):
        with Process(PROGRAM, "watch", *FAST, "--json", self.uri["healthy"]) as watch:
            watch.read_line()
            watch.process.stdout.close()
            self.assertIsNotNone(watch.process.wait(timeout=DEADLINE))
            watch.process.stdout = open(os.devnull, "rb")

    def test_terminal_that_cannot_move_its_cursor_is_a_pipe(self):
        environment = {**os.environ, "TERM": "dumb"}
        arguments = [PROGRAM, "watch", "--duration", "200ms", self.uri["healthy"]]
        with Terminal(arguments, 80, 24, environment) as terminal:
            self.assertEqual(terminal.end(), 0)
            self.assertIn("opened\n", terminal.screen.text())
            self.assertEqual(terminal.screen.colours, set())


class Json(WithServer):
    """Objects for programs."""

    def watch(self, *arguments):
        result = run(*FAST, "--json", *arguments)
        self.assertEqual(result.stderr, "")
        events = [json.loads(line) for line in result.stdout.splitlines()]
        for event in events:
            self.assertIsInstance(event["time_ms"], int)
            self.assertLess(event["time_ms"], DEADLINE * 1000)
        self.assertEqual([event["time_ms"] for event in events],
                         sorted(event["time_ms"] for event in events))
        return result.returncode, events

    def test_states_beats_and_summary(self):
        status, events = self.watch("--duration", "500ms", "feed=" + self.uri["healthy"])
        self.assertEqual(status, 0)
        self.assertTrue(all(event["name"] == "feed" for event in events))

        states = [event for event in events if event["event"] == "state"]
        self.assertEqual([event["state"] for event in states], ["connecting", "open"])
        self.assertEqual(states[1]["reason"], {"code": "opened", "text": "opened"})

        beats = [event for event in events if event["event"] == "beat"]
        self.assertEqual([event["sequence"] for event in beats],
                         list(range(1, len(beats) + 1)))
        self.assertTrue(all(0 < event["rtt_ms"] < 80 for event in beats))

        summary = events[-1]
        self.assertEqual(summary["event"], "summary")
        self.assertEqual(summary["state"], "open")
        self.assertEqual(summary["beats_answered"], len(beats))
        self.assertEqual(summary["messages_received"], 0)
        self.assertEqual(summary["n_reconnects"], 0)
        self.assertEqual(set(summary["rtt_ms"]), {"last", "min", "median", "p95", "p99", "max"})

    def test_reasons_have_numbers(self):
        status, events = self.watch("--duration", "400ms", self.uri["refuse"], self.uri["gone"])
        self.assertEqual(status, 1)
        waiting = next(event for event in events if event.get("state") == "waiting")
        self.assertEqual(waiting["reason"]["code"], "http-status")
        self.assertEqual(waiting["reason"]["http_status"], 503)
        self.assertEqual(waiting["reason"]["attempt"], 2)
        self.assertGreater(waiting["reason"]["delay_ms"], 0)
        summaries = [event for event in events if event["event"] == "summary"]
        self.assertEqual(summaries, events[-2:])
        self.assertEqual(summaries[1]["state"], "failed")
        self.assertIsNone(summaries[1]["rtt_ms"])

    def test_messages_are_told_without_content(self):
        status, events = self.watch("--duration", "500ms", "--text", "ping", "--reply", "pong",
                                    self.uri["feed"])
        self.assertEqual(status, 0)
        messages = [event for event in events if event["event"] == "message"]
        self.assertGreater(len(messages), 0)
        for message in messages:
            self.assertEqual((message["type"], message["size"]), ("text", 4))
            self.assertEqual(set(message), {"event", "time_ms", "name", "type", "size"})
        self.assertGreater(events[-1]["beats_answered"], 0)

    def test_any_reply_is_one(self):
        status, events = self.watch("--duration", "400ms", "--text", "is %{seq} there?",
                                    self.uri["healthy"])
        self.assertEqual(status, 0)
        self.assertGreater(events[-1]["beats_answered"], 0)

    def test_wrong_reply_is_none(self):
        status, events = self.watch("--duration", "600ms", "--text", "ping", "--reply", "peng",
                                    self.uri["feed"])
        self.assertEqual(events[-1]["beats_answered"], 0)

    def test_secrets_are_not_told(self):
        uri = self.uri["healthy"].replace("ws://", "ws://user:s3cr3t@") + "?token=s3cr3t"
        result = run("--json", "--duration", "200ms", uri)
        self.assertIn('"event":"summary"', result.stdout)
        self.assertNotIn("s3cr3t", result.stdout + result.stderr)


class OnTerminal(WithServer):
    """The table, redrawn in place."""

    def watch(self, columns, rows, *arguments, **environment):
        environment = {**os.environ, "TERM": "xterm", **environment}
        return Terminal([PROGRAM, "watch", *FAST, *arguments], columns, rows, environment)

    def assert_one_table(self, terminal):
        text = terminal.screen.text()
        self.assertEqual(text.count("state         name"), 1, text)
        self.assertEqual(text.count(" open after "), 1, text)
        self.assertTrue(terminal.screen.wraps)

    def test_is_redrawn_in_place(self):
        reason = "heartbeat-lost: 2 of 2"
        for columns in (120, 80, 40):
            with self.subTest(columns=columns), \
                    self.watch(columns, 24, self.uri["healthy"], self.uri["mute"]) as terminal:
                # It was open, but perhaps not for long enough to be seen on a busy machine.
                terminal.wait_for(lambda text: reason in text)
                terminal.wait_for(lambda text: re.search(r"open after [2-9]\d* s", text))
                terminal.send(signal.SIGINT)
                self.assertIn(terminal.end(), (0, 1))
                self.assert_one_table(terminal)
                self.assertLessEqual(terminal.screen.widest, columns)
                self.assertRegex(terminal.screen.text(), r"\n● open +/healthy ")
                self.assertIn("32", terminal.screen.colours)
                # Four times a second, and once at the end; a pause of ours may split a write.
                self.assertLess(terminal.n_writes, 40)

    def test_no_colour(self):
        with self.watch(80, 24, "--duration", "600ms", self.uri["healthy"],
                        NO_COLOR="1") as terminal:
            self.assertEqual(terminal.end(), 0)
            self.assertEqual(terminal.screen.colours, set())
            self.assertIn("1 of 1 open after 0 s\n", terminal.screen.text())

    def test_follows_its_size(self):
        with self.watch(120, 24, "one=" + self.uri["healthy"],
                        "two=" + self.uri["healthy"]) as terminal:
            terminal.wait_for(lambda text: "p95" in text and "2 of 2 open" in text)
            terminal.screen.widest = 0
            # No reflow here, so begin anew: what matters is the width of what comes then.
            terminal.resize(160, 24)
            terminal.wait_for(lambda text: "next        reason" in text)
            terminal.send(signal.SIGTERM)
            self.assertEqual(terminal.end(), 0)
            self.assert_one_table(terminal)

    def test_too_many_for_its_height(self):
        uris = [f"c{i}={self.uri['healthy']}" for i in range(30)]
        with self.watch(80, 10, "--duration", "700ms", *uris) as terminal:
            self.assertEqual(terminal.end(), 0)
            lines = terminal.screen.text().splitlines()
            self.assertEqual(len(lines), 9)
            self.assertEqual(lines[-1], "… 24 more, 24 of them open")

    def test_final_table_is_the_last_output(self):
        with self.watch(80, 24, "--duration", "1s", self.uri["healthy"],
                        self.uri["gone"]) as terminal:
            self.assertEqual(terminal.end(), 1)
            lines = terminal.screen.text().splitlines()
            self.assertTrue(lines[0].startswith("1 of 2 open after 1 s, at ws://127.0.0.1:"))
            self.assertEqual(lines[-1].strip(), "http-status: 404 (Not Found)")
            self.assertEqual(len(lines), 6)


if __name__ == "__main__":
    unittest.main()
