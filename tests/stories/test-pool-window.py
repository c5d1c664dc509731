#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window of the examples, read as a screen reader does, beside a server that others wrote.

test-pool-window.py PROGRAM
"""

import re
import subprocess
import sys

from harness import case, main
from person import application, now, prepare, wait_for, walk, words
from stage import LIBRARY, ForeignServer, Program, running

PROGRAM = sys.argv.pop(1)
ROUND_TRIP = r"\d+\.\d ms"


def window(*uris):
    return Program(PROGRAM, *uris, environment=LIBRARY)


def reads(root, pattern):
    """Waits until that can be read in the window, from row to row."""
    last = []

    def look():
        last[:] = [words(root)]
        return re.search(pattern, last[0])

    try:
        return wait_for(pattern, look)
    except AssertionError as error:
        raise AssertionError(f"{error}; there is {last}") from None


def title(root):
    return [node.name for node in walk(root) if node.path == root.children[0].path]


@case
def rows_follow_their_connections():
    with running(ForeignServer()) as server, running(ForeignServer()) as other:
        steady, shaken = other.uri("/steady"), server.uri("/shaken")
        with running(window(steady, shaken)) as program:
            root = application(program.pid)
            well = rf"{steady} \| open \| {ROUND_TRIP} \| 0 \| opened"
            reads(root, rf"Connection \| .*Why \| .*{well} \| .*{shaken} \| open \| {ROUND_TRIP}")
            wait_for("both open", lambda: title(now(root)) == ["2 of 2 Open"])

            # It stands still: late, then lost. It goes on: back.
            server.freeze()
            reads(root, rf"{shaken} \| suspect \| {ROUND_TRIP} \| [1-3] \| beat-missed: [1-3] of 4")
            reads(root, rf"{shaken} \| (waiting|connecting) \| ")
            server.thaw()
            reads(root, rf"{shaken} \| open \| {ROUND_TRIP} \| 0 \| opened")

            # It is gone: refused. Another one comes: back.
            server.kill()
            reads(root, rf"{shaken} \| waiting \| .* \| refused: .*trying again in")
            wait_for("one open", lambda: title(now(root)) == ["1 of 2 Open"])
            with running(ForeignServer(server.port)):
                reads(root, rf"{shaken} \| open \| {ROUND_TRIP} \| 0 \| opened")
                reads(root, well)
                assert program.is_running()

            program.process.terminate()
            program.process.wait(20)
            assert program.said() == "", program.said()


@case
def an_address_that_is_none_is_refused():
    ended = subprocess.run([PROGRAM, "http://localhost/"], capture_output=True, text=True,
                           check=False, timeout=60)
    assert ended.returncode == 2, ended
    assert re.search("^http://localhost/: .*begin it with ws://", ended.stderr), ended.stderr


prepare()
main()
