// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// examples/extension.js, enabled and disabled again and again in one process. FEED_URI tells of a
// feed that ticks, REFUSED_URI is where nobody listens.

import GLib from 'gi://GLib';

import {Headlines} from '../../examples/extension.js';
import {Wsm} from '../../bindings/gjs/wsm.js';
import {assert, assertEqual, define, hasHandlers, listSources, main, openFiles, until}
    from './harness.js';

const ROUNDS = 100;

// The names of the sources that were not there before.
function leftover(before) {
    const known = [...before];
    return listSources().filter(name => {
        const index = known.indexOf(name);
        if (index >= 0)
            known.splice(index, 1);
        return index < 0;
    });
}

function listPools() {
    const pools = Wsm.Exporter.list_pools();
    return Array.from({length: pools.get_n_items()}, (_unused, index) => pools.get_item(index));
}

class World {
    constructor() {
        this.shown = [];
        this.headlines = 0;
    }

    make(Type, uri) {
        return new Type(uri, (text, isHeadline) => {
            this.shown.push(text);
            this.headlines += isHeadline ? 1 : 0;
        });
    }

    sees(pattern) {
        return this.shown.some(text => text.match(pattern));
    }

    // Lets it come as far as a round is to go.
    async reach(round) {
        this.shown = [];
        this.headlines = 0;
        switch (round % 5) {
        case 0:
            return;
        case 1:
            await until(() => this.shown.length > 0);
            return;
        case 2:
            await until(() => this.sees(/^opened/));
            return;
        case 3:
            await until(() => this.headlines >= 3);
            return;
        default:
            await until(() => this.sees(/^refused.*trying again in/));
        }
    }
}

function uriOf(round) {
    return GLib.getenv(round % 5 === 4 ? 'REFUSED_URI' : 'FEED_URI');
}

define('what-is-shown-comes-from-the-feed', async () => {
    const world = new World();
    const extension = world.make(Headlines, GLib.getenv('FEED_URI'));
    extension.enable();
    await until(() => world.headlines >= 3);
    extension.disable();
    assert(world.sees(/^opened/) && world.sees(/^tick 3$/), `${world.shown}`);
});

define('a-hundred-times-leave-nothing', async () => {
    const world = new World();
    const extensions = [0, 4].map(round => world.make(Headlines, uriOf(round)));
    const run = async round => {
        const extension = extensions[round % 5 === 4 ? 1 : 0];
        extension.enable();
        const [pool, ...others] = listPools();
        assertEqual([others.length, pool.n_items], [0, 1]);
        const feed = pool.get_item(0);
        await world.reach(round);
        assert(hasHandlers(feed, 'message'));
        extension.disable();
        assert(!hasHandlers(feed, 'message'));
        assertEqual(listPools().length, 0);
    };

    // GIO makes some things once for all who come.
    for (let round = 0; round < 5; round++)
        await run(round);
    await until(() => !listSources().some(name => name.startsWith('[wsm]')));
    const [sources, files] = [listSources(), openFiles()];

    // Nothing is collected here on purpose: disable() is enough.
    for (let round = 0; round < ROUNDS; round++) {
        await run(round);
        const nShown = world.shown.length;
        let late = [];
        await until(() => {
            late = leftover(sources);
            return late.length === 0;
        }).catch(error => {
            throw new Error(`round ${round} left ${late}: ${error.message}`);
        });
        assertEqual(world.shown.length, nShown);
    }
    await until(() => openFiles() <= files);
});

// The count above can fail.
define('who-forgets-to-let-go-is-found-out', async () => {
    class Forgetful extends Headlines {
        disable() {
        }
    }
    const world = new World();
    const extension = world.make(Forgetful, uriOf(0));
    const sources = listSources();
    extension.enable();
    await world.reach(3);
    extension.disable();
    const left = leftover(sources);
    assert(['[wsm] delivery', '[wsm] scheduler'].every(name => left.includes(name)), `${left}`);
    assertEqual(listPools().length, 1);
    Headlines.prototype.disable.call(extension);
    await until(() => leftover(sources).length === 0);
});

main();
