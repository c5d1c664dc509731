#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the Vala binding says of each member what the introspection data says, and more.

vapi.py GIR VAPI

What may be NULL, who owns what is returned, what is asynchronous, what fails and how, what signals
come with: a mistake in one of them is a warning that nobody sees, or a crash.
"""

import re
import sys
import xml.etree.ElementTree

CORE = "{http://www.gtk.org/introspection/core/1.0}"
GLIB = "{http://www.gtk.org/introspection/glib/1.0}"

# What is copied, so that nobody owns it.
PLAIN = {"gboolean", "gdouble", "gint", "gint64", "guint", "guint64", "none"}

# Errors of these may come from anywhere below.
ANY_ERROR = {"Connection.open_async", "Exporter.connect_client"}

BLOCK = re.compile(r"\n\tpublic (?:sealed )?class (\w+).*?\{\n(.*?)\n\t\}", re.DOTALL)
METHOD = re.compile(r"^\t\tpublic ((?:static |async |unowned )*)(\S+) (\w+) \((.*)\)"
                    r"(?: throws (.*))?;$", re.MULTILINE)
# What only Vala has: see libwsmulti/Wsm-1-custom.vala.
VARIANT = re.compile(r"^\t\tpublic Wsm\.(\w+) with_(\w+) \((\S+) (\w+)\) \{$", re.MULTILINE)
CREATION = re.compile(r"^\t\tpublic static Wsm\.(\w+) create \((.*)\) \{$", re.MULTILINE)
SIGNAL = re.compile(r"^\t\tpublic signal (\S+) (\w+) \((.*)\);$", re.MULTILINE)
PROPERTY = re.compile(r"^\t\tpublic (\S+) (\w+) \{ (.*) \}$", re.MULTILINE)


class Class:
    """What the vapi says of one class."""

    def __init__(self, text):
        self.methods = {name: (set(words.split()), kind, split(arguments), errors or "")
                        for words, kind, name, arguments, errors in METHOD.findall(text)
                        if "signal" not in words and kind != "signal"}
        self.signals = {name: (kind, split(arguments))
                        for kind, name, arguments in SIGNAL.findall(text)}
        self.properties = {name: (kind, access.replace(";", "").split())
                           for kind, name, access in PROPERTY.findall(text)}
        self.variants = {(returned, name, kind) for returned, name, kind, argument
                         in VARIANT.findall(text) if argument == name}
        # A property that may turn out NULL can be one that cannot be left out.
        self.created = {(returned, argument.split()[1], argument.split()[0].rstrip("?"))
                        for returned, arguments in CREATION.findall(text)
                        for argument in split(arguments)}


def split(arguments):
    """The arguments without what is said to C."""
    plain = re.sub(r"\[CCode[^]]*\] ?", "", arguments)
    return plain.split(", ") if plain else []


def is_nullable(element):
    return element.get("nullable") == "1"


def is_plain(element, enumerations):
    kind = element.find(CORE + "type")
    return kind is not None and (kind.get("name") in PLAIN | enumerations or
                                 kind.get("name").startswith("Gio.Tls") and
                                 kind.get("name").endswith("Flags") or
                                 kind.get("name").startswith("Soup.WebsocketDataType"))


def check_arguments(where, elements, arguments, say):
    """Compares what may be NULL, one by one."""
    seen = [element for element in elements
            if element.get("scope") is None and element.get("name") != "user_data"]
    if len(seen) != len(arguments):
        say(f"{where}: {arguments}, {len(seen)} arguments expected")
        return
    for element, argument in zip(seen, arguments):
        if ("?" in argument.split("=")[0]) != is_nullable(element):
            say(f"{where}: {argument}: may it be null?")


def check_method(owner, method, vala, enumerations, finish, say):
    name = method.get("name")
    where = f"{owner}.{name}"
    words, kind, arguments, errors = vala
    parameters = method.find(CORE + "parameters")
    elements = parameters.findall(CORE + "parameter") if parameters is not None else []
    # An array knows its length.
    array = method.find(CORE + "return-value/" + CORE + "array")
    if array is not None and array.get("length") is not None:
        del elements[int(array.get("length"))]
    check_arguments(where, elements, arguments, say)
    if name.endswith("_async"):
        if "async" not in words:
            say(f"{where}: is not async")
        if finish is None:
            say(f"{where}: has no finish method")
            return
        method = finish
        last = arguments[-1] if arguments else ""
        if last != "GLib.Cancellable? cancellable = null":
            say(f"{where}: {last}: can it be called without a cancellable?")
    returned = method.find(CORE + "return-value")
    if ("?" in kind) != is_nullable(returned):
        say(f"{where}: returns {kind}: may it be null?")
    borrowed = returned.get("transfer-ownership") == "none" and not is_plain(returned, enumerations)
    if ("unowned" in words) != borrowed:
        say(f"{where}: returns {kind}: who owns it?")
    if (errors != "") != (method.get("throws") == "1"):
        say(f"{where}: throws {errors}?")
    if errors and ("GLib.Error" in errors.split(", ")) != (where in ANY_ERROR):
        say(f"{where}: throws {errors}: of which domains?")


def check_properties(owner, element, vala, methods, say):
    for item in element.findall(CORE + "property"):
        name = item.get("name").replace("-", "_")
        if name not in vala.properties:
            say(f"{owner}.{name}: no such property")
            continue
        kind, access = vala.properties[name]
        expected = ["get"] if item.get("readable") != "0" else []
        if item.get("writable") == "1":
            expected.append("construct" if item.get("construct-only") == "1" else "set")
        if access != expected:
            say(f"{owner}.{name}: {access} instead of {expected}")
        if "construct" in access and (owner, name, kind) not in vala.variants and \
                (owner, name, kind.rstrip("?")) not in vala.created:
            say(f"{owner}.{name}: with_{name} ({kind} {name})?")
        getter = methods.get("get_" + name)
        if getter is not None and \
                ("?" in kind) != is_nullable(getter.find(CORE + "return-value")):
            say(f"{owner}.{name}: {kind}: may it be null?")


def check(gir, vapi):
    findings = []
    counted = 0
    namespace = xml.etree.ElementTree.parse(gir).getroot().find(CORE + "namespace")
    enumerations = {item.get("name") for kind in ("enumeration", "bitfield")
                    for item in namespace.findall(CORE + kind)}
    classes = {name: Class(text) for name, text in BLOCK.findall(vapi)}

    for element in namespace.findall(CORE + "class") + namespace.findall(CORE + "record"):
        owner = element.get("name")
        if element.get(GLIB + "is-gtype-struct-for") or element.get("disguised") == "1" and \
                owner not in classes:
            continue
        if owner not in classes:
            findings.append(f"{owner}: no such class")
            continue
        vala = classes[owner]
        methods = {item.get("name"): item for kind in ("method", "function")
                   for item in element.findall(CORE + kind)
                   if item.get("introspectable") != "0"}
        for name, method in methods.items():
            if name.endswith("_finish") or name == "free":
                continue
            counted += 1
            if name not in vala.methods:
                findings.append(f"{owner}.{name}: no such method")
                continue
            check_method(owner, method, vala.methods[name], enumerations,
                         methods.get(name.replace("_async", "_finish")), findings.append)
        for signal in element.findall(GLIB + "signal"):
            counted += 1
            name = signal.get("name").replace("-", "_")
            parameters = signal.find(CORE + "parameters")
            if name not in vala.signals:
                findings.append(f"{owner}.{name}: no such signal")
                continue
            check_arguments(f"{owner}::{name}",
                            parameters.findall(CORE + "parameter")
                            if parameters is not None else [],
                            vala.signals[name][1], findings.append)
        check_properties(owner, element, vala, methods, findings.append)
        counted += len(element.findall(CORE + "property"))
    return counted, findings


# What is taken away, and a piece of what is then found.
PLANTS = [
    ("public async double ping_async", "public double ping_async", "is not async"),
    ("GLib.Cancellable? cancellable = null) throws GLib.Error",
     "GLib.Cancellable? cancellable) throws GLib.Error", "without a cancellable"),
    ("unowned Wsm.Connection? lookup", "unowned Wsm.Connection lookup", "lookup: returns"),
    ("public unowned Wsm.Connection add", "public Wsm.Connection add", "add: returns"),
    ("public string? close_reason", "public string close_reason", "close_reason: string: may"),
    ("bool send_text (string text) throws Wsm.Error", "bool send_text (string text)", "throws ?"),
    ("bool send_text (string text) throws Wsm.Error",
     "bool send_text (string text) throws GLib.Error", "of which domains"),
    ("void set_backoff (Wsm.Backoff? backoff)", "void set_backoff (Wsm.Backoff backoff)",
     "set_backoff: Wsm.Backoff backoff: may"),
    ("signal void beat (uint64 sequence, double round_trip)", "signal void beat ()",
     "::beat: [], 2 arguments"),
    ("public string? name { get; construct; }", "public string? name { get; }", "name: ['get']"),
    ("with_interval (uint interval)", "with_interval (int interval)", "Heartbeat.interval: with_"),
    ("Wsm.Backoff with_max (", "Wsm.Backoff with_maximum (", "Backoff.max: with_max (uint max)?"),
    ("string? origin = null, ", "", "Connection.origin: with_origin"),
]


def main():
    gir, vapi = sys.argv[1:]
    with open(vapi, encoding="utf-8") as file:
        text = file.read()
    counted, findings = check(gir, text)
    for finding in findings:
        print(finding)
    for old, new, expected in PLANTS:
        assert old in text, f"{old!r}: no place for it"
        found = check(gir, text.replace(old, new))[1]
        assert any(expected in finding for finding in found), f"{new!r}: not found: {found}"
    print(f"{counted} members, {len(findings)} findings; {len(PLANTS)} planted faults found")
    assert counted > 200, "most members were not seen"
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
