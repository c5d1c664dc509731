#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One story with servers that others wrote: what a feed goes through, from opening to being lost.

story.py plain|deflate NAME COMMAND…

The command starts a peer, which is told its port in a last argument, 0 for any. There is no
command where the peer is not installed.
"""

import os
import signal
import sys

import gi

gi.require_version("Soup", "3.0")
gi.require_version("Wsm", "1")

from gi.repository import GLib, Soup, Wsm

import peers
from harness import case, main, until, wait_for

DEFLATE = sys.argv[1] == "deflate"
NAME = sys.argv[2]
COMMAND = sys.argv[3:]
del sys.argv[1:]

TEXTS = ["", "a", "é" * 62, "x" * 125, "x" * 126, "€" * 300, "x" * 65535, "x" * 65536,
         "\U0001f493" * (1 << 18)]
BINARIES = [b"\0", bytes(range(125)), bytes(range(126)), bytes(65535), bytes(range(256)) * 256,
            bytes(range(256)) * 4096]


class Peer(peers.Peer):
    """A server of another make, in a process of its own."""

    def __init__(self, port=0):
        super().__init__(COMMAND, port)


class Feed:
    """A connection to a peer, and all that it told."""

    def __init__(self, peer, **settings):
        self.pool = Wsm.Pool(backoff=Wsm.Backoff(initial=100, max=100))
        if DEFLATE:
            self.pool.props.session.add_feature_by_type(Soup.WebsocketExtensionDeflate)
        self.connection = self.pool.add(peer.uri)
        for name, value in settings.items():
            self.connection.set_property(name, value)
        self.states = []
        self.messages = []
        self.beats = []
        self.losses = []
        self.opened = 0
        self.ended = 0
        self.connection.connect("notify::state", self.on_state)
        self.connection.connect("opened", self.on_opened)
        self.connection.connect("message", self.on_message)
        self.connection.connect("beat", lambda _, number, round_trip:
                                self.beats.append(round_trip))
        self.connection.connect("disconnected", lambda _, reason, will_retry:
                                self.losses.append((reason.get_code(), will_retry)))
        self.connection.connect("closed", self.on_ended)
        self.connection.connect("failed", self.on_ended)
        until(lambda: self.opened == 1)

    def on_state(self, connection, spec):
        self.states.append(connection.props.state)

    def on_opened(self, connection, reconnected):
        self.opened += 1

    def on_message(self, connection, kind, data):
        data = data.get_data()
        self.messages.append(data.decode() if kind == Soup.WebsocketDataType.TEXT else data)

    def on_ended(self, *arguments):
        self.ended += 1

    def say(self, text):
        assert self.connection.send_text(text)

    def hear(self, n_messages):
        until(lambda: len(self.messages) >= n_messages)
        heard, self.messages = self.messages[:n_messages], self.messages[n_messages:]
        return heard

    def leave(self):
        wait_for(self.connection, "close", 1000, None, None)
        self.pool.remove(self.connection)


def beat(**settings):
    return Wsm.Heartbeat(**{"interval": 100, "timeout": 80, "idle_only": False, **settings})


@case
def opens_and_offers_deflate_only_when_told():
    with Peer() as peer:
        feed = Feed(peer)
        assert feed.states == [Wsm.State.CONNECTING, Wsm.State.OPEN]
        extensions = feed.connection.props.extensions or ""
        assert ("permessage-deflate" in extensions) == DEFLATE, extensions
        assert feed.connection.props.limits_enforced != DEFLATE
        feed.leave()


@case
def pings_are_answered():
    with Peer() as peer:
        feed = Feed(peer, heartbeat=beat(timeout=1000))
        until(lambda: len(feed.beats) >= 5)
        assert all(0 < round_trip < 500 for round_trip in feed.beats), feed.beats
        latency = feed.connection.props.latency
        assert latency.props.count >= 5 and latency.props.loss == 0
        assert 0 < latency.props.min <= latency.props.last <= latency.props.max
        milliseconds = wait_for(feed.connection, "ping", None)
        assert 0 < milliseconds < 500
        assert feed.messages == [] and feed.losses == []
        feed.leave()


@case
def texts_beat_too():
    with Peer() as peer:
        feed = Feed(peer, heartbeat=beat(mode=Wsm.HeartbeatMode.TEXT, payload="ping", reply="pong",
                                         reply_match=Wsm.ReplyMatch.EXACT, hide_reply=True,
                                         timeout=1000))
        until(lambda: len(feed.beats) >= 3)
        feed.say("between")
        assert feed.hear(1) == ["between"]
        until(lambda: len(feed.beats) >= 5)
        assert feed.messages == [] and feed.losses == []
        feed.leave()


@case
def messages_go_both_ways_in_order():
    with Peer() as peer:
        feed = Feed(peer, outbox_limit=64 << 20)
        for text in TEXTS:
            feed.say(text)
        assert feed.hear(len(TEXTS)) == TEXTS
        for data in BINARIES:
            assert feed.connection.send_bytes(GLib.Bytes.new(data))
        assert feed.hear(len(BINARIES)) == BINARIES
        assert feed.connection.props.n_messages_received == len(TEXTS) + len(BINARIES)
        assert feed.connection.props.n_messages_sent == len(TEXTS) + len(BINARIES)
        assert feed.losses == []
        feed.leave()


@case
def fragments_make_one_message():
    with Peer() as peer:
        feed = Feed(peer)
        feed.say("fragments")
        assert feed.hear(1) == ["one two three"]
        feed.leave()


@case
def peer_closes():
    with Peer() as peer:
        for code, state in ((1000, Wsm.State.CLOSED), (1001, Wsm.State.OPEN),
                            (4001, Wsm.State.FAILED)):
            feed = Feed(peer)
            feed.say(f"close {code} so it is")
            until(lambda: feed.losses and feed.connection.props.state == state)
            assert feed.losses == [(Wsm.ReasonCode.PEER_CLOSED, code == 1001)]
            assert feed.ended == (0 if code == 1001 else 1)
            if code == 1001:
                assert feed.opened == 2
            else:
                assert feed.connection.props.close_code == code
                assert feed.connection.props.close_reason == "so it is"
            feed.leave()


@case
def we_close():
    with Peer() as peer:
        for code, reason in ((1000, ""), (1001, "off"), (3001, "good night")):
            feed = Feed(peer)
            assert wait_for(feed.connection, "close", code, reason, None)
            assert feed.states[-2:] == [Wsm.State.CLOSING, Wsm.State.CLOSED]
            assert feed.connection.props.reason.get_code() == Wsm.ReasonCode.REQUESTED
            assert feed.connection.props.close_code == code, feed.connection.props.close_code
            assert feed.losses == [(Wsm.ReasonCode.REQUESTED, False)] and feed.ended == 1
            peer.expect_closed(code, reason)


@case
def killed_and_back():
    with Peer() as peer:
        feed = Feed(peer, greetings=["subscribe", "please"], queue_while_closed=True)
        assert feed.hear(2) == ["subscribe", "please"]
        peer.process.send_signal(signal.SIGKILL)
        until(lambda: feed.losses)
        assert feed.losses == [(Wsm.ReasonCode.END_OF_STREAM, True)]
        feed.say("kept")
        peer.process.wait()
        with Peer(peer.port):
            assert feed.hear(3) == ["subscribe", "please", "kept"]
            assert feed.opened == 2 and len(feed.losses) == 1
            feed.leave()


@case
def stopped_and_back():
    with Peer() as peer:
        feed = Feed(peer, heartbeat=beat(max_missed=2, timeout=300), greetings=["hello"],
                    connect_timeout=500)
        assert feed.hear(1) == ["hello"]
        until(lambda: feed.beats)
        peer.process.send_signal(signal.SIGSTOP)
        until(lambda: feed.losses)
        assert feed.losses == [(Wsm.ReasonCode.HEARTBEAT_LOST, True)]
        assert feed.states[-2:] == [Wsm.State.SUSPECT, Wsm.State.WAITING], feed.states
        peer.process.send_signal(signal.SIGCONT)
        assert feed.hear(1) == ["hello"]
        assert feed.opened == 2 and len(feed.losses) == 1
        feed.leave()


if COMMAND:
    main()
elif os.environ.get("CI"):
    sys.exit(f"{NAME} is not installed")
else:
    print(f"1..0 # SKIP {NAME} is not installed")
