#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the packages for Debian, and does with them what people do.

packages.py SUITE FOLDER [TEST…]

They are built of what is in git, changes that are not committed included, in a Debian that has
what they say they need and nothing else; lintian looks at them; they are installed in a bare Debian
and purged again, which leaves nothing; and the tests of debian/tests/ run, each in a bare Debian
that has what the test asks for. All of it happens in FOLDER, and the packages stay there.

It writes TAP. Tests that are named are the only ones that run, with the packages that were built
last, if there are any.
"""

import email.utils
import hashlib
import os
import pathlib
import re
import shutil
import sys
import tarfile

import roots
import source
import tap

DEBIAN = source.TOP / "debian"

# What changes in any system where anything is installed, and tells of no package.
MEMORIES = re.compile(r"(etc/ld\.so\.cache|tmp|var/cache/(apt|debconf|ldconfig|man)|var/lib/apt|"
                      r"var/lib/dpkg|var/log)(/|$)")


class Version:
    """What the changelog says of the newest version."""

    def __init__(self):
        text = (DEBIAN / "changelog").read_text(encoding="utf-8")
        self.name, version = re.match(r"(\S+) \(([^)]+)\)", text).groups()
        self.upstream = version.rpartition("-")[0]
        date = re.search(r"^ -- .*>  (.*)$", text, re.MULTILINE)[1]
        self.time = int(email.utils.parsedate_to_datetime(date).timestamp())


class Packages:
    def __init__(self, suite, folder):
        self.suite = suite
        self.folder = folder
        self.logs = folder / "logs"
        self.repository = folder / "repository"
        self.bare = None
        self.builder = None
        self.tester = None
        self.version = Version()
        self.tree = folder / "build" / f"{self.version.name}-{self.version.upstream}"

    def are_there(self):
        return (self.repository / "Packages").exists()

    def begin(self, anew):
        if anew:
            roots.as_root("rm", "-rf", "--one-file-system", self.folder)
        self.logs.mkdir(parents=True, exist_ok=True)
        self.repository.mkdir(exist_ok=True)
        # So that a Debian in there sees all of it.
        os.chdir(self.folder)
        self.bare = roots.bare(self.suite, log=self.log("bare"))

    def log(self, name):
        return self.logs / f"{name}.log"

    def export(self):
        """The source, as its authors would hand it out, and what Debian adds to it."""
        self.tree.mkdir(parents=True)
        archive = self.tree.parent / f"{self.version.name}_{self.version.upstream}.orig.tar.xz"
        with tarfile.open(archive, "w:xz", preset=6) as original:
            for path in source.files():
                target = source.copy(path, self.tree)
                if path.parts[0] != "debian":
                    member = tarfile.TarInfo(f"{self.tree.name}/{path}")
                    member.size = target.stat().st_size
                    member.mode = target.stat().st_mode & 0o777
                    member.mtime = self.version.time
                    with target.open("rb") as data:
                        original.addfile(member, data)

    def make_builder(self, options):
        """A Debian with what it takes to build; it stays while debian/control says the same."""
        profiles = ["-P", "nocheck"] if "nocheck" in options else []
        control = (DEBIAN / "control").read_text(encoding="utf-8").split("\n\n")[0]
        mark = hashlib.sha256(" ".join([control, *profiles]).encode()).hexdigest()
        self.builder = roots.Root(self.suite, roots.CACHE / f"builder-{self.suite}")
        stamp = self.builder.folder / "mark"
        if stamp.exists() and stamp.read_text(encoding="ascii") == mark:
            return
        log = self.log("builder")
        unfinished = self.bare.copy(roots.CACHE / f"builder-{self.suite}.unfinished")
        unfinished.install("build-essential", "lintian", log=log)
        unfinished.run("apt-get", "-qq", "-o", "Dpkg::Use-Pty=0", "build-dep", *profiles, "-y",
                       "--no-install-recommends", f"{self.tree}/", log=log)
        unfinished.write("/mark", mark)
        self.builder.remove()
        roots.as_root("mv", unfinished.folder, self.builder.folder)

    def build(self):
        options = os.environ.get("DEB_BUILD_OPTIONS", "nocheck")
        profiles = "nocheck" if "nocheck" in options else ""
        self.export()
        self.make_builder(options)
        self.builder.run("env", f"--chdir={self.tree}",
                         f"DEB_BUILD_OPTIONS={options} parallel={os.cpu_count()}",
                         f"DEB_BUILD_PROFILES={profiles}", "dpkg-buildpackage", "-us", "-uc",
                         log=self.log("build"))
        for path in self.tree.parent.glob("*.deb"):
            if "-dbgsym_" not in path.name:
                shutil.copy2(path, self.repository)
        self.builder.run("sh", "-c", "cd repository && dpkg-scanpackages . >Packages",
                         log=self.log("build"))

    def names(self):
        return sorted(path.name.split("_")[0] for path in self.repository.glob("*.deb"))

    def look_at(self):
        """What lintian has to say; nothing is left unsaid but what is overridden with a reason."""
        (changes,) = self.tree.parent.glob("*.changes")
        self.builder.run("lintian", "--allow-root", "--fail-on", "error,warning", "--info",
                         "--display-info", "--pedantic", changes, log=self.log("lintian"))

    def copy_of(self, root, name):
        return root.copy(self.folder / "roots" / name)

    def know_packages(self, root):
        root.write("/etc/apt/sources.list.d/ours.list",
                   f"deb [trusted=yes] file:{self.repository} ./\n")
        root.run("apt-get", "-qq", "update", "-o", "Dir::Etc::sourcelist=sources.list.d/ours.list",
                 "-o", "APT::Get::List-Cleanup=0", log=self.log("install"))

    def snapshot(self, root):
        """What is where in a Debian, and what it contains."""
        found = root.run("find", "/", "-xdev", "-path", self.folder, "-prune", "-o", "-type", "f",
                         "-exec", "md5sum", "{}", "+", "-o", "-printf", "%y %p %l\n")
        lines = {line for line in found.splitlines()}
        paths = {re.sub(r"^(?:\w{32} |\w) ?/", "", line): line for line in lines}
        return {line for path, line in paths.items() if not MEMORIES.match(path)}

    def install(self):
        """What each depends on is there to be had, and all of them can be in one system."""
        names = self.names()
        log = self.log("install")
        with self.copy_of(self.bare, "install") as root:
            self.know_packages(root)
            for name in names:
                root.install("--simulate", name, log=log)

            # All that comes along comes first, so that what is left over then is ours.
            simulated = root.run("apt-get", "install", "--simulate", "--no-install-recommends",
                                 *names)
            others = re.findall(r"^Inst (\S+)", simulated, re.MULTILINE)
            root.install(*sorted(set(others) - set(names)), log=log)
            before = self.snapshot(root)

            root.install(*self.repository.glob("*.deb"), log=log)
            root.run("dpkg", "--audit", log=log)
            wrong = root.run("dpkg", "--verify", *names, log=log)
            if wrong:
                raise roots.Failed(f"not as it was packed:\n{wrong}")
            if self.snapshot(root) == before:
                raise roots.Failed("nothing was installed")
            root.run("apt-get", "-qq", "remove", *names, log=log)
            root.run("dpkg", "--purge", *names, log=log)
            after = self.snapshot(root)
        if before != after:
            raise roots.Failed("\n".join(sorted(f"was  {line}" for line in before - after) +
                                         sorted(f"left {line}" for line in after - before)))

    def tests(self):
        """The names of the tests, and whether each wants a system that has been booted."""
        text = (DEBIAN / "tests" / "control").read_text(encoding="utf-8")
        names = {}
        for paragraph in text.split("\n\n"):
            name = re.search(r"^(?:Features: test-name=|Tests: )(\S+)$", paragraph, re.MULTILINE)
            names[name[1]] = "isolation-container" in paragraph
        return names

    def make_tester(self):
        log = self.log("tester")
        self.tester = self.copy_of(self.bare, "tester")
        self.tester.install("autopkgtest", log=log)

    def test(self, name, is_booted):
        """Runs one in a Debian of its own."""
        if self.tester is None:
            self.make_tester()
        out = self.folder / "autopkgtest" / name
        out.parent.mkdir(exist_ok=True)
        roots.as_root("rm", "-rf", out)
        with self.copy_of(self.tester, name) as root:
            tree = root.folder.parent / "source"
            roots.as_root("rm", "-rf", tree)
            source.export(tree)
            run, options = root.run, []
            if is_booted:
                root.install("dbus", "systemd", log=self.log(name))
                # What autopkgtest asks for and cannot know of.
                run, options = root.boot, ["--ignore-restrictions=isolation-container"]
            run("autopkgtest", "--no-built-binaries", "--test-name", name, "--output-dir", out,
                *options, *self.repository.glob("*.deb"), f"{tree}/", "--", "null",
                log=self.log(name))


def main():
    suite, folder, *chosen = sys.argv[1:]
    packages = Packages(suite, pathlib.Path(folder).resolve())
    packages.begin(anew=not (chosen and packages.are_there()))
    cases = [("packages build", packages.build), ("lintian is content", packages.look_at),
             ("installed and purged they leave nothing", packages.install)]
    names = packages.tests()
    cases += [(f"test {name}", lambda name=name, is_booted=is_booted:
               packages.test(name, is_booted)) for name, is_booted in names.items()]
    if chosen:
        wanted = {f"test {name}" for name in chosen}
        cases = [(name, function) for name, function in cases
                 if name in wanted or function == packages.build and not packages.are_there()]
        if len(cases) < len(wanted):
            sys.exit(f"the tests are {', '.join(packages.tests())}")

    failed = tap.run(cases, needed=packages.build)
    if packages.tester is not None:
        packages.tester.remove()
    sys.exit(1 if failed else 0)


main()
