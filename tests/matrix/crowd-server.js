#!/usr/bin/env node
// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A server for more than GLib's main loop can serve: Node's ws. It says where it listens and takes
// a port as `wsmulti serve` does.
//
// crowd-server.js --port=PORT

'use strict';

const { WebSocketServer } = require('ws');

const server = new WebSocketServer({
    host: '127.0.0.1',
    port: Number(process.argv.at(-1).replace('--port=', '')),
});

server.on('listening', () => console.log(`ws://127.0.0.1:${server.address().port}/`));
server.on('connection', peer => peer.on('message', (data, isBinary) =>
    peer.send(data, { binary: isBinary })));
