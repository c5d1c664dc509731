# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The source, as its authors would hand it out."""

import pathlib
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[2]


def files():
    """What is in git or is to be; or, where it has come without git, all that is not built."""
    if (TOP / ".git").exists():
        names = subprocess.run(["git", "-C", TOP, "ls-files", "-z", "--cached", "--others",
                                "--exclude-standard"], check=True, stdout=subprocess.PIPE,
                               encoding="utf-8").stdout.split("\0")
        paths = [pathlib.Path(name) for name in names if name]
    else:
        paths = [path.relative_to(TOP) for path in TOP.rglob("*")]
        paths = [path for path in paths
                 if not path.parts[0].startswith("_build") and "__pycache__" not in path.parts]
    return sorted(path for path in paths if (TOP / path).is_file())


def copy(path, folder):
    """Copies one of them into a folder, below the folders that it is in."""
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes((TOP / path).read_bytes())
    target.chmod(0o755 if (TOP / path).stat().st_mode & 0o100 else 0o644)
    return target


def export(folder):
    """Copies all of them."""
    for path in files():
        copy(path, folder)
