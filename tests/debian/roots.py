# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian in folders: bare ones that stay for the next time, and copies of them to be spoilt."""

import os
import pathlib
import subprocess
import time

import source

DEBIAN = source.TOP / ".ci" / "debian.sh"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache",
                     "libwsmulti")
LISTS_LAST = 12 * 3600
AS_ROOT = [] if os.getuid() == 0 else ["sudo"]


class Failed(Exception):
    """A command that did not do what it should; its text is what it said."""


def run(*command, log=None, **options):
    """Runs a command; what it says goes into the log, and into the exception if it fails."""
    command = [str(word) for word in command]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
                            check=False, **options)
    if log is not None:
        with open(log, "a", encoding="utf-8") as out:
            out.write(f"$ {' '.join(command)}\n{result.stdout}")
    if result.returncode != 0:
        raise Failed(f"{' '.join(command)}: exit status {result.returncode}\n{result.stdout}")
    return result.stdout


def as_root(*command, **options):
    return run(*AS_ROOT, *command, **options)


class Root:
    """One of them. Commands run in the working folder, which it sees under its own name."""

    def __init__(self, suite, folder):
        self.suite = suite
        self.folder = folder

    def command(self, *command, how="root"):
        """The command that runs the command in there, as its administrator."""
        return [*AS_ROOT, DEBIAN, how, self.folder, CACHE / f"packages-{self.suite}", *command]

    def run(self, *command, **options):
        return run(*self.command(*command), **options)

    def boot(self, *command, **options):
        """Likewise, while its systemd runs there, which it has to have."""
        return run(*self.command(*command, how="boot"), **options)

    def install(self, *packages, **options):
        self.run("apt-get", "-qq", "-o", "Dpkg::Use-Pty=0", "install", "--no-install-recommends",
                 *packages, **options)

    def write(self, path, text):
        self.run("sh", "-c", 'printf %s "$2" >"$1"', "sh", path, text)

    def copy(self, folder):
        as_root("rm", "-rf", "--one-file-system", folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        as_root("cp", "-a", self.folder, folder)
        return Root(self.suite, folder)

    def remove(self):
        as_root("rm", "-rf", "--one-file-system", self.folder)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.remove()


def bare(suite, log=None):
    """A Debian with nothing but what is essential, which knows what there is to be installed."""
    root = Root(suite, CACHE / f"bare-{suite}")
    CACHE.mkdir(parents=True, exist_ok=True)
    as_root(DEBIAN, "bare", suite, root.folder, log=log)

    lists = root.folder / "var/lib/apt/lists"
    known = [path.stat().st_mtime for path in lists.glob("*Release")]
    stamp = root.folder / "var/lib/apt/periodic-update-stamp"
    if not known or not stamp.exists() or stamp.stat().st_mtime < time.time() - LISTS_LAST:
        try:
            root.run("apt-get", "-qq", "update", log=log)
            root.run("touch", "/var/lib/apt/periodic-update-stamp")
        except Failed:
            # Old lists are better than none.
            if not known:
                raise
    return root
