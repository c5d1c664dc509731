#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a program beside a feed that is not libsoup.

with-feed.py COMMAND…

FEED_URI is the address of a feed that ticks, REFUSED_URI one where nobody listens.
"""

import os
import subprocess
import sys

import peers

reserved, port = peers.reserve_port()
with reserved, peers.Server("--tick", "10") as feed:
    environment = dict(os.environ, FEED_URI=feed.uri, REFUSED_URI=f"ws://127.0.0.1:{port}/")
    sys.exit(subprocess.run(sys.argv[1:], env=environment, check=False).returncode)
