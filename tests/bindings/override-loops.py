#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs a program's coroutines: asyncio on GLib's main loop, or that loop alone."""

import asyncio
import contextlib
import gc
import os
import resource
import signal
import subprocess
import sys
import textwrap
import threading
import time
import warnings

import gi
import harness
from coroutines import Waiters, awaited
from harness import case, collect, raises, until
from world import World

gi.require_version("Wsm", "1")
from gi.repository import Gio, GLib, Wsm


@awaited
async def who_is_cancelled_waits_no_more_and_then_the_call_ends():
    world = World(stall=True)
    feed = world.add()
    cancellable = Gio.Cancellable()
    order = []
    cancellable.connect(lambda *_: order.append("the call"))

    async def wait():
        try:
            await feed.open_async(cancellable)
        finally:
            order.append("the wait")

    async def start():
        task = Wsm.spawn(wait())
        GLib.idle_add(lambda: task.cancel() and False)
        await task

    try:
        await start()
    except asyncio.CancelledError:
        pass
    else:
        raise AssertionError("it was not cancelled")
    assert order == ["the call", "the wait"] and cancellable.is_cancelled()
    assert feed.props.state == Wsm.State.CONNECTING

    # With a cancellable of one's own, it is an error as in C.
    cancellable = Gio.Cancellable()
    GLib.idle_add(cancellable.cancel)
    with raises(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED):
        await feed.open_async(cancellable)

    # A wait for messages takes none of them along.
    world.path.props.stall = False
    feed.abort()
    async with feed:
        reader = Wsm.spawn(feed.receive())
        GLib.idle_add(lambda: reader.cancel() and False)
        try:
            await reader
        except asyncio.CancelledError:
            pass
        feed.send("still there")
        assert await feed.receive() == "still there"


@awaited
async def who_is_cancelled_takes_nobody_along():
    world = World(stall=True)
    cancellable = Gio.Cancellable()
    call = world.add().open_async(cancellable)

    async def wait():
        return await call

    tasks = [Wsm.spawn(wait()), Wsm.spawn(wait())]
    for task in tasks:
        # Both wait by the time that the first is cancelled.
        GLib.idle_add(lambda task=task: task.cancel() and False)
        assert not cancellable.is_cancelled()
        try:
            await task
        except asyncio.CancelledError:
            continue
        raise AssertionError("it was not cancelled")
    assert cancellable.is_cancelled()


@awaited
async def who_waits_for_a_task_is_cancelled_with_it():
    world = World()
    async with world.add() as feed:
        inner = Wsm.spawn(feed.receive())

        async def wait():
            return await inner

        outer = Wsm.spawn(wait())
        await feed.ping()
        outer.cancel()
        for task in (outer, inner):
            try:
                await task
            except asyncio.CancelledError:
                assert task.cancelled()
                continue
            raise AssertionError(f"{task} was not cancelled")


def resident_bytes():
    gc.collect()
    with open("/proc/self/statm", encoding="ascii") as pages:
        return int(pages.read().split()[1]) * resource.getpagesize()


@awaited
async def messages_leave_nothing_behind():
    world = World()
    async with world.add() as feed:
        # What grows for another reason does so once; 112 bytes a message grow each time.
        for _ in range(5):
            before = resident_bytes()
            for _ in range(2000):
                feed.send("text")
                await feed.receive()
            if resident_bytes() - before < 50 * 2000:
                return
    raise AssertionError("it grows with each message")


@awaited
async def calls_with_a_callback_are_as_in_c():
    world = World()
    feed = world.add()
    results = Waiters()
    seen = []

    def opened(source, result, *extra):
        seen.append((source, source.open_finish(result), extra))
        results.wake()

    assert feed.open_async(None, opened, "extra") is None
    while not seen:
        await results
    assert seen == [(feed, True, ("extra",))]
    # Nobody has to await it.
    feed.ping_async()
    assert await feed.close_async(1000, "done") is True
    assert await world.pool.close_async() is True


@contextlib.contextmanager
def raises_runtime_error():
    try:
        yield
    except RuntimeError as error:
        assert "Wsm.run(main())" in str(error) and "loop_factory" in str(error), error
    else:
        raise AssertionError("it was not refused")


@case
def a_plain_asyncio_run_is_refused_at_once():
    world = World()
    feed = world.add()

    async def enter():
        async with feed:
            pass

    async def iterate():
        async for _ in feed:
            pass

    for start in (enter, iterate, feed.open_async, feed.ping, feed.receive, feed.drain,
                  world.pool.close_async):
        async def call(start=start):
            await start()

        with raises_runtime_error():
            asyncio.run(call())

    # Of what only signals come from, it is a warning.
    async def make():
        pool = Wsm.Pool()
        pool.add(world.uri)
        pool.add_connection(Wsm.Connection(uri=world.uri, name="by hand"))
        with raises_runtime_error():
            Wsm.spawn(make())

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        asyncio.run(make())
    assert [warning.category for warning in caught] == [RuntimeWarning] * 3, caught
    for warning in caught:
        assert "Wsm.run(main())" in str(warning.message) and warning.filename == __file__, warning
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Wsm.Pool().add(world.uri)


@case
def asyncio_is_all_there():
    world = World()

    async def echo(reader, writer):
        writer.write(await reader.read(100))
        await writer.drain()
        writer.close()

    async def talk_tcp():
        server = await asyncio.start_server(echo, "127.0.0.1")
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"by asyncio")
        data = await reader.read()
        writer.close()
        server.close()
        return data

    async def main():
        loop = asyncio.get_running_loop()
        start = loop.time()
        async with world.add() as feed:
            pings = asyncio.gather(*(feed.ping() for _ in range(3)))
            results = await asyncio.gather(asyncio.sleep(0.05, "slept"), talk_tcp(), pings,
                                           loop.run_in_executor(None, threading.get_ident))
            assert loop.time() - start >= 0.05
            assert results[:2] == ["slept", b"by asyncio"] and len(results[2]) == 3
            assert results[3] != threading.get_ident()
            try:
                async with asyncio.timeout(0.02):
                    await feed.receive()
            except TimeoutError:
                pass
            else:
                raise AssertionError("there was a message")
            feed.send("still there")
            assert await feed.receive() == "still there"
            stopped = asyncio.Event()
            loop.add_signal_handler(signal.SIGTERM, stopped.set)
            threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGTERM)).start()
            await stopped.wait()
            loop.remove_signal_handler(signal.SIGTERM)
            child = await asyncio.create_subprocess_exec("echo", "child", stdout=subprocess.PIPE)
            assert await child.communicate() == (b"child\n", None)
            handled = asyncio.Event()
            feed.connect("message", lambda *_: asyncio.ensure_future(set_event(handled)))
            feed.send("tasks may begin in handlers")
            await handled.wait()
        return "result"

    async def set_event(event):
        event.set()

    assert Wsm.run(main(), debug=True) == "result"
    policy = asyncio.get_event_loop_policy()
    asyncio.set_event_loop_policy(Wsm.event_loop_policy())
    try:
        assert asyncio.run(main()) == "result"
    finally:
        asyncio.set_event_loop_policy(policy)


@case
def an_idle_loop_sleeps():
    async def main():
        reader = asyncio.get_running_loop().create_future()
        start = time.process_time()
        try:
            await asyncio.wait_for(reader, 0.5)
        except TimeoutError:
            pass
        return time.process_time() - start

    assert Wsm.run(main()) < 0.1


@case
def threads_have_loops_of_their_own():
    world = World()
    results = []

    async def main():
        async with Wsm.Pool() as pool, pool.add(world.uri) as feed:
            feed.send("from a thread")
            return await feed.receive()

    def work():
        results.append(Wsm.run(main()))
        try:
            Wsm.new_event_loop()
        except RuntimeError as error:
            results.append(str(error))
        GLib.MainContext.default().wakeup()

    thread = threading.Thread(target=work)
    thread.start()
    until(lambda: len(results) == 2)
    thread.join()
    assert results[0] == "from a thread" and "push_thread_default" in results[1]


@case
def tasks_tell_their_end():
    told = []
    hook = sys.excepthook
    sys.excepthook = lambda kind, error, trace: told.append(error)

    async def fail():
        raise ValueError("on purpose")

    async def number():
        return 7

    async def wait_for_others():
        assert await Wsm.spawn(number()) == 7
        try:
            await Wsm.spawn(fail())
        except ValueError:
            return "caught"

    try:
        task = Wsm.spawn(fail())
        until(task.done)
        assert "fail: done" in repr(task) and not task.cancel()
        del task
        collect()
        assert [str(error) for error in told] == ["on purpose"]

        ends = []
        task = Wsm.spawn(wait_for_others())
        assert "pending" in repr(task)
        task.add_done_callback(ends.append)
        until(task.done)
        assert ends == [task] and task.result() == "caught" and task.exception() is None

        task = Wsm.spawn(number())
        assert task.cancel()
        until(task.done)
        assert task.cancelled()

        async def alien():
            await asyncio.Future(loop=loop)

        loop = asyncio.new_event_loop()
        task = Wsm.spawn(alien())
        until(task.done)
        assert "Wsm.run()" in str(task.exception())
        loop.close()
        del task
        collect()
        assert len(told) == 1
    finally:
        sys.excepthook = hook


@case
def spawned_under_asyncio_is_a_task_of_asyncio():
    async def main():
        task = Wsm.spawn(asyncio.sleep(0, "slept"))
        assert isinstance(task, asyncio.Task)
        return await task

    assert Wsm.run(main()) == "slept"


@case
def control_c_ends_a_run():
    program = """
        import gi, sys
        gi.require_version("Wsm", "1")
        from gi.repository import Wsm

        async def main(uri):
            try:
                async with Wsm.Pool() as pool, pool.add(uri) as feed:
                    print("open", flush=True)
                    await feed.receive()
            finally:
                print("over", feed.props.state.value_nick, flush=True)

        Wsm.run(main(sys.argv[1]))
    """
    world = World()
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program), world.uri],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with process:
        until(lambda: world.path.props.n_connections == 1)
        assert process.stdout.readline() == "open\n"
        process.send_signal(signal.SIGINT)
        until(lambda: world.path.props.n_connections == 0)
        lines, errors = process.communicate(timeout=20)
    assert lines == "over closed\n" and "KeyboardInterrupt" in errors, (lines, errors)


if __name__ == "__main__":
    harness.main()
