#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person at the Inspector goes through, by screen reader and keyboard alone."""

import re


import audit
from harness import case, main
from inspector import PAGES, Inspector

from person import ENTRY, TAB, Atspi, find, find_all, is_sensitive, look, prepare, set_value, \
    turn, wait_for, walk, words
from stage import LIBRARY, WSMULTI, ForeignServer, Program, Server, gateway, keeper, running

# A beat each half second, of which three may be missed: quick to see, and long enough to be seen.
CUSTOM = {"Interval in seconds": 0.5, "Timeout in seconds": 0.4,
          "Missed pongs that end the connection": 6}
ADDRESS = "Address, as in wss://example.com/feed"
FIRST_WINDOW_S = 5
ATTACHED_S = 5


def open_add_dialog(inspector):
    inspector.press("Add Connection")
    return inspector.window("Add Connection")


def set_spin(dialog, name, value):
    set_value(wait_for(name, lambda: find(dialog, ENTRY, name)), value)


def add(inspector, uri, name=None, custom=False):
    """Adds a connection, and waits until the dialog is gone."""
    dialog = open_add_dialog(inspector)
    inspector.write(ADDRESS, uri, dialog)
    if name is not None:
        inspector.write("Name (Optional)", name, dialog)
    if custom:
        inspector.tab_to("Preset")
        inspector.keys("space")
        inspector.reads("Custom", dialog)
        inspector.keys("End", "Return")
        for spin, value in CUSTOM.items():
            set_spin(dialog, spin, value)
    inspector.press("Add", inside=dialog)
    inspector.wait_until_gone("Add Connection")


def is_told(inspector, button, text):
    """What is told so goes away by itself, perhaps before somebody slow has looked."""
    inspector.press(button)
    try:
        inspector.reads(text, deadline=5)
    except AssertionError:
        return False
    return True


@case
def the_first_window_says_the_next_step():
    with running(Inspector()) as inspector:
        inspector.reads("No Connections Yet", deadline=FIRST_WINDOW_S)
        assert is_sensitive(inspector.find("Add Connection…"))
        assert is_sensitive(inspector.find("Start Demo Server"))
        assert audit.violations(inspector.tree) == [], "\n".join(audit.violations(inspector.tree))
        inspector.keys("ctrl+q")
        assert inspector.process.wait(20) == 0, inspector.said()


@case
def a_wrong_address_is_explained_and_not_taken():
    with running(Inspector()) as inspector:
        dialog = open_add_dialog(inspector)
        add_button = inspector.find("Add", inside=dialog)
        assert not is_sensitive(add_button), "nothing is typed yet"
        inspector.write(ADDRESS, "http://example.com/feed", dialog)
        complaint = wait_for("a sentence about it", lambda: find(
            dialog, matches=lambda node: "ws://" in node.text()))
        assert not is_sensitive(add_button), complaint.text()
        assert audit.violations(dialog) == [], "\n".join(audit.violations(dialog))

        inspector.write(ADDRESS, "ws://127.0.0.1:9/feed", dialog)
        wait_for("Add to be possible", lambda: is_sensitive(add_button))
        inspector.keys("Escape")
        inspector.wait_until_gone("Add Connection")


@case
def a_connection_lives_is_lost_and_comes_back():
    with running(Server("/feed")) as server, running(Inspector()) as inspector:
        add(inspector, server.uri("/feed"), "feed", custom=True)
        inspector.row("Open", "feed")

        wait_for("a pong to be told of", lambda: is_told(inspector, "Ping Now", "Pong from feed"))
        assert re.search(r"\d ms", inspector.row("Open", " ms"))

        server.freeze()
        late = inspector.row("Late", "feed")
        assert re.search(r"[1-6]/6|[1-6] of 6", late), late

        server.kill()
        waiting = inspector.row("Waiting", "feed")
        assert re.search(r"\bin \d+ s|now", waiting), waiting

        with running(Server("/feed", port=server.port)):
            inspector.keys("ctrl+r")
            back = inspector.row("Open", "feed")
            assert re.search(r"0 of 6 \| 1 \|", back), f"not one reconnection: {back}"


@case
def frames_come_back_and_pages_switch():
    with running(ForeignServer()) as server, running(Inspector()) as inspector:
        add(inspector, server.uri(), "peer")
        inspector.row("Open", "peer")
        inspector.show_page("Frames")

        inspector.press("Send Message")
        dialog = inspector.window("Send to peer")
        inspector.write("Message", "hello there", dialog)
        assert audit.violations(dialog) == [], "\n".join(audit.violations(dialog))
        inspector.press("Send", inside=dialog)
        size = f"{len('hello there')}\N{NO-BREAK SPACE}bytes"
        wait_for("one frame each way", lambda: len(find_all(
            inspector.tree, matches=lambda node: node.name in (size, "11 bytes"))) >= 2)

        for page in PAGES:
            inspector.show_page(page)
            turn(0.5)
            found = audit.violations(inspector.tree)
            assert found == [], page + ":\n" + "\n".join(found)


@case
def what_is_removed_can_be_had_back():
    with running(Server("/feed")) as server, running(Inspector()) as inspector:
        add(inspector, server.uri("/feed"), "feed")
        inspector.row("Open", "feed")
        inspector.tab_to("feed")
        inspector.keys("Delete")
        inspector.reads("“feed” removed")
        wait_for("no row", lambda: not any("feed" in row for row in inspector.rows()))
        inspector.press("Undo")
        inspector.row("Open", "feed")


@case
def a_program_is_seen_whoever_came_first():
    with running(Server("/a", "/b")) as server:
        uris = server.uri("/a"), server.uri("/b")
        with running(gateway(*uris)) as program, running(Inspector()) as inspector:
            inspector.reads("2 open · 0 late · 0 failed", deadline=ATTACHED_S)
            inspector.tab_to("This Inspector")
            inspector.keys("Down")
            inspector.row("Open", server.uri("/a"))
            inspector.row("Open", server.uri("/b"))

            # It was not asked whether it may be meddled with.
            inspector.tab_to(server.uri("/a"))
            for name in ("Ping Now", "Pause", "Send Message"):
                assert not is_sensitive(inspector.find(name)), name

            program.kill()
            inspector.reads("gone")
            inspector.row(server.uri("/a"))
            with running(gateway(*uris)):
                wait_for("it to be back", lambda: "gone" not in words(inspector.tree), ATTACHED_S)
                inspector.reads("2 open · 0 late · 0 failed")


SECRET = "S3CR3T-5f2c9a7b1d3e4f60"


def read_everything(inspector):
    """All there is at all nodes, whether it is shown or not."""
    return [text for node in walk(look(inspector.tree.program)[inspector.tree.path])
            for text in (node.text(), node.description)]


@case
def nobody_reads_a_secret():
    with running(ForeignServer()) as server, running(Inspector()) as inspector, \
            running(keeper(SECRET, f"127.0.0.1:{server.port}/feed")) as program, \
            running(Program(WSMULTI, "top", "--json", environment=LIBRARY)) as top:
        program.expect("^told$")
        inspector.reads("1 open · 0 late · 0 failed", deadline=ATTACHED_S)
        inspector.tab_to("This Inspector")
        inspector.keys("Down")
        row = f"ws://127.0.0.1:{server.port}/feed?token=***"
        inspector.row("Open", row)
        inspector.tab_to(row)
        inspector.keys("space")
        for page in PAGES:
            inspector.show_page(page)
            turn(1)
            texts = read_everything(inspector)
            assert any(str(server.port) in text for text in texts), page
            found = [text for text in texts if "S3CR3T" in text]
            assert found == [], f"{page}: {found}"
        top.expect(re.escape(f"127.0.0.1:{server.port}/feed"))
        turn(1)
        assert "S3CR3T" not in top.said()


@case
def the_keyboard_gets_everywhere():
    # The window of shortcuts of GTK 4.8 warns of a label of its own.
    warnings = {"G_DEBUG": "gc-friendly"}
    with running(Server("/feed")) as server, \
            running(Inspector(server.uri("/feed"), environment=warnings)) as inspector:
        inspector.row("Open")
        for name in ("Add Connection", "Main Menu", "Overview", "Filter Connections"):
            inspector.tab_to(name)
        for number, page in enumerate(PAGES, 1):
            inspector.keys(f"alt+{number}")
            wait_for(f"the page {page}", lambda: is_chosen(inspector, page))
        inspector.keys("ctrl+question")
        inspector.reads("Export connections")


def is_chosen(inspector, page):
    return find(inspector.tree, TAB, page,
                lambda tab: tab.is_in(Atspi.StateType.SELECTED)) is not None


if __name__ == "__main__":
    prepare()
    main()
