// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A server on Node's ws for stories with many connections. Tells its port, and when a line comes at
// its input one of how things stand, as JSON: how many are open, the most that were within the
// handshake at once, the texts that came, and the close codes.
//
// server-ws.js PORT

'use strict';

const { createServer } = require('http');
const { createInterface } = require('readline');
const { WebSocketServer } = require('ws');

const knocking = new Set();
const seen = { open: 0, handshakes: 0, texts: {}, codes: {} };

function count(table, key) {
    table[key] = (table[key] || 0) + 1;
}

function attend(peer) {
    seen.open++;
    peer.on('message', data => {
        const text = data.toString();

        count(seen.texts, text);
        peer.send(`heard ${text}`);
    });
    peer.on('error', error => console.error(error.message));
    peer.on('close', code => {
        seen.open--;
        count(seen.codes, code);
    });
}

const server = createServer();
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });

server.on('connection', socket => {
    knocking.add(socket);
    seen.handshakes = Math.max(seen.handshakes, knocking.size);
    socket.on('close', () => knocking.delete(socket));
});
server.on('upgrade', (request, socket, head) => {
    // A while, as over a distance, so that it shows how many come at once.
    setTimeout(() => {
        knocking.delete(socket);
        sockets.handleUpgrade(request, socket, head, attend);
    }, 20);
});
server.listen({ host: '127.0.0.1', port: Number(process.argv[2]), backlog: 1024 }, () => {
    console.log(`port ${server.address().port}`);
});

createInterface({ input: process.stdin })
    .on('line', () => console.log(JSON.stringify(seen)))
    .on('close', () => process.exit(0));
