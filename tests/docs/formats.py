# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How blocks are tested that are no programs: commands, key files, data."""

import json
import re
import shlex
import shutil
import xml.etree.ElementTree

from languages import Language, run, run_program

OPTION = re.compile(r"^\s+(?:-(\S), )?--([\w-]+)", re.MULTILINE)

# Commands of others, of which it is enough that the shell understands the line.
FOREIGN = {
    "apt", "cd", "curl", "gdbus", "gjs", "jq", "ldconfig", "mail-somebody", "ninja", "pip",
    "pkg-config", "promtool", "python3", "systemctl", "valac",
}


class Shell(Language):
    """What is called is there, with the options that are shown; what is compiled can be."""

    def __init__(self, root, build, command):
        super().__init__(root, build, command)
        self.helps = {}

    def options_of(self, *command):
        """The options that a program of ours has, by its own help."""
        if command not in self.helps:
            text = run(*command, "--help-all")
            self.helps[command] = {f"-{short}" for short, _ in OPTION.findall(text) if short}
            self.helps[command] |= {f"--{name}" for _, name in OPTION.findall(text)}
        return self.helps[command]

    def check_options(self, words, *command):
        for word in words:
            option = word.split("=")[0]
            if re.fullmatch(r"-[a-z0-9]|--[a-z-]+", option):
                assert option in self.options_of(*command), f"no option {option}: {words}"

    def check_dev(self, words):
        commands = (self.root / "dev").read_text(encoding="utf-8")
        name = words[0] if words else "help"
        assert re.search(rf"^  (?:.*[| ])?{name}\b.*[|)\\]", commands, re.MULTILINE), \
            f"./dev has no command {name}"
        assert name == "help" or f"cmd_{name} ()" in commands, f"./dev has no command {name}"

    def check_meson(self, words):
        options = (self.root / "meson_options.txt").read_text(encoding="utf-8")
        for name in re.findall(r"-D(\w+)=", " ".join(words)):
            assert f"option('{name}'" in options, f"the build has no option {name}"

    def check_wsmulti(self, words):
        program = self.build / "cli" / "wsmulti"
        command = [word for word in words if not word.startswith("-")][:1]
        place = words.index(command[0]) if command else len(words)
        self.check_options(words[:place], program)
        if command:
            assert f"\n  {command[0]} " in run(program, "--help"), f"wsmulti has no {command[0]}"
            self.check_options(words[place + 1:], program, command[0])

    def check_command(self, words):
        """One simple command: settings of variables, then words."""
        while words and (re.match(r"\w+=", words[0]) or words[0] == "sudo"):
            words = words[1:]
        if not words:
            return
        name, *rest = words
        if name == "./dev":
            self.check_dev(rest)
            if rest and rest[0] in ("run", "inspect") and rest[1:] != ["COMMAND…"]:
                self.check_command(rest[1:])
        elif name == "meson":
            self.check_meson(rest)
        elif name == "wsmulti":
            self.check_wsmulti(rest)
        elif name == "wsmulti-inspector":
            self.check_options(rest, self.build / "inspector" / "app" / name)
        else:
            assert name in FOREIGN | {"cc", "./feeds"}, f"{name}: is that a command?"

    def check_output(self, block):
        """Runs what is said to print something, as it would be run in a pipe."""
        server = self.get_server()
        text, ours = server.replace_addresses(block)
        name, *words = shlex.split(text)
        assert name == "wsmulti", "of whom else is the output known?"
        run_program([self.build / "cli" / name, *words], self.folder, block, server, ours)

    def check(self, block):
        run("bash", "-n", "-c", block.text)
        if block.output:
            self.check_output(block)
        for line in block.text.replace("\\\n", " ").splitlines():
            if line.startswith("cc "):
                shutil.copytree(self.root / "examples", self.folder, dirs_exist_ok=True)
                run("bash", "-c", line, cwd=self.folder)
            words = shlex.shlex(line, posix=True, punctuation_chars="|&;")
            words.whitespace_split = True
            command = []
            for word in [*words, ";"]:
                if set(word) <= set("|&;"):
                    self.check_command([word for word in command if word != "…"])
                    command = []
                else:
                    command.append(word)


class KeyFile(Language):
    """Read by the program that reads such files, which opens what is in it."""

    def check(self, block):
        text, _ = self.get_server().replace_addresses(block)
        path = self.folder / "block.ini"
        path.write_text(text, encoding="utf-8")
        run("sh", "-c", 'timeout 20 "$@"; [ $? -lt 2 ]', "sh", self.build / "cli" / "wsmulti",
            "watch", "--config", path, "--duration", "10ms")


class Json(Language):
    """One value a line, or one in all."""

    def check(self, block):
        try:
            json.loads(block.text)
        except json.JSONDecodeError:
            for line in block.text.splitlines():
                json.loads(line)


class Xml(Language):
    """Well formed."""

    def check(self, block):
        xml.etree.ElementTree.fromstring(block.text)


class Meson(Language):
    """A build file, which is set up: what it looks for is found."""

    def check(self, block):
        folder = self.folder / "project"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.root / "examples", folder)
        (folder / "meson.build").write_text(block.text, encoding="utf-8")
        run("meson", "setup", folder / "_build", folder)


class Text(Language):
    """What a program prints, which was looked at when that ran; or a table of `./dev demo`."""

    printing = ("c", "js", "python", "sh")

    def check(self, block):
        if block.source is None:
            self.check_table(block.text)
        else:
            assert block.source.language in self.printing, "which program prints this?"

    def check_table(self, text):
        """One that the program could have printed: as in those that it is known to print."""
        known = (self.root / "tests" / "data" / "table-80.txt").read_text(encoding="utf-8")
        demo = (self.root / "dev").read_text(encoding="utf-8")
        gir = (self.build / "libwsmulti" / "Wsm-1.gir").read_text(encoding="utf-8")
        first, header, *rows = text.splitlines()
        assert re.match(r"\d+ of \d+ open after", first), f"which program prints this? {first}"
        assert header.split() == known.splitlines()[1].split(), f"no such columns: {header}"
        for row in rows:
            if row.startswith(" "):
                code = re.match(r"\s+([a-z-]+)", row)[1]
                assert f'glib:nick="{code}"' in gir, f"there is no reason {code}"
            else:
                symbol, state, name, *_ = row.split()
                assert f"\n{symbol} {state} " in known, f"no state looks like {symbol} {state}"
                assert re.search(rf"^    '{name}[,']", demo, re.MULTILINE), \
                    f"the demo has no {name}"
