#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes promises out of the library, one at a time, and demands that a test notices.

run.py ROOT FOLDER [NAME…]   builds a copy of the tree in FOLDER with each mutation, or those named,
                             and runs their tests: plain they pass, with it they fail as foretold
run.py ROOT --check          only looks whether all mutations still find what they change

A mutation is a file NAME.mutation:

    Lines that say what is taken away.
    test: a test of Meson's, and the path of one of its cases
    fails: a regular expression, found in what the failing test says
    file: a source
     a line that stays
    -a line that goes
    +a line that comes

The lines that stay and go are found in the file once, or the mutation is out of date.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

OPTIONS = ["-Ddocs=disabled", "-Dinspector=disabled", "-Dintrospection=disabled",
           "-Dvapi=disabled"]
COPIED_NOT = re.compile(r"^(\.git|_build.*|\.cache)$")
TEST_SECONDS = 180


class OutOfDate(Exception):
    pass


class Mutation:
    def __init__(self, path):
        self.name = path.stem
        self.tests = []
        self.fails = None
        self.changes = []
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.startswith("test: "):
                self.tests.append(tuple(line[len("test: "):].split(" ", 1)))
            elif line.startswith("fails: "):
                self.fails = re.compile(line[len("fails: "):])
            elif line.startswith("file: "):
                self.changes.append((line[len("file: "):], [], []))
            elif self.changes and line[:1] in ("-", "+", " "):
                _, old, new = self.changes[-1]
                if line[0] != "+":
                    old.append(line[1:])
                if line[0] != "-":
                    new.append(line[1:])
            elif self.changes and line:
                raise OutOfDate(f"{path.name}:{number}: what is this?")
        if not self.tests or self.fails is None or not self.changes:
            raise OutOfDate(f"{path.name}: it needs a test, what that says, and a change")

    def read(self, root):
        """Returns what the files are, and what they are to become."""
        before, after = {}, {}
        for name, old, new in self.changes:
            path = root / name
            if not path.exists():
                raise OutOfDate(f"{self.name}: there is no {name}")
            text = after.get(path, path.read_text(encoding="utf-8"))
            before.setdefault(path, text)
            wanted = "".join(line + "\n" for line in old)
            if text.count(wanted) != 1:
                raise OutOfDate(f"{self.name}: in {name} this is found {text.count(wanted)} times, "
                                f"not once:\n{wanted}")
            after[path] = text.replace(wanted, "".join(line + "\n" for line in new))
        return before, after


def write(files):
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")


def read_mutations(names):
    here = pathlib.Path(__file__).parent
    found = sorted(here.glob("*.mutation"))
    wanted = [path for path in found if not names or path.stem in names]
    if len(wanted) < len(names) or not wanted:
        sys.exit(f"There are only: {' '.join(path.stem for path in found)}")
    return [Mutation(path) for path in wanted]


def copy_tree(root, tree):
    """What is as it was keeps its age, so that little is built again."""
    kept = set()
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not COPIED_NOT.match(name)]
        for name in files:
            source = pathlib.Path(folder) / name
            target = tree / source.relative_to(root)
            kept.add(target)
            if target.exists() and target.read_bytes() == source.read_bytes():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            shutil.copymode(source, target)
    for path in list(tree.rglob("*")):
        if path.is_file() and path not in kept:
            path.unlink()


class Build:
    def __init__(self, tree, folder):
        self.folder = folder
        if not (folder / "build.ninja").exists():
            subprocess.run(["meson", "setup", folder, tree, *OPTIONS], check=True,
                           stdout=subprocess.DEVNULL)
        subprocess.run(["ninja", "-C", folder, "build.ninja"], check=True,
                       stdout=subprocess.DEVNULL)
        self.tests = {test["name"]: test for test in self.introspect("tests")}
        self.files = {target["id"]: target["filename"] for target in self.introspect("targets")}

    def introspect(self, what):
        return json.loads((self.folder / "meson-info" / f"intro-{what}.json").read_text())

    def compile(self, tests):
        """Returns what the compiler says if that fails."""
        wanted = set()
        for name, _ in tests:
            test = self.tests.get(name)
            if test is None:
                raise OutOfDate(f"there is no test {name}")
            for depend in test["depends"]:
                wanted.update(os.path.relpath(path, self.folder) for path in self.files[depend])
            program = os.path.relpath(test["cmd"][0], self.folder)
            if not program.startswith(".."):
                wanted.add(program)
        done = subprocess.run(["ninja", "-C", self.folder, *sorted(wanted)], capture_output=True,
                              text=True, errors="replace", check=False)
        return None if done.returncode == 0 else done.stdout

    def run(self, name, path):
        test = self.tests[name]
        command = [*test["cmd"], "-p", path]
        environment = {**os.environ, **test["env"]}
        try:
            done = subprocess.run(command, env=environment, capture_output=True, text=True,
                                  errors="replace", check=False, timeout=TEST_SECONDS,
                                  cwd=test["workdir"] or self.folder)
        except subprocess.TimeoutExpired:
            return False, "it never ended"
        output = done.stdout + done.stderr
        if "# SKIP" in output:
            return None, output
        ran = re.search(rf"^(not )?ok \d+ {re.escape(path)}", output, re.MULTILINE)
        if done.returncode == 0 and not ran:
            raise OutOfDate(f"{name} has no case {path}")
        return done.returncode == 0, output


def find_line(pattern, said):
    for line in said.splitlines():
        if pattern.search(line):
            return line
    return None


def judge(build, mutation, root):
    """Returns a word, what was said if it is not a good one, and else how it was noticed."""
    evidence = []
    before, after = mutation.read(root)
    write(after)
    try:
        said = build.compile(mutation.tests)
        if said is not None:
            return "does not build", said, evidence
        for name, path in mutation.tests:
            passed, said = build.run(name, path)
            if passed is None:
                return "skipped", None, evidence
            if passed:
                return "SURVIVES", f"{name} {path} passes without it", evidence
            line = find_line(mutation.fails, said)
            if line is None:
                return "fails otherwise", said[-2000:], evidence
            evidence.append(line)
        return "noticed", None, evidence
    finally:
        write(before)


def run_plain(build, mutations):
    """Returns the tests that fail before anything is changed, and so prove nothing."""
    tests = sorted({test for mutation in mutations for test in mutation.tests})
    said = build.compile(tests)
    if said is not None:
        sys.exit(said)
    failed = set()
    for name, path in tests:
        # Those with a stopwatch get three chances.
        if all(build.run(name, path)[0] is False for _ in range(3)):
            failed.add((name, path))
    return failed


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    mutations = read_mutations(sys.argv[3:])
    if sys.argv[2] == "--check":
        for mutation in mutations:
            mutation.read(root)
        return 0

    folder = pathlib.Path(sys.argv[2]).resolve()
    tree = folder / "tree"
    copy_tree(root, tree)
    build = Build(tree, folder / "build")
    failed = run_plain(build, mutations)

    bad = 0
    for mutation in mutations:
        begin = time.monotonic()
        if failed.intersection(mutation.tests):
            word, said, evidence = "fails anyway", str(failed.intersection(mutation.tests)), []
        else:
            word, said, evidence = judge(build, mutation, tree)
        tests = ", ".join(" ".join(test) for test in mutation.tests)
        seconds = time.monotonic() - begin
        print(f"{word:<16} {mutation.name:<24} {seconds:5.1f} s  {tests}", flush=True)
        for line in evidence:
            print(f"{'':16} {line[:200]}", flush=True)
        if said is not None:
            bad += 1
            print(said, flush=True)
    print(f"{len(mutations)} mutations, {bad} of them not noticed as they should be")
    return 1 if bad else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OutOfDate as error:
        sys.exit(f"Out of date: {error}")
