#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs into an empty folder and uses from there what was installed.

install.py BUILD-FOLDER INTROSPECTION VAPI PYTHON COMPILER…    those in the middle: yes or no
"""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

CONSUMER = pathlib.Path(__file__).resolve().parent / "consumer.c"

PYTHON_CONSUMER = """
import gi
gi.require_version ("Wsm", "1")
from gi.repository import Wsm
heartbeat = Wsm.Heartbeat (interval=5000)
assert heartbeat.props.interval == 5000
assert heartbeat.validate ()
"""


OVERRIDE_CONSUMER = """
import gi
gi.require_version ("Wsm", "1")
from gi.repository import Wsm
async def main ():
    async with Wsm.Pool () as pool:
        return len (pool)
assert Wsm.run (main ()) == 0
"""

# Whoever has GJS imports it from where it was installed.
JS_CONSUMER = """
import {{Wsm, messages}} from 'file://{module}';
const connection = new Wsm.Connection({{uri: 'ws://127.0.0.1/'}});
const {{done}} = await messages(connection).return();
if (!done || Wsm.Connection.prototype._original_ping_async === undefined)
    throw new Error('not what was installed');
print('ok');
"""

SEARCHED = """
import gi, json, pathlib, site
print (json.dumps ([str (pathlib.Path (gi.__file__).parents[1]), *site.getsitepackages ()]))
"""


def run(*command, **environment):
    return subprocess.run([str(word) for word in command], check=True, encoding="utf-8",
                          stdout=subprocess.PIPE, env={**os.environ, **environment}).stdout


def find_one(root, pattern):
    found = [path for path in root.rglob(pattern) if not path.is_symlink()]
    assert len(found) == 1, f"{pattern}: {found}"
    return found[0]


def read_flags(pc_file, prefix, folder):
    """The flags of the installed .pc file, with the prefix where the files are now."""
    text = pc_file.read_text(encoding="utf-8")
    moved = re.sub(r"^prefix=.*$", f"prefix={prefix}", text, flags=re.MULTILINE)
    (folder / pc_file.name).write_text(moved, encoding="utf-8")
    return shlex.split(run("pkg-config", "--cflags", "--libs", pc_file.stem,
                           PKG_CONFIG_PATH=str(folder)))


def refuses_single_headers(compiler, flags, root, header):
    source = root / "single.c"
    source.write_text(f"#include <{header}>\n", encoding="utf-8")
    result = subprocess.run([*compiler, "-fsyntax-only", source, *flags], stderr=subprocess.PIPE,
                            encoding="utf-8", check=False)
    return result.returncode != 0 and "Only <libwsmulti.h>" in result.stderr


def main():
    build, introspection, vapi, python, *compiler = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        run("meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", root)

        library = find_one(root, "libwsmulti-1.so.0.*")
        pc_file = find_one(root, "libwsmulti-1.pc")
        umbrella = find_one(root, "libwsmulti.h")
        prefix = umbrella.parents[2]
        flags = read_flags(pc_file, prefix, root)

        program = root / "consumer"
        run(*compiler, "-Wall", "-Wextra", "-Werror", "-o", program, CONSUMER, *flags)
        print(run(program, LD_LIBRARY_PATH=str(library.parent)), end="")

        for header in umbrella.parent.glob("wsm-*.h"):
            if header.name not in {"wsm-enum-types.h"}:
                assert refuses_single_headers(compiler, flags, root, header.name), header
        private = [path.name for path in umbrella.parent.glob("*-private.h")]
        assert private == [], f"private headers are installed: {private}"
        assert not list(root.rglob("*.a")), "a static library is installed"

        if introspection == "yes":
            typelib = find_one(root, "Wsm-1.typelib")
            assert 'shared-library="libwsmulti-1.so.0"' in find_one(root, "Wsm-1.gir").read_text()
            gjs_folder = run("pkg-config", "--variable=gjsdir", pc_file.stem,
                             PKG_CONFIG_PATH=str(root)).strip()
            for name in ("wsm.js", "wsm.d.ts", "wsm-1.d.ts"):
                assert pathlib.Path(gjs_folder, name) == find_one(root, name), gjs_folder
            consumers = {PYTHON_CONSUMER: ""}
            if python == "yes":
                modules = find_one(root, "overrides/Wsm.py").parents[2]
                assert find_one(root, "Wsm.pyi").parents[2] == modules
                # Where Python looks below that prefix, if it looks there at all.
                folder = "/" + modules.relative_to(root).as_posix()
                searched = json.loads(run("/usr/bin/python3", "-c", SEARCHED))
                below = [one for one in searched
                         if one.startswith(f"/{prefix.relative_to(root).as_posix()}/")]
                assert not below or folder in below, f"{folder} is none of {below}"
                consumers[OVERRIDE_CONSUMER] = str(modules)
            for consumer, modules in consumers.items():
                run("/usr/bin/python3", "-c", consumer, GI_TYPELIB_PATH=str(typelib.parent),
                    LD_LIBRARY_PATH=str(library.parent), PYTHONPATH=modules)
        # Where GTK looks for it, if it was built.
        for page in root.rglob("libwsmulti-inspector-page.so"):
            assert re.search(r"/gtk-4\.0/[\d.]+/inspector/[^/]+$", str(page)), page
        if vapi == "yes":
            find_one(root, "libwsmulti-1.vapi")
            find_one(root, "libwsmulti-1.deps")


if __name__ == "__main__":
    main()
