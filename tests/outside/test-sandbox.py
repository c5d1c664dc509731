#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking from one sandbox into another, with what Flatpak allows both by default.

The program that is looked into needs one permission, to talk to its inspector; who looks needs
none. Each case is tried with the buses filtered, and then with the files as well, where this
machine lets bubblewrap do that.
"""

import json
import sys

from harness import case, main
from person import application, prepare, turn, wait_for, words
from sandbox import Sandbox, can_wrap
from stage import GATEWAY, ID, INSPECTOR, LIBRARY, PYTHON, WSMULTI, Program, Server, gateway, \
    running

APP = "org.example.Gateway"
# So much longer than it takes an inspector to be found that nobody comes after that.
NOBODY_COMES_S = 3

WAYS = [False, True] if can_wrap() else [False]


def events(top):
    return [json.loads(line) for line in top.said().splitlines() if line.startswith("{")]


def open_rows(top):
    return {event["name"] for event in events(top)
            if event["event"] == "state" and event["state"] == "open"}


def start_gateway(sandbox, *uris):
    return running(sandbox.start(PYTHON, GATEWAY, *uris,
                                 environment={**LIBRARY, "WSMULTI_INSPECT": "1"}))


def start_top(sandbox):
    return running(sandbox.start(WSMULTI, "top", "--json"))


@case
def from_sandbox_to_sandbox():
    for wrapped in WAYS:
        with running(Server("/a", "/b")) as server, Sandbox(ID, (), wrapped) as ours, \
                Sandbox(APP, (ID + ".*",), wrapped) as theirs, \
                start_gateway(theirs, server.uri("/a"), server.uri("/b")) as app, \
                start_top(ours) as top:
            wait_for("both connections", lambda: len(open_rows(top)) == 2)
            attached = [event for event in events(top) if event["event"] == "attached"]
            assert [event["application_id"] for event in attached] == [APP], attached
            wait_for("a beat", lambda: any(event["event"] == "beat" for event in events(top)))

            app.kill()
            wait_for("its end", lambda: any(event["event"] == "detached" for event in events(top)))


@case
def from_outside_into_a_sandbox():
    for wrapped in WAYS:
        with running(Server("/a")) as server, Sandbox(APP, (ID + ".*",), wrapped) as theirs, \
                start_gateway(theirs, server.uri("/a")), \
                running(Program(WSMULTI, "top", "--json")) as top:
            wait_for("the connection", lambda: len(open_rows(top)) == 1)


@case
def from_a_sandbox_to_the_outside():
    for wrapped in WAYS:
        with running(Server("/a")) as server, Sandbox(ID, (), wrapped) as ours, \
                running(gateway(server.uri("/a"))), start_top(ours) as top:
            wait_for("the connection", lambda: len(open_rows(top)) == 1)


@case
def without_permission_nothing_is_seen_and_nothing_breaks():
    for wrapped in WAYS:
        with running(Server("/a")) as server, Sandbox(ID, (), wrapped) as ours, \
                Sandbox(APP, (), wrapped) as theirs, \
                start_gateway(theirs, server.uri("/a")) as app, start_top(ours) as top:
            app.expect(r" opened$")
            turn(NOBODY_COMES_S)
            assert events(top) == [], top.said()
            assert app.is_running() and top.is_running()


@case
def the_inspector_sees_into_another_sandbox_too():
    for wrapped in WAYS:
        with running(Server("/a")) as server, Sandbox(ID, (), wrapped) as ours, \
                Sandbox(APP, (ID,), wrapped) as theirs, \
                start_gateway(theirs, server.uri("/a")) as app, \
                running(ours.start(INSPECTOR, environment={"XDG_CONFIG_HOME": "/tmp",
                                                           "XDG_DATA_HOME": "/tmp"})):
            # To the accessibility bus it is its proxy.
            tree = application(ours.proxy.pid)
            wait_for("the program", lambda: "1 open · 0 late · 0 failed" in words(tree))
            app.kill()
            wait_for("its end", lambda: "gone" in words(tree))


if __name__ == "__main__":
    prepare()
    if len(WAYS) == 1:
        print("# bubblewrap cannot be had: only the buses are filtered", file=sys.stderr)
    main()
