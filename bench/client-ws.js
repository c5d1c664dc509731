// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Node's ws with the heartbeat that everybody writes for it: a timer a connection, a ping, and who
// has not answered the one before is dropped.

'use strict';

const fs = require('fs');
const path = require('path');
const { WebSocket } = require('ws');

// Handshakes at a time, as in the other clients.
const N_HANDSHAKES = 64;

const options = { connections: 100, interval: 5000, seconds: 10, slot: 250, uri: '' };
for (let i = 2; i + 1 < process.argv.length; i += 2) {
    const value = process.argv[i + 1];
    options[process.argv[i].slice(2)] = Number.isNaN(Number(value)) ? value : Number(value);
}

const packages = path.join(path.dirname(require.resolve('ws')), 'package.json');
const said = { version: `${require(packages).version}, node ${process.versions.node}` };
const roundTrips = [];
let isMeasuring = false;
let nStarted = 0;
let nOpen = 0;

const getPss = () =>
    Number(fs.readFileSync('/proc/self/smaps_rollup', 'latin1').match(/^Pss: +(\d+)/m)[1]);
const getUs = () => Number(process.hrtime.bigint() / 1000n);

function getCpu() {
    const usage = process.resourceUsage();
    return usage.userCPUTime + usage.systemCPUTime;
}

function fail(what) {
    console.log(JSON.stringify({ failed: what }));
    process.exit(1);
}

const quantile = (numbers, fraction) => numbers[Math.floor(fraction * (numbers.length - 1) + 0.5)];

function beat(socket) {
    const payload = Buffer.allocUnsafe(8);

    if (!socket.isAlive) {
        socket.terminate();
        return;
    }
    socket.isAlive = false;
    payload.writeDoubleLE(performance.now());
    socket.ping(payload);
}

function begin() {
    said.pss_kb = getPss();
    isMeasuring = true;
    said.began_us = getUs();
    said.n_wakeups = -process.resourceUsage().voluntaryContextSwitches;
    said.cpu_us = -getCpu();
    setTimeout(end, options.seconds * 1000);
}

function end() {
    said.cpu_us += getCpu();
    said.ended_us = getUs();
    said.n_wakeups += process.resourceUsage().voluntaryContextSwitches;
    said.n_open = nOpen;
    roundTrips.sort((a, b) => a - b);
    said.n_round_trips = roundTrips.length;
    said.round_trip_p50 = quantile(roundTrips, 0.5);
    said.round_trip_p99 = quantile(roundTrips, 0.99);
    console.log(JSON.stringify(said));
    process.exit(0);
}

function opened(sockets) {
    said.opened_us = getUs() - started;
    said.opened_cpu_us = getCpu() - startedCpu;
    sockets.forEach((socket, i) => {
        setTimeout(() => {
            beat(socket);
            setInterval(beat, options.interval, socket);
        }, options.interval * i / options.connections);
    });
    setTimeout(begin, Math.max(options.interval * 1.25, 1000));
}

const sockets = [];

function connect() {
    const socket = new WebSocket(options.uri, { perMessageDeflate: false });

    nStarted++;
    sockets.push(socket);
    socket.isAlive = true;
    socket.on('open', () => {
        nOpen++;
        if (nStarted < options.connections)
            connect();
        else if (nOpen === options.connections)
            opened(sockets);
    });
    socket.on('pong', payload => {
        socket.isAlive = true;
        if (isMeasuring)
            roundTrips.push(performance.now() - payload.readDoubleLE());
    });
    socket.on('error', error => fail(`${nOpen} of ${options.connections} open: ${error.message}`));
    socket.on('close', () => fail(`${nOpen} of ${options.connections} open, one lost`));
}

said.base_kb = getPss();
const startedCpu = getCpu();
const started = getUs();
while (nStarted < Math.min(N_HANDSHAKES, options.connections))
    connect();
