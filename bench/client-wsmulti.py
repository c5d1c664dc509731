# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""libwsmulti from Python, in a program that hears of each beat."""

import gi

gi.require_version("Wsm", "1")
from gi.repository import GLib, Wsm  # noqa: E402

import meter  # noqa: E402


class Client:
    def __init__(self):
        self.meter = meter.Meter("PyGObject " + gi.__version__)
        self.loop = GLib.MainLoop()
        self.was_open = False
        interval = self.meter.interval
        self.pool = Wsm.Pool(coalesce=self.meter.slot, max_handshakes=meter.N_HANDSHAKES,
                             max_handshakes_per_host=meter.N_HANDSHAKES)
        # Not by name: what Python makes of times in seconds is not what this is about.
        self.pool.set_heartbeat(Wsm.Heartbeat(interval=interval, timeout=min(interval, 5000),
                                              jitter=0, idle_only=False))
        self.pool.connect("notify::n-open", self.on_n_open)

    def on_n_open(self, pool, _property):
        if self.was_open or pool.get_n_open() < self.meter.connections:
            return
        self.was_open = True
        self.meter.opened()
        GLib.timeout_add(round(self.meter.warm_up * 1000), self.on_warm)

    def on_beat(self, _connection, _sequence, round_trip):
        if self.meter.is_measuring:
            self.meter.round_trips.append(round_trip)

    def on_beats(self, _pool, beats):
        """As above, in one call."""
        for connection, round_trip in zip(beats.get_connections(), beats.get_round_trips()):
            if round_trip >= 0:
                self.on_beat(connection, None, round_trip)

    def on_warm(self):
        GLib.timeout_add(self.meter.seconds * 1000, self.on_end)
        self.meter.begin()
        return GLib.SOURCE_REMOVE

    def on_end(self):
        self.meter.end()
        self.meter.print(self.pool.get_n_open())
        self.loop.quit()
        return GLib.SOURCE_REMOVE

    def run(self):
        self.meter.start()
        if self.meter.follow == "bursts":
            self.pool.connect("beats", self.on_beats)
        for _ in range(self.meter.connections):
            connection = self.pool.add(self.meter.uri)
            if self.meter.follow == "each":
                connection.connect("beat", self.on_beat)
        self.loop.run()


Client().run()
