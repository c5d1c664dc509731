#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is installed was compiled and linked so that a fault in it is hard to make use of.

hardening.py COMPILER BUILD FLAGS FILE…

COMPILER is Meson's name of it, FLAGS are what meson.build settled on, separated by commas, and each
FILE is a program or a shared library. Flags are looked for in the compiler's command lines, their
outcome in the files themselves.
"""

import json
import pathlib
import platform
import re
import subprocess
import sys

# Which the compiler of the base system must not be found unable to do.
WANTED = {"-fcf-protection", "-fstack-clash-protection", "-fstack-protector-strong",
          "-ftrivial-auto-var-init=zero"}

# These would take away what tells an app of its mistakes.
FORBIDDEN = re.compile(r"-D(NDEBUG|G_DISABLE_(ASSERT|CAST_CHECKS|CHECKS))\b|-fno-stack-protector|"
                       r"-U_FORTIFY_SOURCE(?!.*-D_FORTIFY_SOURCE)|-Wno-error=implicit")

# Where what is installed comes from; -w stands where a generator wrote the C.
OURS = re.compile(r"(^|/)(libwsmulti|ini|server|cli|inspector)/[^/]*(/[^/]*)?\.c$")


def judge_commands(commands, flags):
    """Findings in (file, command) pairs, and how many of them were looked at."""
    findings = []
    count = 0
    for name, command in commands:
        if not OURS.search(name):
            continue
        count += 1
        words = command.split()
        findings += [f"{name}: compiled without {flag}" for flag in flags if flag not in words]
        if "-Werror=implicit" not in words:
            findings.append(f"{name}: compiled without -Werror=implicit")
        found = FORBIDDEN.search(command)
        if found:
            findings.append(f"{name}: compiled with {found[0]}")
    if count == 0:
        findings.append("no file of ours is compiled: is this the right folder?")
    return findings, count


def judge_file(name, readelf, symbols, is_instrumented=False):
    """Findings in what readelf and nm say of one file."""
    findings = []

    def demand(pattern, what):
        if not re.search(pattern, readelf, re.MULTILINE):
            findings.append(f"{name}: {what}")

    demand(r"^\s*Type:\s+DYN\b", "is not position-independent")
    if not re.search(r"\.so(\.|$)", name):
        demand(r"\(FLAGS_1\).*\bPIE\b", "is not position-independent")
    demand(r"^\s*GNU_RELRO\b", "has no read-only relocations")
    demand(r"\(FLAGS\).*\bBIND_NOW\b|\(FLAGS_1\).*\bNOW\b", "binds its symbols later than at start")
    demand(r"^\s*GNU_STACK\b.*\bRW\b", "has a stack that can be executed")
    if re.search(r"^\s*LOAD\b.*\bRWE\b", readelf, re.MULTILINE):
        findings.append(f"{name}: has memory that can be written and executed")
    if re.search(r"\((RPATH|TEXTREL)\)", readelf):
        findings.append(f"{name}: has relocations in its code, or a path of libraries")
    if "__stack_chk_fail" not in symbols and not is_instrumented:
        findings.append(f"{name}: nothing guards its stack")
    return findings


GOOD_ELF = """
  Type:                              DYN (Position-Independent Executable file)
  LOAD           0x00e000 0x000000000000e000 0x000000000000e000 0x0152ed 0x0152ed R E 0x1000
  GNU_STACK      0x000000 0x0000000000000000 0x0000000000000000 0x000000 0x000000 RW  0x10
  GNU_RELRO      0x03ed70 0x000000000003ed70 0x000000000003ed70 0x001290 0x001290 R   0x1
 0x000000000000001e (FLAGS)              BIND_NOW
 0x000000006ffffffb (FLAGS_1)            Flags: NOW PIE
"""
GOOD_SYMBOLS = "U __stack_chk_fail@GLIBC_2.4\n"


def prove():
    flags = ["-fa", "-fb", "-D_FORTIFY_SOURCE=3"]
    good = "cc -Werror=implicit -fa -fb -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -o a.o -c a.c"
    assert judge_commands([("../libwsmulti/a.c", good), ("tests/b.c", "cc")], flags) == ([], 1)
    assert judge_file("wsmulti", GOOD_ELF, GOOD_SYMBOLS) == []
    assert judge_file("lib.so.1", GOOD_ELF.replace(" PIE", ""), GOOD_SYMBOLS) == []

    plants = [
        (judge_commands([("../cli/a.c", good.replace("-fb", ""))], flags)[0], "without -fb"),
        (judge_commands([("../ini/a.c", good.replace("=3", "=2"))], flags)[0], "SOURCE=3"),
        (judge_commands([("../inspector/app/a.c", good.replace("=implicit", ""))], flags)[0],
         "without -Werror=implicit"),
        (judge_commands([("../cli/a.c", good + " -DG_DISABLE_CHECKS")], flags)[0],
         "with -DG_DISABLE_CHECKS"),
        (judge_commands([("../cli/a.c", good + " -DG_DISABLE_CAST_CHECKS=1")], flags)[0],
         "with -DG_DISABLE_CAST_CHECKS"),
        (judge_commands([("../cli/a.c", good + " -fno-stack-protector")], flags)[0],
         "with -fno-stack-protector"),
        (judge_commands([("../cli/a.c", good + " -U_FORTIFY_SOURCE")], flags)[0],
         "with -U_FORTIFY_SOURCE"),
        (judge_commands([("../tests/a.c", good)], flags)[0], "is this the right folder"),
    ]
    for old, new, expected in [
            ("DYN", "EXEC", "not position-independent"),
            (" PIE", "", "not position-independent"),
            ("GNU_RELRO", "NOTHING", "no read-only relocations"),
            ("NOW", "LATER", "binds its symbols later"),
            ("RW  0x10", "RWE 0x10", "a stack that can be executed"),
            ("R E 0x1000", "RWE 0x1000", "written and executed"),
            ("(FLAGS_1)", "(RPATH) x\n (FLAGS_1)", "a path of libraries")]:
        spoilt = GOOD_ELF.replace(old, new)
        assert spoilt != GOOD_ELF
        plants.append((judge_file("wsmulti", spoilt, GOOD_SYMBOLS), expected))
    plants.append((judge_file("wsmulti", GOOD_ELF, "U malloc\n"), "nothing guards its stack"))
    for findings, expected in plants:
        assert any(expected in finding for finding in findings), (expected, findings)
    return len(plants)


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout


def main():
    proved = prove()
    compiler, build, flags, *files = sys.argv[1:]
    flags = [flag for flag in flags.split(",") if flag]

    database = json.loads(pathlib.Path(build, "compile_commands.json").read_text(encoding="utf-8"))
    commands = [(entry["file"], entry["command"]) for entry in database]
    findings, count = judge_commands(commands, flags)
    if compiler == "gcc" and platform.machine() == "x86_64":
        findings += [f"this compiler knows {flag}, and it is not used"
                     for flag in sorted(WANTED - set(flags))]

    is_instrumented = "-fsanitize=" in commands[0][1]
    for path in files:
        # What is in the build folder finds its libraries by RUNPATH, which is not installed.
        readelf = run("readelf", "--wide", "--file-header", "--program-headers", "--dynamic", path)
        symbols = run("nm", "--dynamic", "--undefined-only", path)
        findings += judge_file(pathlib.Path(path).name, readelf, symbols, is_instrumented)

    for finding in findings:
        print(finding)
    print(f"{count} files of C, {len(files)} programs and libraries, {len(findings)} findings; "
          f"{proved} planted faults found")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
