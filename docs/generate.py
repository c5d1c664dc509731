#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes one site of the book and the reference.

generate.py GI-DOCGEN CONFIGURATION OUTPUT GIR PAGE… [PICTURE…]

The pages link to each other as files, so that they can be read where they lie; here these links
become those of the site. What the site begins with is the overview instead of a list of types, and
from each page of the book the others are one step away.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

LINK = re.compile(r"\]\(([\w-]+)\.md(#[\w-]+)?\)")
CONTENT_FILES = re.compile(r"^content_files = \[(.*?)\]", re.DOTALL | re.MULTILINE)
TITLE = re.compile(r"^Title: (.+)$", re.MULTILINE)

# Places in what the generator makes.
DOCUMENT = re.compile(r'<div class="docblock">(.*?)</div>\s*</section>\s*</section>', re.DOTALL)
HEADING = re.compile(r"<h1\b.*?</h1>", re.DOTALL)
NAMESPACE = re.compile(r'<div class="section namespace">.*?</div>', re.DOTALL)
# The codes in the first column of a table stay in one piece.
STYLE = "\n.docblock td:first-child code { white-space: nowrap; }\n"

BEGINNING = re.compile(r'<h3>Namespace</h3>.*?<div class="description">.*?</div>', re.DOTALL)


def replace(pattern, replacement, text, where):
    """In the one place that looks like that."""
    text, count = pattern.subn(replacement, text)
    assert count == 1, f"{where}: {count} places look like {pattern.pattern}"
    return text


def write_list(titles, present):
    """The book, for the side of a page."""
    lines = [f'<a href="{name}.html"{" class=current" if name == present else ""}>{title}</a>'
             for name, title in titles.items()]
    return ('<div class="section">\n<h5>Book</h5>\n<div class="links">\n' + "\n".join(lines) +
            "\n</div>\n</div>")


def read_overview(output):
    text = (output / "overview.html").read_text(encoding="utf-8")
    (document,) = DOCUMENT.findall(text)
    return HEADING.sub("<h1>libwsmulti</h1>", document, count=1)


def complete(output, titles):
    """Puts the overview where the site begins, and the list of pages beside each."""
    overview = f'<div class="docblock">\n{read_overview(output)}\n</div>'
    for name in ["index", *titles]:
        path = output / f"{name}.html"
        text = path.read_text(encoding="utf-8")
        if name == "index":
            text = replace(BEGINNING, lambda _: overview, text, path)
        present = "overview" if name == "index" else name
        text = replace(NAMESPACE, lambda found, present=present:
                       f"{found[0]}\n{write_list(titles, present)}", text, path)
        path.write_text(text, encoding="utf-8")


def main():
    generator, configuration, output, gir, *files = sys.argv[1:]
    paths = [pathlib.Path(name) for name in files]
    texts = {path.stem: path.read_text(encoding="utf-8") for path in paths if path.suffix == ".md"}
    (listed,) = CONTENT_FILES.findall(pathlib.Path(configuration).read_text(encoding="utf-8"))
    order = re.findall(r'"([\w-]+)\.md"', listed)
    assert sorted(order) == sorted(texts), f"not the same pages: {order}, {list(texts)}"

    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            pathlib.Path(folder, f"{name}.md").write_text(LINK.sub(r"](\1.html\2)", text),
                                                          encoding="utf-8")
        for picture in (path for path in paths if path.suffix != ".md"):
            shutil.copy(picture, folder)
        subprocess.run([generator, "generate", "--quiet", "--fatal-warnings",
                        "--config", configuration, "--content-dir", folder,
                        "--no-namespace-dir", "--output-dir", output, gir], check=True)
    with pathlib.Path(output, "style.css").open("a", encoding="utf-8") as style:
        style.write(STYLE)
    complete(pathlib.Path(output), {name: TITLE.search(texts[name])[1] for name in order})


main()
