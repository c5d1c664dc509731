#!/usr/bin/gjs -m
// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import GLib from 'gi://GLib';
import System from 'system';
import Wsm from 'gi://Wsm?version=1';

const uris = System.programArgs.length > 0
    ? System.programArgs
    : ['wss://api1.example.com', 'wss://api2.example.com'];

const pool = new Wsm.Pool({
    heartbeat: new Wsm.Heartbeat({
        mode: Wsm.HeartbeatMode.TEXT,
        payload: 'ping',
        interval: 5000,
        idle_only: false,
    }),
});
pool.connect('message', (_pool, feed, _kind, data) =>
    print(feed.name, new TextDecoder().decode(data.get_data())));
pool.connect('connection-state-changed', (_pool, feed) =>
    print(feed.name, feed.reason.to_string()));
for (const uri of uris)
    pool.add(uri);
new GLib.MainLoop(null, false).run();
