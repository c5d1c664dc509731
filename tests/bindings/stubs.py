#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the type stubs tell of all there is and of nothing else, and what mypy makes of them.

stubs.py Wsm.pyi EXAMPLE…
"""

import ast
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import gi
from harness import case, main

gi.require_version("Wsm", "1")
from gi.repository import GObject, Wsm

STUBS, *EXAMPLES = sys.argv[1:]
del sys.argv[1:]
TREE = ast.parse(pathlib.Path(STUBS).read_text(encoding="utf-8"))

# What is wrong here says so itself.
PROGRAM = """
import asyncio
import datetime

import gi

gi.require_version("Wsm", "1")
from gi.repository import Wsm


async def sign(feed: Wsm.Connection, message: object) -> None:
    await feed.drain()


async def count(feed: Wsm.Connection, message: object) -> int:
    return 1


def retry(feed: Wsm.Connection, reason: Wsm.Reason) -> Wsm.RetryDecision:
    return Wsm.RetryDecision.RETRY if reason.get_http_status() == 401 else Wsm.RetryDecision.DEFAULT


async def main() -> float:
    heartbeat = Wsm.Heartbeat.in_seconds(mode=Wsm.HeartbeatMode.TEXT, payload="ping", interval=2.5,
                                         timeout=datetime.timedelta(seconds=1))
    Wsm.Heartbeat.in_seconds(intervall=1)  # wrong
    async with Wsm.Pool(heartbeat=heartbeat) as pool, pool.add("wss://example.com") as feed:
        feed.connect("should-retry", retry)
        feed.connect("prepare", sign)
        feed.connect("prepare", count)  # wrong
        feed.connect("should-retry", lambda feed: None)  # wrong
        feed.connect("shuold-retry", retry)  # wrong
        feed.connect("notify::state", lambda feed, spec: print(feed.props.state))
        feed.connect("notify::stat", lambda feed, spec: None)  # wrong
        feed.send("text")
        await feed.send(b"bytes")
        feed.send(3)  # wrong
        feed.seconds.close_timeout = 0.5
        feed.seconds.close_timeout = datetime.timedelta(seconds=1)
        feed.seconds.close_timeout = None  # wrong
        close_timeout: float | None = feed.seconds.close_timeout
        pool.seconds.coalesce = None
        feed.close()
        opened: float = feed.seconds.opened_at  # wrong
        feed.seconds.opened_at = 0.5  # wrong
        feed.props.greetings = ["hello"]
        feed.props.greetings = 3  # wrong
        feed.props.uri = "wss://example.org"  # wrong
        async for message in feed:
            message.strip(1)  # wrong
        milliseconds: float = await feed.ping_async()
        unit: str = await feed.ping()  # wrong
        feed.ping_async(None, lambda feed, result: print(feed.ping_finish(result)))
        names: list[str | None] = [connection.props.name for connection in pool]
        named: Wsm.Connection = pool["name"]
        return milliseconds


async def wait() -> None:
    try:
        number: int = Wsm.run(wait())  # wrong
        await Wsm.spawn(main())
    except (Wsm.TimedOutError, Wsm.InboxFullError) as error:
        print(error.code)


asyncio.run(wait(), debug=True)
"""


def inside(node):
    """The names in a class of the stubs."""
    names = set()
    for item in node.body:
        if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(item.name)
        elif isinstance(item, ast.AnnAssign):
            names.add(item.target.id)
        elif isinstance(item, ast.Assign):
            names.add(item.targets[0].id)
    return names


CLASSES = {node.name: node for node in TREE.body if isinstance(node, ast.ClassDef)}
FUNCTIONS = {node.name: node for node in TREE.body if isinstance(node, ast.FunctionDef)}


def is_public(name):
    return not name.startswith("_")


@case
def all_that_is_there_is_told():
    told = inside(TREE)
    there = {name for name in dir(Wsm) if is_public(name) and not name.endswith("Class")}
    there -= {"error_quark"}  # Wsm.Error.quark() here
    assert there - told == set(), there - told
    for name, node in CLASSES.items():
        kind = getattr(Wsm, name, None)
        if kind is None or issubclass(kind, BaseException):
            continue
        names = {item for parent in kind.__mro__ if parent.__module__.startswith("gi.")
                 and "Wsm" in parent.__module__ and "_Timed" not in repr(parent)
                 for item in vars(parent) if is_public(item)}
        if issubclass(kind, int):
            names = {item for item in names if item.isupper() or item == "quark"}
        assert names - inside(node) - {"props"} == set(), (name, names - inside(node))


@case
def all_that_is_told_is_there():
    for name in FUNCTIONS:
        assert callable(getattr(Wsm, name)), name
    for name, node in CLASSES.items():
        if name.startswith("_") or name == "Seconds":
            continue
        kind = getattr(Wsm, name)
        for item in inside(node) - {"Props", "value_nick", "value_name", "n_messages", "n_bytes"}:
            assert hasattr(kind, item), f"{name}.{item}"
        if issubclass(kind, int):
            for item in inside(node) - {"value_nick", "value_name", "quark"}:
                (value,) = (one.value.value for one in node.body if isinstance(one, ast.Assign)
                            and one.targets[0].id == item)
                assert int(getattr(kind, item)) == value, f"{name}.{item}"


@case
def properties_signals_and_times_are_told():
    for name, node in CLASSES.items():
        kind = getattr(Wsm, name, None)
        if kind is None or not issubclass(kind, GObject.Object):
            continue
        (properties,) = (item for item in node.body if isinstance(item, ast.ClassDef))
        told = inside(properties)
        there = {spec.name.replace("-", "_"): spec for spec in kind.list_properties()}
        assert told == set(there), (name, told ^ set(there))
        settable = {item.target.id for item in properties.body if isinstance(item, ast.AnnAssign)}
        flags = GObject.ParamFlags
        for item, spec in there.items():
            can_be_set = bool(spec.flags & flags.WRITABLE) and not spec.flags & flags.CONSTRUCT_ONLY
            assert (item in settable) == can_be_set, (name, item)
        signals = set(re.findall(r"signal: Literal\['([a-z-]+)'\]", ast.unparse(node)))
        assert signals - {"notify"} == set(GObject.signal_list_names(kind)), (name, signals)
        times = getattr(kind, "_times", {})
        if times:
            assert inside(CLASSES[f"_{name}Seconds"]) == set(times), name


@case
def arguments_are_as_the_override_takes_them():
    for name, node in CLASSES.items():
        kind = getattr(Wsm, name, None)
        for item in node.body:
            if kind is None or not isinstance(item, ast.FunctionDef):
                continue
            method = vars(kind).get(item.name)
            code = getattr(getattr(method, "__wrapped__", method), "__code__", None)
            if code and code.co_filename.endswith("Wsm.py") and not item.name.endswith("_async"):
                told = [argument.arg for argument in item.args.args]
                assert told == list(code.co_varnames[:code.co_argcount]), (name, item.name, told)


def check_types(folder, *programs):
    """What mypy finds, by file and line."""
    package = folder / "gi"
    (package / "repository").mkdir(parents=True)
    shutil.copy(STUBS, package / "repository" / "Wsm.pyi")
    # As much of PyGObject-stubs as it takes.
    (package / "__init__.pyi").write_text(
        "def require_version(namespace: str, version: str) -> None: ...\n"
        "def require_versions(versions: dict[str, str]) -> None: ...\n", encoding="utf-8")
    (package / "repository" / "__init__.pyi").write_text(
        "from typing import Any\ndef __getattr__(name: str) -> Any: ...\n", encoding="utf-8")
    command = ["/usr/bin/mypy", "--strict", "--warn-unreachable", "--allow-subclassing-any",
               "--no-warn-unused-ignores", "--cache-dir", folder / "cache", "--hide-error-context",
               *programs, package / "repository" / "Wsm.pyi"]
    result = subprocess.run(command, env={**os.environ, "MYPYPATH": str(folder)}, check=False,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print("# " + result.stdout.strip().replace("\n", "\n# "))
    assert result.returncode in (0, 1), result.returncode
    return {(pathlib.Path(found[1]).name, int(found[2])) for found in
            re.finditer(r"^(\S+?):(\d+): error:", result.stdout, re.MULTILINE)}


@case
def mypy_finds_what_is_wrong_and_nothing_else():
    with tempfile.TemporaryDirectory() as name:
        program = pathlib.Path(name, "program.py")
        program.write_text(PROGRAM, encoding="utf-8")
        wrong = {("program.py", number) for number, line in enumerate(PROGRAM.split("\n"), 1)
                 if line.endswith("# wrong")}
        found = check_types(pathlib.Path(name), program, *EXAMPLES)
        assert len(wrong) >= 12 and found == wrong, found ^ wrong


main()
