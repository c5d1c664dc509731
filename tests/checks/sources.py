# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checks share: reading C, and running a check that has first proved that it can fail."""

import pathlib
import re
import sys
import tempfile

COMMENT_OR_TEXT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.DOTALL)


def without_comments(text):
    """Blanks comments, keeps texts, and keeps each line where it is."""
    def blank(match):
        found = match[0]
        return found if found.startswith('"') else re.sub(r"[^\n]", " ", found)
    return COMMENT_OR_TEXT.sub(blank, text)


def without_comments_and_texts(text):
    """Blanks comments and what stands between quotation marks."""
    return re.sub(r'"(?:\\.|[^"\\\n])*"', '""', without_comments(text))


def write_tree(root, files):
    for name, text in files.items():
        path = pathlib.Path(root, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def prove(check, good, plants):
    """Asserts that `check` finds nothing in the good tree, and each planted fault in a spoilt one.

    `plants` are pairs: the files that are added or replaced, and a piece of the expected finding.
    """
    with tempfile.TemporaryDirectory() as root:
        write_tree(root, good)
        found = check(pathlib.Path(root))
        assert found == [], f"the good sample is not accepted: {found}"
    for files, expected in plants:
        with tempfile.TemporaryDirectory() as root:
            write_tree(root, {**good, **files})
            found = check(pathlib.Path(root))
            assert any(expected in finding for finding in found), \
                f"planted and not found: {expected!r}; found {found}"
    return len(plants)


def main(check, good, plants):
    """Proves the check, then runs it on the tree that the command line names."""
    proved = prove(check, good, plants)
    findings = check(pathlib.Path(sys.argv[1]).resolve())
    for finding in findings:
        print(finding)
    print(f"{len(findings)} findings; {proved} planted faults found")
    sys.exit(1 if findings else 0)
