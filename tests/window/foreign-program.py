#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that knows nothing of inspectors: two connections that are not opened, and a loop."""

import gi

gi.require_version("Wsm", "1")
from gi.repository import GLib, Wsm

pool = Wsm.Pool()
for _ in range(2):
    pool.add_connection(Wsm.Connection(uri="ws://127.0.0.1/"))
GLib.MainLoop().run()
