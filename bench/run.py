#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a beat costs: libwsmulti beside others, against one server that is nobody's.

run.py FOLDER [--full] [--document FILE] [CLIENT…]

FOLDER has the programs in C. Each run is a line of JSON in FOLDER/results.jsonl, of which report.py
makes tables and a plot: in FOLDER, or where FILE is. Server and client have a core each, each run
has an address of its own, and the clients take turns, so that what else the machine does meets all.
"""

import argparse
import json
import os
import pathlib
import platform
import random
import re
import resource
import signal
import struct
import subprocess
import sys
import time

import report

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"

# As server.c writes them: connection, whether exact, arrived, left.
STAMP = struct.Struct("=IIqq")

# Beside what it takes to warm up and to be measured: so long may a client take to open all, in s.
PATIENCE = 60
PATIENCE_PER_CONNECTION = 0.03
# Sockets are not all that a client opens.
OTHER_FILES = 200


class Client:
    """A program, and what has to be there for it to run."""

    def __init__(self, name, *command, demands=(), options=(), is_extra=False):
        self.name = name
        self.command = command
        self.demands = demands
        self.options = options
        # Measured if asked for, or if there is time for everything.
        self.is_extra = is_extra

    def why_not(self, folder):
        """What is missing, or None."""
        if not self.command:
            return "not there: not in Debian"
        if self.command[0] == "c":
            return None if self.find(folder)[0].exists() else "not there: not built"
        found = subprocess.run(self.demands, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               check=False) if self.demands else None
        return None if not found or found.returncode == 0 else "not there: not installed"

    def find(self, folder):
        if self.command[0] == "c":
            return [folder / f"client-{self.command[1]}"]
        return [*self.command[:-1], HERE / self.command[-1]]


def of_python(name, module):
    return Client(name, PYTHON, f"client-{name}.py", demands=[PYTHON, "-c", f"import {module}"])


def follow(name, *command, demands):
    """The same program twice: it hears of beats in bursts, or of each by itself."""
    return [Client(name, *command, demands=demands, options=["--follow", "bursts"]),
            Client(f"{name}-each", *command, demands=demands, options=["--follow", "each"],
                   is_extra=True)]


CLIENTS = {client.name: client for client in [
    Client("wsmulti", "c", "wsmulti"),
    Client("epoll", "c", "epoll"),
    Client("ws", "node", "client-ws.js", demands=["node", "-e", "require('ws')"]),
    Client("soup", "c", "soup"),
    Client("soup-even", "c", "soup", options=["--slot", "0"], is_extra=True),
    Client("libwebsockets", "c", "libwebsockets"),
    of_python("websockets", "websockets"),
    of_python("aiohttp", "aiohttp"),
    of_python("websocket-client", "websocket"),
    Client("rel"),
    Client("wsmulti-each", "c", "wsmulti", options=["--follow", "each"]),
    *follow("wsmulti-python", PYTHON, "client-wsmulti.py", demands=[
        PYTHON, "-c", "import gi; gi.require_version('Wsm', '1')"]),
    *follow("wsmulti-gjs", "gjs", "-m", "client-wsmulti.js", demands=["gjs", "--version"]),
]}


class Address:
    """A new one for each run: the ports of the last one are not free again at once."""

    def __init__(self):
        self.number = random.randrange(1 << 16)

    def take(self):
        self.number = (self.number + 1) % (1 << 16)
        return f"127.{80 + self.number % 100}.{self.number >> 8}.{1 + self.number % 250}"


def pin(core):
    return lambda: os.sched_setaffinity(0, {core})


class Server:
    def __init__(self, folder, address, core):
        self.stamps = folder / "stamps"
        self.process = subprocess.Popen([folder / "bench-server", address, self.stamps],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        preexec_fn=pin(core))
        self.uri = self.process.stdout.readline().strip()
        if not self.uri:
            raise RuntimeError(f"the server ended with {self.process.wait()}")

    def end(self):
        """What it has seen: its own words, and the stamps of all pings."""
        said = json.loads(self.process.communicate()[0])
        return said, list(STAMP.iter_unpack(self.stamps.read_bytes()))


def read_busy():
    """Processor time, in s, of all programs since the machine was started."""
    user, nice, system = pathlib.Path("/proc/stat").read_text(encoding="ascii").split()[1:4]
    return (int(user) + int(nice) + int(system)) / os.sysconf("SC_CLK_TCK")


def read_own():
    """That of the clients and servers that have ended, and of this program."""
    return sum(usage.ru_utime + usage.ru_stime for usage in map(
        resource.getrusage, [resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF]))


class Watch:
    """What other programs do meanwhile."""

    def __init__(self):
        self.began = time.monotonic(), read_busy(), read_own()

    def tell(self):
        """In cores."""
        began, busy, own = self.began
        others = (read_busy() - busy) - (read_own() - own)
        return round(max(others / (time.monotonic() - began), 0), 3)


def judge_stamps(stamps, began_us, ended_us, interval_ms):
    """What only a server can know, of the pings within the time that was measured."""
    within = [stamp for stamp in stamps if began_us <= stamp[2] <= ended_us]
    found = {"n_beats": len(within)}
    if not within:
        return found
    trips = [(left - arrived) / 1000 for _, _, arrived, left in within]
    found["exact"] = all(is_exact for _, is_exact, _, _ in within)
    found["true_p50"] = report.quantile(trips, 0.5)
    found["true_p99"] = report.quantile(trips, 0.99)

    # From beat to beat of one connection. The first ones are from before.
    last, late = {}, []
    for connection, _, arrived, _ in stamps:
        if connection in last and began_us <= arrived <= ended_us:
            late.append((arrived - last[connection]) / 1000 - interval_ms)
        last[connection] = arrived
    if late:
        found["late_p50"] = report.quantile(late, 0.5)
        found["late_p99"] = report.quantile(late, 0.99)
    return found


class Bench:
    def __init__(self, folder, lines):
        self.folder = folder
        self.lines = lines
        self.address = Address()
        cores = sorted(os.sched_getaffinity(0))
        # The first one is where the kernel does most of its own work.
        self.client_core, self.server_core = cores[-1], cores[0]

    def keep(self, record):
        self.lines.write(json.dumps(record) + "\n")
        self.lines.flush()
        return record

    def start(self, client, uri, plan):
        command = [*client.find(self.folder), "--uri", uri,
                   "--connections", plan["connections"], "--interval", plan["interval_ms"],
                   "--seconds", plan["seconds"], *client.options]
        if plan["world"].startswith("echo"):
            command += ["--echo", plan["echo"]]
        return subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, start_new_session=True,
                                preexec_fn=pin(self.client_core))

    def listen(self, process, plan):
        """What a client told, or why it did not."""
        patience = (PATIENCE + PATIENCE_PER_CONNECTION * plan["connections"]
                    + max(1.25 * plan["interval_ms"] / 1000, 1) + plan["seconds"])
        try:
            said, complaints = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return {"failed": f"nothing to be measured within {patience:.0f} s"}
        for line in reversed(said.splitlines()):
            if line.startswith("{"):
                return json.loads(line)
        last = complaints.strip().splitlines()[-1:] or [f"ended with {process.returncode}"]
        return {"failed": last[0]}

    def run(self, client, plan):
        record = {"client": client.name, **plan}
        missing = client.why_not(self.folder)
        if missing:
            return self.keep({**record, "failed": missing})

        watch = Watch()
        server = Server(self.folder, self.address.take(), self.server_core)
        process = self.start(client, server.uri, plan)
        try:
            record.update(self.listen(process, plan))
        finally:
            if process.poll() is None:
                process.kill()
            seen, stamps = server.end()
        record["others"] = watch.tell()
        if "failed" in record:
            record["failed"] += f"; {seen['n_opened']} of {plan['connections']} had opened"
        elif record["n_open"] < plan["connections"]:
            record["failed"] = f"{record['n_open']} of {plan['connections']} were open at the end"
        else:
            record.update(judge_stamps(stamps, record["began_us"], record["ended_us"],
                                       plan["interval_ms"]))
        return self.keep(record)


def read_first(path, pattern):
    found = re.search(pattern, pathlib.Path(path).read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else ""


def describe_machine(full):
    system = read_first("/etc/os-release", r'^PRETTY_NAME="?([^"\n]*)')
    return {
        "machine": read_first("/proc/cpuinfo", r"^model name\s*: (.*)") or platform.machine(),
        "n_cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "system": system,
        "date": time.strftime("%Y-%m-%d"),
        "n_files": resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        "full": full,
    }


def parse_arguments():
    parser = argparse.ArgumentParser(description="What a beat costs, here and elsewhere")
    parser.add_argument("folder", type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("--full", action="store_true",
                        help="up to 10,000 connections, 30 s each; about two hours")
    parser.add_argument("--connections", type=lambda text: [int(n) for n in text.split(",")],
                        metavar="N,N…", help="how many")
    parser.add_argument("--interval", type=int, metavar="MS", help="from beat to beat")
    parser.add_argument("--seconds", type=int, metavar="S", help="how long each is measured")
    parser.add_argument("--rounds", type=int, metavar="N", help="how often each is measured")
    parser.add_argument("--only-beats", action="store_true",
                        help="nothing of an idle pool, and of messages")
    parser.add_argument("--document", type=pathlib.Path, metavar="FILE",
                        help="write the page there, and the plot beside it")
    parser.add_argument("clients", nargs="*", metavar="CLIENT", help=", ".join(CLIENTS))
    arguments = parser.parse_intermixed_args()
    usual = ([100, 1000, 5000, 10000], 5000, 30, 3) if arguments.full else ([100, 1000], 2000, 4, 2)
    for name, value in zip(["connections", "interval", "seconds", "rounds"], usual):
        if getattr(arguments, name) is None:
            setattr(arguments, name, value)
    for name in arguments.clients:
        if name not in CLIENTS:
            parser.error(f"no client is called {name}; there are {', '.join(CLIENTS)}")
    return arguments


def make_plans(arguments, limit):
    """What is to be measured, each with the clients that take turns."""
    chosen = [CLIENTS[name] for name in arguments.clients] or [
        client for client in CLIENTS.values() if arguments.full or not client.is_extra]
    for n in arguments.connections:
        if n + OTHER_FILES > limit:
            print(f"{n} connections: the limit of open files is {limit}, so they are left out",
                  file=sys.stderr)
            continue
        yield chosen, {"world": "beats", "connections": n, "interval_ms": arguments.interval,
                       "seconds": arguments.seconds}
    if arguments.only_beats:
        return
    ours = [client for client in chosen if client.name == "wsmulti"]
    in_c = [client for client in chosen if client.name in ("wsmulti", "soup", "epoll")]
    for size in report.ECHO_SIZES:
        yield in_c, {"world": f"echo {size}", "echo": size, "connections": 1, "interval_ms": 1000,
                     "seconds": min(arguments.seconds, 10)}
    yield ours, {"world": "idle", "connections": 3, "interval_ms": 25000, "seconds": 30}


def main():
    arguments = parse_arguments()
    lines_path = arguments.folder / "results.jsonl"
    with open(lines_path, "w", encoding="utf-8") as lines:
        bench = Bench(arguments.folder, lines)
        machine = bench.keep(describe_machine(arguments.full))
        if bench.client_core == bench.server_core:
            print("One core is too few: client and server take it from each other.",
                  file=sys.stderr)
        for clients, plan in make_plans(arguments, machine["n_files"]):
            n_rounds = 1 if plan["world"] == "idle" else arguments.rounds
            for number in range(n_rounds):
                for client in clients:
                    record = bench.run(client, {**plan, "round": number})
                    print(report.tell(record), file=sys.stderr, flush=True)
    report.publish(lines_path, arguments.document or arguments.folder / "benchmarks.md")


if __name__ == "__main__":
    main()
