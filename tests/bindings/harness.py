# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases that print TAP, and waiting on a condition while the main loop runs."""

import gc
import os
import sys
import traceback

from gi.repository import GLib

DEADLINE_MS = 10000
cases = []


def case(function):
    """Registers a case; its name is that of the function."""
    cases.append(function)
    return function


def until(condition, deadline_ms=DEADLINE_MS):
    """Runs the main loop until the condition holds; returns what it returned."""
    context = GLib.MainContext.default()
    passed = []
    source = GLib.timeout_add(deadline_ms, passed.append, True)
    result = condition()
    while not result:
        if passed:
            raise AssertionError(f"still not so after {deadline_ms} ms")
        context.iteration(True)
        result = condition()
    if not passed:
        GLib.source_remove(source)
    return result


def spin(duration_ms):
    """Runs the main loop for a while."""
    passed = []
    GLib.timeout_add(duration_ms, passed.append, True)
    until(lambda: passed, duration_ms + DEADLINE_MS)


def collect():
    """Forces the garbage collection, and lets the main loop finish what that set off."""
    for _ in range(3):
        gc.collect()
        while GLib.MainContext.default().iteration(False):
            pass


def open_files():
    """How many file descriptors this process has."""
    return len(os.listdir("/proc/self/fd"))


def wait_for(instance, name, *arguments):
    """Calls an asynchronous method and runs the main loop until its result is there."""
    results = []
    getattr(instance, name + "_async")(*arguments,
                                       lambda source, result: results.append(result))
    until(lambda: results)
    return getattr(instance, name + "_finish")(results[0])


class raises:
    """Expects a GLib.Error of one domain and code, and keeps it."""

    def __init__(self, domain, code):
        self.domain = domain
        self.code = code
        self.error = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        assert kind is not None, f"no error, {self.code} expected"
        if not issubclass(kind, GLib.Error):
            return False
        assert error.matches(self.domain, self.code), f"{error!r} instead of {self.code}"
        self.error = error
        return True


def main():
    """Runs all cases, or those named in the arguments."""
    names = [name.replace("-", "_") for name in sys.argv[1:]]
    unknown = set(names) - {one.__name__ for one in cases}
    if unknown:
        sys.exit(f"no such case: {', '.join(sorted(unknown))}")
    chosen = [one for one in cases if not names or one.__name__ in names]
    failed = 0
    print(f"1..{len(chosen)}")
    for number, one in enumerate(chosen, 1):
        name = one.__name__.replace("_", "-")
        try:
            one()
        except Exception:
            failed += 1
            print("# " + traceback.format_exc().rstrip().replace("\n", "\n# "))
            print(f"not ok {number} {name}", flush=True)
        else:
            print(f"ok {number} {name}", flush=True)
        collect()
    sys.exit(1 if failed else 0)
