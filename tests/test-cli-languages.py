#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the help and the errors of `wsmulti` in each language, and what machines read in English.

test-cli-languages.py PROGRAM CATALOGUES LOCALE…
"""

import gettext
import json
import os
import subprocess
import sys
import tempfile
import unittest

PROGRAM, CATALOGUES, *LOCALES = sys.argv[1:]
DEADLINE = 60

# Of each command something that its help says, and something that is wrong.
HELP = {
    (): ("Commands:", "Keep connections open and show how alive they are"),
    ("watch",): ("Examples:", "Keys of the file:", "Time from beat to beat (default: 25s)"),
    ("serve",): ("Examples:", "hang up with a TCP reset", "Switches of a path, after commas:"),
    ("top",): ("Examples:", "Say once how it is, and end"),
}
ERRORS = {
    (): "a command is missing; write one of those that --help lists",
    ("watch",): "a URI is missing; write one or more, or --config with a file",
    ("serve", "/a,b"): "there is no switch “%s”; there are %s",
    ("top", "--wait", "1s"): "--wait is for --once; say with --duration when to end",
}


class Languages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        for locale in LOCALES:
            made = subprocess.run(["localedef", "-i", locale, "-f", "UTF-8",
                                   f"{cls.folder.name}/{locale}.UTF-8"], capture_output=True)
            if made.returncode:
                raise unittest.SkipTest(f"there is nothing to make the locale {locale} of")

    def run_in(self, locale, *arguments):
        return subprocess.run([PROGRAM, *arguments], capture_output=True, encoding="utf-8",
                              timeout=DEADLINE,
                              env={**os.environ, "LOCPATH": self.folder.name, "LANGUAGE": locale,
                                   "LC_ALL": f"{locale}.UTF-8", "WSMULTI_LOCALE_DIR": CATALOGUES})

    def test_help(self):
        for locale in LOCALES:
            translate = gettext.translation("wsmulti", CATALOGUES, [locale]).gettext
            for command, texts in HELP.items():
                said = self.run_in(locale, *command, "--help")
                self.assertEqual(said.returncode, 0, said.stderr)
                for text in texts:
                    self.assertIn(translate(text), said.stdout)
                    if translate(text) != text:
                        self.assertNotIn(text, said.stdout)

    def test_errors(self):
        for locale in LOCALES:
            translate = gettext.translation("wsmulti", CATALOGUES, [locale]).gettext
            for arguments, text in ERRORS.items():
                said = self.run_in(locale, *arguments)
                self.assertEqual(said.returncode, 2)
                self.assertNotEqual(translate(text), text)
                self.assertIn(translate(text).split("“")[0].split("„")[0].split("«")[0],
                              said.stderr)

    def test_machines_read_english(self):
        """All but what the system itself says of an error."""
        for locale in LOCALES:
            said = self.run_in(locale, "watch", "--json", "--duration", "500ms",
                               "ws://127.0.0.1:9/")
            self.assertEqual(said.returncode, 1, said.stderr)
            events = [json.loads(line) for line in said.stdout.splitlines()]
            self.assertLessEqual({"state", "summary"}, {event["event"] for event in events})
            for event in events:
                self.assertIn(event["state"], ("connecting", "waiting"))
                self.assertTrue(event["reason"]["text"].startswith(event["reason"]["code"]))
            self.assertIn("; trying again in ", said.stdout)


unittest.main(argv=sys.argv[:1])
