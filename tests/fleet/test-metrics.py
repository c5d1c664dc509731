#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks `wsmulti watch --metrics` over HTTP, politely and otherwise, and has others judge it.

The first argument names the program.
"""

import gzip
import os
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

from prometheus_client import parser as text_parser
from prometheus_client.openmetrics import parser as open_parser

from fleet import OPEN_METRICS, Watch
from process import DEADLINE, Process, Server

PROGRAM = sys.argv.pop(1)

# A busy machine is no reason to lose those that work.
SETTINGS = """
[defaults]
interval=100ms
timeout=15s
[mute]
uri={mute}
timeout=80ms
max-missed=2
"""

MANY = 1000


def run(*arguments):
    """Runs the program to its end."""
    return subprocess.run([PROGRAM, "watch", *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=DEADLINE, check=False)


def has_ipv6():
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            return False
    return True


class WithWatch(unittest.TestCase):
    """One that works, one that is mute, one that refuses."""

    PATHS = ("/healthy", "/mute,mute", "/refuse,refuse=503")

    @classmethod
    def setUpClass(cls):
        cls.server = Server(PROGRAM, *cls.PATHS)
        cls.addClassCleanup(cls.server.end, signal.SIGTERM)
        secret = cls.server.uri["healthy"].replace("ws://", "ws://user:s3cr3t@") + "?t=s3cr3t"
        with tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
            file.write(SETTINGS.format_map(cls.server.uri))
            file.flush()
            healthy = cls.server.uri["healthy"]
            cls.watch = Watch(PROGRAM, "--config", file.name, "healthy=" + healthy,
                              "refuse=" + cls.server.uri["refuse"], secret, 'we\\i"rd=' + healthy)
        cls.addClassCleanup(cls.watch.stop)
        cls.watch.wait_until(lambda: cls.watch.read("wsmulti_connection_disconnections_total")
                             ['{connection="mute"}'] > 0)


class Judged(WithWatch):
    """What others say of the text."""

    def test_promtool_has_nothing_to_say(self):
        response, text = self.watch.ask()
        self.assertEqual(response.headers["Content-Type"],
                         "text/plain; version=0.0.4; charset=utf-8")
        result = subprocess.run([os.environ["PROMTOOL"], "check", "metrics"], input=text,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                timeout=DEADLINE, check=False)
        self.assertEqual((result.returncode, result.stdout), (0, ""))

    def test_both_formats_tell_the_same(self):
        response, text = self.watch.ask(Accept=OPEN_METRICS)
        self.assertEqual(response.headers["Content-Type"], OPEN_METRICS + "; charset=utf-8")
        self.assertTrue(text.endswith("\n# EOF\n"))
        families = {family.name: family
                    for family in open_parser.text_string_to_metric_families(text)}
        self.assertEqual(families["wsmulti_connection_state"].type, "stateset")
        self.assertEqual(families["wsmulti_connection"].type, "info")
        self.assertEqual(families["wsmulti_connection_received_bytes"].unit, "bytes")
        self.assertEqual(families["wsmulti_connection_round_trip_seconds"].type, "histogram")

        names = {sample.name for family in families.values() for sample in family.samples}
        older = {sample.name
                 for family in text_parser.text_string_to_metric_families(self.watch.ask()[1])
                 for sample in family.samples}
        self.assertEqual({name for name in names if not name.endswith("_created")}, older)
        for name in names:
            self.assertRegex(name, r"^(wsmulti|process)_[a-z_]+$")

    def test_histogram_counts_the_beats(self):
        text = self.watch.ask(Accept=OPEN_METRICS)[1]
        samples = {}
        for family in open_parser.text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.labels.get("connection") == "healthy":
                    samples[sample.name, sample.labels.get("le")] = sample.value
        name = "wsmulti_connection_round_trip_seconds"
        count = samples[name + "_count", None]
        self.assertGreater(count, 0)
        self.assertEqual(count, samples["wsmulti_connection_answered_beats_total", None])
        self.assertEqual(count, samples[name + "_bucket", "+Inf"])
        self.assertGreater(samples[name + "_sum", None], 0)

    def test_lateness_has_quantiles(self):
        name = "wsmulti_pool_beat_lateness_seconds"
        text = self.watch.ask(Accept=OPEN_METRICS)[1]
        family = next(family for family in open_parser.text_string_to_metric_families(text)
                      if family.name == name)
        self.assertEqual((family.type, family.unit), ("summary", "seconds"))
        samples = {(sample.name, sample.labels.get("quantile")): sample.value
                   for sample in family.samples}
        self.assertGreater(samples[name + "_count", None], 0)
        self.assertLessEqual(0, samples[name, "0.5"])
        self.assertLessEqual(samples[name, "0.5"], samples[name, "0.95"])
        self.assertLessEqual(samples[name, "0.95"], samples[name, "0.99"])

    def test_labels_come_back_as_they_were(self):
        text = self.watch.ask(Accept=OPEN_METRICS)[1]
        connections = {sample.labels["connection"]: sample.labels["server"]
                       for family in open_parser.text_string_to_metric_families(text)
                       for sample in family.samples
                       if sample.name == "wsmulti_connection_info"}
        server = self.server.uri["healthy"].rsplit("/", 1)[0]
        self.assertEqual(connections, dict.fromkeys(
            ["mute", "healthy", "refuse", server + "/healthy?t=***", 'we\\i"rd'], server))

    def test_secrets_are_not_told(self):
        for accept in (OPEN_METRICS, "*/*"):
            self.assertNotIn("s3cr3t", self.watch.ask(Accept=accept)[1])

    def test_states_are_right(self):
        self.watch.wait_until(
            lambda: self.watch.read("wsmulti_connection_failed_attempts_total")
            ['{connection="refuse"}'] >= 2)
        up = self.watch.read("wsmulti_connection_up")
        self.assertEqual(up['{connection="healthy"}'], 1)
        self.assertEqual(up['{connection="refuse"}'], 0)
        self.assertEqual(sum(self.watch.read("wsmulti_connections").values()), 5)
        self.assertGreaterEqual(
            self.watch.read("wsmulti_pool_failed_attempts_total")['{reason="http-status"}'], 2)
        self.assertGreaterEqual(
            self.watch.read("wsmulti_pool_disconnections_total")['{reason="heartbeat-lost"}'], 1)
        self.assertGreaterEqual(
            self.watch.read("wsmulti_connection_missed_beats_total")['{connection="mute"}'], 2)

    def test_process_is_told_of(self):
        pid = self.watch.process.pid
        told = self.watch.read("process_resident_memory_bytes")[""]
        self.assertLess(abs(told - self.watch.get_resident_bytes()), 4 << 20)
        self.assertGreater(self.watch.read("process_cpu_seconds_total")[""], 0)
        # Its clock has ticks of 10 ms, and the machine may not know to the second when it started.
        started = self.watch.read("process_start_time_seconds")[""]
        self.assertLess(abs(started - os.stat(f"/proc/{pid}").st_mtime), 3)
        self.assertGreaterEqual(self.watch.read("process_open_fds")[""],
                                len(os.listdir(f"/proc/{pid}/fd")) - 4)


class Asked(WithWatch):
    """Other questions than those of Prometheus."""

    def test_page_leads_there(self):
        response, text = self.watch.ask("/")
        self.assertEqual(response.status, 200)
        self.assertIn('href="/metrics"', text)
        self.assertEqual(self.watch.ask("/metrics?name[]=up")[0].status, 200)

    def test_each_answer_says_that_it_is_the_last(self):
        for path, method in (("/metrics", "GET"), ("/", "HEAD"), ("/x", "GET"), ("/", "PUT")):
            self.assertEqual(self.watch.ask(path, method)[0].headers["Connection"], "close")

    def test_elsewhere_is_nothing(self):
        for path in ("/metric", "/metrics/", "/metrics/x", "/%2e%2e/etc/passwd", "//",
                     "/favicon.ico"):
            response, text = self.watch.ask(path)
            self.assertEqual(response.status, 404, path)
            self.assertIn("/metrics", text)

    def test_head_is_a_head(self):
        for path in ("/metrics", "/"):
            response, text = self.watch.ask(path, "HEAD")
            self.assertEqual((response.status, text), (200, ""))
            self.assertEqual(response.headers["Content-Type"],
                             self.watch.ask(path)[0].headers["Content-Type"])

    def test_nothing_but_reading(self):
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW", "get"):
            response, _ = self.watch.ask("/metrics", method)
            self.assertEqual(response.status, 405, method)
            self.assertEqual(response.headers["Allow"], "GET, HEAD")

    def test_who_can_gets_it_compressed(self):
        for encoding in ("gzip", "br, GZIP;q=0.5", "identity, gzip"):
            response, data = self.watch.ask_raw("/metrics", "GET", {"Accept-Encoding": encoding})
            self.assertEqual(response.headers["Content-Encoding"], "gzip")
            text = gzip.decompress(data).decode()
            self.assertEqual([line.split(" ")[:3] for line in text.splitlines() if line[0] == "#"],
                             [line.split(" ")[:3] for line in self.watch.ask()[1].splitlines()
                              if line[0] == "#"])
            self.assertLess(len(data), len(text) / 4)
        for encoding in ("", "identity", "gzip;q=0", "br, deflate", "xgzip"):
            response, data = self.watch.ask_raw("/metrics", "GET", {"Accept-Encoding": encoding})
            self.assertIsNone(response.headers["Content-Encoding"])
            self.assertTrue(data.startswith(b"# HELP "))

    def test_old_http_reads_to_the_end(self):
        with socket.create_connection(("127.0.0.1", self.watch.port), DEADLINE) as client:
            client.sendall(b"GET /metrics HTTP/1.0\r\nAccept: " + OPEN_METRICS.encode()
                           + b"\r\n\r\n")
            data = b"".join(iter(lambda: client.recv(1 << 16), b""))
        head, _, text = data.partition(b"\r\n\r\n")
        self.assertNotIn(b"chunked", head)
        self.assertTrue(text.startswith(b"# HELP "))
        self.assertTrue(text.endswith(b"\n# EOF\n"))


class Hostile(WithWatch):
    """Whatever a client does, the beats go on."""

    def setUp(self):
        self.beats = self.watch.read("wsmulti_connection_answered_beats_total")
        self.clients = []

    def tearDown(self):
        healthy = '{connection="healthy"}'
        self.watch.wait_until(
            lambda: self.watch.read("wsmulti_connection_answered_beats_total")[healthy]
            > self.beats[healthy])
        self.assertEqual(self.watch.read("wsmulti_connection_disconnections_total")[healthy], 0)
        for client in self.clients:
            client.close()

    def connect(self, data=b""):
        client = socket.create_connection(("127.0.0.1", self.watch.port), DEADLINE)
        client.sendall(data)
        self.clients.append(client)
        return client

    def test_garbage(self):
        for data in (b"\0" * 1000, b"\r\n" * 1000, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                     b"GET /metrics HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
                     b"GET http:// HTTP/1.1\r\nHost: x\r\n\r\n", b"CONNECT x:1 HTTP/1.1\r\n\r\n",
                     b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
                     b"GET /metrics HTTP/1.1\r\nHost: a/b\r\n\r\n",
                     b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
                     b"GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: \xff;;;q=,,\r\n\r\n",
                     b"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"):
            client = self.connect(data)
            client.shutdown(socket.SHUT_WR)
            while client.recv(1 << 16):
                pass

    def send_without_end(self, head, block):
        """How much of it is taken before the door is shut."""
        client = self.connect(head)
        taken = 0
        try:
            while taken < 64 << 20:
                taken += client.send(block)
        except OSError:
            pass
        return taken

    def test_huge_headers(self):
        taken = self.send_without_end(b"GET /metrics HTTP/1.1\r\nHost: x\r\n",
                                      b"X-Filler: " + b"x" * 8000 + b"\r\n")
        self.assertLess(taken, 32 << 20)

    def test_huge_bodies(self):
        for method in (b"POST", b"GET"):
            taken = self.send_without_end(
                method + b" /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
                b"x" * 65536)
            self.assertLess(taken, 32 << 20)

    def test_who_hangs_up(self):
        for _ in range(100):
            self.connect(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").close()

    def test_hundred_at_once_are_all_answered(self):
        request = (b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                   b"Accept: " + OPEN_METRICS.encode() + b"\r\n\r\n")
        for client in [self.connect(request) for _ in range(100)]:
            data = b"".join(iter(lambda: client.recv(1 << 16), b""))
            self.assertTrue(data.startswith(b"HTTP/1.1 200 OK\r\n"))
            self.assertIn(b"\n# EOF\n", data)

    def test_idle_ones_do_not_keep_others_out(self):
        for _ in range(600):
            self.connect(b"GET /metrics HT")
        self.assertEqual(self.watch.ask()[0].status, 200)
        descriptors = self.watch.read("process_open_fds")[""]
        self.assertLess(descriptors, 300)


class Many(unittest.TestCase):
    """A thousand connections, which is as many as are told one by one."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server(PROGRAM, "/healthy")
        cls.addClassCleanup(cls.server.end, signal.SIGTERM)
        uri = cls.server.uri["healthy"]
        names = [f"c{i}={uri}" for i in range(MANY + 1)]
        cls.watch = Watch(PROGRAM, *names)
        cls.addClassCleanup(cls.watch.stop)
        cls.watch.wait_until(lambda: cls.watch.count_open() == MANY + 1)

    def test_one_is_left_out(self):
        lines = self.watch.ask()[1].splitlines()
        self.assertIn("wsmulti_connections_left_out 1", lines)
        self.assertEqual(sum(line.startswith("wsmulti_connection_up{") for line in lines), MANY)

    def test_long_texts_can_be_compressed(self):
        _, data = self.watch.ask_raw("/metrics", "GET", {"Accept-Encoding": "gzip",
                                                         "Accept": OPEN_METRICS})
        text = gzip.decompress(data).decode()
        self.assertTrue(text.endswith("\n# EOF\n"))
        self.assertEqual(text.count("\nwsmulti_connection_up{"), MANY)
        self.assertLess(len(data), len(text) / 10)

    def test_slow_reader_costs_little(self):
        before = self.watch.get_resident_bytes()
        clients = []
        for _ in range(50):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", self.watch.port))
            client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            clients.append(client)
        for client in clients:
            client.recv(100)
        # A whole text is three megabytes.
        self.assertLess(self.watch.get_resident_bytes() - before, 50 * 600e3)
        self.assertEqual(self.watch.count_open(), MANY + 1)
        for client in clients:
            client.close()

    def test_bound_is_an_option(self):
        with Server(PROGRAM, "/healthy") as server, \
                Watch(PROGRAM, "--metrics-max-connections", "0", server.uri["healthy"]) as watch:
            self.assertEqual(watch.read("wsmulti_connections_left_out"), {"": 1})
            self.assertEqual(watch.read("wsmulti_connection_up"), {})
            watch.wait_until(lambda: watch.count_open() == 1)


class Listening(unittest.TestCase):
    """Where it listens, and where not."""

    URI = "ws://127.0.0.1:1/"

    def test_port_alone_is_this_machine_only(self):
        with Watch(PROGRAM, self.URI) as watch:
            self.assertEqual(watch.address, f"127.0.0.1:{watch.port}")
            self.assertEqual(len(watch.notes), 1)
            for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
                if family == socket.AF_INET6 and not has_ipv6():
                    continue
                with socket.socket(family, socket.SOCK_STREAM) as client:
                    client.connect((address, watch.port))
            with socket.socket() as client:
                self.assertNotEqual(client.connect_ex(("127.0.0.2", watch.port)), 0)

    def test_everywhere_has_to_be_written_and_is_warned_of(self):
        with Watch(PROGRAM, self.URI, metrics="0.0.0.0:0") as watch:
            self.assertIn("whoever can reach", watch.process.stderr.readline().decode())
            with socket.create_connection(("127.0.0.2", watch.port), DEADLINE):
                pass

    def test_what_cannot_be_listened_on(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            for metrics, status, word in (
                    (str(port), 1, f"cannot listen on 127.0.0.1:{port}: "),
                    ("192.0.2.7:0", 1, "cannot listen on 192.0.2.7"),
                    ("example.com:9464", 2, "not an IP address"),
                    ("127.0.0.1", 2, "no port"),
            ):
                result = run("--metrics", metrics, self.URI)
                self.assertEqual((result.returncode, result.stdout), (status, ""))
                self.assertTrue(result.stderr.startswith("wsmulti watch: --metrics: "))
                self.assertIn(word, result.stderr)
        result = run("--metrics-max-connections", "-1", "--metrics", "0", self.URI)
        self.assertEqual(result.returncode, 2)
        self.assertIn("--metrics-max-connections: “-1”", result.stderr)

    def test_report_is_not_disturbed(self):
        result = run("--metrics", "0", "--duration", "200ms", "--json", self.URI)
        self.assertTrue(all(line.startswith("{") for line in result.stdout.splitlines()))

    def test_descriptors_are_given_back(self):
        with Process(PROGRAM, "watch", "--metrics", "0", self.URI) as watch:
            watch.read_line()
            status, errors = watch.end(signal.SIGTERM)
            self.assertEqual(status, 1)
            self.assertEqual(errors.count("\n"), 1)


if __name__ == "__main__":
    unittest.main()
