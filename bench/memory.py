#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every byte that one more open connection keeps, and whose it is.

memory.py FOLDER [--least BYTES]

FOLDER has the programs in C. libsoup alone and libwsmulti open connections below valgrind's DHAT,
beat until each has its statistics, and stop; what twice as many hold more is what they cost. The
kernel's part is not in it.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import subprocess
import sys

import run

N_CONNECTIONS = 96
# Below valgrind, shorter ones would be missed, and what is made when a peer seems to be silent is
# not meant.
INTERVAL_MS = 5000

ENVIRONMENT = {
    # Each piece on its own, as in newer GLib.
    "G_SLICE": "always-malloc",
    "GIO_MODULE_DIR": "/nonexistent",
    "GIO_USE_PROXY_RESOLVER": "dummy",
}

# So much more takes malloc of the GNU C library for each piece, in steps, and at least.
OVERHEAD, STEP, LEAST = 8, 16, 32

FRAME = re.compile(r"^0x\w+: (?P<function>\S+) \((?:in (?P<library>.*)|(?P<file>[^:]*).*)\)$")
TURN = "g_main_context_dispatch"

# What a piece is, by who asked for it.
KINDS = [
    ("handler", r"g_signal_connect"),
    ("closure", r"g_closure_|g_cclosure_"),
    ("source", r"g_source_"),
    ("URI", r"g_uri_"),
    ("text", r"g_vasprintf|g_str(n?dup|concat|join)|g_ascii_|g_string_"),
    ("array or table", r"g_(ptr_|byte_)?array_|g_hash_table_|g_memdup|g_list|g_slist|g_queue"),
    ("object", r"g_type_create_instance"),
]


def get_chunk(size):
    return max(LEAST, (int(size) + OVERHEAD + STEP - 1) // STEP * STEP)


class Frame:
    def __init__(self, text):
        found = FRAME.match(text)
        self.function = found["function"] if found else text
        file, library = (found["file"] or "", found["library"] or "") if found else ("", "")
        self.owner = None
        if file.startswith("wsm-") or "libwsmulti" in library:
            self.owner = "libwsmulti"
        elif "libsoup" in library:
            self.owner = "libsoup"
        elif file.startswith(("client-", "meter")):
            self.owner = "the program"


def attribute(frames):
    """Whose it is, where it was asked for, and what it is: by the first caller above GLib."""
    kind = "structure"
    for frame in frames:
        if frame.owner is not None:
            where = frame.function if frame.function != "???" else ""
            return frame.owner, where, kind
        if frame.function == TURN:
            break
        if kind == "structure":
            kind = next((name for name, pattern in KINDS if re.match(pattern, frame.function)),
                        kind)
    return "GLib", "", kind


def read_pieces(path):
    """What there was in the end: bytes and pieces for each place."""
    profile = json.loads(path.read_text(encoding="utf-8"))
    frames = [Frame(text) for text in profile["ftbl"]]
    n_bytes, n_pieces = collections.Counter(), collections.Counter()
    for point in profile["pps"]:
        n = point["ebk"]
        if n > 0:
            place = attribute([frames[i] for i in point["fs"]])
            n_bytes[place] += n * get_chunk(point["eb"] / n)
            n_pieces[place] += n
    return n_bytes, n_pieces


class Account:
    """What one connection of a client costs."""

    def __init__(self, folder, client):
        few, many = (self.measure(folder, client, n) for n in [N_CONNECTIONS, 2 * N_CONNECTIONS])
        self.places = {place: ((many[0][place] - few[0][place]) / N_CONNECTIONS,
                               (many[1][place] - few[1][place]) / N_CONNECTIONS)
                       for place in many[0]}

    @staticmethod
    def measure(folder, client, n_connections):
        out = folder / "dhat"
        cores = sorted(os.sched_getaffinity(0))
        server = run.Server(folder, run.Address().take(), cores[0])
        try:
            subprocess.run(
                ["valgrind", "--tool=dhat", "--quiet", "--num-callers=40", f"--dhat-out-file={out}",
                 *client.find(folder), "--uri", server.uri, "--connections", str(n_connections),
                 "--interval", str(INTERVAL_MS), "--stop"],
                env={**os.environ, **ENVIRONMENT}, stderr=subprocess.DEVNULL, check=True)
        finally:
            server.end()
        return read_pieces(out)

    def sum(self, owner=None):
        return sum(n_bytes for place, (n_bytes, _) in self.places.items()
                   if owner in (None, place[0]))

    def print_rows(self, least):
        owners = sorted({place[0] for place in self.places}, key=lambda owner: -self.sum(owner))
        print("| whose | bytes | pieces | what | asked for in |")
        print("| --- | ---: | ---: | --- | --- |")
        for owner in owners:
            print(f"| **{owner}** | **{self.sum(owner):.0f}** | | | |")
            rows = [(n_bytes, n, place) for place, (n_bytes, n) in self.places.items()
                    if place[0] == owner]
            others = 0
            for n_bytes, n, (_, where, kind) in sorted(rows, reverse=True):
                if n_bytes < least:
                    others += n_bytes
                    continue
                where = f"`{where}`" if where else ""
                print(f"| | {n_bytes:.0f} | {n:.1f} | {kind} | {where} |")
            print(f"| | {others:.0f} | | what is less | |")


def main():
    parser = argparse.ArgumentParser(description="What memory one more connection takes")
    parser.add_argument("folder", type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("--least", type=float, default=16, metavar="BYTES",
                        help="what is less stands together")
    options = parser.parse_args()
    accounts = {name: Account(options.folder, run.CLIENTS[name]) for name in ["soup", "wsmulti"]}
    for name, account in accounts.items():
        print(f"\n{name}: {account.sum():.0f} bytes a connection\n")
        account.print_rows(options.least)
    more = accounts["wsmulti"].sum() - accounts["soup"].sum()
    print(f"\nlibwsmulti takes {more:.0f} bytes more than libsoup alone.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
