#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes a picture of each view of the Inspector: light and dark, wide and narrow, and mirrored.

screenshots.py CAMERA FOLDER [LOCALE]
screenshots.py CAMERA FOLDER --store

With --store it takes those that show what the program is for, which are in data/screenshots. It
fails if a picture is blank or a text is cut off. Texts that end in an ellipsis are listed.
"""

import locale
import pathlib
import sys
import tempfile

from camera import Camera
from person import turn
from stage import BUILD, INSPECTOR, Program, Server, gateway, running

PAGES = ("overview", "frames", "timeline", "handshake", "policy")
WIDE = (1000, 700)
NARROW = (360, 640)

# Until there is something to see: a beat that was missed, a connection that was dropped.
LIFE_S = 22


class Gallery:
    """The pictures of one program."""

    def __init__(self, library, folder, environment, *arguments):
        home = tempfile.mkdtemp(prefix="home-")
        self.folder = pathlib.Path(folder)
        self.camera = Camera(library)
        self.wrong = []
        self.short = []
        self.program = Program(INSPECTOR, *arguments, environment={
            **self.camera.environment, **environment, "GTK_A11Y": "none",
            "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home})

    def do(self, *words):
        self.camera.command(*words)

    def shoot(self, name, title=""):
        wrong, short = self.camera.shoot(self.folder / f"{name}.png", title)
        self.wrong += [f"{name}: {one}" for one in wrong]
        self.short += [f"{name}: {one}" for one in short]

    def shoot_both(self, name, title=""):
        self.shoot(name, title)
        self.do("look", "dark")
        self.shoot(name + "-dark", title)
        self.do("look", "light")

    def shoot_dialog(self, name):
        self.shoot_both(name, "*")
        self.do("close")


def shoot_welcome(gallery):
    gallery.do("size", *WIDE)
    gallery.shoot_both("welcome")
    gallery.do("size", *NARROW)
    gallery.shoot("welcome-narrow")


def shoot_details(gallery):
    gallery.do("size", *WIDE)
    for page in PAGES:
        gallery.do("do", "win.page", f"'{page}'")
        turn(1.2)
        gallery.shoot_both(page)


def shoot_dialogs(gallery):
    # One that can be written to.
    gallery.do("do", "app.show-connection", "'/healthy'")
    gallery.do("do", "win.add")
    gallery.shoot_both("add", "*")
    gallery.do("type", "http://example.com/feed")
    gallery.shoot_dialog("add-wrong")
    gallery.do("do", "connection.send")
    gallery.do("type", '{"op": "subscribe", "channel": "prices"}')
    gallery.shoot_dialog("send")
    gallery.do("do", "win.show-help-overlay")
    gallery.shoot_dialog("shortcuts")
    gallery.do("do", "app.about")
    gallery.shoot_dialog("about")
    gallery.do("open", "Main Menu")
    gallery.shoot("main-menu")
    gallery.do("close-menus")
    gallery.do("open", "Simulate Faults")
    gallery.shoot("faults")
    gallery.do("close-menus")


def shoot_narrow(gallery):
    gallery.do("size", *NARROW)
    gallery.do("do", "win.search")
    turn(0.3)
    gallery.shoot_both("list-narrow")
    for page in PAGES:
        gallery.do("do", "win.page", f"'{page}'")
        turn(1.2)
        gallery.shoot(page + "-narrow")
    gallery.do("do", "win.back")
    gallery.do("do", "win.back")
    gallery.shoot("programs-narrow")


def shoot_mirrored(gallery):
    gallery.do("direction", "rtl")
    gallery.do("size", *WIDE)
    for page in ("overview", "frames"):
        gallery.do("do", "win.page", f"'{page}'")
        turn(1.2)
        gallery.shoot(page + "-rtl")
    gallery.do("direction", "ltr")


def say(gallery, text):
    gallery.do("do", "connection.send")
    gallery.do("type", text)
    gallery.do("let", "dialog.send")
    gallery.do("close")


def shoot_store(gallery):
    """What a shop window shows: a connection in trouble, frames, a policy, and the dark style."""
    gallery.do("do", "win.page", "'overview'")
    gallery.shoot("connections")
    gallery.do("do", "win.page", "'timeline'")
    turn(1.2)
    gallery.shoot("timeline")

    gallery.do("do", "app.show-connection", "'/healthy'")
    gallery.do("do", "win.page", "'frames'")
    turn(1.2)
    gallery.do("press", "Capture Payloads")
    say(gallery, '{"op": "subscribe", "to": "EUR"}')
    # Until nothing is said of that any more.
    turn(6)
    gallery.shoot("frames")

    gallery.do("do", "win.page", "'policy'")
    gallery.do("look", "dark")
    turn(1.2)
    gallery.shoot("policy")


def visit_store(library, folder):
    gallery = Gallery(library, folder, {}, "--demo")
    with running(gallery.program), running(Server("/prices", "/orders")) as server, \
            running(gateway(server.uri("/prices"), server.uri("/orders"))):
        turn(3)
        gallery.do("size", *WIDE)
        gallery.do("do", "app.show-connection", "'/mute'")
        turn(LIFE_S)
        shoot_store(gallery)
    return gallery.wrong, gallery.short


def visit(library, folder, environment):
    """Returns what is wrong, and what is shortened."""
    welcome = Gallery(library, folder, environment)
    with running(welcome.program):
        shoot_welcome(welcome)

    life = Gallery(library, folder, environment, "--demo")
    with running(life.program), running(Server("/prices", "/orders")) as server, \
            running(gateway(server.uri("/prices"), server.uri("/orders"))), \
            running(gateway(server.uri("/prices"))) as short_lived:
        turn(3)
        short_lived.kill()
        life.do("size", *WIDE)
        life.do("do", "app.show-connection", "'/mute'")
        turn(LIFE_S)
        life.shoot_both("list")
        shoot_details(life)
        shoot_dialogs(life)
        shoot_narrow(life)
        shoot_mirrored(life)

    return welcome.wrong + life.wrong, welcome.short + life.short


def main():
    library, folder = sys.argv[1:3]
    environment = {}
    if sys.argv[3:] == ["--store"]:
        wrong, short = visit_store(library, folder)
        report(folder, wrong, short)
    if len(sys.argv) > 3:
        try:
            locale.setlocale(locale.LC_ALL, sys.argv[3])
        except locale.Error:
            print(f"skipped: this machine has no locale {sys.argv[3]}")
            sys.exit(77)
        environment = {"LC_ALL": sys.argv[3], "LANGUAGE": sys.argv[3].split(".")[0],
                       "WSMULTI_LOCALE_DIR": str(BUILD / "po")}
    wrong, short = visit(library, folder, environment)
    report(folder, wrong, short)


def report(folder, wrong, short):
    for one in short:
        print("shortened:", one)
    for one in wrong:
        print("WRONG:", one)
    print(f"{len(list(pathlib.Path(folder).glob('*.png')))} pictures in {folder}")
    sys.exit(1 if wrong else 0)


main()
