#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One story for programs in every language, with servers that others wrote.

journeys.py PEER… -- PROGRAM…

PEER is a command that starts a server, which is told its port, 0 for any. PROGRAM is given the URI,
opens it, and tells what happens: messages both ways, a round trip, the death of the server, its
return, and a polite close.
"""

import os
import sys

from peers import Process

GREETING = "grüezi \U0001f493"


class Peer(Process):
    """The server; it tells its port and who leaves how."""

    def __init__(self, command, port=0):
        super().__init__(*command, port)
        self.port = int(self.expect(r"^port (\d+)$")[1])


def main():
    middle = sys.argv.index("--")
    command, program = sys.argv[1:middle], sys.argv[middle + 1:]
    environment = dict(os.environ, PYTHONUNBUFFERED="1")

    with Peer(command) as first, \
            Process(*program, f"ws://127.0.0.1:{first.port}/", env=environment) as traveller:
        traveller.expect("^open$")
        traveller.expect(f"^heard {GREETING}$")
        traveller.expect(r"^heard \[0 127 255\]$")
        round_trip = float(traveller.expect(r"^round trip ([\d.]+)$")[1])
        assert 0 < round_trip < 5000, round_trip
        traveller.expect("^kill me$")
        first.process.kill()
        first.process.wait()
        traveller.expect(r"^lost true (end-of-stream|reset): .*trying again in")
        with Peer(command, first.port) as second:
            traveller.expect("^open 1$")
            traveller.expect(f"^heard {GREETING}$")
            traveller.expect("^closed true true$")
            second.expect("^closed 1000 done$")
        status = traveller.process.wait(20)
        errors = traveller.end()
    print("\n".join(traveller.lines))
    assert status == 0 and errors == "", f"{status}: {errors}"


main()
