#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the TypeScript compiler takes the types for JavaScript, and finds what is wrong by them.

declarations.py TSC FOLDER TYPES…

FOLDER holds a program, and all else that it takes.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

OPTIONS = ["--noEmit", "--strict", "--target", "es2020", "--lib", "es2020", "--module", "es2020",
           "--moduleResolution", "node"]


def main():
    compiler, folder, *types = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        files = [shutil.copy(path, name) for path in [*pathlib.Path(folder).iterdir(), *types]]
        program = pathlib.Path(name, "program.ts").read_text(encoding="utf-8")
        # One that finds nothing wrong behind such a line says so.
        assert program.count("// @ts-expect-error") > 10
        sys.exit(subprocess.run([compiler, *OPTIONS, *files], check=False).returncode)


main()
