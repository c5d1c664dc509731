#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each language asks of its catalogue, beyond being complete, which words.py sees to.

languages.py ROOT

Plural forms and typography of the language; mnemonics where there are some in English, and no two
of them on one letter where they meet; no line of a help wider than in English.
"""

import re
import unicodedata
import xml.etree.ElementTree

import sources
import words

WIDEST = 85

# For each language its plural forms, and what is never right in it.
LANGUAGES = {
    "de": ("nplurals=2; plural=(n != 1);", [
        (r"[”«»]", "quotation marks are „ and “"),
        (r"(?<![„\w])\w*“\w", "„ begins a quotation"),
        (r"\w'\w", "the apostrophe is ’"),
        (r" …", "a no-break space comes before …"),
    ]),
    "fr": ("nplurals=2; plural=(n > 1);", [
        (r"[“”„]", "quotation marks are « and »"),
        (r"«(?!\u00a0)|(?<!\u00a0)»", "a no-break space is inside quotation marks"),
        (r"(?<![\u202f\\])[;?!](?=\s|$)", "a narrow no-break space comes before ; ! and ?"),
        (r"(?<!\u00a0):(?=\s|$)", "a no-break space comes before :"),
        (r"\w'\w", "the apostrophe is ’"),
    ]),
    "zh_CN": ("nplurals=1; plural=0;", [
        (r"[\u4e00-\u9fff][,;:!?](?=\s|$)", "punctuation marks are of full width"),
        (r"[\u4e00-\u9fff]\.(?=\s|$)", "a sentence ends with 。"),
        (r"[„«»]", "quotation marks are “ and ”"),
    ]),
}
EVERYWHERE = [
    (r"\.\.\.", "an ellipsis is …"),
    (r"(?<=\S)  (?=\S)", "two spaces"),
]

# Syntax, not prose: the signs are those that are written.
SYNTAX = re.compile(r"Name: value|NAME: VALUE|\(hidden\)|TEXT;TEXT|\[PATH|translator-credits|"
                    r"^WebSocket;")

# Buttons that meet in a dialog that is put together in C.
TOGETHER = [
    ("_Cancel", "C_lose Connection"),
    ("_Cancel", "_Abort Connection"),
]

MNEMONIC = re.compile(r"_(\w)")
WITH_MNEMONIC = re.compile(r"(?:^|[^A-Za-z%])_[A-Za-z]|[a-z]_[a-z]+\b(?!=)|[A-Z]_[a-z]")


def cells(text):
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def plain(text):
    """As a program gets it."""
    return re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found[1], found[1]), text)


def labels_in(node):
    for child in node.iter():
        if child.get("translatable") == "yes" and WITH_MNEMONIC.search(child.text or ""):
            yield child.text


def meetings(root):
    """Groups of labels with mnemonics that can be on the screen at one time."""
    for path in sorted((root / "inspector").rglob("*.ui")):
        name = path.relative_to(root).as_posix()
        tree = xml.etree.ElementTree.parse(path).getroot()
        apart = [node for node in tree.iter()
                 if node.tag == "menu" or node.get("class") == "GtkPopover"]
        for node in apart:
            yield name, list(labels_in(node))
        inside = [text for node in apart for text in labels_in(node)]
        yield name, [text for text in labels_in(tree) if text not in inside]
    for group in TOGETHER:
        yield "a dialog", list(group)


def check_mnemonics(root, code, translate, findings):
    for name, group in meetings(root):
        seen = {}
        for text in dict.fromkeys(group):
            found = MNEMONIC.findall(translate(text))
            if len(found) != 1:
                findings.append(f"{code}: not one mnemonic: {translate(text)!r}")
                continue
            letter = found[0].casefold()
            if letter in seen:
                findings.append(f"{code}: {name}: {letter} twice: {seen[letter]!r} and "
                                f"{translate(text)!r}")
            seen[letter] = translate(text)


def check_catalogue(root, code, findings):
    text = (root / f"po/{code}.po").read_text(encoding="utf-8")
    if code not in LANGUAGES:
        findings.append(f"{code}: tests/checks/languages.py knows nothing of it")
        return
    plural, rules = LANGUAGES[code]
    if f'"Plural-Forms: {plural}\\n"' not in text:
        findings.append(f"{code}: plural forms are not {plural}")
    if f'"Language: {code}\\n"' not in text:
        findings.append(f"{code}: the header names another language")

    catalogue = {}
    regular = words.run("msgcat", "--no-wrap", root / f"po/{code}.po").stdout
    for entry in words.read_entries(regular):
        english = plain(entry["msgid"])
        for key, value in entry.items():
            if not key.startswith("msgstr"):
                continue
            found = plain(value)
            catalogue.setdefault(english, found)
            for line in found.split("\n") if "\n" in english else []:
                if cells(line) > WIDEST:
                    findings.append(f"{code}: more than {WIDEST} columns: {line!r}")
            if SYNTAX.search(english):
                continue
            for pattern, complaint in rules + EVERYWHERE:
                if re.search(pattern, found):
                    findings.append(f"{code}: {complaint}: {found!r}")
    check_mnemonics(root, code, lambda english: catalogue.get(english, english), findings)


def check(root):
    findings = []
    check_mnemonics(root, "en", lambda english: english, findings)
    for code in words.read_list(root / "po/LINGUAS"):
        check_catalogue(root, code, findings)
    return findings


def catalogue(code, *pairs):
    head = (f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
            f'"Language: {code}\\n"\n"Plural-Forms: {LANGUAGES[code][0]}\\n"\n')
    return head + "".join(f'\nmsgid "{english}"\nmsgstr "{found}"\n' for english, found in pairs)


def menu(*labels):
    items = "".join(f'<attribute name="label" translatable="yes">{label}</attribute>'
                    for label in labels)
    return f"<interface><menu>{items}</menu></interface>"


GOOD = {
    "inspector/a.ui": menu("_Open", "_Close"),
    "po/LINGUAS": "de\nfr\nzh_CN\n",
    "po/de.po": catalogue("de", ("_Open", "Ö_ffnen"), ("_Close", "_Schließen"), ("“%s”", "„%s“"),
                          ("_Cancel", "_Abbrechen"), ("_Abort Connection", "Ab_brechen")),
    "po/fr.po": catalogue("fr", ("Really?", "Vraiment\u202f?"), ("“%s”", "«\u00a0%s\u00a0»")),
    "po/zh_CN.po": catalogue("zh_CN", ("_Open", "打开(_O)"), ("A, b", "甲，乙")),
}

PLANTS = [
    ({"inspector/a.ui": menu("_Open", "C_lose", "_Lock")}, "en: inspector/a.ui: l twice"),
    ({"po/de.po": catalogue("de", ("_Open", "_Suche"), ("_Close", "_Schließen"))}, "s twice"),
    ({"po/de.po": catalogue("de", ("_Open", "Offen"))}, "not one mnemonic: 'Offen'"),
    ({"po/de.po": catalogue("de", ("_Cancel", "_Abbrechen"), ("_Abort Connection", "_Aus"))},
     "a dialog: a twice"),
    ({"po/de.po": catalogue("de", ("“%s”", "„%s”"))}, "quotation marks are"),
    ({"po/de.po": catalogue("de", ("Open…", "Öffnen …"))}, "before …"),
    ({"po/fr.po": catalogue("fr", ("Really?", "Vraiment?"))}, "before ; ! and ?"),
    ({"po/fr.po": catalogue("fr", ("Really?", "Vraiment ?"))}, "before ; ! and ?"),
    ({"po/fr.po": catalogue("fr", ("a: b", "a : b"))}, "before :"),
    ({"po/fr.po": catalogue("fr", ("“%s”", "« %s »"))}, "inside quotation marks"),
    ({"po/fr.po": catalogue("fr", ("it is", "l'est"))}, "apostrophe"),
    ({"po/zh_CN.po": catalogue("zh_CN", ("A, b", "甲, 乙"))}, "full width"),
    ({"po/zh_CN.po": catalogue("zh_CN", ("A…", "甲..."))}, "an ellipsis"),
    ({"po/zh_CN.po": catalogue("zh_CN", ("a\\nb", "甲" * 43 + "\\n乙"))}, "more than 85 columns"),
    ({"po/fr.po": catalogue("de")}, "the header names another language"),
    ({"po/fr.po": catalogue("fr").replace("n > 1", "n != 1")}, "plural forms"),
    ({"po/LINGUAS": "xx\n", "po/xx.po": ""}, "knows nothing of it"),
]


if __name__ == "__main__":
    sources.main(check, GOOD, PLANTS)
