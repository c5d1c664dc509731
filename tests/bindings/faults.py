#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers and ways to them that go wrong, as a program in Python sees it."""

import gi
from harness import case, main, until

gi.require_versions({"Wsm": "1", "WsmFaults": "1"})
from gi.repository import Wsm, WsmFaults


class World:
    """A server where all goes wrong, and a pool that is quick to try again."""

    def __init__(self):
        self.server = WsmFaults.Server()
        self.server.start()
        self.pool = Wsm.Pool(heartbeat=Wsm.Heartbeat(mode=Wsm.HeartbeatMode.OFF),
                             backoff=Wsm.Backoff(initial=1, max=100))
        self.reasons = []

    def add(self, uri):
        feed = self.pool.add(uri)
        feed.connect("disconnected", lambda feed, reason, retries: self.reasons.append(reason))
        return feed

    def add_path(self, path):
        return self.add(self.server.dup_uri(path))


@case
def a_close_code_is_told():
    world = World()
    feed = world.add_path("/close/4001?reason=go%20away&on=message")
    until(lambda: feed.props.state == Wsm.State.OPEN)
    feed.send_text("now")
    until(lambda: feed.props.state == Wsm.State.FAILED)
    assert [reason.get_code() for reason in world.reasons] == [Wsm.ReasonCode.PEER_CLOSED]
    assert (feed.props.close_code, feed.props.close_reason) == (4001, "go away")
    assert world.server.props.n_messages == 1


@case
def broken_protocol_is_told():
    world = World()
    feed = world.add_path("/wrong/masked")
    until(lambda: feed.props.state == Wsm.State.FAILED)
    assert world.reasons[0].get_code() == Wsm.ReasonCode.PROTOCOL
    assert world.server.props.n_handshakes == 1


@case
def a_status_is_told():
    world = World()
    feed = world.add_path("/handshake/status/503?Retry-After=7")
    until(lambda: feed.props.state == Wsm.State.WAITING)
    assert feed.props.reason.get_http_status() == 503
    assert feed.props.reason.get_retry_after() == 7000
    assert world.server.props.last_request.startswith("GET /handshake/status/503?")


@case
def a_way_that_is_cut_is_told():
    world = World()
    proxy = WsmFaults.Proxy(target_port=world.server.props.port, latency=20)
    feed = world.add(proxy.dup_uri("/echo"))
    answers = []
    feed.connect("message", lambda feed, kind, data: answers.append(data.get_data()))
    until(lambda: feed.props.state == Wsm.State.OPEN)
    feed.send_text("there and back")
    until(lambda: answers == [b"there and back"])
    proxy.reset_all()
    until(lambda: world.reasons)
    assert world.reasons[0].get_code() == Wsm.ReasonCode.RESET
    assert proxy.props.n_bytes_up > proxy.props.n_bytes_down > 0


main()
