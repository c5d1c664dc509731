# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""aiohttp with the heartbeat that it has; it tells nobody how long an answer took."""

import asyncio

import aiohttp

import meter


async def main():
    client = meter.Meter(aiohttp.__version__)
    turn = asyncio.Semaphore(meter.N_HANDSHAKES)
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    async def connect():
        async with turn:
            return await session.ws_connect(client.uri, heartbeat=client.interval / 1000)

    # Without somebody who waits for a message no pong is seen.
    async def listen(socket):
        async for _message in socket:
            pass

    client.start()
    try:
        sockets = await asyncio.gather(*(connect() for _ in range(client.connections)))
    except (OSError, aiohttp.ClientError) as error:
        meter.fail(error)
    listeners = [asyncio.create_task(listen(socket)) for socket in sockets]
    client.opened()
    await asyncio.sleep(client.warm_up)
    client.begin()
    await asyncio.sleep(client.seconds)
    client.end()
    client.print(sum(not listener.done() for listener in listeners))
    raise SystemExit


asyncio.run(main())
