#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later

import sys

import gi
gi.require_version ("Wsm", "1")
from gi.repository import GLib, Wsm

uris = sys.argv[1:] or ("wss://api1.example.com", "wss://api2.example.com")

pool = Wsm.Pool (heartbeat=Wsm.Heartbeat (mode=Wsm.HeartbeatMode.TEXT, payload="ping",
                                          interval=5000, idle_only=False))
pool.connect ("message", lambda pool, feed, kind, data: print (feed.props.name, data.get_data ()))
pool.connect ("connection-state-changed",
              lambda pool, feed: print (feed.props.name, feed.props.reason.to_string ()))
for uri in uris:
    pool.add (uri)
GLib.MainLoop ().run ()
