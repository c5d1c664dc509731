#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints the events of a stream that wants a token, and tokens expire.

events.py STREAM TOKENS

STREAM is a ws: or wss: URI that sends {"id": …, "payload": …}, TOKENS an http: or https: URI that
answers {"access_token": …}. Each attempt to connect has a request of its own: it takes along the
token of the day, and the last event that was seen, so that the stream goes on from there.
"""

import asyncio
import json
import sys

import gi

gi.require_versions({"Soup": "3.0", "Wsm": "1"})
from gi.repository import GLib, Soup, Wsm


class Stream:
    """A connection that signs each of its attempts."""

    def __init__(self, pool: Wsm.Pool, uri: str, tokens: str) -> None:
        self.session = pool.props.session
        self.tokens = tokens
        self.token = ""
        self.token_was_good = False
        self.last_id = ""
        self.feed = pool.add(uri)
        self.feed.connect("prepare", self.on_prepare)
        self.feed.connect("opened", self.on_opened)
        self.feed.connect("should-retry", self.on_should_retry)
        self.feed.connect("notify::state", self.on_state)

    async def on_prepare(self, feed: Wsm.Connection, request: Soup.Message) -> None:
        # The attempt waits for it, and fails with what it raises.
        if not self.token:
            self.token = await self.fetch_token()
            self.token_was_good = False
        headers = request.get_request_headers()
        headers.append("Authorization", f"Bearer {self.token}")
        if self.last_id:
            headers.append("Last-Event-ID", self.last_id)

    async def fetch_token(self) -> str:
        request = Soup.Message.new("GET", self.tokens)
        done = asyncio.get_running_loop().create_future()
        self.session.send_and_read_async(request, GLib.PRIORITY_DEFAULT, None,
                                         lambda session, result: done.set_result(result))
        data = self.session.send_and_read_finish(await done).get_data()
        if request.get_status() != Soup.Status.OK:
            raise GLib.Error(f"no token: {request.get_reason_phrase()}")
        return str(json.loads(data)["access_token"])

    def on_opened(self, feed: Wsm.Connection, reconnected: bool) -> None:
        self.token_was_good = True

    def on_should_retry(self, feed: Wsm.Connection, reason: Wsm.Reason) -> Wsm.RetryDecision:
        # Who gives tokens out may be back later.
        if reason.get_code() == Wsm.ReasonCode.PREPARE_FAILED:
            return Wsm.RetryDecision.RETRY
        # A token that was good has expired. One that never was would be refused for ever.
        if reason.get_http_status() == 401 and self.token_was_good:
            self.token = ""
            return Wsm.RetryDecision.RETRY
        return Wsm.RetryDecision.DEFAULT

    def on_state(self, feed: Wsm.Connection, spec: object) -> None:
        print(feed.props.reason, file=sys.stderr)


async def main(uri: str, tokens: str) -> None:
    async with Wsm.Pool() as pool:
        stream = Stream(pool, uri, tokens)
        async for message in stream.feed:
            event = json.loads(message)
            stream.last_id = str(event["id"])
            print(event["id"], event["payload"], flush=True)


if len(sys.argv) != 3:
    sys.exit(__doc__)
try:
    Wsm.run(main(sys.argv[1], sys.argv[2]))
except GLib.Error as error:
    sys.exit(str(error))
except KeyboardInterrupt:
    sys.exit(130)
