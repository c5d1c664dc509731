// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What bindings/gjs/wsm.js adds to the library, against the echo server.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import WsmEcho from 'gi://WsmEcho?version=1';

import DefaultWsm, {MessagesLostError, Wsm, messages} from '../../bindings/gjs/wsm.js';
import {assert, assertEqual, assertThrows, collect, define, hasHandlers, main, until}
    from './harness.js';
import {World} from './world.js';

function isListenedTo(feed) {
    return ['message', 'closed', 'failed'].some(name => hasHandlers(feed, name));
}

// Reads until the loop ends.
async function readAll(iterator, read = []) {
    for await (const message of iterator)
        read.push(message);
    return read;
}

async function readSome(iterator, count) {
    const read = [];
    while (read.length < count) {
        const {value, done} = await iterator.next();
        assert(!done, `it ended after ${JSON.stringify(read)}`);
        read.push(value);
    }
    return read;
}

define('beats-are-pairs', async () => {
    const world = new World();
    world.pool.heartbeat = new Wsm.Heartbeat({interval: 60000, timeout: 100});
    const feeds = [...Array(3)].map(() => world.pool.add(world.uri));
    await until(() => world.pool.n_open === 3);
    const pairs = new Map();
    world.pool.connect('beats', (_pool, beats) => {
        for (const [feed, roundTrip] of beats)
            pairs.set(feed, roundTrip);
    });
    world.pool.probe();
    await until(() => pairs.size === 3);
    assertEqual(feeds.map(feed => pairs.get(feed)), feeds.map(feed => feed.latency.last));
    pairs.clear();
    world.path.mute = true;
    world.pool.probe();
    await until(() => pairs.size === 3);
    assertEqual(feeds.map(feed => pairs.get(feed)), [null, null, null]);
});

define('every-asynchronous-method-returns-a-promise', async () => {
    assert(DefaultWsm === Wsm);
    const [, gir] = GLib.file_get_contents(GLib.getenv('WSM_GIR'));
    const classes = new TextDecoder().decode(gir).split('<class name="').slice(1);
    const found = [];
    for (const text of classes) {
        const [type] = text.split('"');
        for (const [, method] of text.matchAll(/<method name="(\w+_async)"/g)) {
            found.push(`${type}.${method}`);
            assert(Wsm[type].prototype[`_original_${method}`] !== undefined, `${type}.${method}`);
        }
    }
    assert(found.includes('Pool.close_async') && found.length >= 4, `${found}`);

    const world = new World();
    const feed = world.pool.add(world.uri);
    assertEqual(await feed.open_async(null), true);
    assert(await feed.ping_async(null) > 0);
    assertEqual(await feed.close_async(1000, 'done', null), true);
    assertEqual(await world.pool.close_async(1000, null), true);
});

define('what-is-left-out-is-the-default', async () => {
    const world = new World();
    const feed = world.pool.add(world.uri);
    assertEqual(await feed.open_async(), true);
    assert(await feed.ping_async() > 0);
    assertEqual(await feed.close_async(), true);
    assertEqual(feed.close_code, 1000);
    assertEqual(await feed.open_async(), true);
    assertEqual([...world.pool], [feed]);
    assertEqual(feed.close(4000), true);
    assertEqual(await world.pool.close_async(), true);
    assertEqual([feed.close_code, `${feed.reason}`], [4000, feed.reason.to_string()]);
});

define('what-is-wrong-is-an-exception', async () => {
    const world = new World();
    const feed = await world.open();
    for (const [code, wrong] of [
        [Wsm.Error.INVALID_SETTING, () => new Wsm.Heartbeat({interval: 5})],
        [Wsm.Error.INVALID_SETTING, () => new Wsm.Backoff({initial: 200, max: 100})],
        [Wsm.Error.INVALID_TEXT, () => feed.send_text('a\0b')],
        [Wsm.Error.INVALID_TEXT, () => world.pool.broadcast_text('a\0b')],
    ])
        await assertThrows(Wsm.Error, code, wrong);
    for (const [kind, wrong] of [
        [TypeError, () => messages(null)],
        [TypeError, () => messages(world.pool)],
        [RangeError, () => messages(feed, {limit: -1})],
        [RangeError, () => messages(feed, {limit: '1'})],
    ]) {
        let thrown = null;
        try {
            wrong();
        } catch (error) {
            thrown = error;
        }
        assert(thrown instanceof kind, `${wrong}: ${thrown}`);
    }
    assert(!hasHandlers(world.pool, 'message') && !isListenedTo(feed));
});

define('an-attempt-waits-for-a-promise', async () => {
    const world = new World();
    const feed = world.pool.add(world.uri);
    const steps = [];
    feed.connect('prepare', async (connection, message) => {
        steps.push('asked');
        await world.pool.add(world.uri).open_async();
        message.get_request_headers().replace('X-Token', 'fresh');
        steps.push('signed');
    });
    feed.connect('opened', () => steps.push('opened'));
    await feed.open_async();
    world.path.drop_all();
    await until(() => feed.n_reconnects === 1);
    assertEqual(steps, ['asked', 'signed', 'opened', 'asked', 'signed', 'opened']);
});

define('an-attempt-fails-with-its-promise', async () => {
    const refusal = new GLib.Error(Gio.IOErrorEnum, Gio.IOErrorEnum.NOT_FOUND, 'no token today');
    for (const [thrown, code, told] of [
        [refusal, Gio.IOErrorEnum.NOT_FOUND, 'no token today'],
        [new TypeError('no token'), Gio.IOErrorEnum.FAILED, 'TypeError: no token'],
    ]) {
        const world = new World();
        const feed = world.pool.add(world.uri);
        feed.connect('prepare', async () => {
            throw thrown;
        });
        const error = await assertThrows(Gio.IOErrorEnum, code, () => feed.open_async());
        assertEqual([error.message, `${feed.reason}`], [told, `prepare-failed: ${told}`]);
    }
});

define('an-attempt-waits-for-nobody-who-is-done', async () => {
    const world = new World();
    const feed = world.pool.add(world.uri);
    feed.connect('prepare', (_connection, message) => {
        message.get_request_headers().replace('X-Token', 'fresh');
        return false;
    });
    assertEqual(await feed.open_async(), true);
});

define('callbacks-are-still-called', async () => {
    const world = new World();
    const feed = await world.open();
    let roundTrip = 0;
    feed.ping_async(null, (source, result) => {
        roundTrip = source.ping_finish(result);
    });
    await until(() => roundTrip > 0);
});

define('messages-are-strings-and-bytes-in-order', async () => {
    const world = new World();
    const feed = await world.open();
    const [iterator, other] = [messages(feed), messages(feed)];
    const texts = ['grüezi', '', '\ufeffmarked', '\u{1f493}'.repeat(1000)];
    texts.forEach(text => feed.send_text(text));
    feed.send_bytes(new Uint8Array([0, 255]));
    feed.send_bytes(new Uint8Array([]));
    feed.send_text('last');

    const read = await readSome(iterator, 7);
    assertEqual([...read.slice(0, 4), read[6]], [...texts, 'last']);
    assert(read[4] instanceof Uint8Array && read[5] instanceof Uint8Array);
    assertEqual([Array.from(read[4]), read[5].length], [[0, 255], 0]);

    // Each has its own.
    read[4][0] = 7;
    assertEqual(Array.from((await readSome(other, 7))[4]), [0, 255]);
});

define('nothing-is-missed-between-the-call-and-the-loop', async () => {
    const world = new World();
    const feed = world.pool.add(world.uri);
    feed.greetings = ['hello'];
    const iterator = messages(feed);
    await until(() => feed.n_messages_received >= 1);
    assertEqual(await readSome(iterator, 1), ['hello']);
});

define('calls-of-next-are-answered-in-turn', async () => {
    const world = new World();
    const feed = await world.open();
    const iterator = messages(feed);
    const calls = Array.from({length: 4}, () => iterator.next());
    feed.send_text('first');
    feed.send_text('second');
    assertEqual([(await calls[0]).value, (await calls[1]).value], ['first', 'second']);
    assertEqual(await iterator.return('left'), {value: 'left', done: true});
    for (const {done} of [await calls[2], await calls[3], await iterator.next()])
        assert(done);
});

define('a-reconnection-is-no-end', async () => {
    const world = new World();
    const feed = world.pool.add(world.uri);
    feed.greetings = ['subscribe'];
    const iterator = messages(feed);
    assertEqual(await readSome(iterator, 1), ['subscribe']);
    world.path.drop_all();
    assertEqual(await readSome(iterator, 1), ['subscribe']);
    assertEqual([feed.n_reconnects, isListenedTo(feed)], [1, true]);
});

define('the-loop-ends-when-the-connection-is-closed', async () => {
    const world = new World();
    const feed = await world.open();
    const iterator = messages(feed);
    feed.send_text('last');
    await until(() => feed.n_messages_received === 1);
    await feed.close_async(1000, null, null);
    assert(!isListenedTo(feed));
    assertEqual(await readAll(iterator), ['last']);
    assertEqual(await readAll(iterator), []);

    // Also while it waits; and a new life has new messages.
    await feed.open_async(null);
    const reading = readAll(messages(feed));
    await feed.close_async(1000, null, null);
    assertEqual(await reading, []);
});

define('the-loop-ends-when-the-connection-is-removed', async () => {
    const world = new World();
    const feed = await world.open();
    const [reading, iterator] = [readAll(messages(feed)), messages(feed)];
    feed.send_text('last');
    await until(() => feed.n_messages_received === 1);
    assertEqual([world.pool.remove(feed), world.pool.remove(feed)], [true, false]);
    assert(!isListenedTo(feed));
    assertEqual([await reading, await readAll(iterator)], [['last'], ['last']]);
});

define('the-loop-throws-what-failed', async () => {
    const world = new World({refuse: 404});
    const feed = world.pool.add(world.uri);
    await assertThrows(Wsm.Error, Wsm.Error.HTTP_STATUS, () => readAll(messages(feed)));
    assert(!isListenedTo(feed));

    world.path.refuse = 0;
    feed.retry_now();
    await feed.open_async(null);
    const [iterator, read] = [messages(feed), []];
    feed.send_text('last');
    await until(() => feed.n_messages_received === 1);
    feed.connect('should-retry', () => Wsm.RetryDecision.STOP);
    world.path.drop_all();
    await until(() => feed.state === Wsm.State.FAILED);
    let caught = null;
    await readAll(iterator, read).catch(error => {
        caught = error;
    });
    assertEqual([read, caught?.message], [['last'], feed.error.message]);
});

define('leaving-the-loop-disconnects', async () => {
    const world = new World();
    const feed = await world.open();
    assert(!isListenedTo(feed));
    for (let round = 0; round < 100; round++) {
        feed.send_text(`${round}`);
        for await (const message of messages(feed)) {
            assertEqual([message, isListenedTo(feed)], [`${round}`, true]);
            break;
        }
        assert(!isListenedTo(feed));
    }
    const fail = async () => {
        feed.send_text('once more');
        for await (const message of messages(feed))
            throw new Error(message);
    };
    let thrown = '';
    await fail().catch(error => {
        thrown = error.message;
    });
    assertEqual([thrown, isListenedTo(feed), feed.state], ['once more', false, Wsm.State.OPEN]);
});

define('what-is-not-read-is-bounded-and-what-is-dropped-is-told', async () => {
    const world = new World();
    const feed = await world.open();
    const iterator = messages(feed, {limit: 10000});
    for (let number = 0; number < 100; number++)
        feed.send_text(`${number}`.padEnd(1000));
    await until(() => feed.n_messages_received === 100);
    assertEqual((await readSome(iterator, 3)).map(Number), [0, 1, 2]);

    // There is room again, but what came now would follow a hole.
    feed.send_text('short');
    await until(() => feed.n_messages_received === 101);
    const read = [];
    let lost = null;
    await readAll(iterator, read).catch(error => {
        lost = error;
    });
    assertEqual(read.map(Number), [3, 4, 5, 6, 7, 8, 9]);
    assert(lost instanceof MessagesLostError, `${lost}`);
    assertEqual([lost.nMessages, lost.nBytes], [91, 90005]);
    assert(lost.message.startsWith(`${feed.name}: 91 messages`), lost.message);
    assertEqual([feed.state, isListenedTo(feed)], [Wsm.State.OPEN, false]);
    assertEqual(await readAll(iterator), []);

    // The next loop goes on from here. Small ones have their price, and one may always wait.
    const next = messages(feed, {limit: 1000});
    for (let number = 0; number < 5; number++)
        feed.send_text(`${number}`);
    await until(() => feed.n_messages_received === 106);
    assertEqual(await readSome(next, 3), ['0', '1', '2']);
    lost = null;
    await next.next().catch(error => {
        lost = error;
    });
    assertEqual(lost?.nMessages, 2);

    // What was read takes no room any more.
    const slow = messages(feed, {limit: 1000});
    for (let number = 0; number < 10; number++) {
        feed.send_text(`${number}`);
        await until(() => feed.n_messages_received === 107 + number);
        if (number > 0)
            assertEqual(await readSome(slow, 1), [`${number - 1}`]);
    }
    slow.return();

    const large = messages(feed, {limit: 1000});
    feed.send_text('x'.repeat(100000));
    await until(() => feed.n_messages_received === 117);
    assertEqual((await readSome(large, 1))[0].length, 100000);
});

define('the-loop-is-cancelled', async () => {
    const world = new World();
    const feed = await world.open();
    const cancellable = new Gio.Cancellable();
    const cancelled = run => assertThrows(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED, run);
    const reading = readAll(messages(feed, {cancellable}));
    await feed.ping_async(null);
    assert(hasHandlers(cancellable, 'cancelled'));
    cancellable.cancel();
    assert(!isListenedTo(feed) && !hasHandlers(cancellable, 'cancelled'));
    await cancelled(() => reading);
    await cancelled(() => readAll(messages(feed, {cancellable})));
    assert(!isListenedTo(feed) && !hasHandlers(cancellable, 'cancelled'));

    const unused = new Gio.Cancellable();
    await messages(feed, {cancellable: unused}).return();
    assert(!hasHandlers(unused, 'cancelled'));
    assertEqual(feed.state, Wsm.State.OPEN);
});

define('a-loop-that-nobody-ends-is-collected', async () => {
    const world = new World();
    await world.open();
    readAll(messages(world.pool.get_item(0)));
    assertEqual(world.path.n_connections, 1);
    world.pool = null;
    await collect();
    await until(() => world.path.n_connections === 0);
});

main();
