# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Python's websockets on asyncio, with the pings that it sends by itself."""

import asyncio

import websockets

import meter


async def main():
    client = meter.Meter(websockets.__version__)
    interval = client.interval / 1000
    turn = asyncio.Semaphore(meter.N_HANDSHAKES)

    async def connect():
        async with turn:
            return await websockets.connect(client.uri, compression=None, ping_interval=interval,
                                            ping_timeout=min(interval, 5), open_timeout=None)

    client.start()
    try:
        sockets = await asyncio.gather(*(connect() for _ in range(client.connections)))
    except (OSError, websockets.WebSocketException) as error:
        meter.fail(error)
    client.opened()
    await asyncio.sleep(client.warm_up)
    client.begin()
    await asyncio.sleep(client.seconds)
    client.end()
    # The last one of each connection, as it tells it itself.
    client.round_trips = [socket.latency * 1000 for socket in sockets if socket.latency]
    client.print(sum(socket.open for socket in sockets))
    # A farewell to each takes longer than all before.
    raise SystemExit


asyncio.run(main())
