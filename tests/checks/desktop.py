#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a software centre and a desktop want of the Inspector that no tool of theirs checks.

desktop.py ROOT BUILT ID VERSION

BUILT is the folder with the metainfo, the desktop file and the service as they are installed.
"""

import configparser
import pathlib
import re
import struct
import sys
import xml.etree.ElementTree

import words

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
COLOUR = re.compile(r"#[0-9a-f]{6}$")
SUMMARY = range(10, 36)
LONGEST_NAME = 15
LARGEST_PICTURE = (1000, 700)
FEWEST_PICTURES = 3


def english(node, path):
    return [" ".join((found.text or "").split()) for found in node.findall(path)
            if LANG not in found.attrib]


def languages_of(node, path):
    """As gettext calls them; newer ones of it write zh-Hans-CN for zh_CN."""
    return {re.sub(r"[-_](?:[A-Z][a-z]{3}[-_])?", "_", found.get(LANG))
            for found in node.findall(path) if LANG in found.attrib}


def check_words(tree, say):
    """The name and the summary, which are all that many ever read."""
    name, summary = english(tree, "name")[0], english(tree, "summary")[0]
    if len(name) > LONGEST_NAME:
        say(f"name: more than {LONGEST_NAME} characters: {name!r}")
    if len(summary) not in SUMMARY:
        say(f"summary: {len(summary)} characters, not 10 to 35: {summary!r}")
    if re.match(r"(?:A|An|The)\b", summary) or re.match(r"\w+s\b", summary):
        say(f"summary: does not begin with what to do: {summary!r}")
    if summary.endswith(".") or english(tree, "name")[0].lower() in summary.lower():
        say(f"summary: a full stop, or the name, is in it: {summary!r}")


def check_facts(tree, wanted_id, say):
    identity = english(tree, "id")[0]
    if identity != wanted_id or not re.fullmatch(r"io\.github(?:\.[A-Za-z0-9_]+){2,3}", identity):
        say(f"id: {identity!r}")
    developer = tree.find("developer")
    if developer is None or not english(developer, "name"):
        say("no developer with a name")
    elif not re.fullmatch(r"[a-z0-9]+(?:\.[a-z0-9]+)+", developer.get("id", "")):
        say("the developer's id is no domain turned round")
    rating = tree.find("content_rating")
    if rating is None or rating.get("type") != "oars-1.1":
        say("no content rating of oars-1.1")
    if english(tree, "launchable[@type='desktop-id']") != [f"{wanted_id}.desktop"]:
        say("launchable: not the desktop file")
    if english(tree, "translation[@type='gettext']") != ["wsmulti"]:
        say("no translation domain")
    colours = {colour.get("scheme_preference"): colour.text
               for colour in tree.findall("branding/color[@type='primary']")}
    if set(colours) != {"light", "dark"} or not all(map(COLOUR.match, colours.values())):
        say(f"branding: not a colour each for light and dark: {colours}")
    length = tree.find("requires/display_length")
    if length is None or length.get("compare") != "ge" or int(length.text) > 360:
        say("display_length: not 360 or less")
    kinds = {url.get("type") for url in tree.findall("url")}
    for kind in sorted({"homepage", "bugtracker", "vcs-browser"} - kinds):
        say(f"no url of {kind}")


def size_of_picture(path):
    head = path.read_bytes()[:24]
    return struct.unpack(">II", head[16:24]) if head.startswith(b"\x89PNG") else None


def check_pictures(root, tree, say):
    shots = tree.findall("screenshots/screenshot")
    if len(shots) < FEWEST_PICTURES:
        say(f"only {len(shots)} screenshots")
    if [shot.get("type") for shot in shots].count("default") != 1 or \
            shots[0].get("type") != "default":
        say("screenshots: the first one, and no other, is the default")
    shown = set()
    for shot in shots:
        captions = english(shot, "caption")
        if len(captions) != 1 or "." in captions[0] or not captions[0][:1].isupper():
            say(f"screenshots: a caption is one sentence without a full stop: {captions}")
        image = shot.find("image")
        path = root / "data/screenshots" / pathlib.PurePosixPath(image.text.strip()).name
        shown.add(path.name)
        size = size_of_picture(path) if path.is_file() else None
        if size is None or size[0] > LARGEST_PICTURE[0] or size[1] > LARGEST_PICTURE[1]:
            say(f"screenshots: {path.name} is missing, or larger than {LARGEST_PICTURE}")
        elif (image.get("width"), image.get("height")) != (str(size[0]), str(size[1])):
            say(f"screenshots: {path.name} is {size}, which the metainfo does not say")
    for path in sorted((root / "data/screenshots").glob("*.png")):
        if path.name not in shown:
            say(f"screenshots: {path.name} is not shown")


def check_releases(root, tree, version, say):
    news = (root / "NEWS").read_text(encoding="utf-8")
    releases = tree.findall("releases/release")
    if not releases or releases[0].get("version") != version:
        say(f"releases: the first one is not {version}")
    for release in releases:
        number = release.get("version")
        found = re.search(rf"^{re.escape(number)}\b.*\n=+\n\n(.+)$", news, re.MULTILINE)
        told = english(release, "description/p")
        if found is None or not told or told[0] != found[1]:
            say(f"releases: {number} does not begin as in NEWS: {told}")
        if not re.fullmatch(r"20\d\d-\d\d-\d\d", release.get("date", "")):
            say(f"releases: {number} has no date")


def check_languages(codes, tree, entry, say):
    for code in codes:
        for path in ("name", "summary", "description/p", "screenshots/screenshot/caption",
                     "releases/release/description/p"):
            if code not in languages_of(tree, path):
                say(f"{path}: not in {code}")
        for key in ("Name", "GenericName", "Comment", "Keywords"):
            if f"{key}[{code}]" not in entry:
                say(f"desktop file: no {key} in {code}")


def check_desktop(root, built, wanted_id, version, say):
    parser = configparser.RawConfigParser(delimiters="=", interpolation=None)
    parser.optionxform = str
    parser.read(built / f"{wanted_id}.desktop", encoding="utf-8")
    entry = parser["Desktop Entry"]
    if entry.get("DBusActivatable") != "true" or entry.get("Icon") != wanted_id:
        say("desktop file: is not activated over D-Bus, or has another icon")
    service = (built / f"{wanted_id}.service").read_text(encoding="utf-8")
    if f"\nName={wanted_id}\n" not in service or "--gapplication-service" not in service:
        say("service: does not start this program, as a service")
    program = entry.get("Exec", "").split()[0]
    if f"Exec={program} " not in service:
        say("service: starts another program than the desktop file")
    return entry


def check_icons(root, wanted_id, say):
    for name, size in ((wanted_id, 128), (wanted_id + ".Devel", 128),
                       (wanted_id + "-symbolic", 16)):
        path = root / "data/icons" / f"{name}.svg"
        if not path.is_file():
            say(f"icons: there is no {path.name}")
            continue
        icon = xml.etree.ElementTree.parse(path).getroot()
        if icon.get("viewBox") != f"0 0 {size} {size}" or icon.get("width") != str(size):
            say(f"icons: {path.name} is not on a grid of {size}")
        paints = set(re.findall(r"(?:fill|stroke)=\"([^\"]+)\"", path.read_text()))
        if name.endswith("-symbolic") and len(paints - {"none"}) > 1:
            say(f"icons: {path.name} has more than one colour")
        if icon.find(".//{*}image") is not None:
            say(f"icons: {path.name} holds pixels")


def check(root, built, wanted_id, version):
    findings = []
    tree = xml.etree.ElementTree.parse(built / f"{wanted_id}.metainfo.xml").getroot()
    entry = check_desktop(root, built, wanted_id, version, findings.append)
    check_words(tree, findings.append)
    check_facts(tree, wanted_id, findings.append)
    check_pictures(root, tree, findings.append)
    check_releases(root, tree, version, findings.append)
    check_languages(words.read_list(root / "po/LINGUAS"), tree, entry, findings.append)
    check_icons(root, wanted_id.removesuffix(".Devel"), findings.append)
    return findings


# What is planted stands in a copy of the real files.
SPOILT = [
    ("metainfo.xml", "<name>Heartbeats<", "<name>Heartbeats of WebSockets<", "name: more than"),
    ("metainfo.xml", "<summary>Watch WebSocket connections live<",
     "<summary>Watch WebSocket connections live.<", "a full stop"),
    ("metainfo.xml", "<summary>Watch WebSocket connections live<",
     "<summary>Watches WebSocket connections<", "does not begin with what to do"),
    ("metainfo.xml", "<summary>Watch WebSocket connections live<",
     "<summary>Watch WebSocket connections live and for ever<", "not 10 to 35"),
    ("metainfo.xml", "oars-1.1", "oars-1.0", "no content rating"),
    ("metainfo.xml", ".desktop</launchable>", "</launchable>", "launchable"),
    ("metainfo.xml", 'developer id="io.github.wsmulti"', 'developer id="wsmulti"', "turned round"),
    ("metainfo.xml", 'scheme_preference="dark"', 'scheme_preference="light"', "branding"),
    ("metainfo.xml", ">360<", ">1000<", "display_length"),
    ("metainfo.xml", 'type="vcs-browser"', 'type="faq"', "no url of vcs-browser"),
    ("metainfo.xml", "four of them in trouble<", "four of them. In trouble<", "one sentence"),
    ("metainfo.xml", "/connections.png", "/nothing.png", "nothing.png is missing"),
    ("metainfo.xml", "/connections.png", "/frames.png", "connections.png is not shown"),
    ("metainfo.xml", 'height="700"', 'height="600"', "which the metainfo does not say"),
    ("metainfo.xml", '<screenshot type="default"', "<screenshot", "is the default"),
    ("metainfo.xml", "<p>The first version.<", "<p>News.<", "does not begin as in NEWS"),
    ("metainfo.xml", 'xml:lang="de"', 'xml:lang="nl"', "summary: not in de"),
    ("desktop", "Keywords[fr]", "Keywords[nl]", "no Keywords in fr"),
    ("desktop", "DBusActivatable=true", "DBusActivatable=false", "not activated"),
    ("service", "--gapplication-service", "", "as a service"),
    ("service", "/wsmulti-inspector", "/another", "starts another program"),
]


def prove(root, built, wanted_id, version):
    """That each of the faults is found."""
    import shutil
    import tempfile
    for ending, good, bad, expected in SPOILT:
        with tempfile.TemporaryDirectory() as copy:
            for kind in ("metainfo.xml", "desktop", "service"):
                shutil.copy(built / f"{wanted_id}.{kind}", copy)
            path = pathlib.Path(copy) / f"{wanted_id}.{ending}"
            text = path.read_text(encoding="utf-8")
            assert good in text, f"cannot be planted: {good!r}"
            path.write_text(text.replace(good, bad), encoding="utf-8")
            found = check(root, pathlib.Path(copy), wanted_id, version)
            assert any(expected in finding for finding in found), \
                f"planted and not found: {expected!r}; found {found}"
    assert any("the first one is not" in finding
               for finding in check(root, built, wanted_id, version + ".1"))


def main():
    root, built = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    wanted_id, version = sys.argv[3:]
    findings = check(root, built, wanted_id, version)
    if not findings:
        prove(root, built, wanted_id, version)
    for finding in findings:
        print(finding)
    print(f"{len(findings)} findings; {len(SPOILT) + 1} planted faults found")
    sys.exit(1 if findings else 0)


main()
