#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said to people, and its translations.

words.py ROOT

Each file with texts for people stands in po/POTFILES.in, and none without. Each catalogue that
po/LINGUAS names has every text, none of them fuzzy, and keeps what a program fills in.
"""

import re
import subprocess
import tempfile

import sources

FOLDERS = ("cli", "data", "ini", "inspector")
TRANSLATES = {
    ".c": re.compile(r"\b(?:_|C_|N_|NC_|ngettext|g_dngettext|g_dpgettext2?)\s*\("),
    ".h": re.compile(r"\b(?:_|C_|N_|NC_)\s*\("),
    ".gschema.xml": re.compile(r"<summary>"),
    ".mime.xml": re.compile(r"<comment>"),
    ".desktop.in": re.compile(r"^(?:Name|Comment)=", re.MULTILINE),
    ".metainfo.xml.in": re.compile(r"<summary>"),
    ".ui": re.compile(r'translatable="(?:yes|1)"'),
}
PLACEHOLDER = re.compile(r"%(?:\d+\$)?[-+ #0']*\d*(?:\.\d+)?(?:hh|ll|[hlzjt])?[a-zA-Z]|%%")


def read_list(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def find_speakers(root):
    """All files that say something to people."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            pattern = next((TRANSLATES[ending] for ending in TRANSLATES
                            if path.name.endswith(ending)), None)
            if pattern is None or path.name.startswith("_build"):
                continue
            text = path.read_text(encoding="utf-8")
            if path.suffix in {".c", ".h"}:
                text = sources.without_comments(text)
            if pattern.search(text):
                yield path.relative_to(root).as_posix()


def check_list(root, findings):
    listed = read_list(root / "po/POTFILES.in")
    speakers = set(find_speakers(root))
    for name in sorted(speakers - set(listed)):
        findings.append(f"po/POTFILES.in: {name} is missing")
    for name in listed:
        if not (root / name).is_file():
            findings.append(f"po/POTFILES.in: there is no {name}")
        elif name not in speakers:
            findings.append(f"po/POTFILES.in: {name} has no text for people")
    if listed != sorted(listed):
        findings.append("po/POTFILES.in: is not sorted")
    return [name for name in listed if (root / name).is_file()]


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8", **options)


def extract(root, names):
    """The template as it is now."""
    return run("xgettext", "--from-code=UTF-8", "--output=-", "--add-comments",
               "--keyword=_", "--keyword=N_", "--keyword=C_:1c,2", "--keyword=NC_:1c,2",
               "--keyword=ngettext:1,2", "--keyword=g_dngettext:2,3",
               "--keyword=g_dpgettext2:2c,3", *names, cwd=root).stdout


def read_entries(catalogue):
    """Pairs of dictionaries of lines: what msgcat writes is regular."""
    for block in catalogue.split("\n\n"):
        entry = {"flags": "", "line": ""}
        key = None
        for line in block.splitlines():
            if line.startswith("#,"):
                entry["flags"] += line
            elif line.startswith("#~"):
                entry["obsolete"] = "yes"
            elif found := re.match(r'(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) "(.*)"$', line):
                key = found[1]
                entry[key] = found[2]
            elif key and (found := re.match(r'"(.*)"$', line)):
                entry[key] += found[1]
        if entry.get("msgid"):
            yield entry


def check_catalogue(root, code, template, findings):
    name = f"po/{code}.po"
    path = root / name
    if not path.is_file():
        findings.append(f"po/LINGUAS: there is no {name}")
        return
    with tempfile.NamedTemporaryFile("w", suffix=".pot", encoding="utf-8") as pot:
        pot.write(template)
        pot.flush()
        try:
            run("msgfmt", "--check", "--output-file=/dev/null", path)
        except subprocess.CalledProcessError as error:
            findings.append(f"{name}: {error.stderr.strip()}")
        merged = run("msgmerge", "--quiet", "--no-fuzzy-matching", "--no-wrap",
                     "--output-file=-", path, pot.name).stdout
    for entry in read_entries(merged):
        if "obsolete" in entry:
            continue
        text = entry["msgid"]
        translations = [value for key, value in entry.items() if key.startswith("msgstr")]
        if "fuzzy" in entry["flags"]:
            findings.append(f"{name}: fuzzy: {text!r}")
        if not all(translations):
            findings.append(f"{name}: not translated: {text!r}")
            continue
        wanted = sorted(PLACEHOLDER.findall(entry.get("msgid_plural", text)))
        for translation in translations:
            found = sorted(PLACEHOLDER.findall(re.sub(r"%\d+\$", "%", translation)))
            if "c-format" in entry["flags"] and len(found) > len(wanted):
                findings.append(f"{name}: fills in more than there is: {text!r}")


def check(root):
    findings = []
    names = check_list(root, findings)
    template = extract(root, names) if names else ""
    for code in read_list(root / "po/LINGUAS"):
        check_catalogue(root, code, template, findings)
    return findings


PO_HEAD = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"Language: xx\\n"

"""

GOOD = {
    "cli/a.c": "/* _(\"no\") */\n",
    "data/a.xml": "\n",
    "inspector/a.c": 'say (_("Open"));\n',
    "po/LINGUAS": "# comment\nxx\n",
    "po/POTFILES.in": "# comment\ninspector/a.c\n",
    "po/xx.po": PO_HEAD + 'msgid "Open"\nmsgstr "Offen"\n',
}

PLANTS = [
    ({"inspector/b.c": '_("Close");\n'}, "inspector/b.c is missing"),
    ({"inspector/b.ui": '<property name="label" translatable="yes">\n'}, "b.ui is missing"),
    ({"data/a.desktop.in": "[Desktop Entry]\nName=A\n"}, "data/a.desktop.in is missing"),
    ({"data/a.gschema.xml": "<summary>A</summary>\n"}, "data/a.gschema.xml is missing"),
    ({"data/a.mime.xml": "<comment>A</comment>\n"}, "data/a.mime.xml is missing"),
    ({"data/a.metainfo.xml.in": "<summary>A</summary>\n"}, "a.metainfo.xml.in is missing"),
    ({"inspector/a.c": "say ();\n"}, "has no text"),
    ({"po/POTFILES.in": "inspector/a.c\ninspector/b.c\n"}, "there is no inspector/b.c"),
    ({"po/POTFILES.in": "inspector/b.c\ninspector/a.c\n", "inspector/b.c": '_("Open");\n'},
     "not sorted"),
    ({"po/LINGUAS": "xx\nyy\n"}, "there is no po/yy.po"),
    ({"po/xx.po": PO_HEAD + 'msgid "Open"\nmsgstr ""\n'}, "not translated: 'Open'"),
    ({"po/xx.po": PO_HEAD + '#, fuzzy\nmsgid "Open"\nmsgstr "Zu"\n'}, "fuzzy"),
    ({"po/xx.po": PO_HEAD}, "not translated"),
    ({"inspector/a.c": '_("%u open");\n',
      "po/xx.po": PO_HEAD + '#, c-format\nmsgid "%u open"\nmsgstr "%u %s"\n'}, "po/xx.po"),
]


if __name__ == "__main__":
    sources.main(check, GOOD, PLANTS)
