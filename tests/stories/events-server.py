#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stream of events for who has the token of the day, and a place to get one.

It prints its port, then a line for each thing that happens. Lines that it takes:

expire   the token is the last one's, and all connections are dropped
refuse   there is no token at the next question
revoke   no token is good any more, also new ones
"""

import asyncio
import http
import json
import logging
import sys

import websockets

logging.disable(logging.CRITICAL)


def tell(*words):
    print(*words, flush=True)


class Service:
    def __init__(self):
        self.number = 1
        self.has_tokens = True
        self.is_revoked = False
        self.sockets = set()

    def answer(self, *arguments):
        """What is no handshake, and who may have one; older versions ask differently."""
        if isinstance(arguments[0], str):
            path, headers = arguments
            return self.decide(path, headers, lambda status, text: (status, [], text.encode()))
        connection, request = arguments
        return self.decide(request.path, request.headers, connection.respond)

    def decide(self, path, headers, respond):
        if path == "/token":
            if not self.has_tokens:
                self.has_tokens = True
                tell("no token")
                return respond(http.HTTPStatus.SERVICE_UNAVAILABLE, "Come back later")
            tell("gave", self.number)
            token = {"access_token": f"secret-{self.number}"}
            return respond(http.HTTPStatus.OK, json.dumps(token))
        token = headers.get("Authorization", "")
        if token != f"Bearer secret-{self.number}" or self.is_revoked:
            tell("refused", token.rpartition("-")[2])
            return respond(http.HTTPStatus.UNAUTHORIZED, "Unauthorized")
        return None

    async def stream(self, socket, path=None):
        headers = getattr(socket, "request_headers", None) or socket.request.headers
        last = int(headers.get("Last-Event-ID", 0))
        tell("opened", headers["Authorization"].rpartition("-")[2], "after", last)
        self.sockets.add(socket)
        try:
            for number in range(last + 1, sys.maxsize):
                await socket.send(json.dumps({"id": number, "payload": f"toot {number}"}))
                await asyncio.sleep(0.01)
        except websockets.ConnectionClosed:
            pass
        finally:
            self.sockets.discard(socket)

    def obey(self, word):
        if word == "expire":
            self.number += 1
            for socket in list(self.sockets):
                socket.transport.abort()
        elif word == "refuse":
            self.has_tokens = False
        elif word == "revoke":
            self.is_revoked = True


async def main():
    service = Service()
    loop = asyncio.get_running_loop()
    async with websockets.serve(service.stream, "127.0.0.1", 0, process_request=service.answer,
                                ping_interval=None) as server:
        tell(server.sockets[0].getsockname()[1])
        while True:
            line = await loop.run_in_executor(None, sys.stdin.readline)
            if not line:
                return
            service.obey(line.strip())


asyncio.run(main())
