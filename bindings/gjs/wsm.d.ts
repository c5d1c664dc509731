// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: LGPL-2.1-or-later

/// <reference path="./wsm-1.d.ts" />

import type Gio from 'gi://Gio';
import type Soup from 'gi://Soup?version=3.0';
import Wsm from 'gi://Wsm?version=1';

// What the module adds to classes: where the last argument, the callback, is left out asynchronous
// methods return a promise, the other ones have defaults, and pools and beats can be iterated.
declare module '@girs/wsm-1' {
    namespace Wsm {
        interface Beats {
            /** Whose beats they are, with round trips in milliseconds; null is one that was missed. */
            [Symbol.iterator](): IterableIterator<[Connection, number | null]>;
        }

        interface Connection {
            /** The attempt waits for a promise, and fails if it is rejected. */
            connect(signal: 'prepare', handler: (source: Connection,
                message: Soup.Message) => boolean | Promise<void>): number;
            /** Opens the connection and waits until it is open. */
            open_async(cancellable?: Gio.Cancellable | null): Promise<boolean>;
            /** Closes the connection politely: what is queued goes out first. */
            close(code?: number, reason?: string | null): boolean;
            /** Closes the connection and waits until it is closed. */
            close_async(code?: number, reason?: string | null,
                cancellable?: Gio.Cancellable | null): Promise<boolean>;
            /** Sends a ping frame and waits for its pong; tells the round trip in milliseconds. */
            ping_async(cancellable?: Gio.Cancellable | null): Promise<number>;
        }

        interface Pool {
            /** Closes all connections, and cuts off those that take longer. */
            close_async(deadline?: number, cancellable?: Gio.Cancellable | null): Promise<boolean>;
            /** Its connections. */
            [Symbol.iterator](): IterableIterator<Connection>;
        }
    }
}

export interface MessagesOptions {
    /** How many bytes may wait to be read; 16 MiB by default. */
    limit?: number;
    /** Ends it, with `Gio.IOErrorEnum.CANCELLED`. */
    cancellable?: Gio.Cancellable | null;
}

/** Messages came faster than they were read, and some had to be dropped. */
export class MessagesLostError extends Error {
    constructor(name: string, nMessages: number, nBytes: number, limit: number);
    /** How many were dropped. */
    nMessages: number;
    /** How many bytes were in them. */
    nBytes: number;
}

/**
 * The messages of a connection from now on, for `for await`.
 *
 * A text comes as a string, other data as a `Uint8Array` of its own.
 */
export function messages(connection: Wsm.Connection,
    options?: MessagesOptions): AsyncIterableIterator<string | Uint8Array>;

export {Wsm};
export default Wsm;
