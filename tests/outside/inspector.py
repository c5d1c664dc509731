# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Inspector on the screen, and what a person does with it."""

import pathlib
import shutil
import tempfile

from person import (BUTTON, CLASS, DEADLINE, ENTRY, ROW, TAB, TOGGLE, application, find,
                    focused, is_called, is_sensitive, look, press, turn, type_keys, type_text,
                    wait_for, walk, words, words_of, write)
from stage import INSPECTOR, Program

PAGES = ("Overview", "Frames", "Timeline", "Handshake", "Policy")

# Once in a great while a program that starts while the accessibility bus does something else never
# appears on it. That is no fault of the program's, which is started again then.
STARTS = 3
START_S = 20

# What GTK 4.8 says if somebody asks it for its windows before it has told the accessibility bus of
# them, which is when a person is quicker than any screen reader. Warnings are fatal here.
ASKED_TOO_EARLY = "g_list_model_get_n_items: assertion 'G_IS_LIST_MODEL (list)' failed"


class Inspector(Program):
    """It has a home of its own, which a second one may be given, to see what was kept."""

    def __init__(self, *arguments, home=None, environment=None, program=INSPECTOR):
        self.home = pathlib.Path(home or tempfile.mkdtemp(prefix="home-"))
        settings = {
            "G_DEBUG": "fatal-warnings",
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_DATA_HOME": str(self.home / "data"),
            **(environment or {}),
        }
        for attempt in range(1, STARTS + 1):
            super().__init__(program, *arguments, environment=settings)
            try:
                self.show(application(self.pid, START_S), self.pid)
                return
            except AssertionError as error:
                may_try = self.is_running() or ASKED_TOO_EARLY in self.said()
                if attempt == STARTS or not may_try:
                    raise AssertionError(f"{error}; it said: {self.said()}") from None
                print(f"# {error}; it is started again")
                self.kill()

    def show(self, tree, pid):
        """Where it is on the accessibility bus, and on the screen."""
        self.tree = tree
        self.window_pid = pid

    def windows(self):
        """Whatever their roles: GTK 4.8 has no word for a dialog."""
        return look(self.tree.program)[self.tree.path].children

    def window(self, title=None):
        """The newest, or the one with a title."""
        def newest():
            found = [one for one in self.windows() if title is None or one.name == title]
            return found[-1] if found else None

        return wait_for(f"a window “{title or 'any'}”", newest)

    def wait_until_gone(self, title):
        wait_for(f"the end of “{title}”",
                 lambda: all(one.name != title for one in self.windows()))

    def find(self, name, roles=BUTTON | TOGGLE, inside=None):
        return wait_for(f"“{name}”", lambda: find(inside or self.tree, roles, name))

    def press(self, name, roles=BUTTON | TOGGLE, inside=None):
        control = self.find(name, roles, inside)
        wait_for(f"“{name}” to be possible", lambda: is_sensitive(control))
        press(control)

    def write(self, name, text, inside=None):
        write(self.find(name, ENTRY, inside), text)

    def keys(self, *keys):
        type_keys(self.window_pid, self.window().name, *keys)

    def type(self, text):
        type_text(self.window_pid, self.window().name, text)

    def reads(self, text, inside=None, deadline=DEADLINE):
        """Waits for a text to be readable somewhere."""
        try:
            wait_for(f"“{text}”", lambda: text in words(inside or self.tree), deadline)
        except AssertionError as error:
            raise AssertionError(f"{error}; there is: {words(inside or self.tree)}") from None

    def rows(self):
        """What stands in each row of the list of connections."""
        found = []
        for part in walk(self.tree):
            if part.name == "Connections" and part.children:
                found = [words_of(row) for row in walk_rows(part)]
        return found

    def row(self, *parts, deadline=DEADLINE):
        """Waits for a row that holds all of these words, and returns it as text."""
        def look_at_rows():
            return next((row for row in self.rows() if all(part in row for part in parts)), None)

        try:
            return wait_for(f"a row with {parts}", look_at_rows, deadline)
        except AssertionError as error:
            raise AssertionError(f"{error}; there are: {self.rows()}") from None

    def show_page(self, name):
        press(self.find(name, TAB))

    def focus(self):
        return focused(self.tree)

    def tab_to(self, name):
        """Presses Tab until it is there; a text whose words GTK reads elsewhere has no focus."""
        stops = []
        for _ in range(40):
            stop = self.focus()
            stops.append(stop.name if stop is not None else "")
            if stop is not None and is_called(stop, name):
                return stop
            self.keys("Tab")
            turn(0.1)
        raise AssertionError(f"Tab does not get to “{name}” but to {stops}")

    def clear(self):
        self.kill()
        shutil.rmtree(self.home, ignore_errors=True)


def walk_rows(table):
    """The rows that have something to say, but for the one with the titles."""
    for child in table.children:
        if child.role in ROW and any(cell.name and not CLASS.match(cell.name)
                                     for cell in child.children for cell in cell.children):
            yield child
        else:
            yield from walk_rows(child)
