# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases that take minutes each, told as TAP, and to who waits as they come."""

import sys

import roots

LAST_LINES = 60


def run(cases, needed=None):
    """Runs pairs of a name and a function; returns how many failed. Ends if the needed one did."""
    failed = 0
    print(f"1..{len(cases)}", flush=True)
    for number, (name, function) in enumerate(cases, 1):
        print(f"{number}/{len(cases)} {name}", file=sys.stderr, flush=True)
        try:
            function()
        except roots.Failed as failure:
            failed += 1
            print("# " + "\n# ".join(str(failure).rstrip().splitlines()[-LAST_LINES:]))
            print(f"not ok {number} {name}", flush=True)
            if function == needed:
                print("Bail out! The rest needs it.")
                break
        else:
            print(f"ok {number} {name}", flush=True)
    return failed
