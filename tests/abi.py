#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what was built with one version of the library runs with another one.

abi.py OLD NEW             two folders into which the versions are installed

What a compiler has laid out is compared by abidiff, which reads debug information; what bindings
see, by the lists that checks/api.py makes; and the D-Bus protocol by its members. What is new
breaks nobody. That it would find something is proved first, on a library that is made worse.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).with_name("checks")))

import api  # noqa: E402


def find_one(root, pattern):
    found = [path for path in pathlib.Path(root).rglob(pattern) if not path.is_symlink()]
    assert len(found) == 1, f"{pattern} in {root}: {found}"
    return found[0]


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=False)


def soname_of(library):
    return re.search(r"SONAME.*\[(.*)\]", run("readelf", "--dynamic", library).stdout)[1]


def write_abi(root, path):
    """What the library lays out, without what is no business of those who use it."""
    ended = run("abidw", "--headers-dir", find_one(root, "libwsmulti.h").parent,
                "--drop-private-types", "--no-corpus-path", "--no-comp-dir-path", "--no-show-locs",
                "--out-file", path, find_one(root, "libwsmulti-1.so.*.*"))
    assert ended.returncode == 0, ended
    text = path.read_text(encoding="utf-8")
    assert "<function-decl name='wsm_pool_new'" in text, "no debug information: build with -g"
    return text


def compare_abi(old, new):
    """The report of abidiff, if something is not as it was."""
    ended = run("abidiff", "--no-added-syms", "--fail-no-debug-info", old, new)
    assert ended.returncode & 3 == 0, ended
    return ended.stdout.strip().splitlines() if ended.returncode else []


def stays(line):
    """Of a thing in the list, what must stay: that it is deprecated now, breaks nobody."""
    return re.sub(r" (since|deprecated) [\d.]+", "", line)


def compare_api(old, new):
    known = {stays(line) for line in new}
    return [f"lost: {line}" for line in old if stays(line) not in known]


def members_of(text):
    """The members of D-Bus interfaces, with their types."""
    for interface in xml.etree.ElementTree.fromstring(text).iterfind("interface"):
        for member in interface:
            if member.tag not in ("method", "signal", "property"):
                continue
            types = [f"{one.get('direction', 'out')} {one.get('type')}"
                     for one in member.iterfind("arg")]
            rest = [member.get(key) for key in ("type", "access") if member.get(key)]
            yield " ".join([member.tag, f"{interface.get('name')}.{member.get('name')}",
                            f"({', '.join(types)})", *rest])


def list_protocol(root):
    return sorted(line for path in pathlib.Path(root).rglob("dbus-1/interfaces/*.xml")
                  for line in members_of(path.read_text(encoding="utf-8")))


def spoil(text):
    """The same library after careless changes, each with what is expected to be said of it."""
    declaration = re.search(r"    <function-decl name='wsm_pool_probe'.*?</function-decl>\n", text,
                            re.DOTALL)[0]
    symbol = re.search(r"    <elf-symbol name='wsm_pool_probe'.*?/>\n", text)[0]
    yield text.replace(declaration, "").replace(symbol, ""), "1 Removed"

    yield (re.sub(r"(<enumerator name='WSM_STATE_OPEN' value=)'\d+'/>", r"\1'99'/>", text),
           "WSM_STATE_OPEN")

    getter = re.search(r"<function-decl name='wsm_pool_get_n_open'.*?</function-decl>", text,
                       re.DOTALL)[0]
    wide = re.search(r"<function-decl name='wsm_connection_get_n_bytes_sent'.*?"
                     r"<return type-id='(.*?)'/>", text, re.DOTALL)[1]
    wider = re.sub(r"<return type-id='.*?'/>", f"<return type-id='{wide}'/>", getter)
    yield text.replace(getter, wider), "return type changed"

    fewer = re.sub(r" *<parameter type-id='[^']*' name='error'/>\n", "",
                   re.search(r"<function-decl name='wsm_pool_add'.*?</function-decl>", text,
                             re.DOTALL)[0])
    yield (re.sub(r"<function-decl name='wsm_pool_add'.*?</function-decl>", fewer, text,
                  flags=re.DOTALL), "parameter 3 .* was removed")


def add_to(text):
    """The same library with a value more behind the others, and a function more."""
    more = re.sub(r"(( *)<enumerator name='WSM_STATE_FAILED' value='\d+'/>\n)",
                  r"\1\2<enumerator name='WSM_STATE_NEW' value='98'/>\n", text)
    for pattern in (r"    <function-decl name='wsm_pool_probe'.*?</function-decl>\n",
                    r"    <elf-symbol name='wsm_pool_probe'.*?/>\n"):
        found = re.search(pattern, more, re.DOTALL)[0]
        more = more.replace(found, found + found.replace("wsm_pool_probe", "wsm_pool_probe_all"))
    return more


def prove(text, folder):
    same, worse, better = (folder / f"{name}.abi" for name in ("same", "worse", "better"))
    same.write_text(text, encoding="utf-8")
    better.write_text(add_to(text), encoding="utf-8")
    assert better.read_text(encoding="utf-8").count("WSM_STATE_NEW") == 1
    assert compare_abi(same, same) == []
    assert compare_abi(same, better) == [], compare_abi(same, better)
    assert compare_abi(better, same) != []
    count = 0
    for spoilt, expected in spoil(text):
        assert spoilt != text, expected
        worse.write_text(spoilt, encoding="utf-8")
        report = "\n".join(compare_abi(same, worse))
        assert re.search(expected, report), (expected, report)
        # The other way round, only what was added may pass.
        assert compare_abi(worse, same) or "Removed" in expected, expected
        count += 1
    assert compare_api(["method a () since 0.1"], ["method a () since 0.1 deprecated 0.2"]) == []
    assert compare_api(["method a ()"], ["method a () throws", "method b ()"]) != []
    return count


def main():
    old, new = sys.argv[1:]
    findings = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        proved = prove(write_abi(old, folder / "old.abi"), folder)
        write_abi(new, folder / "new.abi")
        sonames = [soname_of(find_one(root, "libwsmulti-1.so.*.*")) for root in (old, new)]
        if sonames[0] != sonames[1]:
            print(f"{sonames[0]} has become {sonames[1]}: who changes that, may change everything")
            return
        findings += compare_abi(folder / "old.abi", folder / "new.abi")

    lists = [api.list_api(find_one(root, "Wsm-1.gir").read_text(encoding="utf-8"))
             for root in (old, new)]
    findings += compare_api(*lists)
    protocols = [list_protocol(root) for root in (old, new)]
    findings += compare_api(*protocols)
    for finding in findings:
        print(finding)
    print(f"{len(lists[0])} things public and {len(protocols[0])} on the bus before, "
          f"{len(lists[1])} and {len(protocols[1])} now; "
          f"{'programs would break' if findings else 'nothing that breaks a program'}; "
          f"{proved} planted faults found")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
