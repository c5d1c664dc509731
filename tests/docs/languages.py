# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a block of each language is tested.

What is not a whole program is part of one: the page says what `pool` or `feed` is, and here they
are made. What can run does, with addresses of a real server instead of those that are shown, until
it has connected to each and printed what the page says that it prints.
"""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import time

import handlers
import peers

# What a page may take for granted, in C at the top of a file.
C_CONTEXT = """
static WsmPool *pool;
static WsmConnection *connection, *feed;
static WsmHeartbeat *heartbeat;
static WsmBackoff *backoff;
static WsmLatency *latency;
static GMainLoop *loop;
static GCancellable *cancellable;
static GError *error;
static const char *token;
"""
VALA_CONTEXT = """
public Wsm.Pool pool;
public Wsm.Connection feed;
public MainLoop loop;
"""
PYTHON_CONTEXT = """
import gi
gi.require_version("Soup", "3.0")
gi.require_version("Wsm", "1")
from gi.repository import Gio, GLib, GObject, Soup, Wsm
loop = GLib.MainLoop()
pool = Wsm.Pool()
feed = pool.add({uri!r})
"""
PYTHON_REST = """
if pool.get_n_items() == 0:
    pool.add({uri!r})
pool.connect("message", lambda *arguments: print("heard", flush=True))
loop.run()
"""
JS_CONTEXT = """
const loop = imports.gi.GLib.MainLoop.new(null, false);
let pool = new Wsm.Pool();
let feed = pool.add('{uri}');
"""
JS_REST = """
if (pool.get_n_items() === 0)
    pool.add('{uri}');
pool.connect('message', () => print('heard'));
loop.run();
"""
JS_IMPORTS = {
    "Gio": "gi://Gio",
    "GLib": "gi://GLib",
    "GObject": "gi://GObject",
    "Soup": "gi://Soup?version=3.0",
    "Wsm": "gi://Wsm?version=1",
}

# What console.log() says in GJS. It stands among the errors, but is none.
SAID_BY_GJS = re.compile(r"^Gjs-Console-Message: [\d:.]+: .*\n", re.MULTILINE)

# A number that is not the same each time: a fraction, or what has a unit.
MEASURED = re.compile(r"\d+(?:\\\.\d+)?(?=\\? (?:ms|s)\b)|\d+\\\.\d+")


class Server:
    """A feed to which each block has addresses of its own."""

    def __init__(self):
        self.server = peers.Server("--tick", "50", "--paths")
        self.n_programs = 0

    def replace_addresses(self, block):
        """Its text with addresses of ours, and which one is whose."""
        self.n_programs += 1
        text = block.text
        ours = {}
        for address in sorted(block.addresses, key=len, reverse=True):
            path = address.split("://")[1]
            ours[f"{self.server.uri}{self.n_programs}/{path}"] = address
        for mine, address in ours.items():
            text = text.replace(address, mine)
        return text, ours

    def wait_for_paths(self, ours):
        """Until somebody has come to each of these addresses."""
        waiting = {uri.split("/", 3)[3] for uri in ours}
        while waiting:
            waiting.discard(self.server.expect(r"^opened /(\S+)$")[1])

    def has_ended(self):
        return self.server.process.poll() is not None

    def close(self):
        self.server.end()


def pattern_of_line(line):
    """What fits a line of output: numbers that are measured may be others, … is anything."""
    pattern = MEASURED.sub(r"[0-9.]+", re.escape(" ".join(line.split())))
    return pattern.replace("…", ".*") + "$"


def judge_output(shown, lines, ours):
    """Which lines that a page shows did not come."""
    said = []
    for line in lines:
        for mine, address in ours.items():
            line = line.replace(mine, address)
        said.append(" ".join(line.split()))
    return [line for line in shown.splitlines()
            if line.strip() and not any(re.match(pattern_of_line(line), word) for word in said)]


# Seconds in which a program that goes on saying things has to have said what the page shows.
PATIENCE = 8

# print() writes word by word, and those of two threads get mixed up.
LINE_BY_LINE = """\
import builtins, runpy, sys, threading

def print_line(*words, lock=threading.Lock(), write=print, **options):
    with lock:
        write(*words, **dict(options, flush=True))

builtins.print = print_line
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run_program(command, folder, block, server, ours, is_heard=False):
    """Runs one until it has done what the page says, in a folder with a token."""
    if "python" in str(command[0]):
        command = [command[0], "-c", LINE_BY_LINE, *command[1:]]
    (folder / "token.txt").write_text("secret\n", encoding="utf-8")
    with peers.Process(*command, cwd=folder, env=dict(os.environ)) as program:
        server.wait_for_paths(ours)
        if is_heard:
            program.expect("^heard$")
        missing = judge_output(block.output.text if block.output else "", program.lines, ours)
        end = time.monotonic() + PATIENCE
        while missing:
            if time.monotonic() > end:
                raise AssertionError(f"did not print {missing}")
            try:
                program.expect("")
            except AssertionError as error:
                raise AssertionError(f"did not print {missing}; {error}") from error
            missing = judge_output(block.output.text, program.lines, ours)
        errors = SAID_BY_GJS.sub("", program.end())
        assert errors == "", f"complained:\n{errors}"
        ended = program.process.returncode
        assert ended in (0, -15), f"ended with {ended}"


def run(*command, **options):
    result = subprocess.run([str(word) for word in command], check=False, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, encoding="utf-8", **options)
    assert result.returncode == 0, f"{command[0]}:\n{result.stdout}"
    return result.stdout


class Language:
    """A tester; it has a folder of its own while it works."""

    def __init__(self, root, build, command):
        self.root = root
        self.build = build
        self.command = command
        # pylint: disable=consider-using-with
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)
        self.server = None

    def get_server(self):
        # It is stopped where a program was waited for in vain.
        if self.server is None or self.server.has_ended():
            self.server = Server()
        return self.server

    def close(self):
        if self.server is not None:
            self.server.close()
        self.temporary.cleanup()


class C(Language):
    """Compiled without a warning; whole programs run."""

    def __init__(self, root, build, command):
        super().__init__(root, build, command)
        self.flags = shlex.split(run("pkg-config", "--cflags", "--libs", "libwsmulti-1"))
        compile_only = shlex.split(run("pkg-config", "--cflags", "libwsmulti-1"))
        self.warnings = ["-Wall", "-Wextra", "-Werror", "-Wno-unused-function",
                         "-Wno-unused-parameter", "-Wno-unused-variable",
                         "-Wno-unused-but-set-variable", "-Wno-missing-field-initializers"]
        # Read once instead of for each block.
        header = self.folder / "libwsmulti.h"
        header.write_text(f'#include "{root}/libwsmulti/libwsmulti.h"\n', encoding="utf-8")
        run(*command, *self.warnings, *compile_only, header, "-o", f"{header}.gch")
        self.signals = handlers.Signals(build / "libwsmulti" / "Wsm-1.gir")

    @staticmethod
    def split(text):
        """What stands outside of functions, and the statements."""
        outside, statements = [], []
        lines = text.split("\n")
        while lines:
            line = lines.pop(0)
            if line.startswith("#"):
                outside.append(line)
            elif re.match(r"(static|typedef|struct|enum|G_DEFINE\w+)\b(?!.*;$)", line):
                outside.append(line)
                while lines and not re.match(r"[})].*", outside[-1]):
                    outside.append(lines.pop(0))
            else:
                statements.append(line)
        return "\n".join(outside), "\n".join(statements)

    def complete(self, text):
        """A file of its own, of a part of one."""
        outside, statements = self.split(text)
        connected = set(re.findall(r"G_CALLBACK \((\w+)\)", text))
        connected -= set(re.findall(r"^(\w+) \(", outside, re.MULTILINE))
        declared = "".join(f"void {name} (void);\n" for name in sorted(connected))
        return (f"#include <libwsmulti.h>\n{C_CONTEXT}{declared}{outside}\n"
                f"void example (void);\nvoid\nexample (void)\n{{\n{statements}}}\n")

    def check(self, block):
        findings = self.signals.judge(block.text)
        assert not findings, findings
        source = self.folder / "block.c"
        compile_it = [*self.command, *self.warnings, "-I", self.folder, source, *self.flags]
        if not re.search(r"^main \(", block.text, re.MULTILINE):
            source.write_text(self.complete(block.text), encoding="utf-8")
            run(*compile_it, "-fsyntax-only")
            return
        server = self.get_server()
        text, ours = server.replace_addresses(block)
        source.write_text(text, encoding="utf-8")
        run(*compile_it, "-o", self.folder / "block")
        run_program([self.folder / "block"], self.folder, block, server, ours)


class Vala(Language):
    """Compiled to C without a warning, but for what a part of a program makes and does not use."""

    def check(self, block):
        source = self.folder / "block.vala"
        text = block.text
        if not re.search(r"\bmain \(", text):
            text = (f"{VALA_CONTEXT}public async void example () throws Error\n{{\n{text}}}\n"
                    "void main () {}\n")
        source.write_text(text, encoding="utf-8")
        said = run(*self.command, "--ccode", "--directory", self.folder, source)
        warnings = [line for line in said.splitlines()
                    if "warning:" in line and "declared but never used" not in line]
        assert not warnings, said


class Script(Language):
    """Run until it has connected; what is not a whole program has a pool and a feed."""

    suffix = ""
    whole = ""

    def complete(self, text, uri):
        raise NotImplementedError

    def check(self, block):
        server = self.get_server()
        text, ours = server.replace_addresses(block)
        is_whole = re.search(self.whole, text, re.MULTILINE) is not None
        if not is_whole:
            text = self.complete(text, f"{server.server.uri}feed")
        source = self.folder / f"block{self.suffix}"
        source.write_text(text, encoding="utf-8")
        is_heard = not is_whole and block.output is None
        run_program([*self.command, source], self.folder, block, server, ours, is_heard)


class Python(Script):
    suffix = ".py"
    whole = r"^import "

    def complete(self, text, uri):
        return PYTHON_CONTEXT.format(uri=uri) + text + PYTHON_REST.format(uri=uri)


class JavaScript(Script):
    suffix = ".js"
    whole = r"MainLoop|loop\.run|'\./wsm\.js'"

    def __init__(self, root, build, command):
        super().__init__(root, build, command)
        # Where a page that imports it has copied it to.
        shutil.copy(root / "bindings" / "gjs" / "wsm.js", self.folder)

    def complete(self, text, uri):
        imports = "".join(f"import {name} from '{place}';\n" for name, place in JS_IMPORTS.items()
                          if f"import {name} from" not in text)
        own = "".join(line + "\n" for line in text.split("\n") if line.startswith("import "))
        rest = "".join(line + "\n" for line in text.split("\n") if not line.startswith("import "))
        context = JS_CONTEXT.format(uri=uri)
        made = set(re.findall(r"^(?:const|let) (\w+) = ", rest, re.MULTILINE))
        if "pool" in made:
            made.add("feed")
        for name in made:
            context = re.sub(rf"^(?:const|let) {name} = .*\n", "", context, flags=re.MULTILINE)
        return imports + own + context + rest + JS_REST.format(uri=uri)
