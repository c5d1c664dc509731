#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gateway of the examples: 500 connections from a key file, to a server that others wrote.

test-gateway.py GATEWAY SAMPLE WSMULTI
"""

import json
import pathlib
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time

import harness
import peers

GATEWAY, SAMPLE, WSMULTI = sys.argv[1:4]
NODE = "/usr/bin/node"
SERVER = pathlib.Path(__file__).with_name("server-ws.js")

N = 500
# What the library allows at once by default.
MAX_HANDSHAKES = 16

DEFAULTS = "[defaults]\ninterval=20s\ntimeout=5s\ngreetings=hello\n"


class Server(peers.Process):
    """Node's ws."""

    def __init__(self, port=0):
        super().__init__(NODE, SERVER, port)
        self.port = int(self.expect(r"^port (\d+)$")[1])

    def ask(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.expect("^{.*}$")[0])


class KeyFile:
    """A file that is there as long as the block."""

    def __init__(self, text):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name, "feeds.ini")
        self.path.write_text(text, encoding="utf-8")

    def __enter__(self):
        return self.path

    def __exit__(self, *exception):
        self.folder.cleanup()


def connections(port, n):
    return DEFAULTS + "".join(f"[feed-{i:03}]\nuri=ws://127.0.0.1:{port}/{i}\n"
                              for i in range(1, n + 1))


def few_files():
    """What a shell or a service may leave a process: fewer than connections."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 4096))


def ask_to_end(gateway, name=signal.SIGTERM):
    gateway.process.send_signal(name)


def wait_for(server, condition):
    """Asks the server until it has seen what is expected."""
    end = time.monotonic() + peers.DEADLINE
    while True:
        seen = server.ask()
        if condition(seen):
            return seen
        assert time.monotonic() < end, seen


@harness.case
def keeps_500_open_and_closes_them_politely():
    with Server() as server, KeyFile(connections(server.port, N)) as path, \
            peers.Process(GATEWAY, path, preexec_fn=few_files) as gateway:
        gateway.expect(f"^{N} of {N} open, 0 late, 0 given up; ")
        seen = wait_for(server, lambda seen: seen["texts"].get("hello") == N)
        assert seen["open"] == N, seen
        assert 1 < seen["handshakes"] <= MAX_HANDSHAKES, seen

        # Once a second, one line, and the messages of that second.
        begin = time.monotonic()
        for _ in range(2):
            gateway.expect(f"^{N} of {N} open")
        assert 0.5 < time.monotonic() - begin < peers.DEADLINE
        counts = [int(re.search(r"(\d+) messages", line)[1]) for line in gateway.lines]
        assert sum(counts) == N, counts

        ask_to_end(gateway)
        gateway.expect(f"^closed {N} connections politely in ")
        errors = gateway.end()
        assert gateway.process.returncode == 0, gateway.process.returncode
        assert errors == "", errors
        seen = wait_for(server, lambda seen: seen["open"] == 0)
        assert seen["codes"] == {"1001": N}, seen


@harness.case
def tells_who_was_lost_and_comes_back():
    with Server() as server, KeyFile(connections(server.port, 3)) as path, \
            peers.Process(GATEWAY, path) as gateway:
        gateway.expect("^3 of 3 open")
        server.process.kill()
        found = gateway.expect(r"^0 of 3 open.*; \d+ lost or refused, the last "
                               "feed-00[123]: (.*)$")
        assert "trying again" in found[1] or "refused" in found[1], found[1]
        with Server(server.port):
            gateway.expect("^3 of 3 open")
            ask_to_end(gateway, signal.SIGINT)
            gateway.expect("^closed 3 connections politely")
            gateway.end()
            assert gateway.process.returncode == 0


@harness.case
def tells_who_did_not_take_the_goodbye():
    with Server() as server, KeyFile(connections(server.port, 20)) as path, \
            peers.Process(GATEWAY, path) as gateway:
        gateway.expect("^20 of 20 open")
        server.process.send_signal(signal.SIGSTOP)
        try:
            ask_to_end(gateway)
            # The second one is for who does not want to wait.
            ask_to_end(gateway, signal.SIGINT)
            gateway.expect("^not closed politely after .*: ")
            gateway.process.wait(peers.DEADLINE)
            assert gateway.process.returncode == 1
        finally:
            server.process.send_signal(signal.SIGCONT)


WRONG = [
    ("[feed]\n", "[feed] uri: is missing"),
    ("[feed]\nuri=http://localhost/\n", "[feed] uri: "),
    ("[feed]\nuri=ws://localhost/\ninterval=ten\n", "[feed] interval: “ten”"),
    ("[feed]\nuri=ws://localhost/\ninterval=10 s\n", "[feed] interval: “10 s”"),
    ("[feed]\nuri=ws://localhost/\ninterval=-1s\n", "[feed] interval: “-1s”"),
    ("[feed]\nuri=ws://localhost/\ninterval=99999999999999999999s\n", "[feed] interval: "),
    ("[feed]\nuri=ws://localhost/\ninterval=1ms\n", "[feed] Heartbeat: interval is 1 ms"),
    ("[feed]\nuri=ws://localhost/\njitter=much\n", "[feed] jitter: “much”"),
    ("[feed]\nuri=ws://localhost/\nmode=shout\n", "[feed] mode: “shout”"),
    ("[feed]\nuri=ws://localhost/\nidle-only=maybe\n", "[feed] idle-only: “maybe”"),
    ("[feed]\nuri=ws://localhost/\ngreetings=\\q\n", "[feed] greetings: "),
    ("[feed]\nuri=ws://localhost/\ngreetings=\\q\\\n", "[feed] greetings: there is nothing behind"),
    ("[feed]\nuri=ws://localhost/\npayload=\\q\\\\\\\n", "[feed] payload: there is nothing behind"),
    ("[feed]\nuri=ws://localhost/\npayload=\\q\\\\\n", "[feed] payload: "),
    ("[feed]\nuri=ws://localhost/\nmax=5s\ninitial=1min\n", "[feed] Backoff: "),
    ("[feed]\nuri=ws://localhost/\nintervall=5s\n", "[feed] intervall: there is no such setting"),
    ("[feed]\nuri=ws://localhost/\nname=x\n", "[feed] name: there is no such setting"),
    ("[defaults]\nuri=ws://localhost/\n", "[defaults] uri: each connection has its own"),
    ("[defaults]\nintervall=5s\n", "[defaults] intervall: there is no such setting"),
    ("[defaults]\ntimeout=soon\n[feed]\nuri=ws://localhost/\n", "[defaults] timeout: “soon”"),
    ("[defaults]\ninterval=5s\n", "there is no connection in it"),
    ("", "there is no connection in it"),
    ("words\n", "feeds.ini: "),
]


@harness.case
def names_group_and_key_of_what_is_wrong():
    for text, expected in WRONG:
        with KeyFile(text) as path:
            ended = subprocess.run([GATEWAY, path], capture_output=True, text=True, check=False,
                                   timeout=peers.DEADLINE)
            assert ended.returncode == 2, (text, ended)
            assert ended.stdout == "", ended.stdout
            assert f"{path}: " in ended.stderr and expected in ended.stderr, (text, ended.stderr)
            assert ended.stderr.count("\n") == 1, ended.stderr


@harness.case
def says_so_if_it_may_not_open_so_many():
    def fewer_files():
        resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))

    with KeyFile(connections(1, N)) as path:
        ended = subprocess.run([GATEWAY, path], capture_output=True, text=True, check=False,
                               preexec_fn=fewer_files, timeout=peers.DEADLINE)
        assert ended.returncode == 2, ended
        assert "may have 100; raise that with ulimit -n" in ended.stderr, ended.stderr


@harness.case
def reads_the_sample_as_wsmulti_does():
    sample = pathlib.Path(SAMPLE).read_text(encoding="utf-8")
    with Server() as server, \
            KeyFile(re.sub(r"wss://[^/]+", f"ws://127.0.0.1:{server.port}", sample)) as path:
        with peers.Process(GATEWAY, path) as gateway:
            gateway.expect("^2 of 2 open")
        with peers.Process(WSMULTI, "watch", "--config", path) as watch:
            watch.expect_each([r"boiler +open", r"prices +open"])


sys.argv[1:] = sys.argv[4:]
harness.main()
