# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A terminal for tests: runs a program on one and knows what is on its screen.

It understands what our programs send and refuses everything else: that is a test of its own.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
import unicodedata

TOKEN = re.compile(r"\x1b\[(\??)(\d*)([A-Za-z])|(\r)|(\n)|([^\x00-\x1f\x7f])")


def cells(character):
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class Screen:
    """Lines without an upper end, so that nothing scrolls away, and a cursor."""

    def __init__(self, columns):
        self.columns = columns
        self.lines = [""]
        self.row = 0
        self.colours = set()
        self.wraps = True
        self.widest = 0
        self.pending = ""

    def feed(self, text):
        text = self.pending + text
        position = 0
        while position < len(text):
            match = TOKEN.match(text, position)
            if match is None:
                if re.fullmatch(r"\x1b(\[\??\d*)?", text[position:]):
                    break
                raise AssertionError(f"not understood: {text[position:position + 20]!r}")
            self.take(*match.groups())
            position = match.end()
        self.pending = text[position:]

    def take(self, private, number, final, carriage_return, line_feed, character):
        if character:
            if not hasattr(self, "column"):
                self.column = 0
            line = self.lines[self.row]
            self.lines[self.row] = line[:self.column] + character + line[self.column + 1:]
            self.column += 1
            width = sum(map(cells, self.lines[self.row][:self.column]))
            self.widest = max(self.widest, width)
        elif carriage_return:
            self.column = 0
        elif line_feed:
            self.row += 1
            if self.row == len(self.lines):
                self.lines.append("")
        elif private:
            assert number == "7" and final in "hl", f"?{number}{final}"
            self.wraps = final == "h"
        elif final == "m":
            self.colours.add(number)
        elif final == "A":
            assert int(number) <= self.row, "the cursor leaves the screen"
            self.row -= int(number)
        elif final == "K":
            assert not number
            self.lines[self.row] = self.lines[self.row][:self.column]
        elif final == "J":
            assert not number
            self.lines[self.row] = self.lines[self.row][:self.column]
            del self.lines[self.row + 1:]
        else:
            raise AssertionError(f"not understood: {number}{final}")

    def text(self):
        return "\n".join(line.rstrip() for line in self.lines)


class Terminal:
    """A program on a terminal of a certain size."""

    def __init__(self, arguments, columns, rows, environment, deadline=20):
        self.screen = Screen(columns)
        self.deadline = deadline
        self.status = None
        self.n_writes = 0
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            os.execve(arguments[0], arguments, environment)
        self.resize(columns, rows)

    def resize(self, columns, rows):
        self.screen.columns = columns
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, size)

    def read(self, timeout):
        """Reads what there is; returns whether there can be more."""
        if not select.select([self.descriptor], [], [], timeout)[0]:
            return True
        try:
            data = os.read(self.descriptor, 1 << 16)
        except OSError:  # the other end was closed: that is how a terminal says it
            return False
        # A terminal begins a new line in the first column.
        self.screen.feed(data.decode())
        self.n_writes += 1
        return bool(data)

    def wait_for(self, condition):
        """Reads until what is on the screen fulfils a condition."""
        end = time.monotonic() + self.deadline
        while not condition(self.screen.text()):
            assert time.monotonic() < end, "not seen in time; this is:\n" + self.screen.text()
            assert self.read(0.1), "ended too early; this is:\n" + self.screen.text()

    def type(self, keys):
        """Presses keys."""
        os.write(self.descriptor, keys)

    def send(self, number):
        os.kill(self.process, number)

    def end(self):
        """Reads to the end and returns the exit status."""
        end = time.monotonic() + self.deadline
        while self.read(0.1):
            assert time.monotonic() < end, "did not end; this is:\n" + self.screen.text()
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        return self.status

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.status is None:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
        os.close(self.descriptor)
