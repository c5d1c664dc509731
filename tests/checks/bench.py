#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmark makes of what it has measured; it measures nothing here.

bench.py ROOT
"""

import json
import pathlib
import sys
import unittest
import xml.dom.minidom

sys.path.insert(0, str(pathlib.Path(sys.argv.pop()).resolve() / "bench"))
import plot  # noqa: E402
import report  # noqa: E402
import run  # noqa: E402

MACHINE = {"machine": "Engine", "n_cores": 2, "kernel": "6.1", "system": "Debian",
           "date": "2026-01-01", "n_files": 20000, "full": True}


def make_record(client, n, cpu_us, number=0, **others):
    return {"client": client, "world": "beats", "round": number, "connections": n,
            "interval_ms": 5000, "seconds": 30, "version": "1", "cpu_us": cpu_us, "n_beats": 1000,
            "n_open": n, "opened_us": 1500000, "base_kb": 1000, "pss_kb": 1000 + 4 * n,
            "began_us": 0, "ended_us": 30000000, "n_wakeups": 600, "round_trip_p50": 0.5,
            "round_trip_p99": 2.0, "true_p50": 0.4, "true_p99": 1.0, "late_p99": 10.0,
            "exact": True, **others}


def make_results(*records):
    return report.Results([json.dumps(record) for record in [MACHINE, *records]])


def find_goal(results, words):
    return next(goal for goal in report.find_goals(results) if words in goal.make_row())


class Table(unittest.TestCase):
    def test_median_of_rounds(self):
        results = make_results(*(make_record("wsmulti", 1000, cpu, i)
                                 for i, cpu in enumerate([30000, 12000, 14000])))
        self.assertIn("| **libwsmulti** | 14.0 | 4.0 | 1.5 | 0.50 / 2.0 | 0.40 / 1.0 | 10 |",
                      report.make_table(results, 1000))

    def test_who_does_not_get_there(self):
        results = make_results(make_record("wsmulti", 1000, 14000),
                               make_record("ws", 1000, 0, failed="700 of 1000 open"),
                               make_record("rel", 1000, 0, failed="not there"))
        table = "\n".join(report.make_table(results, 1000))
        self.assertIn("| node `ws` | 700 of 1000 open |", table)
        self.assertIn("`rel` | not there |", table)
        self.assertEqual([label for label, _, _ in report.make_series(results)], ["libwsmulti"])

    def test_client_without_round_trips(self):
        record = make_record("aiohttp", 100, 14000)
        del record["round_trip_p50"]
        self.assertIn("not to be had", "\n".join(report.make_table(make_results(record), 100)))

    def test_page(self):
        results = make_results(make_record("wsmulti", 1000, 14000))
        page = "\n".join(report.make_page(results, "p.svg"))
        self.assertIn("Engine, 2 cores, Linux 6.1, Debian", page)
        self.assertIn("](p.svg)", page)
        self.assertNotIn("believe none", page)

    def test_busy_machine(self):
        results = make_results(*(make_record("wsmulti", 1000, 14000, i,
                                             others=0.01 + 0.3 * (i == 3))
                                 for i in range(4)))
        self.assertIn("took 31% of a core meanwhile: believe none",
                      "\n".join(report.make_page(results, "p.svg")))
        self.assertIn("others: 31% of a core", report.tell(results.records[3]))
        self.assertNotIn("others", report.tell(results.records[0]))

    def test_one_hiccup(self):
        results = make_results(*(make_record("wsmulti", 1000, 14000, i,
                                             others=0.01 + 0.3 * (i == 3))
                                 for i in range(20)))
        self.assertNotIn("believe none", "\n".join(report.make_page(results, "p.svg")))

    def test_numbers(self):
        for number, digits, words in [(48.14, 3, "48.1"), (428.4, 3, "428"), (12345, 3, "12,345"),
                                      (0.123, 2, "0.12"), (9.96, 2, "10.0"), (None, 2, "-")]:
            self.assertEqual(report.show(number, digits), words)


class Goals(unittest.TestCase):
    def test_ratio_is_of_neighbours(self):
        results = make_results(
            make_record("wsmulti", 1000, 10000, 0), make_record("ws", 1000, 20000, 0),
            make_record("wsmulti", 1000, 30000, 1), make_record("ws", 1000, 40000, 1),
            make_record("wsmulti", 1000, 90000, 2), make_record("ws", 1000, 100000, 2))
        self.assertEqual(find_goal(results, "node `ws`").measured, 0.75)

    def test_met_and_not_met(self):
        for cpu_us, verdict in [(16000, "met"), (16400, "**not met**")]:
            results = make_results(make_record("wsmulti", 1000, cpu_us),
                                   make_record("ws", 1000, 20000))
            self.assertEqual(find_goal(results, "node `ws`").verdict, verdict)

    def test_least(self):
        for n_echoes, verdict in [(960, "met"), (940, "**not met**")]:
            results = make_results(*(
                make_record(client, 1, 1, world="echo 125", n_echoes=n)
                for client, n in [("wsmulti", n_echoes), ("soup", 1000)]),
                make_record("wsmulti", 100, 1))
            self.assertEqual(find_goal(results, "125 bytes").verdict, verdict)

    def test_where_both_got_to(self):
        results = make_results(make_record("wsmulti", 1000, 10000), make_record("ws", 1000, 20000),
                               make_record("wsmulti", 10000, 10000),
                               make_record("ws", 10000, 0, failed="killed"))
        self.assertIn("1,000 connections", find_goal(results, "node `ws`: 20.0").what)

    def test_other_languages(self):
        results = make_results(*(make_record(client, 1000, cpu) for client, cpu in [
            ("wsmulti", 10000), ("wsmulti-each", 20000), ("wsmulti-python", 50000),
            ("wsmulti-python-each", 70000), ("wsmulti-gjs", 90000)]))
        self.assertEqual(find_goal(results, "from Python").measured, 2.5)
        self.assertEqual(find_goal(results, "from GJS").verdict, "**not met**")
        # Those who listen otherwise are in the table only.
        self.assertEqual([label for label, _, _ in report.make_series(results)],
                         ["libwsmulti from GJS", "libwsmulti from Python", "libwsmulti"])
        self.assertIn("libwsmulti from Python**, a handler on each beat | 70.0 |",
                      "\n".join(report.make_table(results, 1000)))

    def test_growth(self):
        results = make_results(*(make_record("wsmulti", n, cpu) for n, cpu in
                                 [(100, 70000), (1000, 10000), (10000, 12000)]))
        self.assertEqual(find_goal(results, "beside 1,000").measured, 1.2)

    def test_nothing_measured(self):
        results = make_results(make_record("epoll", 100, 1000))
        self.assertEqual({goal.verdict for goal in report.find_goals(results)}, {"not measured"})
        self.assertNotIn(" 0 connections", "".join(report.make_goals(results)))


class Stamps(unittest.TestCase):
    def test_what_the_server_saw(self):
        stamps = [(7, 1, 1000, 1100), (8, 1, 2000, 2200),
                  (7, 1, 1001000, 1001100), (8, 1, 1022000, 1022600), (9, 1, 9000000, 9000001)]
        found = run.judge_stamps(stamps, 1000000, 2000000, 1000)
        self.assertEqual(found["n_beats"], 2)
        self.assertTrue(found["exact"])
        self.assertEqual(found["true_p99"], 0.6)
        self.assertEqual(found["late_p99"], 20.0)

    def test_silence(self):
        self.assertEqual(run.judge_stamps([], 0, 1, 1000), {"n_beats": 0})


class Plot(unittest.TestCase):
    SERIES = [("a < b", [(100, 8.0), (1000, 6.0)], True), ("c", [(100, 8.1), (1000, 6.0)], False),
              ("d", [(1000, 500.0)], False)]

    def find(self, name):
        return xml.dom.minidom.parseString(plot.draw(self.SERIES)).getElementsByTagName(name)

    def test_a_line_each(self):
        lines = [line.getAttribute("class") for line in self.find("polyline")]
        self.assertEqual([lines.count("line ours"), lines.count("line")], [1, 2])
        self.assertEqual(len(self.find("circle")), 5)

    def test_labels_are_apart(self):
        places = sorted(float(label.getAttribute("y")) for label in self.find("text")
                        if label.firstChild.data in {"a < b", "c", "d"})
        self.assertEqual(len(places), 3)
        for place, other in zip(places, places[1:]):
            self.assertGreaterEqual(other - place, plot.LABEL_HEIGHT)

    def test_all_is_within(self):
        for circle in self.find("circle"):
            self.assertTrue(plot.LEFT <= float(circle.getAttribute("cx")) <= plot.WIDTH)
            self.assertTrue(plot.TOP <= float(circle.getAttribute("cy")) <= plot.HEIGHT)

    def test_nothing(self):
        xml.dom.minidom.parseString(plot.draw([]))


if __name__ == "__main__":
    unittest.main()
