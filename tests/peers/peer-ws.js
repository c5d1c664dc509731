// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A peer on Node's ws: tells its port and who leaves how, and does what it is told.
//
// peer-ws.js PORT

'use strict';

const { WebSocketServer } = require('ws');

const server = new WebSocketServer({
    host: '127.0.0.1',
    port: Number(process.argv[2]),
    perMessageDeflate: { threshold: 0 },
});

function attend(peer, data, isBinary) {
    const text = isBinary ? '' : data.toString();

    if (text === 'ping') {
        peer.send('pong');
    } else if (text === 'fragments') {
        peer.send('one ', { fin: false });
        peer.send('two ', { fin: false });
        peer.send('three', { fin: true });
    } else if (text.startsWith('close ')) {
        const [, code, ...reason] = text.split(' ');

        peer.close(Number(code), reason.join(' '));
    } else {
        peer.send(data, { binary: isBinary });
    }
}

server.on('listening', () => console.log(`port ${server.address().port}`));
server.on('connection', peer => {
    peer.on('message', (data, isBinary) => attend(peer, data, isBinary));
    peer.on('error', error => console.error(error.message));
    peer.on('close', (code, reason) => console.log(`closed ${code} ${reason}`));
});
