#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does what the README says in a Debian that has nothing, as somebody who has just got the source.

fresh.py SUITE FOLDER [TEST…]

The Debian is made for this in FOLDER, and removed afterwards. In it the README's commands are run:
the demo, until it shows what it is to show; building and installing; `./dev test`, as a whole or,
if tests are named, with their names. It writes TAP.
"""

import os
import pathlib
import re
import subprocess
import sys
import threading
import time

import roots
import source
import tap

# All that it needs is downloaded, installed and built before it says anything.
DEMO_STARTS_S = 1500
DEMO_SHOWS_S = 120
DEMO_ENDS_S = 60

# What the demo's table shows when all five have done what they are there for.
SIGNS = (
    r"of 5 open after",
    r"open +/healthy",
    r"suspect +/mute",
    r"/drop",
    r"http-status: 503",
)

README = (source.TOP / "README.md").read_text(encoding="utf-8")


def block_with(command):
    """The lines of the README's block of commands in which that one stands."""
    blocks = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    (block,) = (block for block in blocks if re.search(command, block))
    return [line.split("#")[0].strip() for line in block.splitlines()
            if line.split("#")[0].strip()]


class Terminal:
    """A command on a terminal in there, and who sits before it."""

    def __init__(self, root, command):
        self.data = b""
        words = root.command("env", "TERM=xterm", "script", "-qfec",
                             f"stty rows 40 columns 120; exec {command}", "/dev/null")
        self.process = subprocess.Popen([str(word) for word in words], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while data := os.read(self.process.stdout.fileno(), 65536):
            self.data += data

    @property
    def text(self):
        """What it has shown, without colours and movements."""
        return re.sub(r"\x1b\[[\d;?]*\w", "", self.data.decode("utf-8", "replace"))

    def wait(self, pattern, seconds, beginning=0):
        """Waits until it shows that."""
        end = time.monotonic() + seconds
        while not re.search(pattern, self.text[beginning:]):
            if time.monotonic() > end or self.process.poll() is not None:
                raise roots.Failed(f"{self.text[-4000:]}\nno {pattern} in {seconds} s; "
                                   f"exit status {self.process.poll()}")
            try:
                self.process.wait(0.1)
            except subprocess.TimeoutExpired:
                pass

    def press(self, key):
        self.process.stdin.write(key)
        self.process.stdin.flush()

    def end(self, seconds):
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired as timeout:
            raise roots.Failed(f"{self.text[-2000:]}\nit did not end") from timeout

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class Newcomer:
    """The one who has just got it. It lies in a Debian that nobody has touched."""

    def __init__(self, suite, folder, tests):
        self.folder = folder
        self.tree = folder / "libwsmulti"
        self.tests = tests
        roots.as_root("rm", "-rf", "--one-file-system", folder)
        self.logs = folder / "logs"
        self.logs.mkdir(parents=True)
        # Whatever is in the working folder a Debian in there sees.
        self.tree.mkdir()
        source.export(self.tree)
        self.root = roots.bare(suite, log=self.logs / "bare.log").copy(folder / "root")
        os.chdir(self.tree)

    def do(self, command, log, **environment):
        """Runs a command of the README's. We are the administrator, who needs no sudo."""
        command = re.sub(r"^sudo ", "", command)
        words = [f"{name}={value}" for name, value in environment.items()]
        return self.root.run("env", *words, "bash", "-c", command, log=self.logs / f"{log}.log")

    def run_demo(self):
        (command,) = (line for line in block_with(r"\./dev demo") if "demo" in line)
        with Terminal(self.root, command) as terminal:
            terminal.wait(SIGNS[0], DEMO_STARTS_S)
            beginning = len(terminal.text)
            for sign in SIGNS:
                terminal.wait(sign, DEMO_SHOWS_S, beginning)
            terminal.press(b"\x03")
            status = terminal.end(DEMO_ENDS_S)
            (self.logs / "demo.log").write_text(terminal.text, encoding="utf-8")
            if status != 0:
                raise roots.Failed(f"{terminal.text[-2000:]}\nexit status {status}")

    def build_and_install(self):
        """The build folder is that of the demo, as it would be; there is one more to be sure."""
        for command in block_with("meson install"):
            self.do(command, "install")
        installed = self.do("pkg-config --modversion libwsmulti-1 && wsmulti --version", "install")
        if "wsmulti 0" not in installed:
            raise roots.Failed(installed)

    def test(self):
        (command,) = (line for line in block_with(r"\./dev demo") if "test" in line)
        said = self.do(" ".join([command, *self.tests]), "test")
        print("\n".join("# " + line for line in said.splitlines()[-8:]))
        if not re.fullmatch(r"[1-9]\d* passed, 0 failed, \d+ skipped", said.splitlines()[-1]):
            raise roots.Failed("it does not say at the end that all is well")

    def go_away(self):
        self.root.remove()


def main():
    suite, folder, *tests = sys.argv[1:]
    newcomer = Newcomer(suite, pathlib.Path(folder).resolve(), tests)
    cases = [("the demo runs", newcomer.run_demo),
             ("it is built and installed", newcomer.build_and_install),
             ("its tests pass", newcomer.test)]
    failed = tap.run(cases)
    newcomer.go_away()
    sys.exit(1 if failed else 0)


main()
