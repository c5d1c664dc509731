#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drives `wsmulti serve` as a script would, with a WebSocket client that is not libsoup.

The first argument names the program.
"""

import asyncio
import http.client
import logging
import pathlib
import signal
import socket
import subprocess
import sys
import time
import unittest

import websockets

sys.path.insert(0, str(pathlib.Path(__file__).parent / "support"))

from process import DEADLINE, Server  # noqa: E402

PROGRAM = sys.argv.pop(1)

# It tells of each future that nobody asked, and of each wait; both are on purpose here.
logging.getLogger("asyncio").setLevel(logging.CRITICAL)


def run(*arguments):
    """Runs the program to its end."""
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=DEADLINE)


class Serve(Server):
    """A server that runs, with what it prints after the addresses."""

    def __init__(self, *paths, quiet=False):
        super().__init__(PROGRAM, *paths, quiet=quiet)
        self.n_paths = len(paths)

    def stop(self, *signals):
        """Ends it; returns its exit status, and its lines and errors since the start."""
        status, errors = self.end(*signals)
        return status, self.lines[self.n_paths:], errors


def refusal(error):
    """Status and headers of a handshake that was refused, by old and new websockets."""
    if hasattr(error, "status_code"):
        return error.status_code, error.headers
    return error.response.status_code, error.response.headers


class Asked(unittest.TestCase):
    """What it says when asked, and how it ends."""

    def test_help_lists_commands(self):
        result = run("--help")
        self.assertEqual(result.returncode, 0)
        self.assertIn("serve", result.stdout)

    def test_help_of_serve_lists_switches_and_examples(self):
        result = run("serve", "--help")
        self.assertEqual(result.returncode, 0)
        self.assertIn("wsmulti serve [OPTION", result.stdout)
        for word in ("mute-after=TIME", "retry-after=TEXT", "Examples:", "--duration",
                     "Exit status:"):
            self.assertIn(word, result.stdout)

    def test_version(self):
        result = run("--version")
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stdout, r"^wsmulti \d+\.\d+\.\d+\n$")

    def test_wrong_command_lines_end_with_2_and_a_remedy(self):
        for arguments, words in (
                ((), ("command is missing", "--help")),
                (("frobnicate",), ("frobnicate", "--help")),
                (("--frobnicate",), ("--frobnicate",)),
                (("serve", "--frobnicate"), ("--frobnicate", "wsmulti serve --help")),
                (("serve", "feed"), ("feed", "such as /feed")),
                (("serve", ""), ("such as /feed",)),
                (("serve", "/a b"), ("/a b",)),
                (("serve", "/a?b"), ("/a?b",)),
                (("serve", "/a", "/a"), ("/a", "twice")),
                (("serve", "/a,frobnicate"), ("frobnicate", "mute-after")),
                (("serve", "/a,late"), ("late", "needs a value")),
                (("serve", "/a,late="), ("late", "such as 500ms")),
                (("serve", "/a,late=5"), ("late", "such as 500ms")),
                (("serve", "/a,late=0ms"), ("late", "leave the switch out")),
                (("serve", "/a,mute=yes"), ("mute", "takes no value")),
                (("serve", "/a,refuse=99"), ("refuse", "from 200 to 599")),
                (("serve", "/a,refuse=4294967799"), ("refuse", "from 200 to 599")),
                (("serve", "/a,close=-1"), ("close", "from 1 to 65535")),
                (("serve", "/a,drop-after=two"), ("drop-after", "whole number")),
                (("serve", "/a,retry-after=\"1\r\nX: y\""), ("retry-after", "control character")),
                (("serve", "/a,late=5s,late=6s"), ("twice",)),
                (("serve", "--port", "65536"), ("--port", "65535")),
                (("serve", "--port", "-1"), ("--port", "65535")),
                (("serve", "--port", "http"), ("--port", "65535")),
                (("serve", "--duration", "1"), ("--duration", "such as 500ms")),
        ):
            with self.subTest(arguments=arguments):
                result = run(*arguments)
                self.assertEqual(result.returncode, 2)
                self.assertEqual(result.stdout, "")
                for word in words:
                    self.assertIn(word, result.stderr)

    def test_taken_port_ends_with_1_and_a_remedy(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = str(other.getsockname()[1])
            result = run("serve", "--port", port)
        self.assertEqual(result.returncode, 1)
        self.assertIn(port, result.stderr)
        self.assertIn("choose another port", result.stderr)

    def test_duration_ends_it(self):
        began = time.monotonic()
        result = run("serve", "--duration", "200ms")
        self.assertEqual(result.returncode, 0)
        self.assertGreaterEqual(time.monotonic() - began, 0.2)
        self.assertRegex(result.stdout, r"^ws://127\.0\.0\.1:\d+/  \(echo\)\n$")

    def test_addresses_are_printed_with_their_switches(self):
        with Serve("/healthy", "/slow, late=800ms", "/full, retry-after=4, refuse=503",
                   "/feed,reply-to=ping,reply=\"pong, pong\"") as serve:
            self.assertRegex(serve.lines[0], r"^ws://127\.0\.0\.1:\d+/healthy  \(echo\)$")
            self.assertTrue(serve.lines[1].endswith("/slow  (late=800ms)"))
            self.assertTrue(serve.lines[2].endswith("/full  (refuse=503, retry-after=4)"))
            self.assertTrue(serve.lines[3].endswith("/feed  (reply-to=ping, reply=pong, pong)"))
            self.assertEqual(serve.stop(signal.SIGTERM), (0, [], ""))

    def test_signals_end_it(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number=number), Serve("/") as serve:
                self.assertEqual(serve.stop(number), (0, [], ""))


class Served(unittest.IsolatedAsyncioTestCase):
    """What a client sees."""

    async def connect(self, serve, name=None):
        uri = serve.uri[name] if name is not None else next(iter(serve.uri.values()))
        client = await websockets.connect(uri, ping_interval=None, close_timeout=1)
        self.addAsyncCleanup(client.close)
        return client

    async def echo(self, client, text):
        await client.send(text)
        return await asyncio.wait_for(client.recv(), DEADLINE)

    async def wait_closed(self, client):
        await asyncio.wait_for(client.wait_closed(), DEADLINE)
        return client.close_code

    async def test_echoes_and_reports(self):
        with Serve("/feed") as serve:
            client = await self.connect(serve)
            self.assertEqual(await self.echo(client, "grüß dich"), "grüß dich")
            self.assertEqual(await self.echo(client, b"\0\1"), b"\0\1")
            await asyncio.wait_for(await client.ping(), DEADLINE)
            await client.close(4711)
            status, lines, errors = serve.stop(signal.SIGTERM)
        self.assertEqual((status, len(lines), errors), (0, 2, ""))
        self.assertRegex(lines[0], r"^ +\d+\.\d{3} s  opened  /feed$")
        self.assertRegex(lines[1], r"^ +\d+\.\d{3} s  closed  /feed  \(4711\)$")

    async def test_quiet_prints_addresses_only(self):
        with Serve("/feed", quiet=True) as serve:
            client = await self.connect(serve)
            await client.close()
            self.assertEqual(serve.stop(signal.SIGTERM), (0, [], ""))

    async def test_late_answers_and_pongs(self):
        with Serve("/slow,late=150ms") as serve:
            client = await self.connect(serve)
            began = time.monotonic()
            self.assertEqual(await self.echo(client, "x"), "x")
            self.assertGreaterEqual(time.monotonic() - began, 0.15)
            began = time.monotonic()
            await asyncio.wait_for(await client.ping(), DEADLINE)
            self.assertGreaterEqual(time.monotonic() - began, 0.15)

    async def test_mute_answers_nothing(self):
        with Serve("/mute,mute") as serve:
            client = await self.connect(serve)
            pong = await client.ping()
            await client.send("x")
            closed = asyncio.ensure_future(client.wait_closed())
            done, _ = await asyncio.wait({pong, closed}, timeout=0.3)
            self.assertEqual(done, set())

    async def test_mute_after_answers_at_first(self):
        with Serve("/mute,mute-after=300ms") as serve:
            client = await self.connect(serve)
            self.assertEqual(await self.echo(client, "x"), "x")
            deadline = time.monotonic() + DEADLINE
            with self.assertRaises(asyncio.TimeoutError):
                while time.monotonic() < deadline:
                    await client.send("x")
                    await asyncio.wait_for(client.recv(), 0.3)

    async def test_drop_after_messages(self):
        with Serve("/drop,drop-after=3") as serve:
            client = await self.connect(serve)
            for text in ("1", "2", "3"):
                self.assertEqual(await self.echo(client, text), text)
            self.assertEqual(await self.wait_closed(client), 1006)

    async def test_drop_after_time_with_reset(self):
        with Serve("/drop,drop-after-time=100ms,reset") as serve:
            client = await self.connect(serve)
            self.assertEqual(await self.wait_closed(client), 1006)

    async def test_refuse_with_retry_after(self):
        with Serve("/full, refuse=503, retry-after=4") as serve:
            with self.assertRaises(websockets.exceptions.InvalidHandshake) as caught:
                await self.connect(serve)
            status, headers = refusal(caught.exception)
            self.assertEqual((status, headers["Retry-After"]), (503, "4"))

    async def test_unknown_path_is_not_found(self):
        with Serve("/feed") as serve:
            serve.uri["below"] = serve.uri["feed"] + "/below"
            with self.assertRaises(websockets.exceptions.InvalidHandshake) as caught:
                await self.connect(serve, "below")
            self.assertEqual(refusal(caught.exception)[0], 404)

    async def test_plain_http_does_not_confuse_it(self):
        with Serve("/feed") as serve:
            port = int(serve.uri["feed"].split(":")[2].split("/")[0])
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
            connection.request("GET", "/feed")
            self.assertGreaterEqual(connection.getresponse().status, 400)
            connection.close()
            client = await self.connect(serve)
            self.assertEqual(await self.echo(client, "x"), "x")

    async def test_close_with_service_restart(self):
        with Serve("/bye,close=1012") as serve:
            client = await self.connect(serve)
            self.assertEqual(await self.wait_closed(client), 1012)
            status, lines, _ = serve.stop(signal.SIGTERM)
            self.assertEqual(status, 0)
            self.assertTrue(lines[-1].endswith("closed  /bye  (1012)"), lines)

    async def test_close_after_messages(self):
        with Serve("/bye,close-after=2,close=4000") as serve:
            client = await self.connect(serve)
            self.assertEqual(await self.echo(client, "1"), "1")
            self.assertEqual(await self.echo(client, "2"), "2")
            self.assertEqual(await self.wait_closed(client), 4000)

    async def test_stall_never_answers(self):
        with Serve("/stall,stall") as serve:
            with self.assertRaises(asyncio.TimeoutError):
                await asyncio.wait_for(
                    websockets.connect(serve.uri["stall"], open_timeout=None), 0.3)
            self.assertEqual(serve.stop(signal.SIGTERM), (0, [], ""))

    async def test_handshake_delay(self):
        with Serve("/slow,handshake-delay=150ms") as serve:
            began = time.monotonic()
            await self.connect(serve)
            self.assertGreaterEqual(time.monotonic() - began, 0.15)

    async def test_deflate_only_when_told(self):
        with Serve("/plain", "/small,deflate") as serve:
            for name, n_extensions in (("plain", 0), ("small", 1)):
                client = await self.connect(serve, name)
                # Its own attribute before websockets 14.
                protocol = getattr(client, "protocol", client)
                self.assertEqual(len(protocol.extensions), n_extensions)
                self.assertEqual(await self.echo(client, "x" * 5000), "x" * 5000)

    async def test_reply_without_echo(self):
        with Serve("/feed,reply-to=ping,reply=pong,no-echo") as serve:
            client = await self.connect(serve)
            await client.send("not echoed")
            self.assertEqual(await self.echo(client, "ping"), "pong")

    async def test_signal_says_goodbye(self):
        with Serve("/feed") as serve:
            client = await self.connect(serve)
            serve.process.send_signal(signal.SIGINT)
            self.assertEqual(await self.wait_closed(client), 1001)
            status, lines, _ = serve.stop()
            self.assertEqual(status, 0)
            self.assertTrue(lines[-1].endswith("closed  /feed  (1001)"), lines)

    async def test_second_signal_does_not_wait(self):
        with Serve("/mute,mute") as serve:
            client = await self.connect(serve)
            await client.send("x")
            began = time.monotonic()
            # Two of one kind could become one before they are taken.
            serve.process.send_signal(signal.SIGINT)
            status, _, _ = serve.stop(signal.SIGTERM)
            self.assertEqual(status, 0)
            self.assertLess(time.monotonic() - began, 0.9)
            self.assertEqual(await self.wait_closed(client), 1006)

    async def test_signal_waits_a_second_for_those_who_do_not_answer(self):
        with Serve("/mute,mute") as serve:
            client = await self.connect(serve)
            await client.send("x")
            began = time.monotonic()
            status, _, _ = serve.stop(signal.SIGTERM)
            self.assertEqual(status, 0)
            self.assertGreaterEqual(time.monotonic() - began, 0.9)

    async def test_many_at_once(self):
        with Serve("/feed", quiet=True) as serve:
            clients = await asyncio.gather(*(self.connect(serve) for _ in range(200)))
            answers = await asyncio.gather(*(self.echo(client, str(index))
                                             for index, client in enumerate(clients)))
            self.assertEqual(answers, [str(index) for index in range(200)])
            self.assertEqual(serve.stop(signal.SIGTERM)[0], 0)


if __name__ == "__main__":
    unittest.main()
