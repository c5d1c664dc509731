# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Coroutines on GLib's main loop: asyncio on it, tasks without asyncio, and calls to await.

`Wsm.py` beside it tells what that is good for.
"""

from __future__ import annotations

import functools
import math
import sys
import threading
import warnings
import weakref
from typing import TYPE_CHECKING, Generic, TypeVar

from gi.repository import Gio, GLib

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Coroutine, Generator
    from typing import Any

_Result = TypeVar("_Result")


def running_loop():
    """asyncio's loop in this thread, if one runs; who has not imported it has none."""
    asyncio = sys.modules.get("asyncio")
    return asyncio._get_running_loop() if asyncio else None


def stands_still(loop):
    """Whether nothing of GLib's would ever happen while this loop of asyncio runs."""
    context = getattr(loop, "_context", None)
    return loop is not None and context != GLib.MainContext.ref_thread_default()


STANDS_STILL = ("asyncio runs here without GLib's main loop, so no connection would ever get "
                 "anywhere: use Wsm.run(main()) instead of asyncio.run(main()), or give asyncio "
                 "Wsm.new_event_loop as its loop_factory")


def warn_of_loop(stacklevel):
    """Warns of such a loop; signals may come if somebody iterates GLib's main context by hand."""
    if stands_still(running_loop()):
        warnings.warn(STANDS_STILL, RuntimeWarning, stacklevel=stacklevel + 1)


def check_loop():
    """Returns asyncio's loop, None on a plain main loop, or refuses."""
    loop = running_loop()
    if stands_still(loop):
        raise RuntimeError(STANDS_STILL)
    return loop


def _make_event_loop(context):
    """asyncio on GLib's main loop for a PyGObject that does not bring it along."""
    import asyncio
    import selectors

    class Pollable(GLib.Source):
        """Ends an iteration of the main context when a file of asyncio's is ready."""

        def __init__(self, descriptor):
            super().__init__()
            self.set_name("[wsm] asyncio")
            self.tag = self.add_unix_fd(descriptor, GLib.IOCondition.IN)

        def prepare(self):
            return False, -1

        def check(self):
            return self.query_unix_fd(self.tag) != 0

        def dispatch(self, callback, arguments):
            return GLib.SOURCE_CONTINUE

    class Selector(selectors.DefaultSelector):
        """While asyncio waits for its own files, GLib's main context runs."""

        def __init__(self):
            super().__init__()
            self.source = Pollable(self.fileno())
            self.source.attach(context)

        def select(self, timeout=None):
            may_block = timeout is None or timeout > 0
            until = -1
            if may_block and timeout is not None:
                until = GLib.get_monotonic_time() + math.ceil(timeout * 1e6)
            self.source.set_ready_time(until)
            context.iteration(may_block)
            return super().select(0)

        def close(self):
            self.source.destroy()
            super().close()

    loop = asyncio.SelectorEventLoop(Selector())
    loop._context = context
    return loop


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Makes a loop for asyncio that runs GLib's main context of this thread."""
    context = GLib.MainContext.get_thread_default()
    if context is None:
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("this thread has no main context of its own: push_thread_default() "
                               "one first, or use Wsm.run(), which does that")
        context = GLib.MainContext.default()
    try:
        from gi.events import GLibEventLoop
    except ImportError:
        return _make_event_loop(context)
    return GLibEventLoop(context)


def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    """Makes a policy for `asyncio.set_event_loop_policy()`, with loops on GLib's main context.

    For what lets you choose no loop: `asyncio.run()` before Python 3.12, and
    `unittest.IsolatedAsyncioTestCase` before 3.13. Later ones take `new_event_loop`.
    """
    import asyncio

    class Policy(asyncio.DefaultEventLoopPolicy):
        def new_event_loop(self):
            return new_event_loop()

    return Policy()


def run(coroutine: Coroutine[Any, Any, _Result], *, debug: bool | None = None) -> _Result:
    """Runs a coroutine to its end, as `asyncio.run()` does, on GLib's main loop."""
    import asyncio

    own = None
    if (threading.current_thread() is not threading.main_thread() and
            GLib.MainContext.get_thread_default() is None):
        own = GLib.MainContext.new()
        own.push_thread_default()
    try:
        with asyncio.Runner(debug=debug, loop_factory=new_event_loop) as runner:
            return runner.run(coroutine)
    finally:
        if own:
            own.pop_thread_default()


def spawn(coroutine: Coroutine[Any, Any, _Result]) -> asyncio.Task[_Result] | Task[_Result]:
    """Starts a coroutine on the loop that runs, or will run, in this thread.

    Under asyncio it is a task of asyncio's. On a plain GLib main loop, that of a program with
    windows for example, it is a `Wsm.Task`, which can wait for what this library gives, and for
    other tasks.
    """
    try:
        loop = check_loop()
    except RuntimeError:
        coroutine.close()
        raise
    return loop.create_task(coroutine) if loop else Task(coroutine)


class _Waiter:
    """What a coroutine waits on where no asyncio runs; as much of a future as that takes."""

    def __init__(self):
        self.task = None
        self.is_done = False

    def __await__(self):
        if not self.is_done:
            yield self

    def done(self):
        return self.is_done

    def set_result(self, result):
        self.is_done = True
        if self.task:
            self.task._go_on()


class Waiters:
    """Coroutines that wait for the same, under asyncio or without."""

    def __init__(self):
        self.waiting = []

    def __len__(self):
        return len(self.waiting)

    def wait(self):
        loop = check_loop()
        waiter = loop.create_future() if loop else _Waiter()
        self.waiting.append(waiter)
        try:
            yield from waiter.__await__()
        finally:
            if waiter in self.waiting:
                self.waiting.remove(waiter)

    __await__ = wait

    def wake(self):
        waiting, self.waiting = self.waiting, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)


class _Turn(GLib.Source):
    """Gives a task its turn in the main loop, again and again.

    With PyGObject 3.42 an idle callback for each turn would leave some memory behind.
    """

    # Tasks that have a turn to come: nobody else may hold them.
    due = set()

    def __init__(self, task):
        super().__init__()
        self.set_name("[wsm] task")
        self.task = weakref.ref(task)
        self.attach(GLib.MainContext.ref_thread_default())

    def come(self):
        self.due.add(self.task())
        self.set_ready_time(0)

    def prepare(self):
        return False, -1

    def check(self):
        return False

    def dispatch(self, callback, arguments):
        task = self.task()
        self.set_ready_time(-1)
        self.due.discard(task)
        task._step()
        return GLib.SOURCE_CONTINUE


class Task(Generic[_Result]):
    """A coroutine that a plain GLib main loop drives; `Wsm.spawn()` makes it.

    An exception that nobody has asked for is told when the task is dropped.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, _Result]) -> None:
        self._coroutine = coroutine
        self._turn = _Turn(self)
        self._waiter = None
        self._is_cancelled = False
        self._is_done = False
        self._is_asked = False
        self._result = None
        self._exception = None
        self._waiters = Waiters()
        self._callbacks = []
        self._go_on()

    def __repr__(self) -> str:
        state = "done" if self._is_done else "pending"
        return f"<Wsm.Task {self._coroutine.__qualname__}: {state}>"

    def __await__(self) -> Generator[Any, None, _Result]:
        try:
            while not self._is_done:
                yield from self._waiters.wait()
        except BaseException:
            self.cancel()
            raise
        return self.result()

    def __del__(self):
        self._turn.destroy()
        if self._exception and not self._is_asked and not self.cancelled():
            sys.excepthook(type(self._exception), self._exception, self._exception.__traceback__)

    def done(self) -> bool:
        return self._is_done

    def cancelled(self) -> bool:
        return self._is_done and isinstance(self._exception, _cancelled_error())

    def result(self) -> _Result:
        exception = self.exception()
        if exception:
            raise exception
        return self._result

    def exception(self) -> BaseException | None:
        if not self._is_done:
            raise RuntimeError("the task is not done yet")
        self._is_asked = True
        return self._exception

    def add_done_callback(self, callback: Callable[[Task[_Result]], object]) -> None:
        """Calls it with the task when that is done, at once if it is."""
        if self._is_done:
            callback(self)
        else:
            self._callbacks.append(callback)

    def cancel(self) -> bool:
        """Raises `asyncio.CancelledError` where the coroutine is; False if it is done."""
        if self._is_done:
            return False
        self._is_cancelled = True
        self._go_on()
        return True

    def _go_on(self):
        if not self._is_done:
            self._turn.come()

    def _step(self):
        if self._waiter:
            self._waiter.task = self._waiter = None
        try:
            if self._is_cancelled:
                self._is_cancelled = False
                waiter = self._coroutine.throw(_cancelled_error()())
            else:
                waiter = self._coroutine.send(None)
        except StopIteration as end:
            self._end(end.value, None)
        except BaseException as exception:
            self._end(None, exception)
            if isinstance(exception, (KeyboardInterrupt, SystemExit)):
                raise
        else:
            self._wait(waiter)

    def _wait(self, waiter):
        if not isinstance(waiter, _Waiter):
            self._coroutine.close()
            self._end(None, RuntimeError(f"a Wsm.Task cannot wait for {waiter!r}; with Wsm.run() "
                                         "asyncio is there for that"))
            return
        self._waiter = waiter
        waiter.task = self

    def _end(self, result, exception):
        self._turn.destroy()
        self._is_done = True
        self._result = result
        self._exception = exception
        self._is_asked = bool(self._waiters or self._callbacks)
        self._waiters.wake()
        while self._callbacks:
            self._callbacks.pop(0)(self)


def _cancelled_error():
    from asyncio import CancelledError

    return CancelledError


class _Call:
    """An asynchronous call under way: await it, or leave it."""

    def __init__(self, cancellable):
        self.cancellable = cancellable or Gio.Cancellable()
        self.waiters = Waiters()
        self.is_done = False
        self.value = None
        self.error = None

    def __await__(self):
        try:
            while not self.is_done:
                yield from self.waiters.wait()
        except BaseException:
            # Who waited is gone by now: what comes of the call is for nobody.
            if not self.is_done and not self.waiters:
                self.cancellable.cancel()
            raise
        if self.error:
            raise self.error
        return self.value

    def end(self, finish, result):
        try:
            self.value = finish(result)
        except GLib.Error as error:
            self.error = error
        self.is_done = True
        self.waiters.wake()


def call_or_await(start, finish, arguments, cancellable, callback, user_data):
    """Starts an asynchronous call as in C, or one to be awaited if there is no callback."""
    if callback is not None:
        start(*arguments, cancellable, callback, *user_data)
        return None
    check_loop()
    call = _Call(cancellable)
    start(*arguments, call.cancellable, lambda source, result: call.end(finish, result))
    return call


# Coroutines that prepare an attempt: nobody else may hold them.
_preparing = set()


def preparer(coroutine_function):
    """A handler of `prepare` that lets the attempt wait for a coroutine."""

    @functools.wraps(coroutine_function)
    def prepare(connection, message, *arguments):
        def done(task):
            _preparing.discard(task)
            if task.cancelled():
                error = GLib.Error("the handler of prepare was cancelled")
            else:
                error = task.exception()
            if error is None:
                connection.proceed(message)
                return
            if not isinstance(error, GLib.Error):
                error = GLib.Error(": ".join(filter(None, (type(error).__name__, str(error)))))
            connection.fail_attempt(message, error)

        task = spawn(coroutine_function(connection, message, *arguments))
        _preparing.add(task)
        task.add_done_callback(done)
        return True

    return prepare
