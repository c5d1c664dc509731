# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a screen reader would stumble over in a tree of widgets."""

from person import CLASS, LABEL, WINDOW, Atspi, GLib, is_shown, now, roles, walk_shown

CONTROLS = roles("BUTTON", "CHECK_BOX", "CHECK_MENU_ITEM", "COMBO_BOX", "ENTRY", "LINK",
                 "MENU_ITEM", "PAGE_TAB", "PASSWORD_TEXT", "PUSH_BUTTON", "PUSH_BUTTON_MENU",
                 "RADIO_BUTTON", "RADIO_MENU_ITEM", "SLIDER", "SPIN_BUTTON", "SWITCH", "TEXT",
                 "TOGGLE_BUTTON")
TABLES = roles("TABLE", "TREE", "TREE_TABLE")
PICTURES = roles("CHART", "ICON", "IMAGE", "LEVEL_BAR", "METER", "PROGRESS_BAR")

KINDS = (
    (CONTROLS, "a control"),
    (TABLES, "a table"),
    (PICTURES, "a picture"),
    (WINDOW, "a window"),
)

# What is told by what is in it, or beside it: a row by its cells, a list by its rows.
BY_CONTENT = roles("FILLER", "LIST", "LIST_BOX", "LIST_ITEM", "PANEL", "SCROLL_PANE", "TABLE_CELL",
                   "TABLE_ROW", "TREE_ITEM")
# A window that warns has this role, and needs a name; what appears in a window, such as a toast of
# newer versions of libadwaita, is told by what it says, if it says something.
ALERT = roles("ALERT")
# Their own pictures say nothing more than their names.
NAMED_WITH_PICTURE = CONTROLS | roles("LIST_ITEM")


def says_something(node):
    return any(part.role in LABEL and part.name.strip() and not CLASS.match(part.name)
               for part in walk_shown(node))


def look(node, trail, around, findings):
    """What GTK builds a control of needs no name if the control has one."""
    here = trail + [f"{node.role_name()} “{node.name}”"]
    named = bool(node.name.strip()) and not CLASS.match(node.name)
    if node.role in ALERT and around & WINDOW and says_something(node):
        named = True
    if not named and not around & NAMED_WITH_PICTURE:
        for kinds, what in KINDS:
            if node.role in kinds:
                findings.append(f"{what} without a name: {' › '.join(here[-4:])}")
        if node.is_in(Atspi.StateType.FOCUSABLE) and \
                node.role not in CONTROLS | TABLES | BY_CONTENT:
            findings.append(f"a stop of Tab without a name: {' › '.join(here[-4:])}")
    # Those of libadwaita 1.2 have a button without a name to close them.
    if node.name == "AdwToastWidget":
        return
    if named:
        around = around | {node.role}
    for child in node.children:
        if is_shown(child, node):
            look(child, here, around, findings)


def violations(node):
    """Sentences, one for each thing that could not be told from others by its name."""
    findings = []
    try:
        look(now(node), [], frozenset(), findings)
    except GLib.Error:
        # It changed under the eyes.
        return violations(node)
    return findings
