// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// libwsmulti from GJS, in a program that hears of each beat.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import System from 'system';
import Wsm from 'gi://Wsm?version=1';

// Handshakes at a time, as in the other clients.
const N_HANDSHAKES = 64;

const options = {connections: 100, interval: 5000, seconds: 10, slot: 250, uri: '', follow: ''};
for (let i = 0; i + 1 < System.programArgs.length; i += 2) {
    const value = System.programArgs[i + 1];
    options[System.programArgs[i].slice(2)] = Number.isNaN(Number(value)) ? value : Number(value);
}

const read = name => new TextDecoder().decode(GLib.file_get_contents(`/proc/self/${name}`)[1]);
const readNumber = (name, pattern) => Number(read(name).match(pattern)[1]);
const getPss = () => readNumber('smaps_rollup', /^Pss: +(\d+)/m);
const getWakeups = () => readNumber('status', /^voluntary_ctxt_switches:\s+(\d+)/m);

// GJS has no getrusage(). The scheduler tells nanoseconds; all threads count.
function getCpu() {
    const folder = Gio.File.new_for_path('/proc/self/task');
    const threads = folder.enumerate_children('standard::name', Gio.FileQueryInfoFlags.NONE, null);
    let ns = 0;

    for (let info = threads.next_file(null); info !== null; info = threads.next_file(null))
        ns += Number(read(`task/${info.get_name()}/schedstat`).split(' ')[0]);
    return Math.round(ns / 1000);
}

function quantile(numbers, fraction) {
    return numbers[Math.floor(fraction * (numbers.length - 1) + 0.5)];
}

const loop = new GLib.MainLoop(null, false);
const pool = new Wsm.Pool({
    coalesce: options.slot,
    heartbeat: new Wsm.Heartbeat({
        interval: options.interval,
        timeout: Math.min(options.interval, 5000),
        jitter: 0,
        idle_only: false,
    }),
    max_handshakes: N_HANDSHAKES,
    max_handshakes_per_host: N_HANDSHAKES,
});
// 17402 is 1.74.2.
const [, major, minor, micro] = `${System.version}`.match(/(.+)(..)(..)$/).map(Number);
const said = {version: `GJS ${major}.${minor}.${micro}`};
const roundTrips = [];
let isMeasuring = false;
let wasOpen = false;

function after(ms, callback) {
    GLib.timeout_add(GLib.PRIORITY_DEFAULT, ms, () => {
        callback();
        return GLib.SOURCE_REMOVE;
    });
}

function begin() {
    said.pss_kb = getPss();
    isMeasuring = true;
    said.began_us = GLib.get_monotonic_time();
    said.n_wakeups = -getWakeups();
    said.cpu_us = -getCpu();
    after(options.seconds * 1000, end);
}

function end() {
    said.cpu_us += getCpu();
    said.ended_us = GLib.get_monotonic_time();
    said.n_wakeups += getWakeups();
    said.n_open = pool.n_open;
    roundTrips.sort((a, b) => a - b);
    said.n_round_trips = roundTrips.length;
    said.round_trip_p50 = quantile(roundTrips, 0.5);
    said.round_trip_p99 = quantile(roundTrips, 0.99);
    print(JSON.stringify(said));
    loop.quit();
}

function hear(_connection, _sequence, roundTrip) {
    if (isMeasuring)
        roundTrips.push(roundTrip);
}

// As above, in one call.
if (options.follow === 'bursts') {
    pool.connect('beats', (_pool, beats) => {
        const connections = beats.get_connections();
        beats.get_round_trips().forEach((roundTrip, i) => {
            if (roundTrip >= 0)
                hear(connections[i], null, roundTrip);
        });
    });
}

pool.connect('notify::n-open', () => {
    if (wasOpen || pool.n_open < options.connections)
        return;
    wasOpen = true;
    said.opened_us = GLib.get_monotonic_time() - started;
    said.opened_cpu_us = getCpu() - startedCpu;
    after(Math.max(options.interval * 1.25, 1000), begin);
});

said.base_kb = getPss();
const startedCpu = getCpu();
const started = GLib.get_monotonic_time();
for (let i = 0; i < options.connections; i++) {
    const connection = pool.add(options.uri);
    if (options.follow === 'each')
        connection.connect('beat', hear);
}
loop.run();
