#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that has secrets wherever a program can have them.

keeper.py SECRET HOST:PORT/PATH
"""

import sys

import gi

gi.require_version("Soup", "3.0")
gi.require_version("Wsm", "1")

from gi.repository import GLib, Soup, Wsm  # noqa: F401

SECRET, PLACE = sys.argv[1:]

GLib.set_prgname("keeper")


def prepare(feed, message):
    headers = message.get_request_headers()
    headers.append("Authorization", f"Bearer {SECRET}")
    headers.append("Cookie", f"session={SECRET}")
    headers.append("X-Api-Key", SECRET)
    return False


def opened(feed, reconnected):
    feed.send_text(f"my password is {SECRET}")
    print("told", flush=True)


pool = Wsm.Pool()
heartbeat = Wsm.Heartbeat(mode=Wsm.HeartbeatMode.TEXT, payload=f"beat {SECRET}",
                          reply_match=Wsm.ReplyMatch.EXACT, interval=500, timeout=400,
                          idle_only=False, max_missed=6)
feed = Wsm.Connection(uri=f"ws://{SECRET}:{SECRET}@{PLACE}?token={SECRET}", heartbeat=heartbeat)
feed.connect("prepare", prepare)
feed.connect("opened", opened)
pool.add_connection(feed)
feed.open()
GLib.MainLoop().run()
