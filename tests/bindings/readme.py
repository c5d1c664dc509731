#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiles or runs what the README shows in other languages than Python.

readme.py README.md c COMPILER…      checks the C
readme.py README.md vala VALAC…      checks the Vala
readme.py README.md js GJS…          runs the JavaScript until its feed is open
"""

import pathlib
import re
import subprocess
import sys
import tempfile

import peers

readme, language, *command = sys.argv[1:]
(snippet,) = re.findall(rf"```{language}\n(.*?)```",
                        pathlib.Path(readme).read_text(encoding="utf-8"), re.DOTALL)

with tempfile.TemporaryDirectory() as folder:
    source = pathlib.Path(folder, f"snippet.{language}")

    if language == "c":
        heads = "".join(line + "\n" for line in snippet.splitlines() if line.startswith("#"))
        body = "".join(line + "\n" for line in snippet.splitlines() if not line.startswith("#"))
        source.write_text(f"{heads}int main (void)\n{{\n{body}return feed == NULL;\n}}\n",
                          encoding="utf-8")
        subprocess.run([*command, "-fsyntax-only", source], check=True)

    if language == "vala":
        source.write_text(f"public void example () throws Error {{\n{snippet}"
                          "assert (feed != null);\n}\nvoid main () {}\n", encoding="utf-8")
        subprocess.run([*command, "--ccode", "--directory", folder, source], check=True)

    if language == "js":
        with peers.Server() as server:
            snippet, count = re.subn(r"'wss://[^']+'", f"'{server.uri}'", snippet)
            assert count == 1, "one URI expected"
            source.write_text(snippet + """
feed.connect('opened', () => print('opened'));
imports.gi.GLib.MainLoop.new(null, false).run();
""", encoding="utf-8")
            with peers.Process(*command, source) as program:
                program.expect("^opened$")
                assert program.end() == ""
