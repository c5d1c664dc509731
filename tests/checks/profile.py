#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds for development, installs that into an empty folder, and starts it from there.

profile.py ROOT VERSION

It must stand beside the one that is installed: nothing it installs for the desktop, and no name on
the bus, may be that one's. The settings are the same.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

DEFAULT = "io.github.wsmulti.Inspector"
DEVEL = DEFAULT + ".Devel"
WITHOUT = ("-Dtests=false", "-Ddocs=disabled", "-Dintrospection=disabled", "-Dvapi=disabled")


def run(*command, **environment):
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, **environment}, timeout=600)


def check_files(prefix):
    shared = {prefix / "share/glib-2.0/schemas" / f"{DEFAULT}.gschema.xml"}
    for path in sorted((prefix / "share").rglob(f"{DEFAULT}*")):
        assert path.name.startswith(f"{DEVEL}.") or path.name.startswith(f"{DEVEL}-") or \
            path in shared or path.parent.name == "interfaces", f"is the other one's: {path}"
    for name in (f"applications/{DEVEL}.desktop", f"dbus-1/services/{DEVEL}.service",
                 f"metainfo/{DEVEL}.metainfo.xml", f"mime/packages/{DEVEL}.xml",
                 f"icons/hicolor/scalable/apps/{DEVEL}.svg",
                 f"icons/hicolor/symbolic/apps/{DEVEL}-symbolic.svg"):
        assert (prefix / "share" / name).is_file(), f"not installed: {name}"


def check_name(prefix):
    """It has its own name on the bus, which apps take for that of an inspector."""
    library = next(prefix.rglob("libwsmulti-1.so")).parent
    program = subprocess.Popen([prefix / "bin/wsmulti-inspector", "--gapplication-service"],
                               env={**os.environ, "LD_LIBRARY_PATH": str(library)})
    try:
        run("gdbus", "wait", "--session", "--timeout", "30", DEVEL)
        names = subprocess.run(["gdbus", "call", "--session", "--dest", "org.freedesktop.DBus",
                                "--object-path", "/", "--method",
                                "org.freedesktop.DBus.ListNames"],
                               check=True, capture_output=True, encoding="utf-8").stdout
        assert f"'{DEFAULT}'" not in names, names
    finally:
        program.terminate()
        program.wait(20)


def main():
    root, version = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        build, destination = pathlib.Path(folder, "build"), pathlib.Path(folder, "root")
        run("meson", "setup", build, root, "--prefix=/usr", "-Dprofile=development", *WITHOUT)
        run("ninja", "-C", build)
        run("meson", "install", "-C", build, "--no-rebuild", DESTDIR=str(destination))
        prefix = destination / "usr"
        check_files(prefix)
        run(sys.executable, pathlib.Path(__file__).with_name("desktop.py"), root, build / "data",
            DEVEL, version)
        check_name(prefix)
    print("the build for development has names of its own, and runs")


main()
