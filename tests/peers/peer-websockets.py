#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A peer on Python's websockets: tells its port and who leaves how, and does what it is told.

peer-websockets.py PORT
"""

import asyncio
import sys

import websockets


async def fragments():
    for part in ("one ", "two ", "three"):
        yield part


async def serve(peer):
    async for message in peer:
        if message == "ping":
            await peer.send("pong")
        elif message == "fragments":
            await peer.send(fragments())
        elif isinstance(message, str) and message.startswith("close "):
            _, code, reason = message.split(" ", 2)
            await peer.close(int(code), reason)
        else:
            await peer.send(message)


async def attend(peer, path=None):
    try:
        await serve(peer)
    except websockets.ConnectionClosed:
        pass
    finally:
        print("closed", peer.close_code, peer.close_reason, flush=True)


async def main():
    async with websockets.serve(attend, "127.0.0.1", int(sys.argv[1]), max_size=None,
                                ping_interval=None, close_timeout=2,
                                compression="deflate") as server:
        print("port", server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


asyncio.run(main())
