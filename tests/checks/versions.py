#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the version macros make a compiler say, now and when the next version comes.

versions.py SOURCE-FOLDER BUILD-FOLDER VERSION COMPILER…

The next version does not exist yet, so it is made here as CONTRIBUTING.md says it is made: by a
copy of the last block of wsm-version-macros.h.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

PROGRAM = """
#define WSM_INSIDE
#include "wsm-version-macros.h"

%(mark)s
void wsm_new_function (void);
typedef enum { WSM_OLD, WSM_NEW %(enumerator)s } WsmThing;

int
main (void)
{
  wsm_new_function ();
  return WSM_NEW;
}
"""


def name_of(version):
    return "_".join(version)


def add_block(macros, current, following):
    """The macros with a block for the following version, and its name."""
    first = macros.index(f"#if WSM_VERSION_MAX_ALLOWED < WSM_VERSION_{name_of(current)}\n")
    block = macros[first:]
    assert block.count("#if ") == 2 and block.endswith("#endif\n"), "is the last block the last?"
    block = block.replace(name_of(current), name_of(following))
    block = block.replace("({})".format(", ".join(current)), "({})".format(", ".join(following)))
    define = f"#define WSM_VERSION_{name_of(current)} (G_ENCODE_VERSION ({', '.join(current)}))\n"
    assert define in macros, define
    known = define + define.replace(name_of(current), name_of(following)).replace(
        ", ".join(current), ", ".join(following))
    return macros.replace(define, known) + block


class Headers:
    """The headers as they are in a version, and what the compiler says with them."""

    def __init__(self, folder, compiler, flags, macros, numbers):
        self.compiler = compiler
        self.flags = flags
        self.folder = folder
        folder.mkdir()
        (folder / "wsm-version-macros.h").write_text(macros, encoding="utf-8")
        (folder / "wsm-version-numbers.h").write_text(numbers, encoding="utf-8")

    def compile(self, *definitions, mark="WSM_AVAILABLE_IN_ALL", enumerator=""):
        source = self.folder / "program.c"
        source.write_text(PROGRAM % {"mark": mark, "enumerator": enumerator}, encoding="utf-8")
        ended = subprocess.run([*self.compiler, "-Wall", "-fsyntax-only", *self.flags,
                                f"-I{self.folder}", *(f"-D{one}" for one in definitions), source],
                               capture_output=True, text=True, check=False)
        return ended.returncode, ended.stderr

    def accepts(self, *definitions, **options):
        status, said = self.compile(*definitions, **options)
        assert (status, said) == (0, ""), (definitions, options, said)

    def warns(self, expected, *definitions, **options):
        status, said = self.compile(*definitions, **options)
        assert status == 0 and re.search(expected, said), (expected, definitions, options, said)

    def refuses(self, expected, *definitions):
        status, said = self.compile(*definitions)
        assert status != 0 and expected in said, (expected, definitions, said)


def check_current(headers, current):
    this = name_of(current)
    version = f"WSM_VERSION_{this}"
    headers.accepts()
    headers.accepts(mark=f"WSM_AVAILABLE_IN_{this}",
                    enumerator=f"WSM_AVAILABLE_ENUMERATOR_IN_{this}")
    headers.accepts(f"WSM_VERSION_MIN_REQUIRED={version}", f"WSM_VERSION_MAX_ALLOWED={version}")
    headers.warns("is deprecated", mark=f"WSM_DEPRECATED_IN_{this}")
    headers.warns("is deprecated", enumerator=f"WSM_DEPRECATED_ENUMERATOR_IN_{this}")
    headers.warns("is deprecated: Use 'other' instead",
                  mark=f"WSM_DEPRECATED_IN_{this}_FOR (other)")
    headers.warns("is deprecated: Use 'OTHER' instead",
                  enumerator=f"WSM_DEPRECATED_ENUMERATOR_IN_{this}_FOR (OTHER)")
    headers.accepts("WSM_DISABLE_DEPRECATION_WARNINGS", mark=f"WSM_DEPRECATED_IN_{this}",
                    enumerator=f"WSM_DEPRECATED_ENUMERATOR_IN_{this}_FOR (OTHER)")
    headers.refuses("WSM_VERSION_MIN_REQUIRED is not known",
                    "WSM_VERSION_MIN_REQUIRED=WSM_VERSION_99_98")
    headers.refuses("WSM_VERSION_MAX_ALLOWED is not known",
                    "WSM_VERSION_MAX_ALLOWED=WSM_VERSION_99_98")


def check_following(headers, current, following):
    """A program that stays with the version before it."""
    old, new = (f"WSM_VERSION_{name_of(version)}" for version in (current, following))
    stays = (f"WSM_VERSION_MIN_REQUIRED={old}", f"WSM_VERSION_MAX_ALLOWED={old}")
    this = name_of(following)
    check_current(headers, following)
    headers.accepts(*stays)
    headers.warns(f"Not available before {'.'.join(following)}", *stays,
                  mark=f"WSM_AVAILABLE_IN_{this}")
    headers.warns(f"Not available before {'.'.join(following)}", *stays,
                  enumerator=f"WSM_AVAILABLE_ENUMERATOR_IN_{this}")
    headers.accepts(stays[0], mark=f"WSM_AVAILABLE_IN_{this}")
    # What is deprecated later, it can not yet replace.
    headers.accepts(*stays, mark=f"WSM_DEPRECATED_IN_{this}",
                    enumerator=f"WSM_DEPRECATED_ENUMERATOR_IN_{this}")
    headers.accepts(*stays, mark=f"WSM_DEPRECATED_IN_{this}_FOR (other)")
    headers.warns("is deprecated", *stays, mark=f"WSM_DEPRECATED_IN_{name_of(current)}")
    headers.refuses("is older than", f"WSM_VERSION_MIN_REQUIRED={new}",
                    f"WSM_VERSION_MAX_ALLOWED={old}")


def main():
    source, build, version, *compiler = sys.argv[1:]
    current = version.split(".")[:2]
    following = [current[0], str(int(current[1]) + 1)]
    macros = pathlib.Path(source, "wsm-version-macros.h").read_text(encoding="utf-8")
    numbers = pathlib.Path(build, "wsm-version-numbers.h").read_text(encoding="utf-8")
    flags = subprocess.run(["pkg-config", "--cflags", "glib-2.0"], check=True, capture_output=True,
                           text=True).stdout.split()
    assert f"WSM_VERSION_{name_of(current)}" in macros, \
        f"no block for version {version} in wsm-version-macros.h"

    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        check_current(Headers(root / "now", compiler, flags, macros, numbers), current)
        later = re.sub(r"(WSM_MINOR_VERSION) \(\d+\)", rf"\1 ({following[1]})", numbers)
        assert later != numbers
        check_following(Headers(root / "next", compiler, flags,
                                add_block(macros, current, following), later),
                        current, following)


main()
