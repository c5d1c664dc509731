#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A feed that is not libsoup: answers "ping" with "pong", and tells what it received.

It prints its port, then a line for each event.
"""

import argparse
import asyncio
import logging
import ssl
import sys

import websockets

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--tick", type=int, default=0, metavar="MS",
                    help="says a number so often, on each connection from 1 on")
parser.add_argument("--drop", action="store_true",
                    help="says hello, then drops the connection without a close frame")
parser.add_argument("--paths", action="store_true",
                    help="tells which path was opened, too")
parser.add_argument("--certificate", metavar="FILE",
                    help="speaks TLS, with the certificate and the key in that file")
parser.add_argument("--wait", action="store_true",
                    help="listens only when a line arrives at its input")
options = parser.parse_args()
logging.disable(logging.CRITICAL)


def tell(text):
    print(text, flush=True)


async def tick(websocket):
    number = 0
    while True:
        number += 1
        await websocket.send(f"tick {number}")
        await asyncio.sleep(options.tick / 1000)


async def serve(websocket):
    path = getattr(websocket, "path", None) or websocket.request.path
    tell(f"opened {path}" if options.paths else "opened")
    ticker = asyncio.ensure_future(tick(websocket)) if options.tick else None
    try:
        if options.drop:
            await websocket.send("hello")
            websocket.transport.close()
        async for text in websocket:
            tell(f"received {text}")
            if text == "ping":
                await websocket.send("pong")
    except websockets.ConnectionClosed:
        pass
    finally:
        if ticker:
            ticker.cancel()


async def main():
    if options.wait:
        tell("ready")
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    context = None
    if options.certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.certificate)
    async with websockets.serve(serve, "127.0.0.1", options.port, ping_interval=None,
                                ssl=context) as server:
        tell(server.sockets[0].getsockname()[1])
        await asyncio.Future()


asyncio.run(main())
