#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets a program of libFuzzer run for a while, as one test.

fuzz-run.py PROGRAM CORPUS FOUND

FUZZ_SECONDS in the environment tells for how long, 10 by default. CORPUS is read; what is new goes
to FOUND/NAME, where the next run begins, and what must not happen to FOUND/NAME-crash-….
"""

import os
import pathlib
import re
import subprocess
import sys

STATISTIC = re.compile(r"^stat::(\w+):\s+(\d+)$", re.MULTILINE)

# An input that takes longer has found an endless loop, or as good as one.
SHORT_SECONDS = 10
MAX_SECONDS_AN_INPUT = 20
MAX_MEGABYTES = 1024
MAX_KEPT = 200


def main():
    program, corpus, found = (pathlib.Path(path).resolve() for path in sys.argv[1:])
    seconds = int(os.environ.get("FUZZ_SECONDS") or 10)
    name = program.name.removeprefix("fuzz-")
    work = found / name
    work.mkdir(parents=True, exist_ok=True)
    # All of them are tried before anything new is, which must not take the time that there is.
    for path in sorted(work.iterdir(), key=lambda path: path.stat().st_mtime)[:-MAX_KEPT]:
        path.unlink()
    before = set(found.glob(f"{name}-*"))

    # A short run is a test, with the same seed each time: what passes today passes tomorrow. What
    # is new is for those to find who look for it, with more time.
    seed = 1 if seconds <= SHORT_SECONDS else 0
    command = [program, f"-seed={seed}", f"-max_total_time={seconds}",
               f"-timeout={MAX_SECONDS_AN_INPUT}",
               f"-rss_limit_mb={MAX_MEGABYTES}", "-print_final_stats=1", "-use_value_profile=1",
               f"-artifact_prefix={found}/{name}-", work, corpus]
    result = subprocess.run(command, check=False, stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, encoding="utf-8", errors="replace")
    numbers = dict(STATISTIC.findall(result.stderr))

    print("1..1")
    if result.returncode == 0 and "number_of_executed_units" in numbers:
        print(f"# {numbers['number_of_executed_units']} inputs, "
              f"{numbers['average_exec_per_sec']} a second, "
              f"{numbers['new_units_added']} of them new, {numbers['peak_rss_mb']} MB")
        print(f"ok 1 /fuzz/{name}/{seconds}-seconds")
        return
    print(result.stderr[-20000:], file=sys.stderr)
    for path in sorted(set(found.glob(f"{name}-*")) - before):
        print(f"# found {path}; once more: ./dev fuzz 0 {name} {path}")
    print(f"not ok 1 /fuzz/{name}/{seconds}-seconds")
    sys.exit(1)


if __name__ == "__main__":
    main()
