// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the types allow, and what they do not: a line behind @ts-expect-error has to be wrong.

import Gio from 'gi://Gio';
import SameWsm from 'gi://Wsm?version=1';

import {Wsm, messages, MessagesLostError} from './wsm.js';

declare function print(...args: any[]): void;

const heartbeat = new Wsm.Heartbeat({
    mode: Wsm.HeartbeatMode.TEXT,
    payload: 'ping',
    interval: 5000,
    idle_only: false,
    maxMissed: 3,
});
// @ts-expect-error
new Wsm.Heartbeat({intervall: 5000});
// @ts-expect-error
new Wsm.Heartbeat({interval: '5s'});
// @ts-expect-error
heartbeat.interval = 3;

const pool = new Wsm.Pool({heartbeat});
const feed: Wsm.Connection = pool.add('wss://example.com');
feed.connect('should-retry', (source, reason) =>
    reason.get_http_status() === 401 ? Wsm.RetryDecision.RETRY : Wsm.RetryDecision.DEFAULT);
feed.connect('prepare', async source => print(source.name));
feed.connect('prepare', () => false);
// @ts-expect-error
feed.connect('prepare', async () => 'done');
feed.connect('notify::state', (source, spec) => print(source.name, spec.get_name()));
// @ts-expect-error
feed.connect('shuold-retry', () => Wsm.RetryDecision.RETRY);
// @ts-expect-error
feed.connect('notify::stat', () => {});
pool.connect('message', (source, connection, type, data) => print(connection.name, data.get_size()));
// @ts-expect-error
pool.lookup('name').abort();
const same: SameWsm.Connection = feed;
const model: Gio.ListModel<Wsm.Connection> = pool;
const first: Wsm.Connection | null = model.get_item(0);
// @ts-expect-error
first.abort();
feed.greetings = ['hello'];
// @ts-expect-error
feed.greetings = 3;
feed.maxMessageSize = 3;
// @ts-expect-error
feed.send_text(new Uint8Array());

async function main(): Promise<number> {
    const incoming = messages(feed, {limit: 1024});
    const opened: boolean = await feed.open_async(null) && await feed.open_async();
    const names: (string | null)[] = [...pool].map(connection => connection.name);
    feed.close(1000);
    await pool.close_async();
    // @ts-expect-error
    const answered: boolean = await feed.ping_async(null);
    feed.ping_async(null, (source, result) => print(source.ping_finish(result)));
    try {
        for await (const message of incoming) {
            // @ts-expect-error
            message.trim();
            if (typeof message === 'string')
                print(message.trim());
        }
    } catch (error) {
        if (error instanceof MessagesLostError)
            print(error.nMessages, error.nBytes);
        if (error instanceof Wsm.Error && error.code === Wsm.Error.HTTP_STATUS)
            print(error.message);
    }
    // @ts-expect-error
    messages(pool);
    await pool.close_async(1000, null);
    return feed.ping_async(null);
}

main();
