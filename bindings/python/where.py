#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tells where this Python looks for modules that are installed below a prefix.

where.py PREFIX

That is where PyGObject itself is, if it is below the prefix; else the first folder below it that
Python searches. A prefix that Python does not search has none: then it is where it would be if
Python was installed there, and PYTHONPATH has to name it.
"""

import pathlib
import site
import sys
import sysconfig

import gi


def find(prefix):
    own = pathlib.Path(gi.__file__).parents[1]
    searched = [own, *map(pathlib.Path, site.getsitepackages()), pathlib.Path(
        site.getusersitepackages())]
    for folder in searched:
        if prefix in folder.parents:
            return folder
    names = {"base": str(prefix), "platbase": str(prefix)}
    return pathlib.Path(sysconfig.get_path("purelib", "posix_prefix", names))


print(find(pathlib.Path(sys.argv[1])))
