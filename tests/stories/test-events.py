#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stream of events of the examples: tokens expire, and no event is missed.

test-events.py PROGRAM
"""

import os
import pathlib
import re
import signal
import sys

import peers
from harness import case, main

PROGRAM = sys.argv.pop()
SERVER = pathlib.Path(__file__).with_name("events-server.py")


class Server(peers.Process):
    """Python's websockets."""

    def __init__(self):
        super().__init__("/usr/bin/python3", SERVER)
        port = self.expect(r"^(\d+)$")[1]
        self.uris = [f"ws://127.0.0.1:{port}/stream", f"http://127.0.0.1:{port}/token"]

    def tell(self, *words):
        for word in words:
            self.process.stdin.write(word + "\n")
        self.process.stdin.flush()


class Program(peers.Process):
    """The example; what it says of states goes where it prints."""

    def __init__(self, server):
        super().__init__("/usr/bin/python3", PROGRAM, *server.uris,
                         env={**os.environ, "PYTHONUNBUFFERED": "1"})

    def numbers(self):
        return [int(line.split()[0]) for line in self.lines if re.match(r"\d+ toot", line)]


@case
def a_new_token_is_fetched_when_the_old_one_expires():
    with Server() as server, Program(server) as program:
        server.expect("^gave 1$")
        server.expect("^opened 1 after 0$")
        program.expect("^3 toot 3$")
        server.tell("expire")
        # The old one is tried first, then there is a new one; the request is new as well.
        server.expect("^refused 1$")
        server.expect("^gave 2$")
        last = int(server.expect(r"^opened 2 after (\d+)$")[1])
        program.expect(f"^{last + 3} toot {last + 3}$")

        # The socket is lost, but the token is still good.
        server.tell("refuse", "expire")
        server.expect("^refused 2$")
        server.expect("^no token$")
        server.expect("^gave 3$")
        last = int(server.expect(r"^opened 3 after (\d+)$")[1])
        program.expect(f"^{last + 3} toot {last + 3}$")

        program.process.send_signal(signal.SIGINT)
        program.process.wait(peers.DEADLINE)
        said = program.end()
        assert program.process.returncode == 130, said
        assert program.numbers() == list(range(1, len(program.numbers()) + 1))
        assert said.count("http-status: 401 (Unauthorized)") == 2, said
        assert "no token: Service Unavailable" in said and "requested" in said, said
        assert "secret" not in said + "".join(program.lines)


@case
def a_new_token_that_is_refused_is_the_end():
    with Server() as server, Program(server) as program:
        program.expect("^2 toot 2$")
        server.tell("revoke", "expire")
        server.expect("^refused 1$")
        server.expect("^gave 2$")
        server.expect("^refused 2$")
        program.process.wait(peers.DEADLINE)
        assert program.process.returncode == 1
        said = program.end()
        assert said.rstrip().split("\n")[-1].find("401") > 0 and "Traceback" not in said, said


main()
