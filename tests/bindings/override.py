#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the override makes of the library for a program in Python, against the echo server.

What is awaited is run twice: on asyncio, and by a Wsm.Task on the plain main loop.
"""

import datetime
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree

import gi
import harness
from coroutines import Waiters, await_on_asyncio, await_on_main_loop, awaited
from harness import case, collect, raises, until
from world import World

gi.require_versions({"Soup": "3.0", "Wsm": "1"})
from gi.repository import Gio, GLib, Wsm

ERROR = Wsm.Error.quark()
GIR = os.environ["WSM_GIR"]
XMLNS = {"": "http://www.gtk.org/introspection/core/1.0"}


async def condition(holds, connection):
    """Waits until something holds of a connection that changes its state for it."""
    waiters = Waiters()
    handler = connection.connect("notify::state", lambda *_: waiters.wake())
    while not holds():
        await waiters
    connection.disconnect(handler)


@awaited
async def messages_go_both_ways_until_the_block_ends():
    world = World()
    async with world.add() as feed:
        assert feed in world.pool and feed.props.state == Wsm.State.OPEN
        feed.send("grüezi")
        await feed.send(b"\0\xff")
        feed.send(bytearray(b"array"))
        feed.send(memoryview(b"view"))
        messages = []
        async for message in feed:
            messages.append(message)
            if len(messages) == 4:
                break
        assert messages == ["grüezi", b"\0\xff", b"array", b"view"]
        feed.send("")
        assert await feed.receive() == ""
        for wrong in (1, None, ["text"]):
            try:
                feed.send(wrong)
            except TypeError as error:
                assert "str or bytes" in str(error)
                continue
            raise AssertionError(f"{wrong!r} was sent")
    assert feed not in world.pool and len(world.pool) == 0
    assert feed.props.state == Wsm.State.CLOSED
    assert feed.props.reason.get_code() == Wsm.ReasonCode.REQUESTED


@awaited
async def a_ping_takes_seconds_and_in_c_milliseconds():
    world = World()
    async with world.add() as feed:
        start = time.monotonic()
        seconds = await feed.ping()
        spent = time.monotonic() - start
        assert 0 < seconds <= spent
        start = time.monotonic()
        milliseconds = await feed.ping_async()
        assert 0 < milliseconds <= (time.monotonic() - start) * 1000
        assert world.path.props.n_pings == 2


@awaited
async def reading_goes_on_after_a_reconnection():
    world = World()
    async with world.add() as feed:
        feed.send("before")
        assert await feed.receive() == "before"
        world.path.drop_all()
        await condition(lambda: feed.props.n_reconnects == 1, feed)
        feed.send("after")
        async for message in feed:
            assert message == "after"
            break


@awaited
async def reading_ends_with_the_connection():
    world = World(close_code=1000)
    feed = world.add()
    assert [message async for message in feed] == []
    with raises(ERROR, Wsm.Error.NOT_OPEN):
        await feed.receive()

    world = World(close_code=4321)
    feed = world.add()
    try:
        async for message in feed:
            raise AssertionError(message)
    except Wsm.PeerClosedError as error:
        assert "4321" in str(error)
    else:
        raise AssertionError("it just ended")


@awaited
async def what_fails_while_it_opens_leaves_the_pool():
    world = World(refuse=404)
    try:
        async with world.add():
            raise AssertionError("it was opened")
    except ConnectionError as error:
        assert isinstance(error, Wsm.HttpStatusError) and isinstance(error, GLib.Error)
        assert error.matches(ERROR, Wsm.Error.HTTP_STATUS) and error.code == Wsm.Error.HTTP_STATUS
    assert len(world.pool) == 0


@awaited
async def what_nobody_reads_is_bounded_and_told():
    world = World()
    async with world.add() as feed:
        feed.inbox_limit = 5 * 1000
        for number in range(8):
            feed.send(f"{number}".ljust(1000))
        # An answer to a ping comes behind all of them.
        await feed.ping()
        messages = []
        try:
            async for message in feed:
                messages.append(message.rstrip())
        except Wsm.InboxFullError as error:
            assert (error.n_messages, error.n_bytes) == (3, 3000)
            assert feed.props.name in str(error) and "inbox_limit" in str(error)
        assert messages == ["0", "1", "2", "3", "4"]
        feed.send("and on")
        assert await feed.receive() == "and on"

        # What comes after a gap stays out, even if there is room for it.
        for size in (1000, 1000, 1000, 1000, 2000, 1):
            feed.send("x" * size)
        await feed.ping()
        assert [len(await feed.receive()) for _ in range(4)] == [1000] * 4
        try:
            await feed.receive()
        except Wsm.InboxFullError as error:
            assert (error.n_messages, error.n_bytes) == (2, 2001)
        else:
            raise AssertionError("there was another message")

        # Small ones count as what they take.
        feed.inbox_limit = 10 * 256
        for _ in range(11):
            feed.send("")
        await feed.ping()
        assert [await feed.receive() for _ in range(10)] == [""] * 10
        with raises(GLib.quark_from_string("wsm-inbox"), 0):
            await feed.receive()

        # One message is always taken.
        feed.inbox_limit = 10
        feed.send("x" * 1000)
        assert await feed.receive() == "x" * 1000


@awaited
async def what_was_not_read_is_read_later():
    world = World()
    async with world.add() as feed:
        for number in range(5):
            feed.send(str(number))
        async for message in feed:
            break
        await feed.ping()
        assert message == "0"
        assert [await feed.receive() for _ in range(4)] == ["1", "2", "3", "4"]
        feed.send("last words")
        await feed.ping()
    assert [message async for message in feed] == ["last words"]


@awaited
async def each_message_goes_to_one_reader():
    world = World()
    async with world.add() as feed:
        taken = []

        async def read():
            taken.append(await feed.receive())

        tasks = [Wsm.spawn(read()) for _ in range(3)]
        await feed.ping()
        for text in ("one", "two", "three"):
            feed.send(text)
        for task in tasks:
            await task
        assert sorted(taken) == ["one", "three", "two"]


@awaited
async def removal_ends_what_waits():
    world = World()
    feed = world.add()
    await feed.open_async()
    world.path.props.refuse = 503
    world.path.drop_all()
    await condition(lambda: feed.props.state == Wsm.State.WAITING, feed)
    assert not feed.props.writable

    async def read():
        return [message async for message in feed]

    waiting = [Wsm.spawn(read()), Wsm.spawn(feed.drain())]
    GLib.idle_add(lambda: world.pool.remove(feed) and False)
    assert await waiting[0] == []
    with raises(ERROR, Wsm.Error.NOT_OPEN):
        await waiting[1]

    # In a pool again it is as new.
    world.path.props.refuse = 0
    for text in ("again", "once more"):
        world.pool.add_connection(feed)
        async with feed:
            feed.send(text)
            assert await feed.receive() == text
            feed.send("not read")
            await feed.ping()


@awaited
async def a_pool_that_is_gone_is_told():
    world = World()
    feed = world.add()
    await feed.open_async()

    def drop():
        del world.pool
        return GLib.SOURCE_REMOVE

    GLib.idle_add(drop)
    with raises(ERROR, Wsm.Error.ABORTED) as caught:
        await feed.receive()
    assert "keep the pool" in str(caught.error)


@awaited
async def to_await_send_is_to_wait_for_room():
    world = World()
    async with world.add() as feed:
        feed.props.outbox_limit = 100000
        sent = feed.send("x" * 70000)
        assert not feed.props.writable
        await sent
        assert feed.props.writable
        with raises(ERROR, Wsm.Error.OUTBOX_FULL):
            for _ in range(10):
                feed.send("x" * 70000)
        await feed.drain()
        feed.send("x" * 70000)

    world = World(refuse=404)
    feed = world.add()
    try:
        await feed.drain()
    except Wsm.HttpStatusError:
        pass
    else:
        raise AssertionError("there was room")


@awaited
async def pools_end_with_their_block():
    world = World()
    async with Wsm.Pool() as pool:
        first, second = pool.add(world.uri), pool.add(world.uri)
        await first.open_async()
        await second.open_async()
    assert len(pool) == 0 and first.props.state == Wsm.State.CLOSED
    assert first.props.reason.get_code() == Wsm.ReasonCode.REQUESTED

    with Wsm.Pool() as pool:
        third = pool.add(world.uri)
        await third.open_async()
    assert len(pool) == 0 and third.props.state == Wsm.State.CLOSED
    assert third.props.reason.get_code() == Wsm.ReasonCode.ABORTED


@awaited
async def errors_are_those_of_python():
    world = World()
    pool = world.pool
    for error, base, call in (
            (Wsm.InvalidUriError, ValueError, lambda: pool.add("https://example.com")),
            (Wsm.NotInPoolError, RuntimeError, Wsm.Connection(uri=world.uri).open),
            (Wsm.NotOpenError, ConnectionError, lambda: pool.add(world.uri).send("too early")),
            (Wsm.InvalidTextError, ValueError, lambda: pool.add(world.uri).send("a\0b")),
            (Wsm.InvalidTextError, ValueError, lambda: pool.broadcast("a\0b")),
            (Wsm.InvalidSettingError, ValueError, lambda: Wsm.Heartbeat(interval=2.5)),
            (Wsm.InvalidSettingError, ValueError, lambda: Wsm.Heartbeat.in_seconds(interval=0)),
            (Wsm.InvalidSettingError, ValueError, lambda: Wsm.Backoff(initial=2, max=1))):
        try:
            call()
        except error as caught:
            assert isinstance(caught, base) and isinstance(caught, Wsm.WsmError)
            assert caught.matches(ERROR, caught.code) and str(caught) == caught.message
            assert repr(caught) == f"Wsm.{error.__name__}({caught.message!r})"
        else:
            raise AssertionError(f"no {error}")
    async with world.add() as feed:
        with raises(ERROR, Wsm.Error.INVALID_CLOSE):
            await feed.close_async(7)
        world.path.props.mute = True
        feed.seconds.close_timeout = 0.1
        feed.set_heartbeat(Wsm.Heartbeat.in_seconds(timeout=0.05, interval=10))
        try:
            await feed.ping()
        except TimeoutError as caught:
            assert isinstance(caught, Wsm.TimedOutError) and "50 ms" in str(caught)
        else:
            raise AssertionError("there was a pong")


@awaited
async def no_tls_is_an_error_of_the_connection():
    def incoming(service, connection, source):
        connection.get_output_stream().write_bytes(GLib.Bytes.new(b"no TLS here\n"))

    service = Gio.SocketService()
    port = service.add_any_inet_port(None)
    service.connect("incoming", incoming)
    world = World()
    try:
        async with world.pool.add(f"wss://127.0.0.1:{port}/"):
            raise AssertionError("it speaks TLS")
    except ConnectionError as error:
        assert isinstance(error, Wsm.TransportError) and isinstance(error, Wsm.WsmError)
        assert error.domain == GLib.quark_to_string(Gio.tls_error_quark())
        assert str(error) == error.message and "TLS" in str(error)


@awaited
async def who_drops_the_pool_is_told_to_keep_it():
    try:
        async with Wsm.Pool().add("ws://127.0.0.1:1/"):
            raise AssertionError("it opened without a pool")
    except Wsm.AbortedError as error:
        assert "keep the pool" in str(error)


@awaited
async def a_cancelled_call_is_what_it_is_everywhere():
    world = World()
    cancellable = Gio.Cancellable()
    cancellable.cancel()
    with raises(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED):
        await world.add().open_async(cancellable)


@awaited
async def an_attempt_waits_for_a_coroutine():
    world = World()
    feed = world.add()
    steps = []

    async def prepare(connection, message, word):
        assert connection == feed
        steps.append(word)
        await world.add().open_async()
        message.get_request_headers().replace("X-Token", "fresh")
        steps.append("signed")

    feed.connect("prepare", prepare, "asked")
    feed.connect("opened", lambda *_: steps.append("opened"))
    await feed.open_async()
    assert steps == ["asked", "signed", "opened"]
    world.path.drop_all()
    await condition(lambda: feed.props.n_reconnects == 1, feed)
    assert steps == ["asked", "signed", "opened"] * 2


@awaited
async def an_attempt_fails_with_its_coroutine():
    for raised, told in ((KeyError("token"), "KeyError: 'token'"), (TimeoutError(), "TimeoutError"),
                         (GLib.Error("no token today"), "no token today")):
        world = World()
        feed = world.add()

        async def prepare(connection, message):
            raise raised

        feed.connect("prepare", prepare)
        with raises(GLib.quark_from_string("pygi-error"), 0) as caught:
            await feed.open_async()
        assert caught.error.message == told
        assert str(feed.props.reason) == f"prepare-failed: {told}"


@awaited
async def closing_needs_no_arguments():
    world = World()
    feed = world.add()
    await feed.open_async()
    assert feed.close()
    await feed.close_async()
    assert feed.props.close_code == 1000


@case
def who_forgets_props_is_told():
    feed = World().add()
    for name in ("heartbeat", "close_timeout"):
        for touch in (lambda: getattr(feed, name), lambda: setattr(feed, name, None)):
            try:
                touch()
            except AttributeError as error:
                assert str(error).endswith(f"; it is a property: props.{name}"), error
            else:
                raise AssertionError(f"{name} is an attribute")
    feed.notes = "of the program"
    assert feed.notes == "of the program" and not hasattr(feed, "remarks")


@case
def who_gives_something_else_is_told_what_is_wanted():
    pool = World().pool
    for call, named in ((lambda: pool.add(None), "a URI is str, not NoneType"),
                        (lambda: pool.broadcast(5), "a message is str or bytes, not int"),
                        (lambda: Wsm.Heartbeat.in_seconds(interval="5"),
                         "interval is a number of seconds or a timedelta, not str")):
        try:
            call()
        except TypeError as error:
            assert str(error) == named, error
        else:
            raise AssertionError(f"nobody says that {named}")


@case
def each_code_has_its_class():
    for value in range(100):
        try:
            nick = Wsm.Error(value).value_nick
        except ValueError:
            break
        name = "".join(word.capitalize() for word in nick.split("-")) + "Error"
        kind = getattr(Wsm, name)
        assert issubclass(kind, Wsm.WsmError) and name in dir(Wsm), name
        assert kind.__doc__.strip("`") == "Wsm.Error." + nick.upper().replace("-", "_")
    assert value == 19, f"{value} codes: each needs a place among the classes"


@case
def beats_are_pairs_in_seconds():
    world = World()
    world.pool.props.heartbeat = Wsm.Heartbeat.in_seconds(interval=60, timeout=0.1)
    feeds = [world.add() for _ in range(3)]
    until(lambda: world.pool.props.n_open == 3)
    told = []
    world.pool.connect("beats", lambda pool, beats: told.append(beats))
    world.pool.probe()
    until(lambda: sum(map(len, told)) == 3)
    pairs = dict(pair for beats in told for pair in beats)
    assert pairs == {feed: feed.props.latency.seconds.last for feed in feeds}
    assert repr(told[0]) == f"<Wsm.Beats: {len(told[0])} answered, 0 missed>"
    world.path.props.mute = True
    told.clear()
    world.pool.probe()
    until(lambda: sum(map(len, told)) == 3)
    assert {pair for beats in told for pair in beats} == {(feed, None) for feed in feeds}
    assert told[0].seconds.round_trips == [None] * len(told[0])


@case
def pools_are_lists_and_know_names():
    world = World()
    first, second = world.add(), world.add()
    pool = world.pool
    assert len(pool) == 2 and list(pool) == [first, second] and pool[-1] == second
    assert pool[first.props.name] == first and first.props.name in pool
    assert first in pool and "nobody" not in pool and Wsm.Connection() not in pool
    assert 3 not in pool
    other = Wsm.Connection(uri=world.uri, name=first.props.name)
    Wsm.Pool().add_connection(other)
    assert other not in pool
    for key, error in (("nobody", KeyError), (2, IndexError)):
        try:
            pool[key]
        except error:
            continue
        raise AssertionError(f"{key!r} is there")
    for connection in pool:
        pool.remove(connection)
    assert len(pool) == 0 and second not in pool
    opened = pool.add(world.uri)
    until(lambda: opened.props.state == Wsm.State.OPEN)
    heard = []
    opened.connect("message", lambda *arguments: heard.append(arguments[2].get_data()))
    assert pool.broadcast("text") == 1 and pool.broadcast(b"bytes") == 1
    until(lambda: heard == [b"text", b"bytes"])


@case
def times_are_seconds_where_python_asks():
    heartbeat = Wsm.Heartbeat.in_seconds(interval=2.5, timeout=datetime.timedelta(seconds=1),
                                         max_missed=3)
    assert (heartbeat.props.interval, heartbeat.props.timeout) == (2500, 1000)
    assert heartbeat.props.max_missed == 3
    assert (heartbeat.seconds.interval, heartbeat.seconds.timeout) == (2.5, 1.0)
    backoff = Wsm.Backoff.in_seconds(initial=0.25, max=30, factor=3.0, stable_after=0)
    assert (backoff.props.initial, backoff.props.max) == (250, 30000)
    assert (backoff.props.factor, backoff.seconds.stable_after) == (3.0, 0.0)

    world = World()
    feed = world.add()
    feed.seconds.close_timeout = 0.5
    assert feed.props.close_timeout == 500 and feed.seconds.close_timeout == 0.5
    assert feed.seconds.opened_at is None and feed.seconds.next_retry_at is None
    assert feed.props.latency.seconds.p95 is None
    until(lambda: feed.props.state == Wsm.State.OPEN)
    assert 0 <= time.monotonic() - feed.seconds.opened_at < 10
    assert world.pool.seconds.coalesce is None
    world.pool.seconds.coalesce = 0.1
    assert world.pool.props.coalesce == 100
    world.pool.seconds.coalesce = None
    assert world.pool.props.coalesce == -1
    assert dir(feed.seconds) == sorted(feed._times)

    for name, value, error in (("close_timeout", 0.0001, ValueError),
                               ("close_timeout", -1, ValueError),
                               ("close_timeout", 0, ValueError),
                               ("close_timeout", float("nan"), ValueError),
                               ("connect_timeout", float("inf"), ValueError),
                               ("connect_timeout", 5e6, ValueError),
                               ("connect_timeout", None, TypeError),
                               ("connect_timeout", "1", TypeError),
                               ("opened_at", 1, AttributeError),
                               ("close_time", 1, AttributeError)):
        try:
            setattr(feed.seconds, name, value)
        except error as caught:
            assert name in str(caught), caught
            continue
        raise AssertionError(f"{name} is {value} s")
    assert not hasattr(feed.seconds, "uri")
    try:
        world.pool.seconds.coalesce = 61
    except ValueError as caught:
        assert str(caught) == "coalesce is 61 s, but must be 0, or from 0.001 to 60.0 s"
    else:
        raise AssertionError("a minute and a second is too long")


def texts(element):
    document = element.find("doc", XMLNS)
    return " ".join(document.text.split()) if document is not None else ""


@case
def no_time_is_forgotten():
    space = xml.etree.ElementTree.parse(GIR).find("namespace", XMLNS)
    found = 0
    for kind in [*space.findall("class", XMLNS), *space.findall("record", XMLNS)]:
        times = {}
        for method in kind.findall("method", XMLNS):
            words = re.search(r"(milli|micro)seconds", texts(method).split(". ")[0])
            name = method.get("name")
            if words and name.startswith("get_"):
                times[name[4:]] = {"milli": "ms", "micro": "us"}[words[1]]
        for item in kind.findall("property", XMLNS):
            words = re.search(r"(milli|micro)seconds", texts(item).split(". ")[0])
            if words:
                times[item.get("name").replace("-", "_")] = \
                    {"milli": "ms", "micro": "us"}[words[1]]
        override = getattr(Wsm, kind.get("name"))
        assert getattr(override, "_times", {}) == times, (kind.get("name"), times)
        found += len(times)
    assert found >= 20, found


@case
def no_asynchronous_method_is_forgotten():
    space = xml.etree.ElementTree.parse(GIR).find("namespace", XMLNS)
    names = [(kind.get("name"), method.get("name")) for kind in space.findall("class", XMLNS)
             for method in kind.findall("method", XMLNS) if method.get("name").endswith("_async")]
    assert len(names) >= 4
    for kind, name in names:
        assert name in vars(getattr(Wsm, kind)), f"{kind}.{name} cannot be awaited"


@case
def what_is_shown_keeps_secrets():
    world = World()
    uri = world.uri.replace("ws://", "ws://user:word@") + "?token=hidden"
    feed = world.pool.add(uri)
    heartbeat = Wsm.Heartbeat(mode=Wsm.HeartbeatMode.TEXT, payload="hidden ping")
    alone = Wsm.Connection(uri=uri)
    frames, reasons = [], []
    feed.connect("frame", lambda feed, frame: frames.append(frame))
    feed.connect("disconnected", lambda feed, reason, will_retry: reasons.append(reason))
    until(lambda: feed.props.state == Wsm.State.OPEN)
    feed.send("hidden")
    until(lambda: frames and feed.props.n_messages_received)
    world.path.drop_all()
    until(lambda: reasons)
    shown = [repr(one) for one in (feed, alone, heartbeat, world.pool, frames[0], reasons[0],
                                   feed.props.latency, world.pool.props.backoff, feed.seconds)]
    for text in shown:
        assert not re.search("hidden|word", text), text
    assert re.fullmatch(r"<Wsm.Connection ws://127.0.0.1:\d+/feed\S*: \w+, .+>", shown[0]), shown
    assert re.fullmatch(r"<Wsm.Connection ws://127.0.0.1:\d+/feed: idle, .*>", shown[1]), shown
    assert shown[2].startswith("<Wsm.Heartbeat text every 25.0 s"), shown
    assert shown[3] == "<Wsm.Pool of 1 connections, 0 open, 0 failed>", shown
    assert str(reasons[0]) == reasons[0].to_string() in shown[5]
    assert "hidden" not in repr(Wsm.Connection(uri="http://[hidden"))


@case
def connections_and_pools_are_freed():
    world = World()

    async def main():
        pool = Wsm.Pool()
        async with pool.add(world.uri) as feed:
            feed.send("text")
            await feed.receive()
        lone = pool.add(world.uri)
        lone.__aiter__()
        return pool.weak_ref(), feed.weak_ref(), lone.weak_ref()

    for run in (await_on_asyncio, await_on_main_loop):
        weak = run(main())
        collect()
        assert [reference() for reference in weak] == [None] * 3
    until(lambda: world.path.props.n_connections == 0)


@case
def a_property_takes_what_nobody_else_holds():
    program = """
import gi
gi.require_version("Wsm", "1")
from gi.repository import Wsm
feed = Wsm.Connection(uri="ws://127.0.0.1/")
feed.props.heartbeat = Wsm.Heartbeat(interval=2000)
feed.props.backoff = Wsm.Backoff(initial=300)
print(feed.props.heartbeat.props.interval + feed.props.backoff.props.initial)
"""
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True,
                          stderr=subprocess.STDOUT, text=True)
    assert done.stdout == "2300\n", done.stdout


@case
def the_module_explains_itself():
    assert "async for message in" in Wsm.__doc__ and Wsm.__doc__.count("\n") > 40
    for name in ("run", "spawn", "new_event_loop", "event_loop_policy", "Task", "Connection",
                 "Pool", "Heartbeat", "Backoff", "Latency"):
        text = getattr(Wsm, name).__doc__
        assert text and "Constructors" not in text, name


if __name__ == "__main__":
    harness.main()
