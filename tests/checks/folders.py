#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which folder may look at which, outside of libwsmulti/ (layers.py looks inside it).

folders.py ROOT

Nobody but the library sees more of it than any other program does. What shows something knows what
is shown, never the other way round, so that the terminal needs no GTK, and an app without
libadwaita can have the widgets.
"""

import re

import sources

# Folder: the folders whose headers it may include, besides its own.
MAY_SEE = {
    "server": [],
    "ini": [],
    "inspector/model": [],
    "inspector/faults": [],
    "inspector/widgets": ["inspector/model"],
    "inspector/app": ["ini", "inspector/faults", "inspector/model", "inspector/widgets", "server"],
    "inspector/page": ["inspector/model", "inspector/widgets"],
    "cli": ["ini", "inspector/model", "server"],
    "examples": [],
}

GTK = r"(gtk|gdk|gsk)/.*"
ADWAITA = r"adwaita\.h|adw-.*"

# Folders that do not know a toolkit, and those that know GTK alone.
WITHOUT_GTK = ["server", "ini", "inspector/model", "inspector/faults", "cli"]
WITHOUT_ADWAITA = WITHOUT_GTK + ["examples", "inspector/widgets", "inspector/page"]

# Of the library, only this.
PUBLIC = {"libwsmulti.h"}

# Of another folder, nothing that it keeps for itself.
PRIVATE = re.compile(r".*-(private|internal)\.h")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+[<"]([^>"]+)[>"]', re.MULTILINE)


def find_owners(root):
    """Which folder each header of ours is in."""
    owners = {}
    for folder in [*MAY_SEE, "libwsmulti"]:
        for path in sorted((root / folder).glob("*.h")):
            owners[path.name] = folder
    return owners


def judge(folder, included, owner):
    """What is wrong with a folder that includes this; None if nothing is."""
    if folder in WITHOUT_GTK and re.fullmatch(GTK, included):
        return f"{folder} does not know GTK"
    if folder in WITHOUT_ADWAITA and re.fullmatch(ADWAITA, included):
        return f"{folder} does not know libadwaita"
    if owner in (None, folder):
        return None
    if owner == "libwsmulti":
        return None if included in PUBLIC else "of the library, only <libwsmulti.h>"
    if owner not in MAY_SEE[folder]:
        return f"{folder} does not know {owner}"
    if PRIVATE.fullmatch(included):
        return f"{owner} keeps it for itself"
    return None


def check(root):
    owners = find_owners(root)
    findings = []
    for folder in MAY_SEE:
        for path in sorted((root / folder).glob("*.[ch]")):
            text = sources.without_comments(path.read_text(encoding="utf-8"))
            for match in INCLUDE.finditer(text):
                wrong = judge(folder, match[1], owners.get(match[1].split("/")[-1]))
                line = text.count("\n", 0, match.start()) + 1
                if wrong:
                    findings.append(f"{folder}/{path.name}:{line}: includes {match[1]}: {wrong}")
    for path in sorted((root / "inspector").glob("*/*.c")):
        folder = path.parent.relative_to(root).as_posix()
        if folder not in MAY_SEE:
            findings.append(f"{folder}: nobody has said what it may look at")
    return findings


GOOD = {
    "libwsmulti/libwsmulti.h": '#include "wsm-pool.h"\n',
    "libwsmulti/wsm-pool.h": "\n",
    "libwsmulti/wsm-pool-private.h": "\n",
    "server/wsm-echo.h": "\n",
    "ini/ini-key-file.h": "\n",
    "inspector/model/wsi-hub.h": "#include <gio/gio.h>\n",
    "inspector/model/wsi-hub-private.h": '#include "wsi-hub.h"\n',
    "inspector/model/wsi-hub.c": '#include "wsi-hub-private.h"\n/* #include <gtk/gtk.h> */\n',
    "inspector/faults/wsi-faults.h": "#include <libwsmulti.h>\n",
    "inspector/widgets/wsi-list.h": '#include <gtk/gtk.h>\n#include "wsi-hub.h"\n',
    "inspector/app/wsi-window.h": '#include <adwaita.h>\n#include "wsi-list.h"\n',
    "inspector/page/wsi-page.h": '#include "wsi-list.h"\n',
    "cli/top.c": '#include "wsi-hub.h"\n#include "wsm-echo.h"\n#include "ini-key-file.h"\n',
    "examples/feeds.c": "#include <libwsmulti.h>\n",
    "examples/window.c": "#include <libwsmulti.h>\n#include <gtk/gtk.h>\n",
}

PLANTS = [
    ({"inspector/model/wsi-hub.c": '\n#include <gtk/gtk.h>\n'},
     "inspector/model/wsi-hub.c:2: includes gtk/gtk.h: inspector/model does not know GTK"),
    ({"inspector/model/wsi-hub.c": '#include "wsm-pool-private.h"\n'}, "only <libwsmulti.h>"),
    ({"inspector/model/wsi-hub.c": '#include "wsm-pool.h"\n'}, "only <libwsmulti.h>"),
    ({"inspector/model/wsi-hub.c": '#include "wsi-list.h"\n'}, "does not know inspector/widgets"),
    ({"inspector/faults/wsi-faults.c": "#include <gdk/gdk.h>\n"}, "does not know GTK"),
    ({"inspector/widgets/wsi-list.c": "#include <adwaita.h>\n"}, "does not know libadwaita"),
    ({"inspector/widgets/wsi-list.c": '#include "wsi-window.h"\n'}, "does not know inspector/app"),
    ({"inspector/widgets/wsi-list.c": '#include "wsi-hub-private.h"\n'}, "keeps it for itself"),
    ({"inspector/page/wsi-page.c": "#include <adwaita.h>\n"}, "does not know libadwaita"),
    ({"inspector/page/wsi-page.c": '#include "wsi-window.h"\n'}, "does not know inspector/app"),
    ({"cli/top.c": "#include <gtk/gtk.h>\n"}, "cli does not know GTK"),
    ({"cli/top.c": "#include <adwaita.h>\n"}, "cli does not know libadwaita"),
    ({"cli/top.c": '#include "wsi-list.h"\n'}, "cli does not know inspector/widgets"),
    ({"server/echo.c": '#include "wsi-hub.h"\n'}, "server does not know inspector/model"),
    ({"examples/feeds.c": '#include "wsm-pool-private.h"\n'}, "only <libwsmulti.h>"),
    ({"examples/window.c": "#include <adwaita.h>\n"}, "examples does not know libadwaita"),
    ({"inspector/new/wsi-new.c": "\n"}, "inspector/new: nobody has said"),
]


if __name__ == "__main__":
    sources.main(check, GOOD, PLANTS)
