#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the .ui and .svg files have to keep that no tool of GTK's checks.

ui.py ROOT
"""

import re
import xml.etree.ElementTree

import sources

# Deprecated before GTK 4.18 or libadwaita 1.7, or not there yet in GTK 4.8 or libadwaita 1.2.
REFUSED = {
    "AdwAboutWindow", "AdwBottomSheet", "AdwDialog", "AdwFlap", "AdwLeaflet", "AdwMessageDialog",
    "AdwNavigationSplitView", "AdwOverlaySplitView", "AdwSpinRow", "AdwSqueezer", "AdwSwitchRow",
    "AdwToolbarView", "AdwViewSwitcherTitle", "GtkAppChooserButton", "GtkColorButton",
    "GtkComboBox", "GtkComboBoxText", "GtkDialog", "GtkEntryCompletion", "GtkFontButton",
    "GtkIconView", "GtkInfoBar", "GtkLockButton", "GtkMessageDialog", "GtkStatusbar",
    "GtkTreeView", "GtkVolumeButton",
}

# One of each: the other is for who knows keyboards.
UNTOLD_KEYS = {"<Control>KP_Enter"}
# Those of a widget, or of GTK.
TOLD_KEYS = {"<Alt>Left", "Delete", "Escape", "F10"}

BUTTONS = {"GtkButton", "GtkMenuButton", "GtkToggleButton"}


def properties_of(node):
    return {child.get("name"): child for child in node if child.tag == "property"}


def check_object(node, say):
    name = node.get("class", "")
    properties = properties_of(node)
    if name in REFUSED:
        say(f"{name}: not right in each version that is supported")
    if name in BUTTONS and "icon-name" in properties:
        has_label = any(child.tag == "accessibility" for child in node)
        if "tooltip-text" not in properties or not has_label:
            say(f"{name} with the icon {properties['icon-name'].text}: needs a tooltip, and an "
                "accessible label")


def check_texts(node, say):
    for name in ("title", "label", "description", "tooltip-text", "placeholder-text"):
        child = properties_of(node).get(name)
        if child is None or not (child.text or "").strip() or child.get("bind-source"):
            continue
        if len(child) == 0 and child.get("translatable") != "yes" and re.search(r"[A-Za-z]{2}",
                                                                               child.text):
            say(f"{name}: “{child.text}” is not translatable")
        if "..." in child.text:
            say(f"{name}: “{child.text}” has three dots for an ellipsis")


def check_keys(root, findings):
    """Each key does one thing, and the overlay and the tooltips tell of those that there are."""
    keys = []
    for path in sorted((root / "inspector/app").glob("*.c")):
        table = re.search(r"WsiAccelerators accelerators\[\] =\n\{(.*?)\n\};",
                          path.read_text(encoding="utf-8"), re.DOTALL)
        for row in re.findall(r"\{ \"[^\"]+\", \{(.*?)\}", table[1] if table else ""):
            keys += re.findall(r'"([^"]+)"', row)
    told = []
    for path in sorted((root / "inspector/app").rglob("*.ui")):
        tree = xml.etree.ElementTree.parse(path).getroot()
        for node in tree.iter("property"):
            if node.get("name") == "accelerator":
                told += node.text.split()
            found = re.search(r"\(((?:Ctrl|Shift|F\d|\w)(?:\+\w+)*)\)$", node.text or "")
            if node.get("name") == "tooltip-text" and found:
                *held, key = found[1].split("+")
                key = key.lower() if len(key) == 1 else key
                held = "".join({"Ctrl": "<Control>"}.get(one, f"<{one}>") for one in held)
                if held + key not in keys:
                    findings.append(f"{path.name}: the tooltip tells of {found[1]}, which does "
                                    "nothing")
    for where, found in (("the table of keys", keys), ("the overlay", told)):
        for key in sorted({key for key in found if found.count(key) > 1}):
            findings.append(f"{where}: {key} twice")
    for key in sorted(set(keys) - set(told) - UNTOLD_KEYS):
        findings.append(f"the overlay: does not tell of {key}")
    for key in sorted(set(told) - set(keys) - TOLD_KEYS):
        findings.append(f"the overlay: tells of {key}, which does nothing")


def check(root):
    findings = []
    for path in sorted((root / "inspector").rglob("*.ui")) + sorted((root / "data").rglob("*.svg")):
        name = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")

        def say(what, name=name):
            findings.append(f"{name}: {what}")

        try:
            tree = xml.etree.ElementTree.fromstring(text)
        except xml.etree.ElementTree.ParseError as error:
            say(str(error))
            continue
        if "SPDX-License-Identifier: GPL-3.0-or-later" not in text:
            say("no SPDX-License-Identifier of ours")
        if path.suffix == ".ui":
            if tree.get("domain") != "wsmulti":
                say("no translation domain")
            for node in tree.iter("object"):
                check_object(node, say)
                check_texts(node, say)
            for node in tree.iter("template"):
                check_texts(node, say)
    if not findings:
        check_keys(root, findings)
    return findings


SPDX = "<!-- SPDX-License-Identifier: GPL-3.0-or-later -->\n"


def ui(inside, head='<interface domain="wsmulti">'):
    return {"inspector/app/a.ui": SPDX + head + inside + "</interface>\n", "data/a.svg": SPDX
            + "<svg/>"}


GOOD = ui('<template class="A" parent="GtkWidget"><child><object class="GtkButton">'
          '<property name="icon-name">a</property>'
          '<property name="tooltip-text" translatable="yes">Add…</property>'
          '<accessibility><property name="label" translatable="yes">Add</property></accessibility>'
          '</object></child></template>')

KEYS = 'WsiAccelerators accelerators[] =\n{\n  { "a", { "<Control>a", NULL } },\n%s};\n'
TOLD = ('<object class="GtkShortcutsShortcut"><property name="accelerator">%s</property></object>')


def with_keys(more, told, inside=""):
    return {**ui(TOLD % told + inside), "inspector/app/a.c": KEYS % more}


TOOLTIP = ('<object class="GtkImage">'
           '<property name="tooltip-text" translatable="yes">%s</property></object>')

PLANTS = [
    (with_keys('  { "b", { "<Control>a", NULL } },\n', "&lt;Control&gt;a"),
     "keys: <Control>a twice"),
    (with_keys('  { "b", { "F9", NULL } },\n', "&lt;Control&gt;a"), "does not tell of F9"),
    (with_keys("", "&lt;Control&gt;a F9"), "tells of F9, which does nothing"),
    (with_keys("", "&lt;Control&gt;a", TOOLTIP % "Add (Ctrl+N)"), "tooltip tells of Ctrl+N"),
    (ui("<object>"), "mismatched tag"),
    (ui("", "<interface>"), "no translation domain"),
    (ui('<object class="GtkInfoBar"/>'), "GtkInfoBar: not right"),
    (ui('<object class="GtkButton"><property name="icon-name">x-symbolic</property></object>'),
     "needs a tooltip"),
    (ui('<object class="GtkLabel"><property name="label">Word</property></object>'),
     "not translatable"),
    (ui('<object class="GtkLabel"><property name="label" translatable="yes">A...</property>'
        '</object>'), "three dots"),
    ({"data/a.svg": "<svg/>"}, "no SPDX-License-Identifier"),
]


if __name__ == "__main__":
    sources.main(check, GOOD, PLANTS)
