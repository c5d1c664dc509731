// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import Wsm from 'gi://Wsm?version=1';
import WsmEcho from 'gi://WsmEcho?version=1';

import {until} from './harness.js';

// A server with one path, and a pool that is quick to try again.
export class World {
    constructor(switches = {}) {
        this.server = new WsmEcho.Server();
        this.path = this.server.add_path('/feed');
        Object.assign(this.path, switches);
        this.server.start();
        this.uri = this.server.dup_uri('/feed');
        this.pool = new Wsm.Pool({
            heartbeat: new Wsm.Heartbeat({mode: Wsm.HeartbeatMode.OFF}),
            backoff: new Wsm.Backoff({initial: 1, max: 100}),
        });
    }

    async open() {
        const feed = this.pool.add(this.uri);
        await until(() => feed.state === Wsm.State.OPEN);
        return feed;
    }
}
