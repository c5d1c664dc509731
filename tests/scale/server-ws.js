// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A server on Node's ws that answers pings and does nothing else, on several addresses, because
// one has not got ports for every number of connections. Tells its URIs on one line.
//
// server-ws.js N-ADDRESSES

'use strict';

const { createServer } = require('http');
const { WebSocketServer } = require('ws');

const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });

function listen(host) {
    const server = createServer();

    server.on('upgrade', (request, socket, head) => {
        sockets.handleUpgrade(request, socket, head, () => {});
    });

    return new Promise(resolve => {
        server.listen({ host, port: 0, backlog: 1024 }, () => {
            resolve(`ws://${host}:${server.address().port}`);
        });
    });
}

const block = 1 + process.pid % 250;
const hosts = Array.from({ length: Number(process.argv[2]) }, (_, i) => `127.77.${block}.${i + 1}`);

Promise.all(hosts.map(listen)).then(uris => console.log(uris.join(' ')));
process.stdin.on('end', () => process.exit(0));
process.stdin.resume();
