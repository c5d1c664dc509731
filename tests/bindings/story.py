#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a program in Python does with the library, against the echo server."""

import threading

import gi
import harness
from harness import case, collect, raises, until, wait_for
from world import World

gi.require_versions({"Soup": "3.0", "Wsm": "1"})
from gi.repository import Gio, GLib, GObject, Soup, Wsm

ERROR = Wsm.Error.quark()
IO_ERROR = Gio.io_error_quark()


def heard(source, signal, answer=None):
    """The arguments of each emission of a signal, as they come."""
    emissions = []

    def handler(source, *arguments):
        emissions.append(arguments)
        return answer

    source.connect(signal, handler)
    return emissions


@case
def the_pool_is_a_list_model():
    world = World()
    changes = heard(world.pool, "items-changed")
    first = world.pool.add(world.uri)
    second = world.pool.add(world.uri)
    assert changes == [(0, 0, 1), (1, 0, 1)]
    assert isinstance(world.pool, Gio.ListModel)
    assert world.pool.get_item_type() == Wsm.Connection.__gtype__
    assert len(world.pool) == world.pool.get_n_items() == world.pool.props.n_items == 2
    assert list(world.pool) == [first, second]
    assert world.pool[1] == world.pool.get_item(1) == second
    assert world.pool.get_item(2) is None
    assert second.props.name == first.props.name + " #2"
    assert world.pool.lookup(second.props.name) == second
    assert world.pool.lookup("nobody") is None
    notified = heard(world.pool, "notify::n-open")
    until(lambda: world.pool.props.n_open == 2)
    assert notified
    assert world.pool.remove(first)
    assert changes[2:] == [(0, 1, 0)]
    assert not world.pool.remove(first)
    assert list(world.pool) == [second]
    assert isinstance(world.pool.props.session, Soup.Session)
    assert world.pool.props.watch_environment and not world.pool.props.saves_power
    world.pool.props.watch_environment = False
    assert not world.pool.get_watch_environment() and not world.pool.get_saves_power()


@case
def properties_are_read_set_and_notified():
    world = World()
    feed = Wsm.Connection(uri=world.uri, name="feed", protocols=["one", "two"],
                          origin="https://example.com", greetings=["hello"])
    assert feed.props.uri == world.uri and feed.get_uri() == world.uri
    assert feed.props.name == "feed"
    assert feed.props.protocols == ["one", "two"]
    assert feed.get_protocols() == ["one", "two"]
    assert feed.props.origin == "https://example.com"
    assert feed.props.greetings == feed.get_greetings() == ["hello"]
    assert feed.props.state == Wsm.State.IDLE
    assert feed.props.state.value_nick == "idle"
    assert feed.props.error is None and feed.get_error() is None
    assert feed.props.close_reason is None
    assert feed.props.tls_peer_certificate is None
    assert feed.props.reason.get_code() == Wsm.ReasonCode.NONE
    assert feed.props.heartbeat is None and feed.props.backoff is None

    notified = heard(feed, "notify")
    feed.props.greetings = None
    assert not feed.props.greetings
    feed.props.outbox_limit = 2 ** 33
    assert feed.get_outbox_limit() == 2 ** 33
    feed.set_connect_timeout(1234)
    feed.props.connect_timeout = 1234
    assert [spec.name for (spec,) in notified] == ["greetings", "outbox-limit", "connect-timeout"]

    states = []
    feed.connect("notify::state", lambda feed, spec: states.append(feed.props.state))
    assert world.pool.add_connection(feed)
    assert feed.props.heartbeat == world.pool.props.heartbeat
    feed.open()
    until(lambda: feed.props.state == Wsm.State.OPEN)
    assert states == [Wsm.State.CONNECTING, Wsm.State.OPEN]
    assert feed.props.opened_at > 0 and feed.props.attempt == 1
    assert feed.props.remote_address.startswith("127.0.0.1")
    assert feed.props.liveness_source & Wsm.LivenessSource.MESSAGES
    assert feed.props.limits_enforced is True
    assert feed.props.latency == feed.get_latency() and feed.props.latency.props.count == 0
    assert {spec.name for spec in Wsm.Connection.list_properties()} == \
        {spec.name for spec in feed.list_properties()}
    for spec in feed.list_properties():
        feed.get_property(spec.name)


@case
def state_and_reason_are_bound_to_texts():
    class Label(GObject.Object):
        text = GObject.Property(type=str)

    world = World()
    feed = world.pool.add(world.uri)
    state, reason = Label(), Label()
    feed.bind_property("state", state, "text", GObject.BindingFlags.SYNC_CREATE)
    feed.bind_property("reason", reason, "text", GObject.BindingFlags.SYNC_CREATE)
    assert state.text == feed.props.state.value_nick, state.text
    until(lambda: state.text == "open")
    assert reason.text == feed.props.reason.to_string() == "opened", reason.text


@case
def the_version_is_known():
    version = (Wsm.MAJOR_VERSION, Wsm.MINOR_VERSION, Wsm.MICRO_VERSION)
    assert version >= (0, 1, 0)
    assert Wsm.check_version(*version) and Wsm.check_version(0, 1, 0)
    assert not Wsm.check_version(version[0], version[1], version[2] + 1)


@case
def signals_come_with_all_their_arguments():
    world = World()
    feed = world.pool.add(world.uri)
    opened, messages, lost = (heard(feed, name) for name in ("opened", "message", "disconnected"))
    closed = heard(feed, "closed")
    in_pool, states = (heard(world.pool, name) for name in ("message", "connection-state-changed"))
    until(lambda: opened)
    assert opened == [(False,)]
    assert states == [(feed,), (feed,)]
    feed.send_text("grüezi")
    feed.send_bytes(GLib.Bytes.new(b"\0\xff"))
    until(lambda: len(in_pool) == 2)
    assert [(kind, data.get_data()) for kind, data in messages] == [
        (Soup.WebsocketDataType.TEXT, "grüezi".encode()),
        (Soup.WebsocketDataType.BINARY, b"\0\xff")]
    assert [owner for owner, kind, data in in_pool] == [feed, feed]
    world.path.drop_all()
    until(lambda: len(opened) == 2)
    assert opened[1] == (True,)
    ((reason, will_retry),) = lost
    assert will_retry is True
    assert reason.get_code() in (Wsm.ReasonCode.RESET, Wsm.ReasonCode.END_OF_STREAM)
    assert 1 <= reason.get_delay() <= reason.get_delay_bound() <= 100
    assert "trying again in" in reason.to_string(), reason.to_string()
    assert feed.props.n_reconnects == 1
    assert feed.close(4321, "enough")
    until(lambda: closed)
    assert closed == [()]
    assert len(lost) == 2 and lost[1][1] is False
    assert feed.props.state == Wsm.State.CLOSED


@case
def errors_come_with_their_code():
    world = World()
    with raises(ERROR, Wsm.Error.INVALID_URI) as caught:
        world.pool.add("https://example.com")
    assert "ws" in caught.error.message
    with raises(ERROR, Wsm.Error.NOT_IN_POOL):
        Wsm.Connection.new(world.uri).open()
    feed = Wsm.Connection(uri=world.uri, name="feed")
    world.pool.add_connection(feed)
    with raises(ERROR, Wsm.Error.NAME_TAKEN):
        world.pool.add_connection(Wsm.Connection(uri=world.uri, name="feed"))
    with raises(ERROR, Wsm.Error.NOT_OPEN):
        feed.send_text("too early")
    with raises(ERROR, Wsm.Error.NOT_OPEN):
        feed.send_bytes(GLib.Bytes.new(b"too early"))
    assert wait_for(feed, "open", None)
    with raises(ERROR, Wsm.Error.INVALID_CLOSE):
        feed.close(7, None)
    feed.props.outbox_limit = 10
    with raises(ERROR, Wsm.Error.TOO_BIG):
        feed.send_text("more than fits")
    with raises(ERROR, Wsm.Error.OUTBOX_FULL):
        for _ in range(1000):
            feed.send_text("fits")
    with raises(ERROR, Wsm.Error.INVALID_SETTING) as caught:
        Wsm.Heartbeat(interval=1).validate()
    assert "interval" in caught.error.message
    with raises(ERROR, Wsm.Error.INVALID_SETTING) as caught:
        Wsm.Backoff(initial=200, max=100).validate()
    assert "initial" in caught.error.message


@case
def what_cannot_get_better_fails_with_its_error():
    world = World(refuse=404)
    feed = world.pool.add(world.uri)
    failed = heard(feed, "failed")
    until(lambda: failed)
    ((error,),) = failed
    assert error.matches(ERROR, Wsm.Error.HTTP_STATUS), error
    assert feed.props.error.matches(ERROR, Wsm.Error.HTTP_STATUS)
    assert feed.get_error().message == error.message
    assert feed.props.reason.get_http_status() == 404
    assert world.pool.props.n_failed == 1
    assert world.pool.props.lateness == world.pool.get_lateness()
    world.path.props.refuse = 0
    feed.retry_now()
    until(lambda: feed.props.state == Wsm.State.OPEN)


@case
def follows_no_redirections_by_itself():
    world = World(refuse=302)
    feed = world.pool.add(world.uri)
    assert feed.props.max_redirects == 0
    until(lambda: feed.props.state == Wsm.State.FAILED)
    assert feed.props.error.matches(ERROR, Wsm.Error.REDIRECT), feed.props.error
    assert world.path.props.n_handshakes == 1
    feed.props.max_redirects = 3
    assert feed.get_max_redirects() == 3


@case
def refuses_large_messages():
    world = World()
    feed = world.pool.add(world.uri)
    feed.props.max_message_size = 100
    until(lambda: feed.props.state == Wsm.State.OPEN)
    feed.send_text("x" * 101)
    until(lambda: feed.props.state == Wsm.State.FAILED)
    assert feed.props.error.matches(ERROR, Wsm.Error.TOO_BIG), feed.props.error
    assert feed.props.reason.get_size_limit() == 100
    assert feed.props.reason.get_tls_errors() == 0


@case
def should_retry_decides():
    world = World(refuse=404)
    feed = world.pool.add(world.uri)
    seen = []

    def decide(feed, reason):
        seen.append(reason)
        return Wsm.RetryDecision.RETRY if len(seen) < 3 else Wsm.RetryDecision.DEFAULT

    feed.connect("should-retry", decide)
    until(lambda: feed.props.state == Wsm.State.FAILED)
    assert [reason.get_http_status() for reason in seen] == [404, 404, 404]
    assert world.path.props.n_handshakes == 3

    world.path.props.refuse = 503
    stopped = world.pool.add(world.uri)
    heard(stopped, "should-retry", Wsm.RetryDecision.STOP)
    until(lambda: stopped.props.state == Wsm.State.FAILED)
    assert world.path.props.n_handshakes == 4


@case
def prepare_may_put_an_attempt_off():
    world = World()
    feed = world.pool.add(world.uri)
    waiting = heard(feed, "prepare", True)
    until(lambda: waiting)
    assert feed.props.state == Wsm.State.CONNECTING and world.path.props.n_handshakes == 0
    ((message,),) = waiting
    assert isinstance(message, Soup.Message)
    error = GLib.Error.new_literal(IO_ERROR, "no token today", Gio.IOErrorEnum.PERMISSION_DENIED)
    feed.fail_attempt(message, error)
    until(lambda: feed.props.state in (Wsm.State.WAITING, Wsm.State.FAILED))
    assert feed.props.reason.get_code() == Wsm.ReasonCode.PREPARE_FAILED
    assert "no token today" in feed.props.reason.to_string(), feed.props.reason.to_string()
    feed.retry_now()
    until(lambda: len(waiting) == 2)
    (message,) = waiting[1]
    message.props.request_headers.append("Authorization", "Bearer 1")
    feed.proceed(message)
    until(lambda: feed.props.state == Wsm.State.OPEN)


@case
def open_close_and_ping_are_asynchronous():
    world = World()
    feed = Wsm.Connection(uri=world.uri)
    world.pool.add_connection(feed)
    assert wait_for(feed, "open", None) is True
    assert 0 < wait_for(feed, "ping", None) < 1000
    assert world.path.props.n_pings == 1
    with raises(ERROR, Wsm.Error.INVALID_CLOSE):
        wait_for(feed, "close", 7, None, None)
    assert wait_for(feed, "close", 1000, "done", None) is True
    assert feed.props.state == Wsm.State.CLOSED
    with raises(ERROR, Wsm.Error.NOT_OPEN):
        wait_for(feed, "ping", None)
    assert wait_for(feed, "open", None) is True
    assert wait_for(world.pool, "close", 1000, None) is True
    until(lambda: world.path.props.n_connections == 0)


@case
def a_wait_is_cancelled():
    world = World(stall=True)
    feed = world.pool.add(world.uri)
    cancellable = Gio.Cancellable()
    GLib.idle_add(cancellable.cancel)
    with raises(IO_ERROR, Gio.IOErrorEnum.CANCELLED):
        wait_for(feed, "open", cancellable)
    assert feed.props.state == Wsm.State.CONNECTING
    world.path.props.stall = False
    feed.abort()
    assert wait_for(feed, "open", None)
    world.path.props.mute = True
    cancellable = Gio.Cancellable()
    GLib.idle_add(cancellable.cancel)
    with raises(IO_ERROR, Gio.IOErrorEnum.CANCELLED):
        wait_for(feed, "ping", cancellable)
    assert feed.props.state == Wsm.State.OPEN


@case
def beats_are_answered_and_missed():
    world = World(reply_to="ping 1", reply="pong 1", late=20)
    beats = Wsm.Heartbeat(mode=Wsm.HeartbeatMode.TEXT, payload="ping %{seq}", interval=100,
                          timeout=80, max_missed=2, jitter=0.0, idle_only=False,
                          reply_match=Wsm.ReplyMatch.EXACT, reply="pong %{seq}", hide_reply=True,
                          liveness=Wsm.Liveness.STRICT)
    assert beats.validate()
    assert beats.worst_case_detection() >= 100 + 80
    world.pool.props.heartbeat = beats
    feed = world.pool.add(world.uri)
    answered, messages, lost = (heard(feed, name) for name in ("beat", "message", "disconnected"))
    states = []
    feed.connect("notify::state", lambda feed, spec: states.append(feed.props.state))
    until(lambda: answered)
    assert messages == []
    ((number, round_trip),) = answered
    assert number == 1 and 20 <= round_trip < 80
    assert feed.props.latency.props.count == 1
    assert feed.props.latency.props.last == round_trip
    world.path.props.mute = True
    until(lambda: lost)
    ((reason, will_retry),) = lost
    assert reason.get_code() == Wsm.ReasonCode.HEARTBEAT_LOST and will_retry
    assert (reason.get_n_missed(), reason.get_max_missed()) == (2, 2)
    assert states[:4] == [Wsm.State.CONNECTING, Wsm.State.OPEN, Wsm.State.SUSPECT,
                          Wsm.State.WAITING]
    assert reason.to_string().startswith("heartbeat-lost: 2 of 2 beats unanswered")


@case
def the_peers_faults_have_codes():
    world = World(close_code=4000)
    feed = world.pool.add(world.uri)
    lost = heard(feed, "disconnected")
    until(lambda: feed.props.state == Wsm.State.FAILED)
    assert lost[0][0].get_close_code() == feed.props.close_code == 4000
    assert feed.props.error.matches(ERROR, Wsm.Error.PEER_CLOSED)

    world = World(stall=True)
    feed = world.pool.add(world.uri)
    feed.props.connect_timeout = 50
    feed.set_backoff(Wsm.Backoff(max_attempts=1))
    until(lambda: feed.props.state == Wsm.State.FAILED)
    assert feed.props.error.matches(ERROR, Wsm.Error.GAVE_UP), feed.props.error
    assert "no answer" in feed.props.error.message or "50" in feed.props.error.message

    world = World(refuse=503, retry_after="3600")
    feed = world.pool.add(world.uri)
    until(lambda: feed.props.state == Wsm.State.WAITING)
    assert feed.props.reason.get_retry_after() == 3600 * 1000
    assert feed.props.next_retry_at > GLib.get_monotonic_time()

    # One a second: the other one waits for its turn.
    world.pool.props.max_retries_per_second = 1
    other = world.pool.add(world.uri)
    until(lambda: other.props.state == Wsm.State.WAITING)
    world.pool.retry_now()
    assert feed.props.state == Wsm.State.CONNECTING
    assert 0 < other.props.reason.get_turn_delay() <= 1020


@case
def what_is_dropped_is_counted():
    world = World(refuse=503)
    feed = Wsm.Connection(uri=world.uri, queue_while_closed=True)
    world.pool.add_connection(feed)
    dropped = heard(feed, "dropped")
    heard(feed, "should-retry", Wsm.RetryDecision.STOP)
    feed.open()
    feed.send_text("12345")
    feed.send_text("123")
    assert feed.props.buffered == 8
    until(lambda: dropped)
    ((n_messages, n_bytes, why),) = dropped
    assert (n_messages, n_bytes) == (2, 8)
    assert why.get_http_status() == 503


@case
def what_may_be_lost_is_unconfirmed():
    world = World()
    feed = world.open()
    unconfirmed = heard(feed, "unconfirmed")
    feed.send_text("12345")
    feed.send_text("123")
    feed.abort()
    assert unconfirmed == [(2, 8)]
    feed.open()
    until(lambda: feed.props.state == Wsm.State.OPEN)
    feed.abort()
    assert len(unconfirmed) == 1


@case
def writable_says_when_to_send_on():
    world = World()
    feed = world.open(outbox_limit=100000)
    notified = heard(feed, "notify::writable")
    assert feed.props.writable and feed.get_writable()
    feed.send_text("x" * 70000)
    assert not feed.props.writable and len(notified) == 1
    until(lambda: feed.props.writable)
    assert len(notified) == 2
    world.path.drop_all()
    until(lambda: not feed.props.writable)


@case
def the_beats_of_a_pool_come_together():
    world = World()
    world.pool.props.heartbeat = Wsm.Heartbeat(interval=60000, timeout=100, max_missed=2)
    feeds = [world.add() for _ in range(5)]
    until(lambda: world.pool.props.n_open == 5)
    told = []
    handler = world.pool.connect("beats", lambda pool, beats: told.append(beats))
    world.pool.probe()
    until(lambda: sum(beats.get_n_answered() for beats in told) == 5)
    connections = [feed for beats in told for feed in beats.get_connections()]
    assert len(connections) == 5 and set(connections) == set(feeds)
    round_trips = [time for beats in told for time in beats.get_round_trips()]
    assert sorted(round_trips) == sorted(feed.props.latency.props.last for feed in feeds)
    first = told[0]
    assert first.get_n_missed() == 0 and first.get_connection(0) is connections[0]
    assert first.get_connection(first.get_n_answered()) is None

    world.path.props.mute = True
    told.clear()
    world.pool.probe()
    until(lambda: sum(beats.get_n_missed() for beats in told) == 5)
    assert {feed for beats in told for feed in beats.get_connections()} == set(feeds)
    assert all(time < 0 for beats in told for time in beats.get_round_trips())
    world.pool.disconnect(handler)

    # What a handler kept is still what it was when all else has gone.
    world.pool.remove(connections[0])
    world = feeds = None
    collect()
    assert first.get_connections()[0] is connections[0] and first.get_round_trips()[0] > 0


@case
def frames_are_seen():
    world = World()
    feed = world.open()
    frames = heard(feed, "frame")
    feed.send_text("first")
    until(lambda: feed.props.n_messages_received == 1)
    feed.send_text("hello")
    until(lambda: len(frames) >= 2 and frames[-1][0].get_direction() == Wsm.Direction.INCOMING)
    collect()
    out, back = frames[-2][0], frames[-1][0]
    assert out.get_direction() == Wsm.Direction.OUTGOING
    assert out.get_direction().value_nick == "outgoing"
    assert (out.get_opcode(), out.get_length(), out.is_final()) == (1, 5, True)
    assert out.get_wire_length() == 2 + 4 + 5 and back.get_wire_length() == 2 + 5
    assert out.is_compressed() is False
    assert 0 < out.get_time() <= back.get_time() <= GLib.get_monotonic_time()
    assert back.copy().get_length() == 5
    for frame in (out, back):
        payload = frame.get_payload()
        assert payload is None or payload.get_data() == b"hello"


@case
def a_pool_is_shown_to_an_inspector():
    world = World()
    feed = world.open()
    exporter = Wsm.Exporter(pool=world.pool, name="Ticker", announce=False)
    notified = heard(exporter, "notify::n-clients")
    assert exporter.props.pool == world.pool and exporter.props.name == "Ticker"
    assert not exporter.props.allow_control and exporter.props.payload_capture == 0
    assert exporter.props.n_clients == 0

    results = []
    Gio.DBusConnection.new(exporter.connect_client(), None,
                           Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT, None, None,
                           lambda source, result: results.append(
                               Gio.DBusConnection.new_finish(result)))
    until(lambda: results and exporter.props.n_clients == 1)
    bus = results.pop()

    def ask(method, parameters=None):
        bus.call(None, "/io/github/wsmulti/Pool1", "io.github.wsmulti.Pool1", method, parameters,
                 None, Gio.DBusCallFlags.NONE, -1, None,
                 lambda bus, result: results.append(bus.call_finish(result)))
        until(lambda: results)
        return results.pop().unpack()[0]

    summary = ask("GetSummary")
    assert summary["name"] == "Ticker" and summary["counts"] == (1, 1, 0, 0, 0)
    row, = ask("GetConnections", GLib.Variant("(tu)", (0, 500)))
    assert row["name"] == feed.props.name
    assert row["figures"][13] == Wsm.State.OPEN + 1

    assert list(Wsm.Exporter.list_pools()).count(world.pool) == 1
    exporter = None
    collect()
    until(bus.is_closed)
    assert len(notified) == 1


@case
def inputs_75_what_a_handler_kept_lives_on():
    world = World()
    feed = world.open()
    kept = []
    feed.connect("message", lambda feed, kind, data: kept.append(data))
    feed.connect("disconnected", lambda feed, reason, will_retry: kept.append(reason))
    feed.connect("failed", lambda feed, error: kept.append(error))
    for number in range(20):
        feed.send_text(f"message {number} " + "x" * 1000)
    until(lambda: len(kept) == 20)
    heard(feed, "should-retry", Wsm.RetryDecision.STOP)
    world.path.drop_all()
    until(lambda: len(kept) == 22)
    world.pool.remove(feed)
    del feed, world
    collect()
    assert [data.get_data() for data in kept[:20]] == \
        [f"message {number} ".encode() + b"x" * 1000 for number in range(20)]
    reason, error = kept[20:]
    assert reason.get_code() in (Wsm.ReasonCode.RESET, Wsm.ReasonCode.END_OF_STREAM)
    assert reason.to_string() == reason.copy().to_string() != ""
    assert isinstance(error, GLib.Error) and error.message


@case
def inputs_75_handlers_may_drop_everything():
    world = World()
    world.pool.connect("message", lambda pool, feed, kind, data: pool.remove(feed))
    feed = world.open()
    weak = feed.weak_ref()
    feed.send_text("the last one")
    del feed
    until(lambda: len(world.pool) == 0)
    collect()
    assert weak() is None
    until(lambda: world.path.props.n_connections == 0)

    holder = [Wsm.Pool()]
    weak = holder[0].weak_ref()
    holder[0].add(world.uri).connect("opened", lambda feed, reconnected: holder.clear())
    until(lambda: not holder)
    collect()
    assert weak() is None
    until(lambda: world.path.props.n_connections == 0)


@case
def inputs_75_an_exception_in_a_handler_disturbs_nobody():
    world = World()
    feed, other = world.open(), world.open()
    messages = heard(other, "message")
    hook, raised = harness.sys.excepthook, []
    harness.sys.excepthook = lambda kind, error, trace: raised.append(error)

    def fail(*arguments):
        raise ValueError("on purpose")

    try:
        for signal in ("message", "disconnected", "opened", "prepare", "should-retry"):
            feed.connect(signal, fail)
        feed.send_text("to the one that fails")
        until(lambda: raised)
        world.path.drop_all()
        until(lambda: feed.props.n_reconnects == 1 and other.props.n_reconnects == 1)
        until(lambda: len(raised) == 5)
    finally:
        harness.sys.excepthook = hook
    other.send_text("to the other")
    until(lambda: messages)
    assert all(isinstance(error, ValueError) for error in raised)


@case
def inputs_75_nothing_is_made_without_what_it_needs():
    pool = Wsm.Pool()
    connection = Wsm.Connection()
    with raises(ERROR, Wsm.Error.INVALID_URI) as missing:
        pool.add_connection(connection)
    assert "ws://host:port/path" in missing.error.message
    with raises(ERROR, Wsm.Error.NOT_IN_POOL) as alone:
        connection.open()
    assert "add it to one first" in alone.error.message
    with raises(ERROR, Wsm.Error.ABORTED) as empty:
        Wsm.Exporter().connect_client()
    assert "pool" in empty.error.message
    with raises(ERROR, Wsm.Error.INVALID_SETTING) as mute:
        Wsm.Heartbeat(mode=Wsm.HeartbeatMode.TEXT).validate()
    assert "payload" in mute.error.message
    assert Wsm.Latency().props.count == 0
    for boxed in (Wsm.Reason, Wsm.Frame):
        try:
            boxed()
        except TypeError:
            continue
        raise AssertionError(f"{boxed} was made from nothing")


@case
def inputs_75_threads_beside_the_loop_disturb_nobody():
    world = World()
    feed = world.open(heartbeat=Wsm.Heartbeat(interval=50, timeout=1000, idle_only=False))
    beats = heard(feed, "beat")
    done = threading.Event()

    def compute():
        while not done.is_set():
            sum(range(1000))

    threads = [threading.Thread(target=compute) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        until(lambda: len(beats) >= 5)
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert feed.props.state == Wsm.State.OPEN and feed.props.n_reconnects == 0


@case
def inputs_75_callbacks_outlive_who_gave_them():
    world = World()
    feed = world.open()
    weak = feed.weak_ref()
    answers = []

    def ask(feed):
        text = "kept by the closure alone " * 10
        feed.ping_async(None, lambda feed, result: answers.append((text, result)))
        feed.connect("message", lambda feed, kind, data: answers.append((text, data)))

    ask(feed)
    collect()
    feed.send_text("back")
    until(lambda: len(answers) == 2)
    assert all(text.startswith("kept") for text, _ in answers)
    world.pool.remove(feed)
    del feed
    answers.clear()
    collect()
    assert weak() is None


@case
def two_hundred_pools_leave_nothing():
    world = World()
    world.open()
    world.pool = None
    collect()
    until(lambda: world.path.props.n_connections == 0)
    before = harness.open_files()
    for _ in range(10):
        pools = [Wsm.Pool() for _ in range(20)]
        for pool in pools:
            # Each handler holds its own pool: a cycle that only the collector ends.
            pool.connect("message", lambda *arguments, pool=pool: None)
            pool.add(world.uri)
        until(lambda: all(pool.props.n_open == 1 for pool in pools))
        del pool, pools
        collect()
        until(lambda: world.path.props.n_connections == 0)
    collect()
    until(lambda: harness.open_files() <= before)
    assert world.path.props.n_opened == 201


if __name__ == "__main__":
    harness.main()
