#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Inspector from its Flatpak, as it is installed: what it may do, and whom it sees then.

with-flatpaks runs this, after it has installed the two bundles.
"""

import configparser
import contextlib
import gettext
import os
import pathlib
import subprocess

from gi.repository import Gio, GLib

from harness import case, main
from inspector import Inspector
from person import application, prepare, wait_for, words
from stage import ID, Program, Server, gateway, running

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
FEEDS = "org.example.Feeds"
# The first start of an app prepares its runtime.
START_S = 120

# What Flatpak calls the network, a display and the GPU.
ALLOWED = {
    "shared": {"ipc", "network"},
    "sockets": {"fallback-x11", "wayland", "x11"},
    "devices": {"dri"},
}
EXPORTED = (
    f"applications/{ID}.desktop",
    f"dbus-1/services/{ID}.service",
    f"icons/hicolor/scalable/apps/{ID}.svg",
    f"icons/hicolor/symbolic/apps/{ID}-symbolic.svg",
    f"metainfo/{ID}.*.xml",
    f"mime/packages/{ID}.xml",
)


def flatpak(*arguments):
    done = subprocess.run(["flatpak", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"flatpak {arguments}: {done.stderr}"
    return done.stdout


def files():
    return pathlib.Path(flatpak("info", "--show-location", ID).strip()) / "files"


def exports():
    return pathlib.Path(os.environ["FLATPAK_USER_DIR"]) / "exports" / "share"


def key_file(text):
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str
    parser.read_string(text)
    return parser


def ask_bus(method, signature, *arguments):
    return Gio.bus_get_sync(Gio.BusType.SESSION).call_sync(
        "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method,
        GLib.Variant(signature, arguments), None, Gio.DBusCallFlags.NONE, -1).unpack()


def tree_of(name):
    """The windows of the app with that name on the bus: to the buses it is its proxy."""
    def owner():
        return ask_bus("GetConnectionUnixProcessID", "(s)", name)[0]

    return application(wait_for(f"{name} on the bus", owner, START_S))


class Installed(Program):
    """An app from its Flatpak, as who has installed it starts it."""

    def __init__(self, application_id, *arguments, options=()):
        self.application_id = application_id
        Program.__init__(self, "flatpak", "run", *options, application_id, *arguments)

    def kill(self):
        """The app is not a child of what started it."""
        subprocess.run(["flatpak", "kill", self.application_id], capture_output=True, check=False)
        super().kill()


class InstalledInspector(Installed, Inspector):
    """The Inspector from its Flatpak."""

    def __init__(self, *arguments, options=()):
        super().__init__(ID, *arguments, options=options)
        with contextlib.ExitStack() as stack:
            stack.callback(self.kill)
            self.show(tree_of(ID), None)
            stack.pop_all()


def feeds(*uris):
    return Installed(FEEDS, *uris, options=["--env=WSMULTI_INSPECT=1"])


def is_seen(inspector, program, title, uris):
    """That the Inspector shows a program, its connections, and its end."""
    inspector.reads(title)
    inspector.reads(f"{len(uris)} open · 0 late · 0 failed")
    inspector.tab_to("This Inspector")
    inspector.keys("Down")
    for uri in uris:
        inspector.row("Open", uri)
    program.kill()
    inspector.reads("gone")


@case
def it_may_use_network_display_and_gpu_and_no_more():
    metadata = key_file(flatpak("info", "--show-metadata", ID))
    context = {key: set(value.strip(";").split(";")) for key, value in metadata["Context"].items()}
    assert context == ALLOWED, context
    # No bus, no environment, no place where somebody else's files would appear.
    others = set(metadata.sections()) - {"Application", "Build", "Context"}
    assert others == {f"Extension {ID}.Debug"}, others


@case
def it_runs_on_what_the_manifest_asks_for():
    metadata = key_file(flatpak("info", "--show-metadata", ID))["Application"]
    assert metadata["name"] == ID
    assert metadata["command"] == "wsmulti-inspector"
    assert metadata["runtime"].startswith("org.gnome.Platform/"), metadata["runtime"]


@case
def nothing_is_in_it_that_only_a_build_needs():
    root = files()
    found = sorted(str(path.relative_to(root)) for path in root.rglob("*")
                   if path.suffix in {".a", ".gir", ".h", ".pc", ".typelib", ".vapi"})
    assert found == [], found


@case
def a_desktop_finds_it():
    for name in EXPORTED:
        assert len(list(exports().glob(name))) == 1, name
    desktop = key_file((exports() / EXPORTED[0]).read_text(encoding="utf-8"))["Desktop Entry"]
    service = key_file((exports() / EXPORTED[1]).read_text(encoding="utf-8"))["D-BUS Service"]
    assert "flatpak run" in desktop["Exec"] and ID in desktop["Exec"], desktop["Exec"]
    assert "flatpak run" in service["Exec"] and ID in service["Exec"], service["Exec"]
    assert desktop["DBusActivatable"] == "true"
    assert desktop["Icon"] == ID


@case
def the_sandbox_keeps_files_and_other_programs_away():
    assert os.getuid() != 0
    mine = pathlib.Path(os.environ["HOME"], "mine")
    mine.write_text("mine\n", encoding="utf-8")
    done = subprocess.run(["flatpak", "run", "--command=cat", ID, str(mine)], capture_output=True,
                          text=True, check=False)
    assert done.returncode != 0 and "mine" not in done.stdout, done
    # The same, let in: it is the sandbox that kept it away.
    assert flatpak("run", f"--filesystem={mine}", "--command=cat", ID, str(mine)) == "mine\n"


@case
def it_shows_its_demo():
    with running(InstalledInspector("--demo")) as inspector:
        for path in ("/healthy", "/slow", "/mute", "/drop"):
            inspector.row("Open", path)
        inspector.row("Waiting", "/refuse", "The server refused the handshake")


@case
def it_sees_a_program_outside():
    with running(Server("/a", "/b")) as server, running(InstalledInspector()) as inspector:
        inspector.reads("No Connections Yet")
        uris = server.uri("/a"), server.uri("/b")
        with running(gateway(*uris)) as program:
            is_seen(inspector, program, "gateway", uris)


@case
def it_sees_a_program_in_another_sandbox():
    with running(Server("/a")) as server, running(InstalledInspector()) as inspector, \
            running(feeds(server.uri("/a"))) as program:
        is_seen(inspector, program, "feeds", [server.uri("/a")])


@case
def the_other_sandbox_may_talk_to_it_and_to_nobody_else():
    metadata = key_file(flatpak("info", "--show-metadata", FEEDS))
    assert dict(metadata["Session Bus Policy"]) == {ID: "talk"}
    assert dict(metadata["Context"]) == {"shared": "network;"}


@case
def it_is_started_over_the_bus():
    # As the session of a desktop does when it has a display.
    display = {name: os.environ[name] for name in ("DISPLAY", "XAUTHORITY")}
    ask_bus("UpdateActivationEnvironment", "(a{ss})", display)
    path = "/" + ID.replace(".", "/")
    try:
        Gio.bus_get_sync(Gio.BusType.SESSION).call_sync(
            ID, path, "org.freedesktop.Application", "Activate",
            GLib.Variant("(a{sv})", ({},)), None, Gio.DBusCallFlags.NONE, START_S * 1000)
        wait_for("its window", lambda: "No Connections Yet" in words(tree_of(ID)))
    finally:
        subprocess.run(["flatpak", "kill", ID], check=False)


@case
def it_speaks_all_its_languages():
    languages = [line for line in (TOP / "po/LINGUAS").read_text(encoding="utf-8").split("\n")
                 if line and not line.startswith("#")]
    for language in languages:
        catalogue = gettext.translation("wsmulti", files() / "share/locale", [language])
        wanted = catalogue.gettext("No Connections Yet")
        assert wanted != "No Connections Yet", language
        locale = {"de": "de_DE", "fr": "fr_FR"}.get(language, language) + ".UTF-8"
        options = [f"--env=LC_ALL={locale}", f"--env=LANGUAGE={language}"]
        with running(InstalledInspector(options=options)) as inspector:
            inspector.reads(wanted)


@case
def its_command_line_sees_the_same():
    with running(Server("/a")) as server, running(gateway(server.uri("/a"))), \
            running(Installed(ID, "top", "--json", options=["--command=wsmulti"])) as top:
        top.expect('"state":"open"', START_S)


if __name__ == "__main__":
    prepare()
    main()
