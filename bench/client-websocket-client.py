# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""websocket-client as its documentation has it: run_forever(), two threads a connection."""

import os
import threading
import time

import websocket

import meter


class Client:
    def __init__(self):
        self.meter = meter.Meter(websocket.__version__)
        self.turn = threading.Semaphore(meter.N_HANDSHAKES)
        self.all_open = threading.Event()
        self.lock = threading.Lock()
        self.n_open = 0

    def on_open(self, _app):
        self.turn.release()
        with self.lock:
            self.n_open += 1
            if self.n_open == self.meter.connections:
                self.all_open.set()

    def on_error(self, _app, error):
        meter.fail(error)

    def on_close(self, *_arguments):
        self.n_open -= 1

    def run(self):
        interval = self.meter.interval / 1000
        apps = []
        # What is recursive is not deep here, and the usual 8 MiB for each are many.
        threading.stack_size(256 * 1024)
        self.meter.start()
        for _ in range(self.meter.connections):
            self.turn.acquire()
            app = websocket.WebSocketApp(self.meter.uri, on_open=self.on_open,
                                         on_error=self.on_error, on_close=self.on_close)
            threading.Thread(target=app.run_forever, daemon=True, kwargs={
                "ping_interval": interval, "ping_timeout": interval * 0.9}).start()
            apps.append(app)
        self.all_open.wait()
        self.meter.opened()
        time.sleep(self.meter.warm_up)
        self.meter.begin()
        time.sleep(self.meter.seconds)
        self.meter.end()
        # The last one of each connection, as it keeps it itself.
        self.meter.round_trips = [1000 * (app.last_pong_tm - app.last_ping_tm) for app in apps
                                  if app.last_pong_tm > app.last_ping_tm > 0]
        self.meter.print(self.n_open)
        # Threads that wait in the kernel would hold up the end.
        os._exit(0)


Client().run()
