# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Keeps many WebSocket connections alive on one GLib main loop.

    import gi
    gi.require_version("Wsm", "1")
    from gi.repository import Wsm

    async def main():
        async with Wsm.Pool() as pool, pool.add("wss://api.example.com") as feed:
            feed.send("hello")
            async for message in feed:
                print(message)

    Wsm.run(main())

All of the C library is here under its own names. What Python adds:

Loops
    `Wsm.run()` is `asyncio.run()` on GLib's main loop. Where asyncio makes the loop itself, give
    it `Wsm.new_event_loop` as its `loop_factory`, or `Wsm.event_loop_policy()` where it has none.
    In a program that runs GLib's main loop, one with windows say, `Wsm.spawn()` starts a coroutine
    there. Under a plain `asyncio.run()` nothing of GLib's would ever happen, so it is refused.

Waiting
    `open_async()`, `close_async()` and `ping_async()` without a callback are awaited. When the
    task that waits is cancelled, the wait ends first, and then the call is cancelled.

Messages
    `async for message in connection` gives texts as `str` and all else as `bytes`, over all
    reconnections. It ends when the connection is closed, and raises its error when it has failed.
    A message goes to one reader; for more readers there is the signal `message`. What is not read
    yet is kept, up to `inbox_limit` bytes. When a message does not fit, it and those after it are
    dropped, and who has read the others gets an `InboxFullError` that says how many; then it goes
    on.

    `send()` takes `str` or bytes. It sends at once; to await it is to wait until there is room for
    more.

    At the end of `async with pool.add(uri) as connection:` the connection is closed politely and
    leaves its pool.

Handlers
    A handler of `prepare` may be a coroutine function, to fetch a token say: the attempt waits for
    it, and fails with what it raises.

Seconds
    What has the name that it has in C counts as it does there, in milliseconds. What only Python
    has counts in seconds: `await connection.ping()`, `Wsm.Heartbeat.in_seconds(interval=2.5)`, and
    `seconds`, which is a view of all times of an object: `connection.seconds.close_timeout = 0.5`,
    `connection.props.latency.seconds.p95`. There `None` means that there is none. Points in time
    are those of `time.monotonic()`.

Many connections
    The signal `beats` of a pool comes once for all beats that were answered or missed together:
    `for connection, round_trip in beats:` gives seconds, and `None` for a beat that was missed.

Errors
    Each code of `Wsm.Error` has a class: `NOT_OPEN` is raised as `Wsm.NotOpenError`. All are
    `Wsm.WsmError` and `GLib.Error`, and `ValueError`, `ConnectionError` or `TimeoutError` where
    that is what they are.
"""

from __future__ import annotations

import functools
import warnings
import weakref
from collections import deque
from datetime import timedelta
from inspect import iscoroutinefunction
from numbers import Real
from typing import TYPE_CHECKING, overload
from urllib.parse import urlsplit

from gi.overrides import override
from gi.repository import Gio, GLib, Soup

from ..module import get_introspection_module
from . import _WsmLoop
from ._WsmLoop import Waiters, call_or_await, check_loop, preparer, warn_of_loop

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from typing import Any

Wsm = get_introspection_module("Wsm")

# PyGObject before 3.50 says so of each `feed.props.heartbeat = Wsm.Heartbeat()`. The property takes
# a reference of its own; nothing is wrong.
warnings.filterwarnings("ignore", "Expecting to marshal a borrowed reference for <Wsm\\.",
                        RuntimeWarning)

__all__ = ["__doc__"]


def public(item):
    """Makes it part of the module `Wsm`."""
    __all__.append(item.__name__)
    return item


event_loop_policy = public(_WsmLoop.event_loop_policy)
new_event_loop = public(_WsmLoop.new_event_loop)
run = public(_WsmLoop.run)
spawn = public(_WsmLoop.spawn)
Task = public(_WsmLoop.Task)


# Errors


@public
class WsmError(GLib.Error):
    """What can go wrong in this library: `code` is one of `Wsm.Error`.

    `str()` of it is a sentence for people.
    """

    def __str__(self) -> str:
        return self.message

    def __repr__(self) -> str:
        return f"Wsm.{type(self).__name__}({self.message!r})"


@public
class TransportError(WsmError, ConnectionError):
    """TLS, the system or libsoup ended a connection: `domain` and `code` are theirs."""


@public
class InboxFullError(WsmError):
    """Messages had to be dropped because nobody read those before them.

    `n_messages` and `n_bytes` tell how many, `code` is 0: the error is Python's own.
    """

    def __init__(self, name: str, n_messages: int, n_bytes: int) -> None:
        super().__init__(f"{name}: messages were dropped, because those before them were not read "
                         f"({n_messages} with {n_bytes} bytes); read faster, or raise inbox_limit",
                         "wsm-inbox", 0)
        self.n_messages = n_messages
        self.n_bytes = n_bytes


_ERROR_DOMAIN = GLib.quark_to_string(Wsm.Error.quark())

# What each is to Python, besides a WsmError.
_ERROR_BASES = {
    "INVALID_URI": (ValueError,),
    "INVALID_SETTING": (ValueError,),
    "INVALID_HEADER": (ValueError,),
    "INVALID_TEXT": (ValueError,),
    "INVALID_CLOSE": (ValueError,),
    "NAME_TAKEN": (ValueError,),
    "NOT_IN_POOL": (),
    "NOT_OPEN": (ConnectionError,),
    "OUTBOX_FULL": (),
    "TOO_BIG": (ValueError,),
    "TIMED_OUT": (TimeoutError,),
    "HEARTBEAT_LOST": (ConnectionError,),
    "HTTP_STATUS": (ConnectionError,),
    "REDIRECT": (ConnectionError,),
    "HANDSHAKE": (ConnectionError,),
    "PROTOCOL": (ConnectionError,),
    "PEER_CLOSED": (ConnectionError,),
    "GAVE_UP": (ConnectionError,),
    "ABORTED": (ConnectionError,),
}

_ERRORS = {}
for _nick, _bases in _ERROR_BASES.items():
    _name = "".join(word.capitalize() for word in _nick.split("_")) + "Error"
    _ERRORS[int(getattr(Wsm.Error, _nick))] = public(type(_name, (WsmError, *_bases), {
        "__doc__": f"`Wsm.Error.{_nick}`",
        "__module__": __name__,
    }))
    globals()[_name] = _ERRORS[int(getattr(Wsm.Error, _nick))]


_TRANSPORT_DOMAINS = [GLib.quark_to_string(quark) for quark in (
    Gio.io_error_quark(), Gio.resolver_error_quark(), Gio.tls_error_quark(),
    Soup.session_error_quark(), Soup.websocket_error_quark())]


def _translated(error):
    """The same error with the class of its code; whom nobody knows here stays what it is."""
    cancelled = Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED
    if isinstance(error, WsmError) or error.matches(*cancelled):
        return error
    if error.domain == _ERROR_DOMAIN:
        kind = _ERRORS.get(error.code, WsmError)
    elif error.domain in _TRANSPORT_DOMAINS:
        kind = TransportError
    else:
        return error
    return kind(error.message, error.domain, error.code)


def _error(code, message):
    return _ERRORS[int(code)](message, _ERROR_DOMAIN, int(code))


def _throwing(function):
    @functools.wraps(function)
    def method(*arguments, **keywords):
        try:
            return function(*arguments, **keywords)
        except GLib.Error as error:
            raise _translated(error) from None

    return method


def _with_errors(original):
    """Lets all of a class that throws in C raise the classes above."""

    def decorate(override_class):
        for info in original.__info__.get_methods():
            name = info.__name__
            if info.can_throw_gerror() and info.is_method():
                function = vars(override_class).get(name) or getattr(original, name)
                setattr(override_class, name, _throwing(function))
        return override_class

    return decorate


# Times


def _milliseconds(name, seconds, least=0, most=2**32 - 1):
    if isinstance(seconds, timedelta):
        seconds = seconds.total_seconds()
    if not isinstance(seconds, Real):
        raise TypeError(f"{name} is a number of seconds or a timedelta, not "
                        f"{type(seconds).__name__}")
    is_in_range = least <= seconds * 1000 <= most
    milliseconds = round(seconds * 1000) if is_in_range else 0
    if not is_in_range or (seconds > 0 and milliseconds == 0):
        zero = "" if least else "0, or "
        raise ValueError(f"{name} is {seconds} s, but must be {zero}from 0.001 to {most / 1000} s")
    return milliseconds


class Seconds:
    """The times of an object in seconds, under the names that they have there.

    None is "there is none".
    """

    def __init__(self, source):
        object.__setattr__(self, "_source", source)

    def __dir__(self):
        return list(self._source._times)

    def __repr__(self):
        return ", ".join(f"{name}={getattr(self, name)}" for name in self._source._times)

    def __getattr__(self, name):
        if name not in self._source._times:
            raise AttributeError(f"no time of {type(self._source).__name__}: {name!r}; there are "
                                 + ", ".join(self._source._times))
        value = getattr(self._source, "get_" + name)()
        factor = 1e6 if self._source._times[name] == "us" else 1e3
        if isinstance(value, list):
            return [None if item < 0 else item / factor for item in value]
        if value < 0 or (value == 0 and self._source._is_none_zero(name)):
            return None
        return value / factor

    def __setattr__(self, name, seconds):
        set_value = getattr(self._source, "set_" + name, None)
        if name not in self._source._times or set_value is None:
            raise AttributeError(f"no time of {type(self._source).__name__} to set: {name!r}")
        is_none = seconds is None and name in self._source._optional_times
        limits = self._source._time_limits.get(name, ())
        set_value(-1 if is_none else _milliseconds(name, seconds, *limits))


class _Timed:
    """Whose times, in milliseconds or microseconds, can be had in seconds."""

    _times = {}
    # Of what can be set: from and to, in milliseconds, and what may be None.
    _time_limits = {}
    _optional_times = ()

    @property
    def seconds(self) -> Seconds:
        """The times of this object in seconds."""
        return Seconds(self)

    def _is_none_zero(self, name):
        """Whether 0 says that there is no such time."""
        return self._times[name] == "us"

    @classmethod
    def _in_seconds(cls, properties):
        return cls(**{name: _milliseconds(name, value) if name in cls._times else value
                      for name, value in properties.items()})


class _Object(_Timed):
    """Whose properties are in `props`, as everywhere in PyGObject: it tells who forgets that."""

    def __getattr__(self, name):
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}"
                             + self._tell_property(name), name=name, obj=self)

    def __setattr__(self, name, value):
        told = self._tell_property(name)
        if told:
            raise AttributeError(f"{name!r} cannot be set on a {type(self).__name__!r} object"
                                 + told, name=name, obj=self)
        super().__setattr__(name, value)

    def _tell_property(self, name):
        is_property = not name.startswith("_") and hasattr(self.props, name)
        return f"; it is a property: props.{name}" if is_property else ""


# Values


class _Value(_Object):
    """Never changes, so it is looked at when it is made."""

    def __init__(self, **properties):
        super().__init__(**properties)
        self.validate()


@public
@override
@_with_errors(Wsm.Heartbeat)
class Heartbeat(_Value, Wsm.Heartbeat):
    """What is asked of a peer, how often, and what silence means; it never changes.

    `Heartbeat.in_seconds(interval=25, timeout=10, max_missed=2)` is the default.
    """

    _times = {"interval": "ms", "timeout": "ms"}

    @classmethod
    def in_seconds(cls, **properties):
        """Makes one with its times in seconds, or as a `timedelta`; all else as usual."""
        return cls._in_seconds(properties)

    def __repr__(self) -> str:
        mode = self.get_mode().value_nick
        return (f"<Wsm.Heartbeat {mode} every {self.seconds.interval} s, answered within "
                f"{self.seconds.timeout} s, {self.get_max_missed()} missed at most>")


@public
@override
@_with_errors(Wsm.Backoff)
class Backoff(_Value, Wsm.Backoff):
    """When to try again, and when to give up; it never changes.

    `Backoff.in_seconds(initial=0.5, max=60, factor=2)` is the default, which never gives up.
    """

    _times = {"initial": "ms", "max": "ms", "max_elapsed": "ms", "stable_after": "ms"}

    @classmethod
    def in_seconds(cls, **properties):
        """Makes one with its times in seconds, or as a `timedelta`; all else as usual."""
        return cls._in_seconds(properties)

    def __repr__(self) -> str:
        return (f"<Wsm.Backoff from {self.seconds.initial} s, times {self.get_factor()}, to "
                f"{self.seconds.max} s>")


@public
@override
class Latency(_Object, Wsm.Latency):
    """The round trips of a connection, or how late the beats of a pool were."""

    _times = dict.fromkeys(
        ("last", "smoothed", "variation", "min", "max", "p50", "p95", "p99"), "ms")

    def _is_none_zero(self, name):
        return self.get_count() == 0

    def __repr__(self) -> str:
        return f"<Wsm.Latency of {self.get_count()} beats, in seconds: {self.seconds!r}>"


@public
@override
class Reason(Wsm.Reason, _Timed):
    _times = dict.fromkeys(("silence", "retry_after", "delay", "delay_bound", "turn_delay"), "ms")

    def __str__(self) -> str:
        return self.to_string()

    def __repr__(self) -> str:
        return f"<Wsm.Reason {self.to_string()}>"


@public
@override
class Frame(Wsm.Frame, _Timed):
    _times = {"time": "us"}

    def __repr__(self) -> str:
        return (f"<Wsm.Frame {self.get_direction().value_nick}, opcode {self.get_opcode()}, "
                f"{self.get_length()} bytes>")


@public
@override
class Beats(Wsm.Beats, _Timed):
    _times = {"round_trips": "ms"}

    def __len__(self) -> int:
        return self.get_n_answered() + self.get_n_missed()

    def __iter__(self) -> Iterator[tuple[Connection, float | None]]:
        """Whose beats they are, and their round trips in seconds; None is "it was missed"."""
        return zip(self.get_connections(), self.seconds.round_trips)

    def __repr__(self) -> str:
        return f"<Wsm.Beats: {self.get_n_answered()} answered, {self.get_n_missed()} missed>"


# Connections


class _Watch:
    """Wakes who waits for something of a connection, also when it signals nothing any more."""

    def __init__(self, connection):
        self.waiters = Waiters()
        self.has_left = False
        self.has_lost_pool = False
        for name in ("state", "writable"):
            connection.connect("notify::" + name, self.changed_cb)

    def changed_cb(self, connection, spec):
        self.waiters.wake()

    def leave(self):
        self.has_left = True
        self.waiters.wake()

    def lose_pool(self):
        self.has_lost_pool = True
        self.waiters.wake()


class _Inbox:
    """The messages of a connection that nobody has read yet."""

    # What a message takes at least, about; WsmConnection:outbox-limit counts the same way.
    LEAST_SIZE = 256

    def __init__(self, connection):
        self.messages = deque()
        self.n_bytes = 0
        self.n_lost = 0
        self.n_bytes_lost = 0
        self.handler = connection.connect("message", self.message_cb)

    def message_cb(self, connection, kind, data):
        content = data.get_data() or b""
        size = max(len(content), self.LEAST_SIZE)
        if self.n_lost or (self.messages and self.n_bytes + size > connection.inbox_limit):
            self.n_lost += 1
            self.n_bytes_lost += len(content)
            return
        if kind == Soup.WebsocketDataType.TEXT:
            content = content.decode()
        self.messages.append((content, size))
        self.n_bytes += size
        connection._watched().waiters.wake()

    def take(self):
        message, size = self.messages.popleft()
        self.n_bytes -= size
        return message

    def raise_if_full(self, name):
        if self.n_lost:
            error = InboxFullError(name, self.n_lost, self.n_bytes_lost)
            self.n_lost = self.n_bytes_lost = 0
            raise error


class _Sent:
    """What `send()` returns: to await it is to wait until there is room for more."""

    def __init__(self, connection):
        self.connection = connection

    def __await__(self):
        return self.connection.drain().__await__()


def _send(message, send_text, send_bytes):
    if isinstance(message, str):
        if "\0" in message:
            raise _error(Wsm.Error.INVALID_TEXT, "the text holds a NUL, and C would end it there; "
                                                 "send it as bytes")
        return send_text(message)
    if isinstance(message, (bytes, bytearray, memoryview)):
        return send_bytes(GLib.Bytes.new(bytes(message)))
    raise TypeError(f"a message is str or bytes, not {type(message).__name__}")


def _redacted(uri):
    """A URI without what may be secret in it."""
    try:
        parts = urlsplit(uri or "")
        host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    except ValueError:
        host = None
    return f"{parts.scheme}://{host}{parts.path}" if host else "without a valid URI"


@public
@override
@_with_errors(Wsm.Connection)
class Connection(_Object, Wsm.Connection):
    """One logical connection, which outlives its sockets.

    `async with` opens it, and closes it at the end; `async for` gives its messages.
    """

    _times = {
        "connect_timeout": "ms",
        "close_timeout": "ms",
        "next_beat_at": "us",
        "next_retry_at": "us",
        "opened_at": "us",
        "last_received_at": "us",
    }
    _time_limits = dict.fromkeys(("connect_timeout", "close_timeout"), (1, 2**32 - 1))

    inbox_limit: int = 16 * 1024 * 1024
    """How many bytes of messages are kept until they are read."""

    _pool = None
    _watch = None
    _inbox = None

    def connect(self, signal: str, handler: Callable[..., object], *arguments: Any) -> int:
        """Connects to a signal; a handler of `prepare` may be a coroutine function."""
        if signal == "prepare" and iscoroutinefunction(handler):
            handler = preparer(handler)
        return super().connect(signal, handler, *arguments)

    def open_async(self, cancellable=None, callback=None, *user_data) -> Awaitable[bool]:
        """Opens it and waits until it is open, or has ended."""
        return call_or_await(super().open_async, self.open_finish, (), cancellable, callback,
                             user_data)

    def close(self, code: int = 1000, reason: str | None = None) -> bool:
        """Closes it politely: what is queued goes out first."""
        return super().close(code, reason)

    def close_async(self, code: int = 1000, reason: str | None = None, cancellable=None,
                    callback=None, *user_data) -> Awaitable[bool]:
        """Closes it politely and waits until it is closed."""
        return call_or_await(super().close_async, self.close_finish, (code, reason),
                             cancellable, callback, user_data)

    def ping_async(self, cancellable=None, callback=None, *user_data) -> Awaitable[float]:
        """Sends a ping frame and waits for its pong; gives the round trip in milliseconds."""
        return call_or_await(super().ping_async, self.ping_finish, (), cancellable, callback,
                             user_data)

    async def ping(self) -> float:
        """Sends a ping frame and waits for its pong; gives the round trip in seconds."""
        return await self.ping_async() / 1000

    def send(self, message: str | bytes | bytearray | memoryview) -> Awaitable[None]:
        """Sends a text or bytes; to await it is to wait until there is room for more."""
        _send(message, self.send_text, self.send_bytes)
        return _Sent(self)

    async def drain(self) -> None:
        """Waits until it is open and there is room to send more."""
        while not self.get_writable():
            if self._has_ended():
                raise self._not_open("nothing can be sent")
            await self._watched().waiters

    async def receive(self) -> str | bytes:
        """Waits for the next message."""
        message = await self._next()
        if message is None:
            raise self._not_open("no message will come")
        return message

    def __aiter__(self) -> Connection:
        check_loop()
        self._open_inbox()
        return self

    async def __anext__(self) -> str | bytes:
        message = await self._next()
        if message is None:
            raise StopAsyncIteration
        return message

    async def __aenter__(self) -> Connection:
        if self._pool and self._pool() is None:
            raise self._pool_is_gone()
        self._open_inbox()
        try:
            await self.open_async()
        except BaseException:
            self._leave_pool()
            raise
        return self

    async def __aexit__(self, *exception: object) -> None:
        try:
            await self.close_async()
        finally:
            self._leave_pool()

    def __repr__(self) -> str:
        name = self.get_name() or _redacted(self.get_uri())
        return f"<Wsm.Connection {name}: {self.get_state().value_nick}, {self.get_reason()}>"

    def _watched(self):
        if self._watch is None:
            self._watch = _Watch(self)
            pool = self._pool and self._pool()
            if pool is not None:
                pool._watch_over(self._watch)
        return self._watch

    def _open_inbox(self):
        if self._inbox is None:
            self._inbox = _Inbox(self)
        return self._inbox

    async def _next(self):
        """The next message, or None if none will come."""
        inbox = self._open_inbox()
        while not inbox.messages:
            inbox.raise_if_full(self.get_name())
            if self._has_ended():
                return None
            await self._watched().waiters
        return inbox.take()

    def _has_ended(self):
        watch = self._watched()
        if watch.has_lost_pool:
            raise self._pool_is_gone()
        if watch.has_left or self.get_state() == Wsm.State.CLOSED:
            return True
        if self.get_state() == Wsm.State.FAILED:
            raise _translated(self.get_error())
        return False

    def _pool_is_gone(self):
        return _error(Wsm.Error.ABORTED, f"{self.get_name()}: its pool is gone; keep the pool as "
                                         "long as its connections are to live")

    def _not_open(self, what):
        return _error(Wsm.Error.NOT_OPEN, f"{self.get_name()} has been closed: {what}")

    def _join(self, pool):
        self._pool = pool.weak_ref()
        if self._watch:
            self._watch.has_left = self._watch.has_lost_pool = False
            pool._watch_over(self._watch)
        if self._inbox:
            self.disconnect(self._inbox.handler)
            self._inbox = None

    def _leave_pool(self):
        pool = self._pool and self._pool()
        if pool is not None:
            pool.remove(self)


@public
@override
@_with_errors(Wsm.Pool)
class Pool(_Object, Wsm.Pool):
    """The connections of a program: a list, and a mapping from their names.

    At the end of `async with` all are closed politely, at the end of `with` they are dropped.
    """

    _times = {"coalesce": "ms"}
    _time_limits = {"coalesce": (0, 60000)}
    _optional_times = ("coalesce",)
    _watches = None

    def __init__(self, **properties):
        super().__init__(**properties)
        warn_of_loop(2)

    def add(self, uri: str) -> Connection:
        """Makes a connection and adds it; it opens with the next turn of the main loop."""
        warn_of_loop(3)
        if not isinstance(uri, str):
            raise TypeError(f"a URI is str, not {type(uri).__name__}")
        connection = super().add(uri)
        connection._join(self)
        return connection

    def add_connection(self, connection: Connection) -> bool:
        """Adds a connection and leaves its state alone."""
        warn_of_loop(3)
        super().add_connection(connection)
        connection._join(self)
        return True

    def remove(self, connection: Connection) -> bool:
        """Removes a connection at once; who waits for its messages has seen the last."""
        was_there = super().remove(connection)
        if was_there and connection._watch:
            connection._watch.leave()
        return was_there

    def broadcast(self, message: str | bytes | bytearray | memoryview) -> int:
        """Sends to all that are open; gives the number of those that took it."""
        return _send(message, self.broadcast_text, self.broadcast_bytes)

    def close_async(self, deadline: int = 0, cancellable=None, callback=None,
                    *user_data) -> Awaitable[bool]:
        """Closes all connections politely and waits until they are closed."""
        return call_or_await(super().close_async, self.close_finish, (deadline,),
                             cancellable, callback, user_data)

    def __contains__(self, connection: object) -> bool:
        if isinstance(connection, str):
            return self.lookup(connection) is not None
        name = connection.get_name() if isinstance(connection, Connection) else None
        return name is not None and self.lookup(name) == connection

    @overload
    def __getitem__(self, key: slice) -> list[Connection]: ...

    @overload
    def __getitem__(self, key: str | int) -> Connection: ...

    def __getitem__(self, key):
        if not isinstance(key, str):
            return super().__getitem__(key)
        connection = self.lookup(key)
        if connection is None:
            raise KeyError(key)
        return connection

    def __iter__(self) -> Iterator[Connection]:
        return iter(self[:])

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *exception: object) -> None:
        for connection in self:
            self.remove(connection)

    async def __aenter__(self) -> Pool:
        return self

    async def __aexit__(self, *exception: object) -> None:
        try:
            await self.close_async()
        finally:
            self.__exit__()

    def __repr__(self) -> str:
        return (f"<Wsm.Pool of {len(self)} connections, {self.get_n_open()} open, "
                f"{self.get_n_failed()} failed>")

    def _watch_over(self, watch):
        if self._watches is None:
            self._watches = weakref.WeakSet()
            self.weak_ref(_lose_pool, self._watches)
        self._watches.add(watch)


def _lose_pool(watches):
    for watch in list(watches):
        watch.lose_pool()
