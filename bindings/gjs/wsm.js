// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * libwsmulti as JavaScript expects it: promises, `for await` over messages, `for` over a pool and
 * over the beats of many connections, and exceptions where C has criticals or nothing.
 *
 * ```js
 * import {Wsm, messages} from './wsm.js';
 *
 * const pool = new Wsm.Pool();
 * const feed = pool.add('wss://api1.example.com');
 * // From here on: what comes while something else is waited for is not lost.
 * const incoming = messages(feed);
 *
 * await feed.open_async();
 * console.log(`round trip ${await feed.ping_async()} ms`);
 * for await (const message of incoming)
 *     console.log(message);
 * ```
 *
 * Copy this file into the resources or the folder of your app; it has no other file and needs none.
 * To try it, or where the library is a part of the system, import it from where it is installed:
 * `pkg-config --variable=gjsdir libwsmulti-1` tells the folder, on Debian
 * `file:///usr/share/libwsmulti-1/gjs/`. It works with GJS 1.74 and newer.
 *
 * All else is as in the reference of the library. Who drops the last reference to a pool drops its
 * connections, so keep the pool where it is not collected.
 *
 * @module wsm
 */

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Soup from 'gi://Soup?version=3.0';
import Wsm from 'gi://Wsm?version=1';

// Where the last argument, the callback, is left out they return a promise, and what is left out
// before it is the default.
function promisify(prototype, method, defaults) {
    Gio._promisify(prototype, method);
    const call = prototype[method];
    prototype[method] = function (...given) {
        return call.call(this, ...given, ...defaults.slice(given.length));
    };
}

promisify(Wsm.Connection.prototype, 'open_async', [null]);
promisify(Wsm.Connection.prototype, 'close_async', [1000, null, null]);
promisify(Wsm.Connection.prototype, 'ping_async', [null]);
promisify(Wsm.Pool.prototype, 'close_async', [0, null]);

const close = Wsm.Connection.prototype.close;
Wsm.Connection.prototype.close = function (code = 1000, reason = null) {
    return close.call(this, code, reason);
};

// A promise is true, and true means that somebody calls proceed(). So the attempt waits for what an
// asynchronous handler of prepare promises.
const connect = Wsm.Connection.prototype.connect;
Wsm.Connection.prototype.connect = function (signal, handler) {
    if (signal !== 'prepare')
        return connect.call(this, signal, handler);
    return connect.call(this, signal, (connection, message) => {
        const result = handler(connection, message);
        if (!(result instanceof Promise))
            return result;
        result.then(() => connection.proceed(message), error => {
            connection.fail_attempt(message, error instanceof GLib.Error
                ? error
                : new GLib.Error(Gio.IOErrorEnum, Gio.IOErrorEnum.FAILED, `${error}`));
        });
        return true;
    });
};

// Those never change, so they are looked at when they are made; to set one that is not valid would
// be a critical.
for (const {prototype} of [Wsm.Heartbeat, Wsm.Backoff]) {
    const init = prototype._init;
    prototype._init = function (...properties) {
        const result = init.apply(this, properties);
        this.validate();
        return result;
    };
}

// GJS would end a text at its first NUL, and C would never know.
for (const [prototype, method] of [[Wsm.Connection.prototype, 'send_text'],
    [Wsm.Pool.prototype, 'broadcast_text']]) {
    const call = prototype[method];
    prototype[method] = function (text, ...others) {
        if (typeof text === 'string' && text.includes('\0')) {
            throw new GLib.Error(Wsm.Error, Wsm.Error.INVALID_TEXT,
                'the text holds a NUL, and C would end it there; send it as bytes');
        }
        return call.call(this, text, ...others);
    };
}

// `for (const connection of pool)`: those of the moment at which it begins.
Wsm.Pool.prototype[Symbol.iterator] = function () {
    return Array.from({length: this.get_n_items()}, (_, i) => this.get_item(i)).values();
};

// So that a template string says what happened.
Wsm.Reason.prototype.toString = Wsm.Reason.prototype.to_string;

// `for (const [connection, roundTrip] of beats)`, in milliseconds; null is a beat that was missed.
Wsm.Beats.prototype[Symbol.iterator] = function* () {
    const connections = this.get_connections();
    for (const [i, roundTrip] of this.get_round_trips().entries())
        yield [connections[i], roundTrip < 0 ? null : roundTrip];
};

// What a message takes beside its bytes, about; WsmConnection:outbox-limit counts the same way.
const LEAST_SIZE = 256;
const DEFAULT_LIMIT = 16 * 1024 * 1024;

// A byte order mark is a part of the text. Which option keeps it depends on the version of GJS.
const decoder = [true, false]
    .map(ignoreBOM => new TextDecoder('utf-8', {ignoreBOM}))
    .find(candidate => candidate.decode(new Uint8Array([0xef, 0xbb, 0xbf])).length === 1);

// The iterators of each connection. That it was removed from its pool no signal tells, so that
// disabled programs are silent: those who wait for it are told here.
const readers = new WeakMap();

const remove = Wsm.Pool.prototype.remove;
Wsm.Pool.prototype.remove = function (connection) {
    const waiting = [...readers.get(connection) ?? []];
    const removed = remove.call(this, connection);
    if (removed)
        waiting.forEach(end => end());
    return removed;
};

/**
 * Messages came faster than they were read, and some had to be dropped.
 *
 * Thrown by {@link messages} after all messages before the first one dropped.
 */
export class MessagesLostError extends Error {
    /**
     * @param {string} name - of the connection
     * @param {number} nMessages - how many were dropped
     * @param {number} nBytes - how many bytes were in them
     * @param {number} limit - the limit that was reached, in bytes
     */
    constructor(name, nMessages, nBytes, limit) {
        super(`${name}: ${nMessages} messages (${nBytes} bytes) were dropped because more than ` +
            `${limit} bytes waited to be read; read faster, or give messages() a higher limit`);
        this.name = 'MessagesLostError';
        this.nMessages = nMessages;
        this.nBytes = nBytes;
    }
}

class MessageIterator {
    #connection;
    #handlers;
    #cancellable;
    #cancelHandler = 0;
    #limit;
    #isListening = true;

    #queue = [];
    #queuedSize = 0;
    #nMessagesLost = 0;
    #nBytesLost = 0;
    #error = null;

    // The promises that next() has given and that nothing has answered yet.
    #waiting = [];

    #end = () => this.#finish();

    constructor(connection, {limit = DEFAULT_LIMIT, cancellable = null} = {}) {
        // A pool has a signal of that name, too.
        if (!(connection instanceof Wsm.Connection))
            throw new TypeError('messages() takes a Wsm.Connection, that of a pool.add() say');
        if (typeof limit !== 'number' || !(limit >= 0))
            throw new RangeError(`limit is ${limit}, but must be a number of bytes`);
        this.#connection = connection;
        this.#limit = limit;
        this.#cancellable = cancellable;
        this.#handlers = [
            connection.connect('message', (_connection, type, data) => this.#take(type, data)),
            connection.connect('closed', () => this.#finish()),
            connection.connect('failed', (_connection, error) => this.#finish(error)),
        ];
        if (!readers.has(connection))
            readers.set(connection, new Set());
        readers.get(connection).add(this.#end);

        // Gio.Cancellable has methods of its own called connect and disconnect; the latter would
        // wait for the handler that calls it.
        if (cancellable !== null) {
            this.#cancelHandler = GObject.signal_connect(cancellable, 'cancelled',
                () => this.#cancel());
            if (cancellable.is_cancelled())
                this.#cancel();
        }
    }

    [Symbol.asyncIterator]() {
        return this;
    }

    next() {
        if (this.#queue.length > 0) {
            const {message, size} = this.#queue.shift();
            this.#queuedSize -= size;
            return Promise.resolve({value: message, done: false});
        }
        if (this.#nMessagesLost > 0) {
            this.#finish();
            const error = new MessagesLostError(this.#connection.name, this.#nMessagesLost,
                this.#nBytesLost, this.#limit);
            this.#nMessagesLost = 0;
            return Promise.reject(error);
        }
        if (this.#error !== null) {
            const error = this.#error;
            this.#error = null;
            return Promise.reject(error);
        }
        if (!this.#isListening)
            return Promise.resolve({value: undefined, done: true});
        return new Promise((resolve, reject) => this.#waiting.push({resolve, reject}));
    }

    return(value) {
        this.#forget();
        this.#finish();
        return Promise.resolve({value, done: true});
    }

    #take(type, data) {
        const nBytes = data.get_size();
        const size = Math.max(nBytes, LEAST_SIZE);

        // After the first one that is dropped all are, so that what is read has no hole.
        if (this.#nMessagesLost > 0 ||
            (this.#queue.length > 0 && this.#queuedSize + size > this.#limit)) {
            this.#nMessagesLost++;
            this.#nBytesLost += nBytes;
            return;
        }

        // A copy: what GJS gives may be the very memory that all who heard the signal share.
        const bytes = data.toArray();
        const message = type === Soup.WebsocketDataType.TEXT
            ? decoder.decode(bytes)
            : bytes.slice();

        if (this.#waiting.length > 0) {
            this.#waiting.shift().resolve({value: message, done: false});
            return;
        }
        this.#queue.push({message, size});
        this.#queuedSize += size;
    }

    #cancel() {
        this.#forget();
        try {
            this.#cancellable.set_error_if_cancelled();
        } catch (error) {
            this.#finish(error);
        }
    }

    #forget() {
        this.#queue = [];
        this.#queuedSize = 0;
        this.#nMessagesLost = 0;
        this.#error = null;
    }

    #finish(error = null) {
        if (!this.#isListening)
            return;
        this.#isListening = false;
        for (const handler of this.#handlers)
            this.#connection.disconnect(handler);
        if (this.#cancelHandler !== 0)
            GObject.signal_handler_disconnect(this.#cancellable, this.#cancelHandler);
        readers.get(this.#connection).delete(this.#end);

        const [first, ...others] = this.#waiting.splice(0);
        if (error !== null && first === undefined)
            this.#error = error;
        else if (error !== null)
            first.reject(error);
        else
            first?.resolve({value: undefined, done: true});
        for (const {resolve} of others)
            resolve({value: undefined, done: true});
    }
}

/**
 * The messages of a connection from now on, for `for await`.
 *
 * A text comes as a string, other data as a `Uint8Array` of its own. Losing a socket does not end
 * it: what arrives after the reconnection follows. It ends when the connection is closed, or
 * removed from its pool. When the connection fails, its error is thrown.
 *
 * What is not read yet is kept, up to a limit. Over it messages are dropped, and after those that
 * were kept a {@link MessagesLostError} tells how many: nothing is lost silently.
 *
 * Leaving the loop, and calling `return()`, disconnects it from the connection at once. It does not
 * close the connection. Iterators are independent of each other, and each sees every message.
 *
 * @param {Wsm.Connection} connection - a connection, open or not
 * @param {object} [options]
 * @param {number} [options.limit] - how many bytes may wait to be read, 16 MiB by default; a
 *     message under 256 bytes counts for 256, and a single one may always wait
 * @param {?Gio.Cancellable} [options.cancellable] - ends it with `Gio.IOErrorEnum.CANCELLED`
 * @returns {AsyncIterableIterator<string|Uint8Array>}
 */
export function messages(connection, options = {}) {
    return new MessageIterator(connection, options);
}

export {Wsm};
export default Wsm;
