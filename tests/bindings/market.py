#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""examples/market.vala with an exchange that insists on its own heartbeat, and forgets.

market.py MARKET
"""

import pathlib
import sys

from peers import Process

MARKET = sys.argv[1]
SERVER = pathlib.Path(__file__).with_name("market-server.py")
PATIENCE_MS = 1500


def say(process, line):
    process.process.stdin.write(line + "\n")
    process.process.stdin.flush()


class Exchange(Process):
    def __init__(self):
        super().__init__(sys.executable, SERVER, PATIENCE_MS)
        port = self.expect(r"^(\d+)$")[1]
        self.uri = f"ws://127.0.0.1:{port}/"


def expect_prices(market, *symbols):
    for symbol in symbols:
        market.expect(rf"^{symbol} \d+\.\d\d$")


def whoever_beats_stays_and_is_asked_again():
    with Exchange() as exchange, Process(MARKET, exchange.uri, "0.5", "ALPHA", "BETA") as market:
        market.expect("^opened$")
        exchange.expect("^subscribed ALPHA BETA$")
        market.expect("^subscribed$")
        expect_prices(market, "ALPHA", "BETA")

        # Twice as long as its patience.
        exchange.expect(f"^ping {2 * PATIENCE_MS // 500}$")
        say(market, 'GAM"MA\nDELTA')
        exchange.expect('^subscribed ALPHA BETA GAM"MA DELTA$')
        expect_prices(market, "ALPHA", "BETA", 'GAM"MA', "DELTA")
        assert "silent" not in exchange.lines and exchange.lines.count("opened") == 1

        say(exchange, "drop")
        market.expect(r"^(end-of-stream|reset): .*trying again in")
        market.expect("^opened$")
        exchange.expect('^subscribed ALPHA BETA GAM"MA DELTA$')
        expect_prices(market, "ALPHA", "BETA", 'GAM"MA', "DELTA")
        assert market.end() == ""


def who_answers_no_beats_is_left():
    with Exchange() as exchange, Process(MARKET, exchange.uri, "0.5", "ALPHA") as market:
        expect_prices(market, "ALPHA")
        say(exchange, "mute")
        market.expect("^beat-missed: ")
        market.expect("^heartbeat-lost: .*trying again in")
        exchange.expect("^gone$")
        exchange.expect("^subscribed ALPHA$")
        expect_prices(market, "ALPHA")
        assert "silent" not in exchange.lines
        assert market.end() == ""


def whoever_does_not_beat_is_dropped():
    with Exchange() as exchange, Process(MARKET, exchange.uri, "60", "ALPHA") as market:
        for _ in range(2):
            exchange.expect("^subscribed ALPHA$")
            expect_prices(market, "ALPHA")
            exchange.expect("^silent$")
            market.expect(r"^(end-of-stream|reset): .*trying again in")
        assert market.end() == ""


whoever_beats_stays_and_is_asked_again()
who_answers_no_beats_is_left()
whoever_does_not_beat_is_dropped()
