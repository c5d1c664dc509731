# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client in Python does besides being one: meter.c for Python."""

import argparse
import json
import re
import resource
import sys
import time

# Handshakes at a time.
N_HANDSHAKES = 64


def fail(what):
    print(json.dumps({"failed": str(what)}), flush=True)
    sys.exit(1)


def read_pss_kb():
    with open("/proc/self/smaps_rollup", encoding="ascii") as rollup:
        return int(re.search(r"^Pss: +(\d+)", rollup.read(), re.MULTILINE)[1])


def get_us():
    return time.monotonic_ns() // 1000


def get_usage():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return round((usage.ru_utime + usage.ru_stime) * 1e6), usage.ru_nvcsw


def quantile(numbers, fraction):
    return sorted(numbers)[int(fraction * (len(numbers) - 1) + 0.5)]


class Meter:
    """Start, open all, warm up, begin, end, print."""

    def __init__(self, version):
        parser = argparse.ArgumentParser()
        parser.add_argument("--connections", type=int, default=100)
        parser.add_argument("--interval", type=int, default=5000)
        parser.add_argument("--seconds", type=int, default=10)
        parser.add_argument("--slot", type=int, default=250)
        parser.add_argument("--follow", choices=["each", "bursts"])
        parser.add_argument("--uri", required=True)
        parser.parse_args(namespace=self)
        # In ms.
        self.round_trips = []
        self.is_measuring = False
        self.said = {"version": version}

        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))

    @property
    def warm_up(self):
        """In seconds, long enough for each connection to have beaten once."""
        return max(self.interval * 1.25, 1000) / 1000

    def start(self):
        self.said["base_kb"] = read_pss_kb()
        self.cpu_us = get_usage()[0]
        self.started_us = get_us()

    def opened(self):
        self.said["opened_us"] = get_us() - self.started_us
        self.said["opened_cpu_us"] = get_usage()[0] - self.cpu_us

    def begin(self):
        self.said["pss_kb"] = read_pss_kb()
        self.is_measuring = True
        self.said["began_us"] = get_us()
        self.cpu_us, self.n_wakeups = get_usage()

    def end(self):
        cpu_us, n_wakeups = get_usage()
        self.said["ended_us"] = get_us()
        self.said["cpu_us"] = cpu_us - self.cpu_us
        self.said["n_wakeups"] = n_wakeups - self.n_wakeups
        self.is_measuring = False

    def print(self, n_open):
        self.said["n_open"] = n_open
        if self.round_trips:
            self.said["n_round_trips"] = len(self.round_trips)
            self.said["round_trip_p50"] = quantile(self.round_trips, 0.5)
            self.said["round_trip_p99"] = quantile(self.round_trips, 0.99)
        print(json.dumps(self.said), flush=True)
