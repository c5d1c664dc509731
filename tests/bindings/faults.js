// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Servers and ways to them that go wrong, as a program in JavaScript sees it.

import Wsm from 'gi://Wsm?version=1';
import WsmFaults from 'gi://WsmFaults?version=1';

import {assert, assertEqual, define, main, until} from './harness.js';

// A server where all goes wrong, and a pool that is quick to try again.
class World {
    constructor() {
        this.server = new WsmFaults.Server();
        this.server.start();
        this.pool = new Wsm.Pool({
            heartbeat: new Wsm.Heartbeat({mode: Wsm.HeartbeatMode.OFF}),
            backoff: new Wsm.Backoff({initial: 1, max: 100}),
        });
        this.reasons = [];
    }

    add(uri) {
        const feed = this.pool.add(uri);
        feed.connect('disconnected', (_feed, reason) => this.reasons.push(reason.get_code()));
        return feed;
    }

    addPath(path) {
        return this.add(this.server.dup_uri(path));
    }
}

define('a-close-code-is-told', async () => {
    const world = new World();
    const feed = world.addPath('/close/4001?reason=go%20away&on=message');
    await until(() => feed.state === Wsm.State.OPEN);
    feed.send_text('now');
    await until(() => feed.state === Wsm.State.FAILED);
    assertEqual(world.reasons, [Wsm.ReasonCode.PEER_CLOSED]);
    assertEqual([feed.close_code, feed.close_reason], [4001, 'go away']);
    assertEqual(world.server.n_messages, 1);
});

define('broken-protocol-is-told', async () => {
    const world = new World();
    const feed = world.addPath('/wrong/utf8-bad');
    await until(() => feed.state === Wsm.State.FAILED);
    assertEqual(world.reasons, [Wsm.ReasonCode.PROTOCOL]);
});

define('a-way-that-is-cut-is-told', async () => {
    const world = new World();
    const proxy = new WsmFaults.Proxy({target_port: world.server.port});
    const feed = world.add(proxy.dup_uri('/echo'));
    await until(() => feed.state === Wsm.State.OPEN);
    assert(proxy.n_bytes_down > 0);
    proxy.drop_all();
    await until(() => world.reasons.length > 0);
    assertEqual(world.reasons, [Wsm.ReasonCode.END_OF_STREAM]);
});

main();
