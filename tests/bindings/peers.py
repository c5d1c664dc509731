# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Feed servers and programs in processes of their own."""

import pathlib
import queue
import re
import socket
import subprocess
import sys
import threading
import time

SERVER = pathlib.Path(__file__).with_name("feed-server.py")
DEADLINE = 20


class Process:
    """A process of which the lines are read as they come."""

    def __init__(self, *command, **options):
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        **options)
        self.lines = []
        self.arriving = queue.Queue()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.arriving.put(line.rstrip("\n"))
        self.arriving.put(None)

    def expect(self, pattern, deadline=DEADLINE):
        """Waits for a line in which the pattern is found."""
        end = time.monotonic() + deadline
        while True:
            try:
                line = self.arriving.get(timeout=max(0, end - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                self.process.kill()
                raise AssertionError(f"no line with {pattern!r} after {self.lines[-50:]}\n" +
                                     self.process.communicate()[1])
            self.lines.append(line)
            found = re.search(pattern, line)
            if found:
                return found

    def expect_each(self, patterns):
        """Waits for a line for each of them, in whatever order they come."""
        left = list(patterns)
        while left:
            line = self.expect("|".join(f"(?:{pattern})" for pattern in left)).string
            left = [pattern for pattern in left if not re.search(pattern, line)]

    def end(self):
        """Ends it; returns what it wrote to its standard error."""
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(DEADLINE)
        while True:
            line = self.arriving.get(timeout=DEADLINE)
            if line is None:
                break
            self.lines.append(line)
        return self.process.stderr.read()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join(DEADLINE)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()


class Peer(Process):
    """A server of another make, which is told its port in a last argument, 0 for any."""

    def __init__(self, command, port=0):
        super().__init__(*command, port)
        self.port = int(self.expect(r"^port (\d+)$")[1])
        self.uri = f"ws://127.0.0.1:{self.port}/"

    def expect_closed(self, code, reason):
        self.expect(rf"^closed {code} {reason}$")


class Server(Process):
    """A feed server; ready when it is made."""

    def __init__(self, *arguments):
        super().__init__(sys.executable, SERVER, *arguments)
        if "--wait" in arguments:
            self.expect("^ready$")
        else:
            self.note_port()

    def note_port(self):
        self.port = int(self.expect(r"^(\d+)$")[1])
        self.uri = f"ws://127.0.0.1:{self.port}/"

    def listen(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.note_port()


def reserve_port():
    """A socket with a port that refuses connections, and that nobody else is given meanwhile."""
    reserved = socket.socket()
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.bind(("127.0.0.1", 0))
    return reserved, reserved.getsockname()[1]
