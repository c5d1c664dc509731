#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody's program: it keeps connections open, and no word in it speaks of being looked at.

gateway.py URI…
"""

import sys

import gi

gi.require_version("Wsm", "1")

from gi.repository import GLib, Wsm

GLib.set_prgname("gateway")

pool = Wsm.Pool(heartbeat=Wsm.Heartbeat(interval=500, timeout=400, idle_only=False),
                backoff=Wsm.Backoff(initial=1000, max=2000))
pool.connect("connection-state-changed",
             lambda pool, feed: print(feed.props.name, feed.props.reason.to_string(), flush=True))
for uri in sys.argv[1:]:
    pool.add(uri)
GLib.MainLoop().run()
