#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Behind a server that stands in front of another and cuts what is idle for three seconds.

front.py SECONDS nginx|haproxy PROGRAM COMMAND…

The program is that server, the command starts the one behind it, which is told its port in a last
argument. SECONDS is how long the beats have to hold a connection open. There is no command where
one of them is not installed.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time

import gi

gi.require_version("Wsm", "1")

from gi.repository import Wsm

from harness import case, main, spin, until
from peers import Process, reserve_port

SECONDS = int(sys.argv[1])
NAME = sys.argv[2]
PROGRAM = sys.argv[3] if len(sys.argv) > 3 else None
COMMAND = sys.argv[4:]
del sys.argv[1:]

CUT_MS = 3000
BEAT_MS = 1000
SLACK_MS = 1500

# What each needs to run from a folder of its own, beside one that the system may run.
SETTINGS = {
    "nginx": """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{front};
    location / {{
      proxy_pass http://127.0.0.1:{back};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
      proxy_read_timeout 3s;
    }}
  }}
}}
""",
    "haproxy": """
defaults
  mode http
  timeout connect 3s
  timeout client 3s
  timeout server 3s
  timeout tunnel 3s
frontend front
  bind 127.0.0.1:{front}
  default_backend back
backend back
  server only 127.0.0.1:{back}
""",
}

ARGUMENTS = {
    "nginx": lambda settings, folder: ["-p", folder, "-c", settings],
    "haproxy": lambda settings, folder: ["-db", "-q", "-f", settings],
}


def find_port():
    """A port that is free now."""
    reserved, port = reserve_port()
    reserved.close()
    return port


class Back(Process):
    """The server behind."""

    def __init__(self, port=0):
        super().__init__(*COMMAND, port)
        self.port = int(self.expect(r"^port (\d+)$")[1])


class Front:
    """The server in front; it takes connections when it is made."""

    def __init__(self, back):
        self.folder = tempfile.TemporaryDirectory()
        self.port = find_port()
        self.uri = f"ws://127.0.0.1:{self.port}/"
        self.settings = os.path.join(self.folder.name, "settings")
        with open(self.settings, "w", encoding="utf-8") as file:
            file.write(SETTINGS[NAME].format(folder=self.folder.name, front=self.port,
                                             back=back))
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [PROGRAM, *ARGUMENTS[NAME](self.settings, self.folder.name)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        end = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert self.process.poll() is None, self.process.stdout.read()
                assert time.monotonic() < end, f"{NAME} does not take connections"
                spin(20)

    def stop(self):
        self.process.kill()
        self.process.communicate()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.stop()
        self.folder.cleanup()


class Feed:
    """A connection through the front, and what became of it."""

    def __init__(self, pool, uri, heartbeat):
        self.pool = pool
        self.connection = pool.add(uri)
        self.connection.props.heartbeat = heartbeat
        self.opened = 0
        self.open_for = []
        self.losses = []
        self.beats = 0
        self.since = None
        self.connection.connect("opened", self.on_opened)
        self.connection.connect("disconnected", self.on_disconnected)
        self.connection.connect("beat", self.on_beat)

    def on_opened(self, connection, reconnected):
        self.opened += 1
        self.since = time.monotonic()

    def on_disconnected(self, connection, reason, will_retry):
        self.losses.append((reason.get_code(), will_retry))
        self.open_for.append((time.monotonic() - self.since) * 1000)

    def on_beat(self, connection, sequence, round_trip):
        self.beats += 1


def make_pool():
    return Wsm.Pool(backoff=Wsm.Backoff(initial=100, max=100))


def idle_beat():
    return Wsm.Heartbeat(interval=BEAT_MS, timeout=BEAT_MS, jitter=0.0, idle_only=True)


def no_beat():
    return Wsm.Heartbeat(mode=Wsm.HeartbeatMode.OFF)


@case
def beats_hold_open_what_is_cut_without_them():
    with Back() as back, Front(back.port) as front:
        pool = make_pool()
        beating = Feed(pool, front.uri, idle_beat())
        silent = Feed(pool, front.uri, no_beat())
        until(lambda: beating.opened and silent.opened)
        spin(SECONDS * 1000)

        assert beating.opened == 1 and beating.losses == [], beating.losses
        assert beating.connection.props.state == Wsm.State.OPEN
        assert beating.beats >= SECONDS - 2, beating.beats

        assert silent.losses, f"{NAME} let it be for {SECONDS} s"
        assert set(silent.losses) == {(Wsm.ReasonCode.END_OF_STREAM, True)}, silent.losses
        assert all(CUT_MS - SLACK_MS < duration < CUT_MS + SLACK_MS
                   for duration in silent.open_for), silent.open_for
        until(lambda: silent.opened == len(silent.losses) + 1)
        print(f"# {NAME}, {SECONDS} s: {beating.beats} beats held one open; without them cut "
              f"{len(silent.losses)} times, after {min(silent.open_for):.0f} to "
              f"{max(silent.open_for):.0f} ms")


@case
def nobody_behind_is_a_status():
    with Back() as back:
        port = back.port
    with Front(port) as front:
        feed = Feed(make_pool(), front.uri, idle_beat())
        until(lambda: feed.connection.props.state == Wsm.State.WAITING)
        reason = feed.connection.props.reason
        assert reason.get_code() == Wsm.ReasonCode.HTTP_STATUS, reason.to_string()
        assert reason.get_http_status() in (502, 503), reason.to_string()
        with Back(port):
            until(lambda: feed.opened == 1)
        until(lambda: feed.losses)


@case
def killed_and_back():
    with Back() as back, Front(back.port) as front:
        feed = Feed(make_pool(), front.uri, idle_beat())
        until(lambda: feed.opened == 1)
        front.stop()
        until(lambda: feed.losses)
        assert feed.losses[0][1], feed.losses
        front.start()
        until(lambda: feed.opened == 2)


if COMMAND:
    main()
elif os.environ.get("CI"):
    sys.exit(f"{NAME} or what is to stand behind it is not installed")
else:
    print(f"1..0 # SKIP {NAME} or what is to stand behind it is not installed")
