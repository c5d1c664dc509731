// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One life of a connection, as a program in JavaScript sees it: journeys.py runs it.

import System from 'system';

import {Wsm, messages} from '../../bindings/gjs/wsm.js';

const GREETING = 'grüezi \u{1f493}';

// The arguments of the next emission of a signal.
function once(source, signal) {
    return new Promise(resolve => {
        const handler = source.connect(signal, (_source, ...args) => {
            source.disconnect(handler);
            resolve(args);
        });
    });
}

async function travel(uri) {
    const pool = new Wsm.Pool({backoff: new Wsm.Backoff({initial: 100, max: 100})});
    const feed = pool.add(uri);
    const inbox = messages(feed);
    const hear = async () => {
        const {value} = await inbox.next();
        return typeof value === 'string' ? value : `[${value.join(' ')}]`;
    };

    await feed.open_async(null);
    print('open');
    feed.send_text(GREETING);
    feed.send_bytes(new Uint8Array([0, 127, 255]));
    print('heard', await hear());
    print('heard', await hear());
    print('round trip', await feed.ping_async(null));

    const lost = once(feed, 'disconnected');
    print('kill me');
    const [reason, willRetry] = await lost;
    print('lost', willRetry, reason.to_string());
    await feed.open_async(null);
    print('open', feed.n_reconnects);
    feed.send_text(GREETING);
    print('heard', await hear());

    await feed.close_async(1000, 'done', null);
    const {done} = await inbox.next();
    print('closed', done, feed.state === Wsm.State.CLOSED);
}

await travel(System.programArgs[0]);
