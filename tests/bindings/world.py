# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that misbehaves as it is told, and a pool for connections to it."""

import gi
from harness import until

gi.require_versions({"Wsm": "1", "WsmEcho": "1"})
from gi.repository import Wsm, WsmEcho


class World:
    """A server with one path, and a pool that is quick to try again."""

    def __init__(self, **switches):
        self.server = WsmEcho.Server()
        self.path = self.server.add_path("/feed")
        for name, value in switches.items():
            self.path.set_property(name, value)
        self.server.start()
        self.uri = self.server.dup_uri("/feed")
        self.pool = Wsm.Pool(heartbeat=Wsm.Heartbeat(mode=Wsm.HeartbeatMode.OFF),
                             backoff=Wsm.Backoff(initial=1, max=100))

    def add(self):
        return self.pool.add(self.uri)

    def open(self, **switches):
        feed = self.add()
        for name, value in switches.items():
            feed.set_property(name, value)
        until(lambda: feed.props.state == Wsm.State.OPEN)
        return feed
