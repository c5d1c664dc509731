#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the article's program: one feed that is well, one that is refused and then dropped.

examples.py COMMAND…                   runs the command with the two URIs as its arguments
examples.py --readme README.md PYTHON  runs the program that the README shows
"""

import os
import pathlib
import re
import sys
import tempfile

import peers

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "docs"))

import blocks  # pylint: disable=wrong-import-position


def readme_program(path, uris):
    """The README's program, with our URIs instead of its own."""
    shown = blocks.find_blocks(path, pathlib.Path(path).read_text(encoding="utf-8"))
    program = next(block for block in shown if block.language == "python")
    text = program.text
    for old, new in zip(program.addresses, uris, strict=True):
        text = text.replace(old, new)
    return text


def main():
    reserved, port = peers.reserve_port()
    with reserved, peers.Server("--tick", "50") as well, tempfile.TemporaryDirectory() as folder:
        uris = [well.uri, f"ws://127.0.0.1:{port}/"]
        command = sys.argv[1:]
        if command[0] == "--readme":
            program = pathlib.Path(folder, "feeds.py")
            program.write_text(readme_program(command[1], uris), encoding="utf-8")
            command = [command[2], program]
        else:
            command += uris
        names = [re.escape(uri) for uri in uris]

        environment = dict(os.environ, PYTHONUNBUFFERED="1")
        with peers.Process(*command, env=environment) as feeds:
            feeds.expect_each([f"^{names[0]} opened", f"^{names[1]} refused.*trying again in"])
            feeds.expect(f"^{names[0]} .*tick")
            with peers.Server("--port", str(port), "--drop"):
                for _ in range(2):
                    feeds.expect(f"^{names[1]} opened")
                    feeds.expect(f"^{names[1]} .*hello")
                    feeds.expect(f"^{names[1]} .*trying again in")
            feeds.expect(f"^{names[0]} .*tick")
            errors = feeds.end()

    of_well = [line for line in feeds.lines if line.startswith(uris[0])]
    ticks = [int(number) for number in re.findall(r"tick (\d+)", "\n".join(of_well))]
    print("\n".join(line for line in feeds.lines if "tick" not in line))
    print(f"{len(ticks)} ticks")
    assert ticks == list(range(1, len(ticks) + 1)), f"{ticks}: some were missed"
    others = [line for line in of_well if not re.search("tick|pong", line)]
    assert len(others) == 2 and others[1].endswith("opened"), f"{others}: it was disturbed"
    assert errors == "", errors


main()
