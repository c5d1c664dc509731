# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Handlers in C against their signals: no compiler looks through G_CALLBACK ()."""

import re
import xml.etree.ElementTree

CORE = "{http://www.gtk.org/introspection/core/1.0}"
GLIB = "{http://www.gtk.org/introspection/glib/1.0}"
PLAIN = {"gdouble": "double", "gint": "int", "none": "void", "utf8": "char *"}
NUMBERS = {"gboolean", "gint64", "guint", "guint64"}

CONNECT = re.compile(r'g_signal_connect\w* \([^,]+, "([\w:-]+)",\s*G_CALLBACK \((\w+)\)')


class Signals:
    """What handlers look like, from the introspection data."""

    def __init__(self, gir):
        self.by_class = {}
        self.plain = set()
        namespace = xml.etree.ElementTree.parse(gir).getroot().find(f"{CORE}namespace")
        for element in namespace.iter():
            if element.tag in (f"{CORE}enumeration", f"{CORE}bitfield"):
                self.plain.add(element.get("name"))
        for element in namespace.iter(f"{CORE}class"):
            signals = {"notify": ("void", ["GParamSpec *"])}
            for signal in element.iter(f"{GLIB}signal"):
                types = [self.c_type(one) for one in signal.iter(f"{CORE}type")]
                signals[signal.get("name")] = (types[0], types[1:])
            self.by_class[f"Wsm{element.get('name')}"] = signals

    def c_type(self, element):
        """How C writes it; the value that is returned comes first in the data."""
        name = element.get("name")
        if name in PLAIN:
            return PLAIN[name]
        if name in NUMBERS:
            return name
        if name in self.plain:
            return f"Wsm{name}"
        if name == "Soup.WebsocketDataType":
            return "SoupWebsocketDataType"
        prefix, _, own = name.rpartition(".")
        return {"": "Wsm", "GLib": "G", "Gio": "G", "Soup": "Soup"}[prefix] + own + " *"

    def judge(self, text):
        """What is wrong with the handlers that are connected and defined in a text."""
        findings = []
        for name, handler in CONNECT.findall(text):
            found = re.search(rf"^(?:static )?(\S+(?: \*)?)\n{handler} \(([^)]*)\)", text,
                              re.MULTILINE)
            if found is None or not found[2].startswith("Wsm"):
                continue
            given = [re.sub(r"\bconst |\w+$", "", " ".join(one.split())).strip()
                     for one in found[2].split(",")]
            signals = self.by_class.get(given[0].rstrip(" *"), {})
            signal = name.split("::")[0]
            if signal not in signals:
                findings.append(f"{handler}: {given[0]} has no signal {signal}")
                continue
            returned, expected = signals[signal]
            expected = [given[0], *expected, "gpointer"]
            if given != expected[:len(given)] or found[1] != returned:
                findings.append(f"{handler}: is {found[1]} {given}, but {signal} wants "
                                f"{returned} {expected}")
        return findings
