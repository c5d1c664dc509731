// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a program in JavaScript does with the library, against the echo server.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Soup from 'gi://Soup?version=3.0';
import WsmEcho from 'gi://WsmEcho?version=1';

import {Wsm} from '../../bindings/gjs/wsm.js';
import {assert, assertEqual, assertThrows, collect, define, main, openFiles, until}
    from './harness.js';
import {World} from './world.js';

const text = data => new TextDecoder().decode(data.get_data());

// The arguments of each emission of a signal, as they come.
function heard(source, signal, answer = undefined) {
    const emissions = [];
    source.connect(signal, (_source, ...args) => {
        emissions.push(args);
        return answer;
    });
    return emissions;
}

define('the-pool-is-a-list-model', async () => {
    const world = new World();
    const changes = heard(world.pool, 'items-changed');
    const first = world.pool.add(world.uri);
    const second = world.pool.add(world.uri);
    assertEqual(changes, [[0, 0, 1], [1, 0, 1]]);
    assert(world.pool instanceof Gio.ListModel);
    assert(world.pool.get_item_type() === Wsm.Connection.$gtype);
    assertEqual([world.pool.get_n_items(), world.pool.n_items], [2, 2]);
    assert(world.pool.get_item(0) === first && world.pool.get_item(1) === second);
    assert(world.pool.get_item(2) === null);
    assertEqual(second.name, `${first.name} #2`);
    assert(world.pool.lookup(second.name) === second && world.pool.lookup('nobody') === null);
    const notified = heard(world.pool, 'notify::n-open');
    await until(() => world.pool.n_open === 2);
    assert(notified.length > 0);
    assert(world.pool.remove(first) && !world.pool.remove(first));
    assertEqual(changes.slice(2), [[0, 1, 0]]);
    assert(world.pool.session instanceof Soup.Session);
    assert(world.pool.watch_environment && !world.pool.saves_power);
    world.pool.watch_environment = false;
    assert(!world.pool.get_watch_environment() && !world.pool.get_saves_power());
});

define('properties-are-read-set-and-notified', async () => {
    const world = new World();
    const feed = new Wsm.Connection({
        uri: world.uri,
        name: 'feed',
        protocols: ['one', 'two'],
        origin: 'https://example.com',
        greetings: ['hello'],
    });
    assertEqual([feed.uri, feed.get_uri(), feed.name], [world.uri, world.uri, 'feed']);
    assertEqual([feed.protocols, feed.get_protocols()], [['one', 'two'], ['one', 'two']]);
    assertEqual([feed.greetings, feed.get_greetings()], [['hello'], ['hello']]);
    assertEqual([feed.state, feed.error, feed.get_error()], [Wsm.State.IDLE, null, null]);
    assertEqual([feed.close_reason, feed.heartbeat, feed.backoff], [null, null, null]);
    assertEqual(feed.reason.get_code(), Wsm.ReasonCode.NONE);

    const notified = [];
    feed.connect('notify', (_feed, spec) => notified.push(spec.name));
    feed.greetings = null;
    feed.outbox_limit = 2 ** 33;
    assertEqual(feed.get_outbox_limit(), 2 ** 33);
    feed.set_connect_timeout(1234);
    feed.connectTimeout = 1234;
    assertEqual(notified, ['greetings', 'outbox-limit', 'connect-timeout']);

    const states = [];
    feed.connect('notify::state', () => states.push(feed.state));
    assert(world.pool.add_connection(feed));
    assert(feed.heartbeat === world.pool.heartbeat);
    feed.open();
    await until(() => feed.state === Wsm.State.OPEN);
    assertEqual(states, [Wsm.State.CONNECTING, Wsm.State.OPEN]);
    assert(feed.opened_at > 0 && feed.attempt === 1);
    assert(feed.remote_address.startsWith('127.0.0.1'));
    assert(feed.liveness_source & Wsm.LivenessSource.MESSAGES);
    assertEqual([feed.limits_enforced, feed.latency.count], [true, 0]);
    assert(feed.latency === feed.get_latency());
});

define('signals-come-with-all-their-arguments', async () => {
    const world = new World();
    const feed = world.pool.add(world.uri);
    const [opened, messages, lost, closed] =
        ['opened', 'message', 'disconnected', 'closed'].map(name => heard(feed, name));
    const [inPool, states] =
        ['message', 'connection-state-changed'].map(name => heard(world.pool, name));
    await until(() => opened.length > 0);
    assertEqual(opened, [[false]]);
    assert(states.length === 2 && states.every(([owner]) => owner === feed));
    feed.send_text('grüezi');
    feed.send_bytes(new GLib.Bytes(new Uint8Array([0, 255])));
    await until(() => inPool.length === 2);
    assertEqual(messages.map(([kind, data]) => [kind, [...data.get_data()]]), [
        [Soup.WebsocketDataType.TEXT, [...new TextEncoder().encode('grüezi')]],
        [Soup.WebsocketDataType.BINARY, [0, 255]],
    ]);
    assert(inPool.every(([owner]) => owner === feed));
    world.path.drop_all();
    await until(() => opened.length === 2);
    assertEqual(opened[1], [true]);
    const [[reason, willRetry]] = lost;
    assertEqual(willRetry, true);
    assert([Wsm.ReasonCode.RESET, Wsm.ReasonCode.END_OF_STREAM].includes(reason.get_code()));
    assert(reason.get_delay() >= 1 && reason.get_delay() <= reason.get_delay_bound());
    assert(reason.to_string().includes('trying again in'), reason.to_string());
    assertEqual(feed.n_reconnects, 1);
    assert(feed.close(4321, 'enough'));
    await until(() => closed.length > 0);
    assertEqual([closed, lost.length, lost[1][1]], [[[]], 2, false]);
    assertEqual(feed.state, Wsm.State.CLOSED);
});

define('errors-come-with-their-code', async () => {
    const world = new World();
    const throws = (code, run) => assertThrows(Wsm.Error, code, run);
    const error = await throws(Wsm.Error.INVALID_URI, () => world.pool.add('https://example.com'));
    assert(error instanceof Wsm.Error && error.message.includes('ws'), error.message);
    await throws(Wsm.Error.NOT_IN_POOL, () => Wsm.Connection.new(world.uri).open());
    const feed = new Wsm.Connection({uri: world.uri, name: 'feed'});
    world.pool.add_connection(feed);
    await throws(Wsm.Error.NAME_TAKEN, () =>
        world.pool.add_connection(new Wsm.Connection({uri: world.uri, name: 'feed'})));
    await throws(Wsm.Error.NOT_OPEN, () => feed.send_text('too early'));
    await throws(Wsm.Error.NOT_OPEN, () => feed.send_bytes(new GLib.Bytes([1])));
    await feed.open_async(null);
    await throws(Wsm.Error.INVALID_CLOSE, () => feed.close(7, null));
    feed.outbox_limit = 10;
    await throws(Wsm.Error.TOO_BIG, () => feed.send_text('more than fits'));
    await throws(Wsm.Error.OUTBOX_FULL, () => {
        for (let count = 0; count < 1000; count++)
            feed.send_text('fits');
    });
    await throws(Wsm.Error.INVALID_SETTING, () => new Wsm.Heartbeat({interval: 1}).validate());
    await throws(Wsm.Error.INVALID_SETTING, () =>
        new Wsm.Backoff({initial: 200, max: 100}).validate());
});

define('what-cannot-get-better-fails-with-its-error', async () => {
    const world = new World({refuse: 404});
    const feed = world.pool.add(world.uri);
    const failed = heard(feed, 'failed');
    await until(() => failed.length > 0);
    const [[error]] = failed;
    assert(error.matches(Wsm.Error, Wsm.Error.HTTP_STATUS), `${error}`);
    assert(feed.error.matches(Wsm.Error, Wsm.Error.HTTP_STATUS));
    assertEqual(feed.get_error().message, error.message);
    assertEqual([feed.reason.get_http_status(), world.pool.n_failed], [404, 1]);
    assert(world.pool.lateness === world.pool.get_lateness());
    assertEqual([feed.reason.get_tls_errors(), feed.reason.get_size_limit()], [0, 0]);
    world.path.refuse = 0;
    feed.retry_now();
    await until(() => feed.state === Wsm.State.OPEN);
});

define('should-retry-decides', async () => {
    const world = new World({refuse: 404});
    const feed = world.pool.add(world.uri);
    const seen = [];
    feed.connect('should-retry', (_feed, reason) => {
        seen.push(reason);
        return seen.length < 3 ? Wsm.RetryDecision.RETRY : Wsm.RetryDecision.DEFAULT;
    });
    await until(() => feed.state === Wsm.State.FAILED);
    assertEqual(seen.map(reason => reason.get_http_status()), [404, 404, 404]);

    world.path.refuse = 503;
    const stopped = world.pool.add(world.uri);
    heard(stopped, 'should-retry', Wsm.RetryDecision.STOP);
    await until(() => stopped.state === Wsm.State.FAILED);
    assertEqual(world.path.n_handshakes, 4);
});

define('prepare-may-put-an-attempt-off', async () => {
    const world = new World();
    const feed = world.pool.add(world.uri);
    const waiting = heard(feed, 'prepare', true);
    await until(() => waiting.length > 0);
    assertEqual([feed.state, world.path.n_handshakes], [Wsm.State.CONNECTING, 0]);
    feed.fail_attempt(waiting[0][0], new GLib.Error(Gio.IOErrorEnum,
        Gio.IOErrorEnum.PERMISSION_DENIED, 'no token today'));
    await until(() => [Wsm.State.WAITING, Wsm.State.FAILED].includes(feed.state));
    assertEqual(feed.reason.get_code(), Wsm.ReasonCode.PREPARE_FAILED);
    assert(feed.reason.to_string().includes('no token today'), feed.reason.to_string());
    feed.retry_now();
    await until(() => waiting.length === 2);
    const [message] = waiting[1];
    assert(message instanceof Soup.Message);
    message.request_headers.append('Authorization', 'Bearer 1');
    feed.proceed(message);
    await until(() => feed.state === Wsm.State.OPEN);
});

define('open-close-and-ping-are-asynchronous', async () => {
    const world = new World();
    const feed = new Wsm.Connection({uri: world.uri});
    world.pool.add_connection(feed);
    assertEqual(await feed.open_async(null), true);
    const roundTrip = await feed.ping_async(null);
    assert(roundTrip > 0 && roundTrip < 1000, `${roundTrip}`);
    assertEqual(world.path.n_pings, 1);
    await assertThrows(Wsm.Error, Wsm.Error.INVALID_CLOSE, () => feed.close_async(7, null, null));
    assertEqual(await feed.close_async(1000, 'done', null), true);
    assertEqual(feed.state, Wsm.State.CLOSED);
    await assertThrows(Wsm.Error, Wsm.Error.NOT_OPEN, () => feed.ping_async(null));
    assertEqual(await feed.open_async(null), true);
    assertEqual(await world.pool.close_async(1000, null), true);
    await until(() => world.path.n_connections === 0);
});

define('a-wait-is-cancelled', async () => {
    const world = new World({stall: true});
    const feed = world.pool.add(world.uri);
    const cancelled = run => {
        const cancellable = new Gio.Cancellable();
        GLib.idle_add(GLib.PRIORITY_DEFAULT, () => {
            cancellable.cancel();
            return GLib.SOURCE_REMOVE;
        });
        return assertThrows(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED, () => run(cancellable));
    };
    await cancelled(cancellable => feed.open_async(cancellable));
    assertEqual(feed.state, Wsm.State.CONNECTING);
    world.path.stall = false;
    feed.abort();
    await feed.open_async(null);
    world.path.mute = true;
    await cancelled(cancellable => feed.ping_async(cancellable));
    assertEqual(feed.state, Wsm.State.OPEN);
});

define('beats-are-answered-and-missed', async () => {
    const world = new World({reply_to: 'ping 1', reply: 'pong 1', late: 20});
    world.pool.heartbeat = new Wsm.Heartbeat({
        mode: Wsm.HeartbeatMode.TEXT,
        payload: 'ping %{seq}',
        interval: 100,
        timeout: 80,
        max_missed: 2,
        jitter: 0,
        idle_only: false,
        reply_match: Wsm.ReplyMatch.EXACT,
        reply: 'pong %{seq}',
        hide_reply: true,
        liveness: Wsm.Liveness.STRICT,
    });
    assert(world.pool.heartbeat.validate());
    assert(world.pool.heartbeat.worst_case_detection() >= 180);
    const feed = world.pool.add(world.uri);
    const [answered, messages, lost] =
        ['beat', 'message', 'disconnected'].map(name => heard(feed, name));
    const states = [];
    feed.connect('notify::state', () => states.push(feed.state));
    await until(() => answered.length > 0);
    const [[number, roundTrip]] = answered;
    assertEqual([messages.length, number, feed.latency.count], [0, 1, 1]);
    assert(roundTrip >= 20 && roundTrip < 80 && feed.latency.last === roundTrip, `${roundTrip}`);
    world.path.mute = true;
    await until(() => lost.length > 0);
    const [[reason, willRetry]] = lost;
    assertEqual([reason.get_code(), willRetry], [Wsm.ReasonCode.HEARTBEAT_LOST, true]);
    assertEqual([reason.get_n_missed(), reason.get_max_missed()], [2, 2]);
    assertEqual(states.slice(0, 4), [Wsm.State.CONNECTING, Wsm.State.OPEN, Wsm.State.SUSPECT,
        Wsm.State.WAITING]);
    assert(reason.to_string().startsWith('heartbeat-lost: 2 of 2 beats unanswered'));
});

define('the-peers-faults-have-codes', async () => {
    let world = new World({close_code: 4000});
    let feed = world.pool.add(world.uri);
    const lost = heard(feed, 'disconnected');
    await until(() => feed.state === Wsm.State.FAILED);
    assertEqual([lost[0][0].get_close_code(), feed.close_code], [4000, 4000]);
    assert(feed.error.matches(Wsm.Error, Wsm.Error.PEER_CLOSED));

    world = new World({stall: true});
    feed = world.pool.add(world.uri);
    feed.connect_timeout = 50;
    feed.backoff = new Wsm.Backoff({max_attempts: 1});
    await until(() => feed.state === Wsm.State.FAILED);
    assert(feed.error.matches(Wsm.Error, Wsm.Error.GAVE_UP), `${feed.error}`);

    world = new World({refuse: 503, retry_after: '3600'});
    feed = world.pool.add(world.uri);
    await until(() => feed.state === Wsm.State.WAITING);
    assertEqual(feed.reason.get_retry_after(), 3600 * 1000);
    assert(feed.next_retry_at > GLib.get_monotonic_time());

    // One a second: the other one waits for its turn.
    world.pool.max_retries_per_second = 1;
    const other = world.pool.add(world.uri);
    await until(() => other.state === Wsm.State.WAITING);
    world.pool.retry_now();
    assertEqual(feed.state, Wsm.State.CONNECTING);
    const turnDelay = other.reason.get_turn_delay();
    assert(turnDelay > 0 && turnDelay <= 1020, `${turnDelay}`);
});

define('what-is-dropped-is-counted', async () => {
    const world = new World({refuse: 503});
    const feed = new Wsm.Connection({uri: world.uri, queueWhileClosed: true});
    world.pool.add_connection(feed);
    const dropped = heard(feed, 'dropped');
    heard(feed, 'should-retry', Wsm.RetryDecision.STOP);
    feed.open();
    feed.send_text('12345');
    feed.send_text('123');
    assertEqual(feed.buffered, 8);
    await until(() => dropped.length > 0);
    const [[nMessages, nBytes, why]] = dropped;
    assertEqual([nMessages, nBytes, why.get_http_status()], [2, 8, 503]);
});

define('what-may-be-lost-is-unconfirmed', async () => {
    const world = new World();
    const feed = await world.open();
    const unconfirmed = heard(feed, 'unconfirmed');
    feed.send_text('12345');
    feed.send_text('123');
    feed.abort();
    assertEqual(unconfirmed, [[2, 8]]);
});

define('writable-says-when-to-send-on', async () => {
    const world = new World();
    const feed = await world.open();
    feed.outbox_limit = 100000;
    const notified = heard(feed, 'notify::writable');
    assertEqual([feed.writable, feed.get_writable()], [true, true]);
    feed.send_text('x'.repeat(70000));
    assertEqual([feed.writable, notified.length], [false, 1]);
    await until(() => feed.writable);
    assertEqual(notified.length, 2);
    world.path.drop_all();
    await until(() => !feed.writable);
});

define('the-beats-of-a-pool-come-together', async () => {
    const world = new World();
    world.pool.heartbeat = new Wsm.Heartbeat({interval: 60000, timeout: 100, max_missed: 2});
    const feeds = [...Array(5)].map(() => world.pool.add(world.uri));
    await until(() => world.pool.n_open === 5);
    let told = [];
    const handler = world.pool.connect('beats', (_pool, beats) => told.push(beats));
    const count = name => told.reduce((sum, beats) => sum + beats[name](), 0);
    world.pool.probe();
    await until(() => count('get_n_answered') === 5);
    const connections = told.flatMap(beats => beats.get_connections());
    assert(connections.length === 5 && feeds.every(feed => connections.includes(feed)));
    const order = (a, b) => a - b;
    assertEqual(told.flatMap(beats => beats.get_round_trips()).sort(order),
        feeds.map(feed => feed.latency.last).sort(order));
    const [first] = told;
    assert(first.get_n_missed() === 0 && first.get_connection(0) === connections[0]);
    assert(first.get_connection(first.get_n_answered()) === null);

    world.path.mute = true;
    told = [];
    world.pool.probe();
    await until(() => count('get_n_missed') === 5);
    assert(feeds.every(feed => told.some(beats => beats.get_connections().includes(feed))));
    assert(told.every(beats => beats.get_round_trips().every(time => time < 0)));
    world.pool.disconnect(handler);

    // What a handler kept is still what it was when its connection has gone.
    world.pool.remove(connections[0]);
    await collect();
    assert(first.get_connections()[0] === connections[0] && first.get_round_trips()[0] > 0);
});

define('frames-are-seen', async () => {
    const world = new World();
    const feed = await world.open();
    const frames = heard(feed, 'frame');
    feed.send_text('first');
    await until(() => feed.n_messages_received === 1);
    feed.send_text('hello');
    await until(() => frames.length >= 2 && feed.n_messages_received === 2 &&
        frames.at(-1)[0].get_direction() === Wsm.Direction.INCOMING);
    await collect();
    const [[out], [back]] = frames.slice(-2);
    assertEqual(out.get_direction(), Wsm.Direction.OUTGOING);
    assertEqual([out.get_opcode(), out.get_length(), out.is_final()], [1, 5, true]);
    assertEqual([out.get_wire_length(), back.get_wire_length()], [11, 7]);
    assertEqual(out.is_compressed(), false);
    assert(out.get_time() > 0 && out.get_time() <= back.get_time());
    assertEqual(back.copy().get_length(), 5);
    for (const payload of [out, back].map(frame => frame.get_payload()))
        assert(payload === null || text(payload) === 'hello');
});

define('inputs-75-what-a-handler-kept-lives-on', async () => {
    const world = new World();
    const kept = [];
    const fill = async () => {
        const feed = await world.open();
        feed.connect('message', (_feed, _kind, data) => kept.push(data));
        feed.connect('disconnected', (_feed, reason) => kept.push(reason));
        feed.connect('failed', (_feed, error) => kept.push(error));
        for (let number = 0; number < 20; number++)
            feed.send_text(`message ${number} ${'x'.repeat(1000)}`);
        await until(() => kept.length === 20);
        heard(feed, 'should-retry', Wsm.RetryDecision.STOP);
        world.path.drop_all();
        await until(() => kept.length === 22);
        world.pool.remove(feed);
    };
    await fill();
    world.pool = null;
    await collect();
    for (let number = 0; number < 20; number++)
        assertEqual(text(kept[number]), `message ${number} ${'x'.repeat(1000)}`);
    const [reason, error] = kept.slice(20);
    assert(reason instanceof Wsm.Reason && error instanceof GLib.Error);
    assert(reason.to_string() !== '' && error.message !== '');
    assertEqual(reason.copy().to_string(), reason.to_string());
});

define('inputs-75-handlers-may-drop-everything', async () => {
    const world = new World();
    world.pool.connect('message', (pool, feed) => pool.remove(feed));
    (await world.open()).send_text('the last one');
    await until(() => world.pool.n_items === 0);
    await collect();
    await until(() => world.path.n_connections === 0);

    let [pool, opened] = [new Wsm.Pool(), false];
    pool.add(world.uri).connect('opened', () => {
        pool = null;
        opened = true;
    });
    await until(() => opened);
    await collect();
    await until(() => world.path.n_connections === 0);
});

// GJS tells of it with a critical: to be run without G_DEBUG=fatal-warnings.
define('inputs-75-an-exception-in-a-handler-disturbs-nobody', async () => {
    if ((GLib.getenv('G_DEBUG') ?? '').includes('fatal'))
        return 'warnings are fatal here';
    const world = new World();
    const [feed, other] = [await world.open(), await world.open()];
    const messages = heard(other, 'message');
    const raised = new Set();
    for (const signal of ['message', 'disconnected', 'opened', 'prepare', 'should-retry']) {
        feed.connect(signal, () => {
            raised.add(signal);
            throw new Error('on purpose');
        });
    }
    feed.send_text('to the one that fails');
    await until(() => raised.size === 1);
    world.path.drop_all();
    await until(() => feed.n_reconnects === 1 && other.n_reconnects === 1 && raised.size === 5);
    other.send_text('to the other');
    await until(() => messages.length > 0);
    return '';
});

define('two-hundred-pools-leave-nothing', async () => {
    const world = new World();
    await world.open();
    world.pool = null;
    await collect();
    await until(() => world.path.n_connections === 0);
    const before = openFiles();
    for (let round = 0; round < 10; round++) {
        let pools = Array.from({length: 20}, () => new Wsm.Pool());
        for (const pool of pools) {
            // Each handler holds its own pool: a cycle that only the collector ends.
            pool.connect('message', () => pool.probe());
            pool.add(world.uri);
        }
        await until(() => pools.every(pool => pool.n_open === 1));
        pools = null;
        await collect();
        await until(() => world.path.n_connections === 0);
    }
    await until(() => openFiles() <= before);
    assertEqual(world.path.n_opened, 201);
});

main();
