#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shared library exports what the public headers declare and the list of the API has, no more.

symbols.py LIST LIBRARY HEADER…
"""

import pathlib
import re
import subprocess
import sys

import sources

AVAILABLE = re.compile(r"\bWSM_(?:AVAILABLE_IN_\w+|DEPRECATED_IN_\w+(?:\s*\(\s*\w+\s*\))?)\s+"
                       r"(?:G_DECLARE_\w+\s*\(\s*\w+\s*,\s*(?P<type>\w+)"
                       r"|[^;(]*?(?P<function>\w+)\s*\()")
FUNCTION = re.compile(r"\b(wsm_\w+)\s*\(")


def declared_in(text):
    """The functions of a header: those for everybody, and those that lack the version macro."""
    code = re.sub(r"^[ \t]*#(?:\\\n|.)*$", "", sources.without_comments(text), flags=re.MULTILINE)
    public = {match["function"] or match["type"] + "_get_type"
              for match in AVAILABLE.finditer(code)}
    return public, set(FUNCTION.findall(code)) - public


def exported_by(nm_output):
    """The defined names in the output of `nm --dynamic --defined-only --format=posix`."""
    return {line.split()[0].split("@")[0] for line in nm_output.splitlines() if line.strip()}


def listed_in(text):
    """The functions in the list of the API, which the one who writes it has looked at."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return set(re.findall(r"\bwsm_\w+", "\n".join(lines)))


def compare(nm_output, headers, api):
    """The findings, and the number of functions declared; `headers` maps names to texts."""
    findings = []
    public = set()
    for name, text in headers.items():
        declared, without_macro = declared_in(text)
        public |= declared
        findings += [f"{name}: {function} lacks WSM_AVAILABLE_IN_ALL or the like"
                     for function in sorted(without_macro)]
    exported = exported_by(nm_output)
    findings += [f"declared, not exported: {name}" for name in sorted(public - exported)]
    findings += [f"exported, not declared: {name}" for name in sorted(exported - public)]
    listed = listed_in(api)
    findings += [f"exported, not listed: {name}" for name in sorted(exported - listed)]
    findings += [f"listed, not exported: {name}" for name in sorted(listed - exported)]
    return findings, len(public)


def prove():
    header = """
#define WSM_TYPE_POOL (wsm_pool_get_type ())
/* wsm_pool_forget () is no more. */
WSM_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (WsmPool, wsm_pool, WSM, POOL, GObject)

WSM_AVAILABLE_IN_ALL
const char * const *wsm_pool_get_names (WsmPool  *self,
                                        GError  **error);
WSM_AVAILABLE_IN_ALL
GType               wsm_state_get_type (void) G_GNUC_CONST;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmPool, wsm_pool_free)
"""
    good = "wsm_pool_get_names T 1 2\nwsm_pool_get_type T 1 2\nwsm_state_get_type T 1 2\n"
    api = ("# wsm_pool_comment\n" "class WsmPool wsm_pool_get_type : GObject.Object\n"
           "method wsm_pool_get_names () -> array<utf8> throws\nenumeration WsmState "
           "wsm_state_get_type\n")
    later = header.replace("WSM_AVAILABLE_IN_ALL\nconst",
                           "WSM_DEPRECATED_IN_0_2_FOR (other)\nconst")
    later = later.replace("WSM_AVAILABLE_IN_ALL\nGType", "WSM_AVAILABLE_IN_0_2\nGType")
    bare = header + "void wsm_pool_bare (void);\n"
    for text in (header, later):
        assert compare(good, {"a.h": text}, api) == ([], 3), compare(good, {"a.h": text}, api)
    more = good + "wsm_pool_new T 1 2\n"
    plants = [
        (good + "wsm_scheduler_arm T 1 2\n", header, "exported, not declared: wsm_scheduler_arm"),
        (good + "table D 1 2\n", header, "exported, not declared: table"),
        (good.replace("wsm_pool_get_names", "other"), header, "not exported: wsm_pool_get_names"),
        (good.replace("wsm_state_get_type", "other"), header, "not exported: wsm_state_get_type"),
        (good, bare, "wsm_pool_bare lacks WSM_AVAILABLE_IN_ALL"),
        (more, header, "exported, not listed: wsm_pool_new"),
        ("", header, "listed, not exported: wsm_pool_get_type"),
        ("", header, "declared, not exported: wsm_pool_get_type"),
    ]
    for nm_output, text, expected in plants:
        findings, _ = compare(nm_output, {"a.h": text}, api)
        assert any(expected in finding for finding in findings), (expected, findings)
    return len(plants)


def main():
    proved = prove()
    api, library, *paths = sys.argv[1:]
    nm_output = subprocess.run(["nm", "--dynamic", "--defined-only", "--format=posix", library],
                               check=True, capture_output=True, encoding="utf-8").stdout
    headers = {pathlib.Path(path).name: pathlib.Path(path).read_text(encoding="utf-8")
               for path in paths}
    findings, count = compare(nm_output, headers, pathlib.Path(api).read_text(encoding="utf-8"))
    if count == 0:
        findings.append("no public function found: is this the right list of headers?")
    for finding in findings:
        print(finding)
    print(f"{count} public functions, {len(findings)} findings; {proved} planted faults found")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
