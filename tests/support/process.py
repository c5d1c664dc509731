# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A program that a test runs and listens to."""

import os
import select
import subprocess
import time

DEADLINE = 20


class Running:
    """A program that is left as soon as its block is, whatever became of it."""

    process = None

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


class Process(Running):
    """A program while it runs; its output is read line by line."""

    def __init__(self, *arguments, **environment):
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env={**os.environ, **environment})
        self.lines = []
        self.rest = b""

    def read_line(self):
        end = time.monotonic() + DEADLINE
        while b"\n" not in self.rest:
            assert time.monotonic() < end, f"no line in time after {self.lines}"
            if select.select([self.process.stdout], [], [], 0.1)[0]:
                data = os.read(self.process.stdout.fileno(), 1 << 16)
                assert data, f"ended after {self.lines}: {self.process.stderr.read()}"
                self.rest += data
        line, self.rest = self.rest.split(b"\n", 1)
        self.lines.append(line.decode())
        return self.lines[-1]

    def wait_for(self, condition):
        """Reads lines until one fulfils a condition, and returns that."""
        while not condition(self.read_line()):
            pass
        return self.lines[-1]

    def end(self, *signals):
        for number in signals:
            self.process.send_signal(number)
        output, errors = self.process.communicate(timeout=DEADLINE)
        self.lines += (self.rest + output).decode().splitlines()
        return self.process.returncode, errors.decode()


class Server(Process):
    """`wsmulti serve`, and the addresses of its paths by their names."""

    def __init__(self, program, *paths, quiet=True):
        super().__init__(program, "serve", *(["--quiet"] if quiet else []), *paths)
        self.uri = {path.split(",")[0].lstrip("/"): self.read_line().split("  ")[0]
                    for path in paths}
