# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person at a program: sees what a screen reader sees, and does what it can do.

Everything goes through the accessibility bus, so the program under test needs no help, and what
this person cannot find a blind one cannot find either. A whole tree is asked for at once: node by
node it would be old before it is read.
"""

import re
import subprocess
import time

import gi

gi.require_version("Atspi", "2.0")

from gi.repository import Atspi, Gio, GLib  # noqa: E402

# Much, because all the tests of a machine may run at once.
DEADLINE = 60

# GTK 4.8 calls what has no name after its class; later versions do not call it anything.
CLASS = re.compile(r"^(Gtk|Adw|Wsi|Wsm)[A-Z]\w*$")

ROOT = "/org/a11y/atspi/accessible/root"
INTERFACE = "org.a11y.atspi."


def roles(*names):
    """Those of them that this version of the library knows."""
    return {int(getattr(Atspi.Role, name)) for name in names if hasattr(Atspi.Role, name)}


# Two versions of GTK, two words for the same thing.
BUTTON = roles("BUTTON", "PUSH_BUTTON", "PUSH_BUTTON_MENU", "TOGGLE_BUTTON")
TOGGLE = roles("CHECK_BOX", "SWITCH", "TOGGLE_BUTTON")
ENTRY = roles("ENTRY", "PASSWORD_TEXT", "SPIN_BUTTON", "TEXT")
LABEL = roles("LABEL", "STATIC")
MENU_ITEM = roles("CHECK_MENU_ITEM", "MENU_ITEM", "RADIO_MENU_ITEM")
PICTURE = roles("CHART", "ICON", "IMAGE")
ROW = roles("LIST_ITEM", "TABLE_ROW", "TREE_ITEM")
TAB = roles("PAGE_TAB", "RADIO_BUTTON", "TOGGLE_BUTTON")
WINDOW = roles("ALERT", "DIALOG", "FRAME", "WINDOW")

buses = {}


def accessibility_address():
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    reply = bus.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None,
                          GLib.VariantType("(s)"), Gio.DBusCallFlags.NONE, -1)
    return reply.unpack()[0]


def accessibility_bus():
    if "bus" not in buses:
        flags = Gio.DBusConnectionFlags
        buses["bus"] = Gio.DBusConnection.new_for_address_sync(
            accessibility_address(), flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION)
    return buses["bus"]


def ask_bus(method, *arguments):
    types = "".join("s" if isinstance(one, str) else "u" for one in arguments)
    return accessibility_bus().call_sync(
        "org.freedesktop.DBus", "/", "org.freedesktop.DBus", method,
        GLib.Variant(f"({types})", arguments) if arguments else None, None,
        Gio.DBusCallFlags.NONE, -1).unpack()[0]


def prepare():
    """Starts the accessibility bus before any program does, which is a race otherwise."""
    ask_bus("StartServiceByName", "org.a11y.atspi.Registry", 0)


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


class Node:
    """Something in a tree, as it was when it was looked at."""

    def __init__(self, program, item):
        self.program = program
        (_, self.path), _, (_, self.parent_path), self.index, self.n_children, self.interfaces, \
            self.name, self.role, self.description, bits = item
        self.bits = bits[0] | bits[1] << 32
        self.children = []

    def is_in(self, state):
        return bool(self.bits & 1 << int(state))

    def has(self, interface):
        return INTERFACE + interface in self.interfaces

    def call(self, interface, method, parameters=None, path=None):
        return accessibility_bus().call_sync(
            self.program, path or self.path, INTERFACE + interface, method, parameters, None,
            Gio.DBusCallFlags.NONE, DEADLINE * 1000).unpack()

    def get(self, interface, name):
        return accessibility_bus().call_sync(
            self.program, self.path, "org.freedesktop.DBus.Properties", "Get",
            GLib.Variant("(ss)", (INTERFACE + interface, name)), None,
            Gio.DBusCallFlags.NONE, -1).unpack()[0]

    def set(self, interface, name, value):
        accessibility_bus().call_sync(
            self.program, self.path, "org.freedesktop.DBus.Properties", "Set",
            GLib.Variant("(ssv)", (INTERFACE + interface, name, value)), None,
            Gio.DBusCallFlags.NONE, -1)

    def role_name(self):
        return Atspi.Role(self.role).value_nick.replace("-", " ")

    def text(self):
        """What can be read here: the text if there is one, else the name."""
        if self.has("EditableText"):
            return self.call("Text", "GetText", GLib.Variant("(ii)", (0, -1)))[0] or self.name
        return self.name

    def size(self):
        _, _, width, height = self.call("Component", "GetExtents", GLib.Variant("(u)", (1,)))[0]
        return width, height


def look_once(program):
    items = accessibility_bus().call_sync(
        program, "/org/a11y/atspi/cache", "org.a11y.atspi.Cache", "GetItems", None, None,
        Gio.DBusCallFlags.NONE, DEADLINE * 1000).unpack()[0]
    nodes = {node.path: node for node in (Node(program, item) for item in items)}
    for node in nodes.values():
        if node.path != ROOT and node.parent_path in nodes:
            nodes[node.parent_path].children.append(node)
    for node in nodes.values():
        node.children.sort(key=lambda child: child.index)
    return nodes


def ask_for_children(node, nodes):
    """Takes those that a node says it has; tells whether all of them are known."""
    try:
        paths = [path for _, path in node.call("Accessible", "GetChildren")[0]]
    except GLib.Error:
        # It went away while it was looked at.
        paths = []
    node.children = [nodes[path] for path in paths if path in nodes]
    return len(node.children) == len(paths)


def look(program):
    """The tree of a program as it is now, by path.

    GTK tells of what has been asked for before. So what is missing is asked for; and what GTK still
    knows but its parent no longer has, such as a page that is not shown any more, is not in the
    tree, as nobody gets there. Of windows, it does not tell how many there are.
    """
    accessibility_bus().call_sync(program, ROOT, INTERFACE + "Accessible", "GetChildren", None,
                                  None, Gio.DBusCallFlags.NONE, DEADLINE * 1000)
    known = 0
    # Once a level, at most; what comes and goes meanwhile is left for the next time.
    for _ in range(40):
        nodes = look_once(program)
        is_whole = True
        tree = [nodes[ROOT]] if ROOT in nodes else []
        for node in tree:
            if node.path != ROOT and len(node.children) != node.n_children:
                is_whole = ask_for_children(node, nodes) and is_whole
            tree.extend(node.children)
        if is_whole or len(nodes) <= known:
            break
        known = len(nodes)
    return nodes


def is_shown(node, parent):
    """The page of a stack that is not shown is in the tree, but has no size."""
    if node.role == 0 or not node.is_in(Atspi.StateType.VISIBLE):
        return False
    if node.has("Component") and not parent.has("Component") and parent.path != ROOT:
        try:
            width, height = node.size()
        except GLib.Error:
            return False
        return width > 0 and height > 0
    return True


def walk_shown(node):
    yield node
    for child in node.children:
        if is_shown(child, node):
            yield from walk_shown(child)


def now(node):
    """The same node, as it is now."""
    return look(node.program).get(node.path)


def walk(node):
    """Everything below a node that can be seen now, the node itself first."""
    node = now(node)
    return walk_shown(node) if node is not None else iter(())


def is_sensitive(node):
    node = now(node)
    return node is not None and node.is_in(Atspi.StateType.SENSITIVE)


def is_on(node):
    """Of a switch, a check box or a button that stays down."""
    node = now(node)
    return node.is_in(Atspi.StateType.CHECKED) or node.is_in(Atspi.StateType.PRESSED)


def is_called(node, name):
    """GTK 4.8 says the name of a button with a mnemonic twice, first with the underline."""
    return node.name == name or node.name.replace("_", "") == f"{name} {name}"


def find_all(node, roles=None, name=None, matches=None):
    return [part for part in walk(node)
            if (roles is None or part.role in roles) and (name is None or is_called(part, name))
            and (matches is None or matches(part))]


def find(node, roles=None, name=None, matches=None):
    found = find_all(node, roles, name, matches)
    return found[0] if found else None


def focused(node):
    return find(node, matches=lambda part: part.is_in(Atspi.StateType.FOCUSED))


def words_of(node):
    """All that can be read at a node and below it, of a tree that has been looked at."""
    seen = []
    for part in walk_shown(node):
        text = part.text().strip().replace("\N{NO-BREAK SPACE}", " ")
        if text and not CLASS.match(text) and (not seen or seen[-1] != text):
            seen.append(text)
    return " | ".join(seen)


def words(node):
    node = now(node)
    return words_of(node) if node is not None else ""


def press(node):
    assert node.has("Action"), f"nothing can be done with {node.name!r}"
    assert node.call("Action", "DoAction", GLib.Variant("(i)", (0,)))[0], \
        f"{node.name!r} does nothing"


def write(node, text):
    assert node.has("EditableText"), f"{node.name!r} takes no text"
    assert node.call("EditableText", "SetTextContents", GLib.Variant("(s)", (text,)))[0]


def set_value(node, value):
    node.set("Value", "CurrentValue", GLib.Variant("d", value))


def application(pid, deadline=DEADLINE):
    """The root of a process, once it has a window."""
    def look_at_all():
        for name in ask_bus("ListNames"):
            try:
                if not name.startswith(":") or name == accessibility_bus().get_unique_name() or \
                        ask_bus("GetConnectionUnixProcessID", name) != pid:
                    continue
                root = look(name).get(ROOT)
            except GLib.Error:
                continue
            if root is not None and root.children:
                return root
        return None

    return wait_for(f"a window of process {pid}", look_at_all, deadline)


def dump(node, depth=0):
    """For the log of a test that failed."""
    lines = ["  " * depth + f"{node.role_name()} {node.name!r} {node.description!r}"]
    for child in node.children:
        if is_shown(child, node):
            lines += dump(child, depth + 1)
    return lines


# The keyboard goes through X, to where a person's would: there is no other way to know that a key
# that a person presses does something.

def x_window(pid, title):
    """The newest window of a process with a title; what only pops up has none.

    None is any process: from a sandbox a window does not tell whose it is.
    """
    of_process = [] if pid is None else ["--pid", str(pid)]
    found = subprocess.run(["xdotool", "search", "--all", "--onlyvisible", *of_process,
                            "--name", f"^{re.escape(title)}$"],
                           capture_output=True, text=True, check=False).stdout.split()
    return max(found, key=int) if found else None


def at_the_keyboard(pid, title, *what):
    """There is no window manager that gives the focus to a window."""
    window = wait_for(f"“{title}” on the screen", lambda: x_window(pid, title))
    subprocess.run(["xdotool", "windowfocus", "--sync", window, *what], check=True,
                   capture_output=True, timeout=DEADLINE)


def type_keys(pid, title, *keys):
    """Presses keys, named as X names them."""
    at_the_keyboard(pid, title, "key", "--delay", "20", *keys)


def type_text(pid, title, text):
    at_the_keyboard(pid, title, "type", "--delay", "10", "--", text)
