# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The code that the documentation shows: the fenced blocks of pages and of class comments.

A page is a Markdown file. What a program is said to print stands in a block of the language `text`
right behind the program. A block that is not tested says so in a comment before it, and why:

    <!-- not tested: it needs a phone -->
"""

import dataclasses
import re

COMMENT = re.compile(r"^\s*/\*\*\n(.*?)^\s*\*/", re.DOTALL | re.MULTILINE)
NOT_TESTED = re.compile(r"^<!-- not tested: (.+) -->$")
ADDRESS = re.compile(r"wss?://[\w-]+(?:\.[\w-]+)*\.example\.(?:com|org)(?::\d+)?[\w./?=&-]*")


@dataclasses.dataclass
class Block:
    """One of them, and what is said about it."""
    path: str
    line: int
    language: str
    text: str
    why_not: str = ""
    output: "Block" = None
    source: "Block" = None

    @property
    def name(self):
        return f"{self.path}:{self.line}"

    @property
    def addresses(self):
        """The addresses in it, each once, in their order."""
        return list(dict.fromkeys(found.rstrip(".") for found in ADDRESS.findall(self.text)))


def find_blocks(path, text, first_line=1):
    """The blocks of one page, in their order."""
    blocks = []
    comment = ""
    block = None
    previous = None
    for number, line in enumerate(text.split("\n"), first_line):
        if block is None and line.startswith("```"):
            reason = NOT_TESTED.match(comment)
            block = Block(path, number, line[3:].strip(), "", reason[1] if reason else "")
        elif block is not None and line.startswith("```"):
            if block.language == "text" and previous is not None:
                previous.output = block
                block.source = previous
            previous = block if block.language not in ("", "text") else None
            blocks.append(block)
            block = None
        elif block is not None:
            block.text += line + "\n"
        if line.strip():
            comment = line
    assert block is None, f"{path}: the block of line {block.line} has no end"
    return blocks


def find_commented_blocks(path, text):
    """The blocks in the documentation comments of a file in C or JavaScript."""
    blocks = []
    for comment in COMMENT.finditer(text):
        inside = re.sub(r"^\s*\* ?", "", comment[1], flags=re.MULTILINE)
        blocks += find_blocks(path, inside, text.count("\n", 0, comment.start(1)) + 1)
    return blocks


def find_all_blocks(root):
    """All that the project shows, the README first."""
    blocks = []
    for path in sorted(root.glob("*.md")) + sorted((root / "docs").glob("*.md")):
        name = path.relative_to(root).as_posix()
        # In another language it has the same blocks, which tests/checks/readmes.py sees to.
        if name.startswith("README.") and name != "README.md":
            continue
        blocks += find_blocks(name, path.read_text(encoding="utf-8"))
    for path in [*sorted((root / "libwsmulti").glob("*.c")),
                 *sorted((root / "bindings" / "gjs").glob("*.js"))]:
        name = path.relative_to(root).as_posix()
        blocks += find_commented_blocks(name, path.read_text(encoding="utf-8"))
    return blocks
