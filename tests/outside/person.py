# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person at the Inspector: sees what a screen reader sees, and does what it can do.

Everything goes through AT-SPI, so the program under test needs no help, and what this person cannot
find a blind one cannot find either.
"""

import subprocess
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

DEADLINE = 20


def roles(*names):
    """Those of them that this version of the library knows."""
    return {getattr(Atspi.Role, name) for name in names if hasattr(Atspi.Role, name)}


# Two versions of GTK, two words for the same thing.
BUTTON = roles("BUTTON", "PUSH_BUTTON", "PUSH_BUTTON_MENU", "TOGGLE_BUTTON")
TOGGLE = roles("CHECK_BOX", "SWITCH", "TOGGLE_BUTTON")
ENTRY = roles("ENTRY", "PASSWORD_TEXT", "SPIN_BUTTON", "TEXT")
LABEL = roles("LABEL", "STATIC")
MENU_ITEM = roles("CHECK_MENU_ITEM", "MENU_ITEM", "RADIO_MENU_ITEM")
PICTURE = roles("CHART", "ICON", "IMAGE")
TAB = roles("PAGE_TAB", "RADIO_BUTTON", "TOGGLE_BUTTON")
WINDOW = roles("ALERT", "DIALOG", "FRAME", "WINDOW")


def prepare():
    """Starts the accessibility bus before any program does, which is a race otherwise."""
    Atspi.init()
    Atspi.get_desktop(0).get_child_count()


def turn(seconds=0.05):
    """Lets what has arrived be dealt with."""
    context = GLib.MainContext.default()
    done = []
    GLib.timeout_add(int(seconds * 1000), lambda: done.append(True) and False)
    while not done:
        context.iteration(True)


def wait_for(what, question, deadline=DEADLINE):
    """Asks until the answer is one, and returns it."""
    end = time.monotonic() + deadline
    while True:
        try:
            answer = question()
        except GLib.Error:
            # It went away while it was looked at.
            answer = None
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"waited {deadline} s in vain for: {what}")
        turn()


def children(node):
    try:
        count = node.get_child_count()
    except GLib.Error:
        return
    for position in range(count):
        try:
            child = node.get_child_at_index(position)
        except GLib.Error:
            continue
        if child is not None:
            yield child


def walk(node):
    """Everything below a node that can be seen, the node itself first."""
    yield node
    for child in children(node):
        if not is_hidden(child):
            yield from walk(child)


def extents(node):
    rectangle = Atspi.Component.get_extents(node, Atspi.CoordType.WINDOW)
    return rectangle.x, rectangle.y, rectangle.width, rectangle.height


def is_hidden(node):
    """The page of a stack that is not shown is in the tree, but has no size."""
    try:
        if node.get_component_iface() is None or node.get_role() in WINDOW:
            return False
        _, _, width, height = extents(node)
    except GLib.Error:
        return True
    return width <= 0 or height <= 0


def states_of(node):
    return set(node.get_state_set().get_states())


def is_sensitive(node):
    return Atspi.StateType.SENSITIVE in states_of(node)


def is_on(node):
    """Of a switch, a check box or a button that stays down."""
    return bool(states_of(node) & {Atspi.StateType.CHECKED, Atspi.StateType.PRESSED})


def focused(node):
    return find(node, matches=lambda part: Atspi.StateType.FOCUSED in states_of(part))


def has(node, interface):
    return interface in node.get_interfaces()


def name_of(node):
    return node.get_name() or ""


def text_of(node):
    """What can be read at a node: its text if it has one, else its name."""
    if has(node, "Text"):
        count = Atspi.Text.get_character_count(node)
        if count > 0:
            return Atspi.Text.get_text(node, 0, count)
    return name_of(node)


def find_all(node, roles=None, name=None, matches=None):
    found = []
    for candidate in walk(node):
        try:
            if roles is not None and candidate.get_role() not in roles:
                continue
            if name is not None and name_of(candidate) != name:
                continue
            if matches is not None and not matches(candidate):
                continue
            found.append(candidate)
        except GLib.Error:
            continue
    return found


def find(node, roles=None, name=None, matches=None):
    found = find_all(node, roles, name, matches)
    return found[0] if found else None


def words(node):
    """All that can be read at a node and below it, as one text."""
    seen = []
    for part in walk(node):
        try:
            text = text_of(part).strip()
        except GLib.Error:
            continue
        if text and (not seen or seen[-1] != text):
            seen.append(text)
    return " | ".join(seen)


def press(node):
    assert has(node, "Action"), f"nothing can be done with {name_of(node)!r}"
    assert Atspi.Action.do_action(node, 0), f"{name_of(node)!r} does nothing"


def write(node, text):
    assert has(node, "EditableText"), f"{name_of(node)!r} takes no text"
    assert Atspi.EditableText.set_text_contents(node, text)


def application(pid, deadline=DEADLINE):
    """A program, once it has a window."""
    def look():
        desktop = Atspi.get_desktop(0)
        for position in range(desktop.get_child_count()):
            child = desktop.get_child_at_index(position)
            if child is not None and child.get_process_id() == pid and child.get_child_count() > 0:
                # What it remembers of GTK's trees is not always so any more.
                child.set_cache_mask(Atspi.Cache.NONE)
                return child
        return None

    return wait_for(f"a window of process {pid}", look, deadline)


def dump(node, depth=0):
    """For the log of a test that failed."""
    lines = []
    try:
        text = text_of(node)
        lines.append("  " * depth + f"{node.get_role_name()} {name_of(node)!r}"
                     + (f" {text!r}" if text and text != name_of(node) else ""))
        for position in range(node.get_child_count()):
            child = node.get_child_at_index(position)
            if child is not None:
                lines += dump(child, depth + 1)
    except GLib.Error:
        lines.append("  " * depth + "(gone)")
    return lines


# The keyboard goes through X, to where a person's would: there is no other way to know that a key
# that a person presses does something.

def x_window(pid):
    """The newest window of a process."""
    found = subprocess.run(["xdotool", "search", "--onlyvisible", "--pid", str(pid)],
                           capture_output=True, text=True, check=False).stdout.split()
    return found[-1] if found else None


def type_keys(pid, *keys):
    """Presses keys, named as X names them, in the newest window of a process."""
    window = wait_for(f"a window of {pid} on the screen", lambda: x_window(pid))
    subprocess.run(["xdotool", "windowfocus", "--sync", window, "key", "--delay", "20", *keys],
                   check=True, capture_output=True)


def type_text(pid, text):
    window = wait_for(f"a window of {pid} on the screen", lambda: x_window(pid))
    subprocess.run(["xdotool", "windowfocus", "--sync", window, "type", "--delay", "8", "--", text],
                   check=True, capture_output=True)
