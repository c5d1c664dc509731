# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs in processes of their own, as they are on anybody's machine, and servers to talk to."""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import tempfile

from person import wait_for

HERE = pathlib.Path(__file__).parent
PEER = HERE.parent / "peers" / "peer-websockets.py"
GATEWAY = HERE / "gateway.py"
KEEPER = HERE / "keeper.py"
PYTHON = "/usr/bin/python3"

BUILD = pathlib.Path(os.environ.get("WSMULTI_BUILD", HERE.parent.parent / "_build")).resolve()
WSMULTI = BUILD / "cli" / "wsmulti"
INSPECTOR = BUILD / "inspector" / "app" / "wsmulti-inspector"

ID = "io.github.wsmulti.Inspector"

# For a program that was written without a thought of us.
LIBRARY = {
    "GI_TYPELIB_PATH": str(BUILD / "libwsmulti"),
    "LD_LIBRARY_PATH": str(BUILD / "libwsmulti"),
}


class Program:
    """A process whose words go to a file, so that it never waits for a reader."""

    def __init__(self, *command, environment=None, **options):
        self.command = [str(word) for word in command]
        self.log = tempfile.NamedTemporaryFile("r", prefix="said-", suffix=".log", errors="replace")
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                                        stdout=open(self.log.name, "a"), stderr=subprocess.STDOUT,
                                        env={**os.environ, **(environment or {})}, **options)

    @property
    def pid(self):
        return self.process.pid

    def said(self):
        return pathlib.Path(self.log.name).read_text(errors="replace")

    def expect(self, pattern, deadline=20):
        def look():
            found = re.search(pattern, self.said(), re.MULTILINE)
            if found is None and self.process.poll() is not None:
                raise AssertionError(f"{self.command[0]} ended with {self.process.returncode}, "
                                     f"without {pattern!r}:\n{self.said()}")
            return found

        return wait_for(f"{pattern!r} from {self.command[0]}", look, deadline)

    def is_running(self):
        return self.process.poll() is None

    def freeze(self):
        """It is there, and answers nothing: what a hung machine looks like from outside."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        """No goodbye."""
        if self.is_running():
            self.process.kill()
        self.process.wait()

    def end(self, deadline=10):
        """Asks it to go; returns how it went."""
        if self.is_running():
            self.thaw()
            self.process.terminate()
        try:
            return self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.command[0]} does not end:\n{self.said()}") from None


class Server(Program):
    """wsmulti serve. Killed, and made again with its port, it is the same to a client."""

    def __init__(self, *paths, port=0):
        super().__init__(WSMULTI, "serve", "--port", port, *paths)
        self.expect(r"^ws://")
        self.port = int(self.expect(r"^ws://127\.0\.0\.1:(\d+)")[1])

    def uri(self, path):
        return f"ws://127.0.0.1:{self.port}{path}"


class ForeignServer(Program):
    """A server that others wrote."""

    def __init__(self, port=0):
        super().__init__(PYTHON, PEER, port)
        self.port = int(self.expect(r"^port (\d+)$")[1])

    def uri(self, path="/"):
        return f"ws://127.0.0.1:{self.port}{path}"


def gateway(*uris):
    """A program that may be looked into because its environment says so."""
    return Program(PYTHON, GATEWAY, *uris, environment={**LIBRARY, "WSMULTI_INSPECT": "1"})


def keeper(secret, place):
    """A program of which nobody may learn its secret."""
    return Program(PYTHON, KEEPER, secret, place,
                   environment={**LIBRARY, "WSMULTI_INSPECT": "1"})


@contextlib.contextmanager
def running(program):
    """Ends it with the block, however that ends; what it said is told if that was badly."""
    try:
        yield program
    except BaseException:
        print(f"# {' '.join(program.command)}\n# " + program.said().replace("\n", "\n# "))
        raise
    finally:
        program.kill()
