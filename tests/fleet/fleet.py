# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A `wsmulti watch --metrics`, and what it tells."""

import http.client
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))

from process import DEADLINE, Running  # noqa: E402

OPEN_METRICS = "application/openmetrics-text; version=1.0.0"


class Watch(Running):
    """`wsmulti watch --metrics`, of which nobody reads the report."""

    def __init__(self, program, *arguments, metrics="0", **environment):
        self.process = subprocess.Popen(
            [program, "watch", "--metrics", metrics, *arguments], stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, env={**os.environ, **environment})
        self.notes = []
        self.address = None
        while self.address is None:
            line = self.process.stderr.readline().decode()
            assert line, f"ended, after {self.notes}"
            self.notes.append(line)
            if "http://" in line:
                self.address = line.split("http://")[1].split("/")[0]
        self.port = int(self.address.rsplit(":", 1)[1])

    def ask(self, path="/metrics", method="GET", **headers):
        """The answer to a request, and all of its text."""
        response, data = self.ask_raw(path, method, headers)
        return response, data.decode()

    def ask_raw(self, path, method, headers):
        """The answer to a request, and all of its bytes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        data = response.read()
        connection.close()
        return response, data

    def read(self, name):
        """The values of a metric, by its labels as they are written."""
        values = {}
        for line in self.ask(Accept=OPEN_METRICS)[1].splitlines():
            sample, _, value = line.rpartition(" ")
            if sample == name or sample.startswith(name + "{"):
                values[sample[len(name):]] = float(value)
        return values

    def count_open(self):
        """How many connections are open, which is told early in a text that may be long."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read(2000).decode(errors="replace")
        connection.close()
        return int(text.split('wsmulti_connections{state="open"} ')[1].split("\n")[0])

    def get_resident_bytes(self):
        """What the system says of its memory."""
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as file:
            return int(file.read().split("VmRSS:")[1].split()[0]) * 1024

    def wait_until(self, condition):
        """Asks again until a condition holds."""
        end = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < end, self.ask()[1]

    def stop(self):
        """Ends it as systemd would; returns its exit status and what it said since the start."""
        self.process.send_signal(signal.SIGTERM)
        _, errors = self.process.communicate(timeout=DEADLINE)
        return self.process.returncode, errors.decode()
