// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Cases that print TAP, and waiting on a condition while the main loop runs.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import System from 'system';

const DEADLINE_MS = 10000;
const UNTIL = 'until';
const cases = [];

// Registers a case; the function may be asynchronous.
export function define(name, run) {
    cases.push({name, run});
}

export function assert(condition, message = 'not so') {
    if (!condition)
        throw new Error(message);
}

export function assertEqual(actual, expected) {
    const [found, wanted] = [actual, expected].map(value => JSON.stringify(value));
    assert(found === wanted, `${found} instead of ${wanted}`);
}

// Expects a GLib.Error of one domain and code, thrown or rejected, and returns it.
export async function assertThrows(domain, code, run) {
    let caught = null;
    try {
        await run();
    } catch (error) {
        caught = error;
    }
    assert(caught !== null, `no error, ${code} expected`);
    assert(caught instanceof GLib.Error && caught.matches(domain, code), `${caught}`);
    return caught;
}

// Waits until the condition holds; the main loop runs meanwhile.
export function until(condition) {
    const deadline = GLib.get_monotonic_time() + DEADLINE_MS * 1000;
    const where = new Error().stack;

    return new Promise((resolve, reject) => {
        const source = GLib.timeout_add(GLib.PRIORITY_DEFAULT, 1, () => {
            try {
                if (condition()) {
                    resolve();
                    return GLib.SOURCE_REMOVE;
                }
                if (GLib.get_monotonic_time() < deadline)
                    return GLib.SOURCE_CONTINUE;
                reject(new Error(`still not so after ${DEADLINE_MS} ms: ${condition}\n${where}`));
            } catch (error) {
                reject(error);
            }
            return GLib.SOURCE_REMOVE;
        });
        GLib.Source.set_name_by_id(source, UNTIL);
    });
}

// Whether anybody is connected to a signal.
export function hasHandlers(source, signal) {
    return GObject.signal_has_handler_pending(source,
        GObject.signal_lookup(signal, source.constructor.$gtype), 0, true);
}

// The names of all sources of the default main context, but for those of until().
export function listSources() {
    const context = GLib.MainContext.default();
    const next = GLib.idle_add(GLib.PRIORITY_DEFAULT, () => GLib.SOURCE_REMOVE);
    const names = [];
    GLib.source_remove(next);
    // They are numbered as they come.
    for (let id = 1; id < next; id++) {
        const source = context.find_source_by_id(id);
        if (source !== null && source.get_name() !== UNTIL)
            names.push(source.get_name() ?? 'unnamed');
    }
    return names;
}

// Forces the garbage collection, and lets the main loop finish what that set off.
export async function collect() {
    for (let round = 0; round < 3; round++) {
        let turns = 0;
        System.gc();
        await until(() => turns++ > 1);
    }
}

// How many file descriptors this process has.
export function openFiles() {
    const folder = Gio.File.new_for_path('/proc/self/fd');
    const files = folder.enumerate_children('standard::name', Gio.FileQueryInfoFlags.NONE, null);
    let count = 0;
    while (files.next_file(null) !== null)
        count++;
    files.close(null);
    return count;
}

// Runs all cases, or those named in the arguments.
export function main() {
    const loop = GLib.MainLoop.new(null, false);
    const named = System.programArgs;
    const chosen = cases.filter(({name}) => named.length === 0 || named.includes(name));
    let failed = 0;

    const runAll = async () => {
        print(`1..${chosen.length}`);
        for (const [index, {name, run}] of chosen.entries()) {
            try {
                // What it returns, if anything, is why it was not run.
                const skipped = await run();
                print(`ok ${index + 1} ${name}${skipped ? ` # SKIP ${skipped}` : ''}`);
            } catch (error) {
                failed++;
                print(`# ${error}\n${error.stack}`.trimEnd().replaceAll('\n', '\n# '));
                print(`not ok ${index + 1} ${name}`);
            }
            await collect();
        }
    };
    runAll().finally(() => loop.quit());
    loop.run();
    System.exit(failed === 0 ? 0 : 1);
}
