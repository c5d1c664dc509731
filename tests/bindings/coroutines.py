# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases that are coroutines: each is run on asyncio, and by a Wsm.Task on the plain main loop."""

import asyncio

import gi
from harness import DEADLINE_MS, cases, until

gi.require_version("Wsm", "1")
from gi.overrides._WsmLoop import Waiters
from gi.repository import Wsm

__all__ = ["Waiters", "await_on_asyncio", "await_on_main_loop", "awaited"]


def await_on_asyncio(coroutine):
    return Wsm.run(asyncio.wait_for(coroutine, DEADLINE_MS / 1000))


def await_on_main_loop(coroutine):
    task = Wsm.spawn(coroutine)
    until(task.done)
    return task.result()


def awaited(function):
    """Registers a coroutine as two cases."""
    for run, name in ((await_on_asyncio, "asyncio"), (await_on_main_loop, "main_loop")):
        def one(run=run):
            run(function())
        one.__name__ = f"{function.__name__}_on_{name}"
        cases.append(one)
    return function
