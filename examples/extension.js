// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a GNOME Shell extension does with a feed: all of it is there from enable() to disable(), and
// nothing of it afterwards. An extension keeps one of these, and hands the two calls on.
//
// Of your own extension, wsm.js is a file beside this one.

import {Wsm, messages} from '../bindings/gjs/wsm.js';

export class Headlines {
    #uri;
    #show;
    #pool = null;
    #inbox = null;

    // show(text, isHeadline) is called for each headline, and for what happens to the connection.
    constructor(uri, show) {
        this.#uri = uri;
        this.#show = show;
    }

    enable() {
        this.#pool = new Wsm.Pool();
        const feed = this.#pool.add(this.#uri);
        feed.connect('notify::state', () => this.#show(feed.reason.to_string(), false));
        this.#inbox = messages(feed);
        this.#read(this.#inbox);
    }

    disable() {
        // Ends the loop below, with what it has not read yet.
        this.#inbox.return();
        this.#inbox = null;

        // The pool has sources as long as it lives, and when it will be collected nobody knows. So
        // it lets go of all that it has, its connections too, now and without a word.
        this.#pool.run_dispose();
        this.#pool = null;
    }

    async #read(inbox) {
        try {
            for await (const headline of inbox) {
                // It may have been on its way here when disable() was called.
                if (inbox !== this.#inbox)
                    break;
                this.#show(headline, true);
            }
        } catch (error) {
            this.#show(error.message, false);
        }
    }
}
