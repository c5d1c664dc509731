#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the README in another language still says what README.md does.

readmes.py ROOT

Each README.LANGUAGE.md has the same sections in the same order, and in each of them the same blocks
of code, the same words in code, the same links and as many points. The languages link to each
other at the top.
"""

import re

import sources

FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\]\(([^)]+)\)")
POINT = re.compile(r"^- ", re.MULTILINE)


def read_sections(text):
    """Pairs of a level and the text below a heading, which is left out: it is translated."""
    blocks = []

    def keep(block):
        blocks.append(block[0])
        return f"\n\0{len(blocks) - 1}\0\n"

    sections = []
    for part in re.split(r"^(?=#+ )", FENCE.sub(keep, text), flags=re.MULTILINE):
        if not part.strip():
            continue
        heading, _, below = part.partition("\n")
        level = len(heading) - len(heading.lstrip("#"))
        code = [blocks[int(number)] for number in re.findall(r"\0(\d+)\0", below)]
        sections.append((level, heading, code, below))
    return sections


def words_in_code(text):
    return sorted(" ".join(found.split()) for found in CODE.findall(text))


def compare(name, number, ours, theirs, findings):
    """One section of the README with the same one in another language."""
    here = f"{name}: section {number} ({ours[1].lstrip('# ')})"
    if ours[0] != theirs[0]:
        findings.append(f"{here}: is of another level")
    if ours[2] != theirs[2]:
        findings.append(f"{here}: other blocks of code")
    for what, look in (("words in code", words_in_code),
                       ("links", lambda text: sorted(LINK.findall(text))),
                       ("points", lambda text: len(POINT.findall(text)))):
        wanted, found = look(ours[3]), look(theirs[3])
        if wanted != found:
            if isinstance(wanted, list):
                wanted, found = ([one for one in wanted if one not in found],
                                 [one for one in found if one not in wanted])
            findings.append(f"{here}: other {what}: {wanted} here, {found} there")


def check(root):
    findings = []
    names = sorted(path.name for path in root.glob("README.*.md"))
    text = (root / "README.md").read_text(encoding="utf-8")
    for name in names:
        other = (root / name).read_text(encoding="utf-8")
        if f"]({name})\n" not in text or "](README.md)\n" not in other:
            findings.append(f"{name}: no line that leads there, or back")
        ours = read_sections(re.sub(r"^\[.*\]\(README\..*\)\n", "", text, flags=re.MULTILINE))
        theirs = read_sections(re.sub(r"^\[.*\]\(README\..*\)\n", "", other, flags=re.MULTILINE))
        if len(ours) != len(theirs):
            findings.append(f"{name}: {len(theirs)} sections, and README.md has {len(ours)}")
        for number, pair in enumerate(zip(ours, theirs), 1):
            compare(name, number, *pair, findings)
    return findings


ENGLISH = """# A

[Deutsch](README.de.md)

It is `new ()`, as [here](a.md).

```c
# not a heading
```

## Use

- one
"""
GERMAN = """# A

[English](README.md)

Es ist `new ()`, wie [hier](a.md).

```c
# not a heading
```

## Gebrauch

- eins
"""
GOOD = {"README.md": ENGLISH, "README.de.md": GERMAN}

PLANTS = [
    ({"README.de.md": GERMAN.replace("# not", "# no")}, "other blocks of code"),
    ({"README.de.md": GERMAN.replace("`new ()`", "`make ()`")}, "other words in code"),
    ({"README.de.md": GERMAN.replace("(a.md)", "(b.md)")}, "other links"),
    ({"README.de.md": GERMAN.replace("- eins\n", "- eins\n- zwei\n")}, "other points"),
    ({"README.de.md": GERMAN.replace("## ", "### ")}, "another level"),
    ({"README.md": ENGLISH + "\n## More\n"}, "2 sections, and README.md has 3"),
    ({"README.md": ENGLISH.replace("[Deutsch](README.de.md)", "")}, "no line that leads there"),
    ({"README.de.md": GERMAN.replace("[English](README.md)", "")}, "no line that leads there"),
]


if __name__ == "__main__":
    sources.main(check, GOOD, PLANTS)
