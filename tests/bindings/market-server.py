#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An exchange that drops who sends no {"op":"ping"} in time, and forgets who was dropped.

market-server.py PATIENCE-MS

It tells its port, then what happens. At its input, `drop` drops all clients without a word, and
`mute` leaves them without prices and pongs.
"""

import asyncio
import json
import logging
import sys

import websockets

PATIENCE = int(sys.argv[1]) / 1000
TICK = 0.02
logging.disable(logging.CRITICAL)


def tell(*words):
    print(*words, flush=True)


class Client:
    """One connection, and what it has asked for."""

    def __init__(self, peer):
        self.peer = peer
        self.symbols = []
        self.pinged = asyncio.Event()
        self.is_mute = False

    async def send(self, **message):
        await self.peer.send(json.dumps(message, separators=(",", ":")))

    async def tick(self):
        count = 0
        while True:
            count += 1
            for symbol in [] if self.is_mute else self.symbols:
                await self.send(op="price", symbol=symbol, price=count / 100)
            await asyncio.sleep(TICK)

    async def watch(self):
        try:
            while True:
                await asyncio.wait_for(self.pinged.wait(), PATIENCE)
                self.pinged.clear()
        except asyncio.TimeoutError:
            tell("silent")
            self.peer.transport.abort()

    async def attend(self):
        async for text in self.peer:
            message = json.loads(text)
            if message["op"] == "ping":
                tell("ping", message["id"])
                self.pinged.set()
                if not self.is_mute:
                    await self.send(op="pong", id=message["id"])
            elif message["op"] == "subscribe":
                self.symbols += message["symbols"]
                tell("subscribed", *self.symbols)
                await self.send(op="subscribed", symbols=self.symbols)


clients = set()


async def serve(peer, path=None):
    client = Client(peer)
    clients.add(client)
    tell("opened")
    others = [asyncio.ensure_future(client.tick()), asyncio.ensure_future(client.watch())]
    try:
        await client.attend()
    except websockets.ConnectionClosed:
        pass
    finally:
        clients.discard(client)
        for other in others:
            other.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        tell("gone")


def obey():
    order = sys.stdin.readline()
    for client in list(clients):
        client.is_mute = order == "mute\n"
        if order == "drop\n":
            client.peer.transport.abort()


async def main():
    asyncio.get_running_loop().add_reader(sys.stdin, obey)
    async with websockets.serve(serve, "127.0.0.1", 0, ping_interval=None) as server:
        tell(server.sockets[0].getsockname()[1])
        await asyncio.Future()


asyncio.run(main())
