#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real Prometheus gathers what `wsmulti watch --metrics` tells, with the rules of the examples,
and answers each question of the dashboard.

The first argument names the program, the second one the folder of the examples.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse
import urllib.request

from fleet import Watch
from process import DEADLINE, Server

EXAMPLES = pathlib.Path(sys.argv.pop())
PROGRAM = sys.argv.pop()

METRIC = re.compile(r"\b(?:wsmulti|process)_[a-z_]+\b")
LISTENING = re.compile(r'Listening on"?.* address=([0-9.]+:\d+)')


def run_promtool(*arguments):
    result = subprocess.run([os.environ["PROMTOOL"], *arguments], cwd=EXAMPLES, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=DEADLINE,
                            check=False)
    return result.returncode, result.stdout


def load_dashboard():
    return json.loads((EXAMPLES / "dashboard.json").read_text(encoding="utf-8"))


def list_questions():
    """What the dashboard asks Prometheus, with its variables filled in as Grafana would."""
    questions = [target["expr"] for panel in load_dashboard()["panels"]
                 for target in panel.get("targets", [])]
    questions += [variable["query"]["query"].split("(", 1)[1].rsplit(",", 1)[0]
                  for variable in load_dashboard()["templating"]["list"]
                  if variable["type"] == "query"]
    for name, value in (("$instance", ".*"), ("$connection", ".*"), ("$__rate_interval", "10s"),
                        ("$__range", "1m")):
        questions = [question.replace(name, value) for question in questions]
    return questions


class Prometheus:
    """It, with everything of its own in a folder that goes with it."""

    def __init__(self, target):
        self.folder = tempfile.TemporaryDirectory()
        config = (EXAMPLES / "prometheus.yml").read_text(encoding="utf-8")
        for old, new in (("127.0.0.1:9464", target), ("interval: 15s", "interval: 1s"),
                         ("- alerts.yml", f"- {EXAMPLES}/alerts.yml")):
            assert old in config, old
            config = config.replace(old, new)
        path = pathlib.Path(self.folder.name, "prometheus.yml")
        path.write_text(config, encoding="utf-8")
        self.process = subprocess.Popen(
            [os.environ["PROMETHEUS"], f"--config.file={path}",
             f"--storage.tsdb.path={self.folder.name}/data", "--web.listen-address=127.0.0.1:0"],
            stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self.log = []
        self.address = None
        while self.address is None:
            line = self.process.stderr.readline()
            assert line, "".join(self.log)
            self.log.append(line)
            found = LISTENING.search(line)
            if found:
                self.address = found[1]
        self.reader = threading.Thread(target=lambda: self.log.extend(self.process.stderr))
        self.reader.start()

    def ask(self, what, **parameters):
        """A part of its HTTP interface; None while it is not ready."""
        uri = f"http://{self.address}/api/v1/{what}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(uri, timeout=DEADLINE) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as error:
            if error.code == 503:
                return None
            raise AssertionError(f"{uri}: {error.read().decode()}") from error
        assert answer["status"] == "success", answer
        return answer["data"]

    def query(self, question):
        answer = self.ask("query", query=question)
        return answer["result"] if answer else []

    def wait_for(self, what, look):
        """Looks again until there is something to be seen."""
        end = time.monotonic() + 2 * DEADLINE
        while True:
            seen = look()
            if seen:
                return seen
            assert time.monotonic() < end, (what, self.ask("targets"), "".join(self.log[-20:]))

    def get(self, question):
        """Waits for the one value that answers a question."""
        result = self.wait_for(question, lambda: self.query(question))
        assert len(result) == 1, result
        return float(result[0]["value"][1])

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(DEADLINE)
        self.reader.join()
        self.process.stderr.close()
        self.folder.cleanup()


class Written(unittest.TestCase):
    """The examples, before anything runs."""

    def test_rules_are_right_and_do_what_they_should(self):
        for arguments in (("check", "config", "prometheus.yml"), ("check", "rules", "alerts.yml"),
                          ("test", "rules", "alerts-test.yml")):
            status, said = run_promtool(*arguments)
            self.assertEqual(status, 0, said)
            self.assertNotIn("FAILED", said)

    def test_each_alert_is_tested(self):
        rules = (EXAMPLES / "alerts.yml").read_text(encoding="utf-8")
        tests = (EXAMPLES / "alerts-test.yml").read_text(encoding="utf-8")
        for alert in re.findall(r"- alert: (\w+)", rules):
            self.assertRegex(tests, rf"alertname: {alert}\n +exp_alerts:\n")

    def test_dashboard_is_whole(self):
        panels = load_dashboard()["panels"]
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        cells = set()
        for panel in panels:
            place = panel["gridPos"]
            self.assertLessEqual(place["x"] + place["w"], 24)
            covered = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                       for y in range(place["y"], place["y"] + place["h"])}
            self.assertFalse(cells & covered, panel["title"])
            cells |= covered
            if panel["type"] != "row":
                self.assertGreater(len(panel["targets"]), 0)
                self.assertEqual({target["datasource"]["uid"] for target in panel["targets"]},
                                 {"${datasource}"})


class Gathered(unittest.TestCase):
    """What arrives."""

    PATHS = ("/healthy", "/mute,mute", "/refuse,refuse=503", "/gone,refuse=404")

    @classmethod
    def setUpClass(cls):
        cls.server = Server(PROGRAM, *cls.PATHS)
        cls.addClassCleanup(cls.server.end, signal.SIGTERM)
        cls.watch = Watch(PROGRAM, "--interval", "100ms", "--timeout", "80ms", "--max-missed", "2",
                          *(f"{name}={uri}" for name, uri in cls.server.uri.items()))
        cls.addClassCleanup(cls.watch.stop)
        cls.prometheus = Prometheus(f"127.0.0.1:{cls.watch.port}")
        cls.addClassCleanup(cls.prometheus.end)
        cls.prometheus.wait_for("up", lambda: cls.prometheus.query('up{job="wsmulti"} == 1'))

    def test_it_is_read_as_open_metrics(self):
        metadata = {entry["metric"]: entry for entry in self.prometheus.ask("targets/metadata")}
        self.assertEqual(metadata["wsmulti_connection_state"]["type"], "stateset")
        self.assertEqual(metadata["wsmulti_connection_received_bytes"]["unit"], "bytes")
        self.assertEqual(metadata["wsmulti_connection_round_trip_seconds"]["type"], "histogram")

    def test_counters_count(self):
        question = 'wsmulti_connection_beats_total{connection="healthy"}'
        first = self.prometheus.get(question)
        self.assertGreater(self.prometheus.get(f"{question} > {first}"), first)
        self.assertGreater(self.prometheus.get(f"rate({question}[10s]) > 0"), 0)

    def test_round_trips_have_quantiles(self):
        quantile = self.prometheus.get(
            "histogram_quantile(0.5, rate(wsmulti_connection_round_trip_seconds_bucket"
            '{connection="healthy"}[10s])) > 0')
        self.assertLess(quantile, 1)

    def test_states_are_those_of_the_connections(self):
        state = 'wsmulti_connection_state{wsmulti_connection_state="%s"} == 1'
        self.prometheus.wait_for("gone is failed", lambda: [
            entry for entry in self.prometheus.query(state % "failed")
            if entry["metric"]["connection"] == "gone"])
        self.assertEqual(self.prometheus.get('wsmulti_connection_up{connection="healthy"} == 1'), 1)

    def test_what_is_given_up_is_told_of(self):
        firing = self.prometheus.wait_for("an alert", lambda: self.prometheus.query(
            'ALERTS{alertname="WsmultiConnectionGivenUp", alertstate="firing"}'))
        self.assertEqual([entry["metric"]["connection"] for entry in firing], ["gone"])

    def test_all_rules_can_be_asked(self):
        def look():
            rules = [rule for group in self.prometheus.ask("rules")["groups"]
                     for rule in group["rules"]]
            return rules if all(rule["health"] != "unknown" for rule in rules) else None

        rules = self.prometheus.wait_for("rules", look)
        self.assertGreater(len(rules), 5)
        self.assertEqual({rule["health"] for rule in rules}, {"ok"}, rules)

    def test_dashboard_asks_what_can_be_answered(self):
        for question in list_questions():
            self.prometheus.ask("query", query=question)

    def test_dashboard_and_rules_name_what_there_is(self):
        there = set(self.prometheus.ask("label/__name__/values"))
        named = set(METRIC.findall((EXAMPLES / "alerts.yml").read_text(encoding="utf-8")))
        for question in list_questions():
            named |= set(METRIC.findall(question))
        # A label has the name of its metric, as it has to be.
        self.assertGreater(len(named), 20)
        self.assertEqual(named - there, set())

    def test_nothing_was_left_out(self):
        log = "".join(self.prometheus.log)
        for word in ("duplicate", "out of order", "out-of-order", "Error on ingesting"):
            self.assertNotIn(word, log)


if __name__ == "__main__":
    unittest.main()
