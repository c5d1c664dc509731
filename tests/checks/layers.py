#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may look at whom in libwsmulti/.

layers.py ROOT

The parts and their files are read from libwsmulti/meson.build, so that a new file has to take its
place there. A header, `-private` and `-internal` ones too, belongs to the part of the source of its
name.
"""

import re

import sources

# In the order of who may look at whom: later parts look at earlier ones.
PARTS = ["values", "time", "wire", "model", "window"]

# Headers without a source of their own.
HEADERS_ALONE = {
    "wsm-dbus-pool.h": "window",
    "wsm-enum-types.h": "values",
    "wsm-enums.h": "values",
    "wsm-version-macros.h": "values",
    "wsm-version-numbers.h": "values",
}

UMBRELLA = "libwsmulti.h"

# Public, too, and made in the build folder.
GENERATED = {"wsm-enum-types.h", "wsm-version-numbers.h"}

FORBIDDEN_HEADERS = [
    (r"(gtk|gdk|gsk)/|adwaita\.h", "the library does not know GTK"),
    (r"libintl\.h|glib/gi18n", "the library does not translate"),
]

FORBIDDEN_NAMES = [
    (r"g_settings_\w+|GSettings\w*", "the library does not know GSettings"),
    (r"(?:g|dn|d|dc|n)gettext|N_", "the library does not translate"),
    (r"g_timeout_add\w*|g_idle_add\w*", "a source on a hidden main context"),
    (r"g_main_context_iteration|g_main_loop_run", "the app runs the main loop"),
    (r"g_thread_(?:try_)?new|g_thread_pool_\w+|g_task_run_in_thread\w*", "no threads"),
    (r"g_usleep|usleep|nanosleep|sleep", "no sleeping"),
]

# Names that only these files may hold.
RESERVED_NAMES = [
    (r"g_(dbus|bus)_\w+|GDBus\w+", r"wsm-exporter[a-z-]*\.[ch]", "only the window knows D-Bus"),
    (r"soup_websocket_connection_\w+", r"wsm-(soup-[a-z-]+|frame-tap[a-z-]*)\.[ch]",
     "only the wire sees the WebSocket"),
    (r"g_get_monotonic_time|clock_gettime", r"wsm-system-clock\.c",
     "only the system clock reads the time"),
]

# Files that must not include some header of their own part.
BLIND = [
    (r"wsm-(connection|pulse|outbox|gate|pacer)[a-z-]*\.[ch]", r"wsm-pool[a-z-]*\.h",
     "a connection does not know its pool"),
]

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+[<"]([^>"]+)[>"]', re.MULTILINE)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def read_list(meson, name):
    """The quoted names in `name = files(…)`, or None if there is no such list."""
    found = re.search(rf"^{name} = files\((.*?)\)", meson, re.MULTILINE | re.DOTALL)
    return re.findall(r"'([^']+)'", found[1]) if found else None


def part_of(name, part_of_source):
    if name in HEADERS_ALONE:
        return HEADERS_ALONE[name]
    stem = re.sub(r"(-internal|-private)?\.[ch]$", "", name)
    return part_of_source.get(stem + ".c")


def check_includes(name, text, part_of_source, public):
    findings = []
    part = part_of(name, part_of_source)
    for match in INCLUDE.finditer(text):
        where = f"libwsmulti/{name}:{line_of(text, match.start())}"
        included = match[1]
        other = part_of(included, part_of_source)

        for pattern, why in FORBIDDEN_HEADERS:
            if re.match(pattern, included):
                findings.append(f"{where}: includes {included}: {why}")
        if included == UMBRELLA:
            findings.append(f"{where}: includes {UMBRELLA}, which is for users of the library")
        if other and PARTS.index(other) > PARTS.index(part):
            findings.append(f"{where}: {part} includes {included} of {other}")
        if name in public and other and included not in public | GENERATED:
            findings.append(f"{where}: public header includes private {included}")
        for pattern, target, why in BLIND:
            if re.fullmatch(pattern, name) and re.fullmatch(target, included):
                findings.append(f"{where}: includes {included}: {why}")
    return findings


def check_names(name, text):
    findings = []
    rules = [(pattern, why) for pattern, why in FORBIDDEN_NAMES]
    rules += [(pattern, why) for pattern, owner, why in RESERVED_NAMES
              if not re.fullmatch(owner, name)]
    for pattern, why in rules:
        for match in re.finditer(rf"\b(?:{pattern})\b", text):
            findings.append(f"libwsmulti/{name}:{line_of(text, match.start())}: {match[0]}: {why}")
    return findings


def check(root):
    folder = root / "libwsmulti"
    meson = (folder / "meson.build").read_text(encoding="utf-8")
    findings = []
    part_of_source = {}
    public = {UMBRELLA}
    for name in ("wsm_public_headers", "wsm_c_headers"):
        public |= set(read_list(meson, name) or [])

    for part in PARTS:
        names = read_list(meson, f"wsm_{part}_sources")
        if names is None:
            findings.append(f"libwsmulti/meson.build: no list wsm_{part}_sources")
        for name in names or []:
            if name in part_of_source:
                findings.append(f"libwsmulti/meson.build: {name} is in two parts")
            part_of_source[name] = part

    for path in sorted(folder.glob("*.[ch]")):
        text = sources.without_comments(path.read_text(encoding="utf-8"))
        if path.name == UMBRELLA:
            continue
        if part_of(path.name, part_of_source) is None:
            findings.append(f"libwsmulti/{path.name}: belongs to no part in meson.build")
            continue
        findings += check_includes(path.name, text, part_of_source, public)
        findings += check_names(path.name, sources.without_comments_and_texts(text))
    return findings


MESON = """
wsm_public_headers = files(
  'wsm-enums.h',
  'wsm-latency.h',
  'wsm-exporter.h',
  'wsm-pool.h',
)
wsm_values_sources = files('wsm-latency.c')
wsm_time_sources = files('wsm-clock.c', 'wsm-system-clock.c')
wsm_wire_sources = files('wsm-frame-tap.c', 'wsm-soup-transport.c')
wsm_model_sources = files('wsm-connection.c', 'wsm-pool.c')
wsm_window_sources = files('wsm-exporter-client.c', 'wsm-exporter.c')
"""

GOOD = {
    "libwsmulti/meson.build": MESON,
    "libwsmulti/libwsmulti.h": '#include "wsm-pool.h"\n',
    "libwsmulti/wsm-enums.h": "\n",
    "libwsmulti/wsm-latency.c": '#include "wsm-enums.h"\n/* g_timeout_add() would be wrong. */\n',
    "libwsmulti/wsm-latency.h": '#include "wsm-enums.h"\n#include "wsm-enum-types.h"\n',
    "libwsmulti/wsm-clock.c": 'g_debug ("no g_usleep here");\n',
    "libwsmulti/wsm-clock.h": "#include <gio/gio.h>\n",
    "libwsmulti/wsm-system-clock.c": "g_get_monotonic_time ();\n",
    "libwsmulti/wsm-frame-tap.c": "soup_websocket_connection_get_state (c);\n",
    "libwsmulti/wsm-soup-transport.c": "soup_websocket_connection_close (c, 1000, NULL);\n",
    "libwsmulti/wsm-connection.c": '#include "wsm-clock.h"\n',
    "libwsmulti/wsm-connection-internal.h": '#include "wsm-clock.h"\n',
    "libwsmulti/wsm-pool.c": '#include "wsm-pool.h"\n#include "wsm-clock.h"\n',
    "libwsmulti/wsm-pool.h": '#include "wsm-latency.h"\n',
    "libwsmulti/wsm-exporter-client.c": '#include "wsm-dbus-pool.h"\ng_dbus_connection_new (s);\n',
    "libwsmulti/wsm-exporter.c": '#include "wsm-pool.h"\n#include "wsm-connection-private.h"\n',
    "libwsmulti/wsm-exporter.h": '#include "wsm-pool.h"\n',
}

PLANTS = [
    ({"libwsmulti/wsm-latency.c": '#include "wsm-clock.h"\n'}, "values includes wsm-clock.h"),
    ({"libwsmulti/wsm-latency.h": '#include "wsm-pool.h"\n'}, "values includes wsm-pool.h"),
    ({"libwsmulti/wsm-clock.c": '\n#include "wsm-frame-tap.h"\n'},
     "wsm-clock.c:2: time includes wsm-frame-tap.h of wire"),
    ({"libwsmulti/wsm-frame-tap.c": '#include "wsm-connection-private.h"\n'},
     "wire includes wsm-connection-private.h of model"),
    ({"libwsmulti/wsm-connection.c": '#include "wsm-pool-private.h"\n'}, "does not know its pool"),
    ({"libwsmulti/wsm-pool.h": '#include "wsm-clock.h"\n'}, "public header includes private"),
    ({"libwsmulti/wsm-pool.c": '#include "libwsmulti.h"\n'}, "for users of the library"),
    ({"libwsmulti/wsm-pool.c": "#include <gtk/gtk.h>\n"}, "does not know GTK"),
    ({"libwsmulti/wsm-pool.c": "#include <glib/gi18n-lib.h>\n"}, "does not translate"),
    ({"libwsmulti/wsm-pool.c": "g_dbus_connection_call (c);\n"}, "only the window knows D-Bus"),
    ({"libwsmulti/wsm-pool.c": "g_bus_get (t, c, f, d);\n"}, "only the window knows D-Bus"),
    ({"libwsmulti/wsm-pool.c": '#include "wsm-dbus-pool.h"\n'}, "wsm-dbus-pool.h of window"),
    ({"libwsmulti/wsm-pool.c": '#include "wsm-exporter.h"\n'}, "wsm-exporter.h of window"),
    ({"libwsmulti/wsm-connection.c": '#include "wsm-exporter-client.h"\n'}, "of window"),
    ({"libwsmulti/meson.build": MESON.replace("wsm_window_sources", "other_sources")},
     "no list wsm_window_sources"),
    ({"libwsmulti/wsm-pool.c": "g_settings_new (id);\n"}, "does not know GSettings"),
    ({"libwsmulti/wsm-pool.c": "soup_websocket_connection_close (c);\n"}, "sees the WebSocket"),
    ({"libwsmulti/wsm-clock.c": "g_get_monotonic_time ();\n"}, "reads the time"),
    ({"libwsmulti/wsm-pool.c": "g_timeout_add_seconds (1, f, d);\n"}, "hidden main context"),
    ({"libwsmulti/wsm-pool.c": "g_idle_add_once (f, d);\n"}, "hidden main context"),
    ({"libwsmulti/wsm-pool.c": "g_main_context_iteration (c, TRUE);\n"}, "runs the main loop"),
    ({"libwsmulti/wsm-pool.c": "g_thread_new (NULL, f, d);\n"}, "no threads"),
    ({"libwsmulti/wsm-pool.c": "g_task_run_in_thread (t, f);\n"}, "no threads"),
    ({"libwsmulti/wsm-pool.c": "g_usleep (1);\n"}, "no sleeping"),
    ({"libwsmulti/wsm-stray.c": "\n"}, "wsm-stray.c: belongs to no part"),
    ({"libwsmulti/wsm-stray.h": "\n"}, "wsm-stray.h: belongs to no part"),
    ({"libwsmulti/meson.build": MESON.replace("'wsm-pool.c'", "'wsm-pool.c', 'wsm-clock.c'")},
     "wsm-clock.c is in two parts"),
    ({"libwsmulti/meson.build": MESON.replace("wsm_time_sources", "other_sources")},
     "no list wsm_time_sources"),
]


if __name__ == "__main__":
    sources.main(check, GOOD, PLANTS)
