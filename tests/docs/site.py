#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The site that is made of the documentation: each link within it leads somewhere.

site.py FOLDER
"""

import html.parser
import pathlib
import re
import sys
import urllib.parse

# What the generator could not resolve stays as it was written.
UNRESOLVED = re.compile(r"\[(?:class|ctor|enum|error|flags|func|iface|method|property|signal|"
                        r"struct)@[^\]]*\]")


class Page(html.parser.HTMLParser):
    """What one page has, and what it leads to."""

    def __init__(self, text):
        super().__init__()
        self.names = set()
        self.links = []
        self.words = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.names |= {attributes.get("id"), attributes.get("name")} - {None}
        for key in ("href", "src"):
            if attributes.get(key):
                self.links.append((self.getpos()[0], attributes[key]))

    def handle_data(self, data):
        self.words.append(data)


def check(pages, files):
    """What is wrong, of pages by their names; files are all that the site has."""
    findings = []
    for name, page in pages.items():
        for line, link in page.links:
            parts = urllib.parse.urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = parts.path or name
            if target not in files:
                findings.append(f"{name}:{line}: there is no {target}")
            elif parts.fragment and target in pages and \
                    urllib.parse.unquote(parts.fragment) not in pages[target].names:
                findings.append(f"{name}:{line}: there is no {parts.fragment} in {target}")
        for word in UNRESOLVED.findall("".join(page.words)):
            findings.append(f"{name}: {word} is no link")
    return findings


def check_itself():
    """That it finds what leads nowhere."""
    planted = {
        '<a href="b.html#x"></a><a href="https://example.com/"></a><b id="y"></b>': 0,
        '<a href="#y"></a><b id="y"></b>': 0,
        '<a href="c.html"></a>': 1,
        '<a href="b.html#z"></a>': 1,
        '<a href="#y"></a>': 1,
        "see [class@Pond]": 1,
    }
    for text, count in planted.items():
        pages = {"a.html": Page(text), "b.html": Page('<b id="x"></b>')}
        assert len(check(pages, set(pages))) == count, text


def main():
    folder = pathlib.Path(sys.argv[1])
    check_itself()
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    pages = {name: Page((folder / name).read_text(encoding="utf-8"))
             for name in files if name.endswith(".html")}
    findings = check(pages, files)
    print("\n".join(sorted(findings)) or
          f"{sum(len(page.links) for page in pages.values())} links on {len(pages)} pages")
    sys.exit(1 if findings else 0)


main()
