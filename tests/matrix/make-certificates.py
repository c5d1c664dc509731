#!/usr/bin/python3
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes an authority and certificates of it, good ones and bad ones, for the tests alone.

Usage: make-certificates.py OPENSSL FOLDER

Each certificate is a file with its key. They are made anew with each build folder, so that none
runs out but the one that is meant to.
"""

import pathlib
import subprocess
import sys
import tempfile

CONFIGURATION = """
[ca]
default_ca = here
[here]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = anything
unique_subject = no
copy_extensions = copy
[anything]
commonName = supplied
"""

ENDLESS = ("20200101000000Z", "21200101000000Z")
OVER = ("20200101000000Z", "20210101000000Z")
TO_COME = ("21190101000000Z", "21200101000000Z")

LOOPBACK = "IP:127.0.0.1,DNS:localhost"

# name, authority, names of the subject, validity
CERTIFICATES = (
    ("server", "authority", LOOPBACK, ENDLESS),
    ("another-server", "authority", LOOPBACK, ENDLESS),
    ("other-host", "authority", "DNS:other.example", ENDLESS),
    ("expired", "authority", LOOPBACK, OVER),
    ("not-yet-valid", "authority", LOOPBACK, TO_COME),
    ("unknown-authority", "stranger", LOOPBACK, ENDLESS),
    ("all-wrong", "stranger", "DNS:other.example", OVER),
    ("client", "authority", "DNS:client.example", ENDLESS),
    ("strange-client", "stranger", "DNS:client.example", ENDLESS),
)


def main() -> None:
    openssl = sys.argv[1]
    target = pathlib.Path(sys.argv[2])

    def run(*arguments: object) -> None:
        subprocess.run([openssl, *map(str, arguments)], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        configuration = folder / "ca.cnf"
        configuration.write_text(CONFIGURATION.format(folder=folder), encoding="utf-8")
        (folder / "index.txt").touch()

        def key(name: str) -> pathlib.Path:
            path = folder / f"{name}.key"
            run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)
            return path

        def sign_itself(name: str, *extensions: str) -> None:
            additions = [part for extension in extensions for part in ("-addext", extension)]
            run("req", "-x509", "-new", "-key", key(name), "-subj", f"/CN=libwsmulti test {name}",
                "-days", 36500, "-out", folder / f"{name}.crt", *additions)

        def sign(name: str, authority: str, names: str, validity: tuple[str, str]) -> None:
            run("req", "-new", "-key", key(name), "-subj", f"/CN=libwsmulti test {name}",
                "-addext", f"subjectAltName={names}", "-out", folder / f"{name}.csr")
            run("ca", "-batch", "-notext", "-config", configuration,
                "-cert", folder / f"{authority}.crt", "-keyfile", folder / f"{authority}.key",
                "-startdate", validity[0], "-enddate", validity[1],
                "-in", folder / f"{name}.csr", "-out", folder / f"{name}.crt")

        for authority in ("authority", "stranger"):
            sign_itself(authority, "keyUsage=critical,keyCertSign,cRLSign")
        sign_itself("self-signed", f"subjectAltName={LOOPBACK}")
        for certificate in CERTIFICATES:
            sign(*certificate)

        for path in folder.glob("*.crt"):
            text = path.read_text(encoding="ascii")
            text += path.with_suffix(".key").read_text(encoding="ascii")
            (target / f"{path.stem}.pem").write_text(text, encoding="ascii")


if __name__ == "__main__":
    main()
