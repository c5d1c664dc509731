#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a coroutine goes through with a server that others wrote, from opening to closing.

acceptance.py NAME COMMAND…

The command starts a peer, as for story.py. asyncio's own test runner runs it, and a plain main
loop.
"""

import asyncio
import os
import sys
import time
import unittest

import gi

gi.require_version("Wsm", "1")

from gi.repository import Wsm

from coroutines import Waiters, await_on_main_loop
from peers import Peer

NAME, *COMMAND = sys.argv[1:]


async def loss(feed):
    """Waits until a socket is lost; returns why."""
    reasons, waiters = [], Waiters()

    def disconnected(feed, reason, will_retry):
        reasons.append((reason.get_code(), will_retry))
        waiters.wake()

    handler = feed.connect("disconnected", disconnected)
    while not reasons:
        await waiters
    feed.disconnect(handler)
    return reasons[0]


async def story(test):
    with Peer(COMMAND) as peer:
        async with Wsm.Pool(backoff=Wsm.Backoff.in_seconds(initial=0.1, max=0.1)) as pool:
            async with pool.add(peer.uri) as feed:
                feed.send("grüezi")
                feed.send(bytes(range(256)))
                test.assertEqual(await feed.receive(), "grüezi")
                test.assertEqual(await feed.receive(), bytes(range(256)))

                start = time.monotonic()
                round_trip = await feed.ping()
                test.assertTrue(0 < round_trip <= time.monotonic() - start)

                reader = Wsm.spawn(feed.receive())
                lost = Wsm.spawn(loss(feed))
                # Both wait by the time that there is a pong.
                await feed.ping()
                peer.process.kill()
                test.assertEqual(await lost, (Wsm.ReasonCode.END_OF_STREAM, True))
                with test.assertRaises(Wsm.NotOpenError):
                    feed.send("too early")
                with test.assertRaises(Wsm.NotOpenError):
                    await feed.ping()
                peer.process.wait()

                with Peer(COMMAND, peer.port) as again:
                    await feed.open_async()
                    test.assertEqual(feed.props.n_reconnects, 1)
                    feed.send("back")
                    test.assertEqual(await reader, "back")
                    await feed.close_async(3001, "good night")
                    again.expect_closed(3001, "good night")
                    test.assertEqual([message async for message in feed], [])
            test.assertEqual(len(pool), 0)


class OnAsyncio(unittest.IsolatedAsyncioTestCase):
    # Who does not look at it yet, before Python 3.13, asks the policy.
    loop_factory = staticmethod(Wsm.new_event_loop)

    async def asyncSetUp(self):
        self.loop = asyncio.get_running_loop()

    async def test_story(self):
        self.assertIs(asyncio.get_running_loop(), self.loop)
        await story(self)

    async def test_many_at_once(self):
        async def talk(uri, number):
            async with Wsm.Pool() as pool, pool.add(uri) as feed:
                for count in range(10):
                    await feed.send(f"{number} {count}")
                return [await feed.receive() for _ in range(10)]

        with Peer(COMMAND) as peer:
            said = await asyncio.gather(*(talk(peer.uri, number) for number in range(10)))
        self.assertEqual(said, [[f"{number} {count}" for count in range(10)]
                                for number in range(10)])


class OnMainLoop(unittest.TestCase):
    def test_story(self):
        await_on_main_loop(story(self))


def setUpModule():
    if sys.version_info < (3, 13):
        asyncio.set_event_loop_policy(Wsm.event_loop_policy())


if COMMAND:
    unittest.main(argv=sys.argv[:1], verbosity=2)
elif os.environ.get("CI"):
    sys.exit(f"{NAME} is not installed")
else:
    sys.exit(77)
