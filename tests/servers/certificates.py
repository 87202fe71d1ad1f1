"""Certificates for servers of tests, made by the `openssl` program so that no library is needed.

Runs under Python 3.9 too.
"""

from __future__ import annotations

import hashlib
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key, as files in PEM."""

    certificate: Path
    key: Path

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.der).hexdigest()

    @property
    def der(self) -> bytes:
        return ssl.PEM_cert_to_DER_cert(self.certificate.read_text())

    def context(self) -> ssl.SSLContext:
        """What a server with it speaks."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


def authority(folder: Path, name: str = "authority") -> Certificate:
    """One that signs others."""
    made = Certificate(folder / f"{name}.crt", folder / f"{name}.key")
    _openssl(
        "req", "-x509", *_KEY, "-keyout", str(made.key), "-out", str(made.certificate), "-subj", f"/CN=test {name}",
        "-days", "30", "-addext", "keyUsage=critical,keyCertSign",
    )  # fmt: skip
    return made


def issue(folder: Path, name: str, hosts: str, by: Optional[Certificate] = None, expired: bool = False) -> Certificate:
    """One for `hosts` ("DNS:localhost,IP:127.0.0.1"), signed by an authority, or by itself where none is given."""
    made = Certificate(folder / f"{name}.crt", folder / f"{name}.key")
    request, configuration = folder / f"{name}.csr", folder / f"{name}.cnf"
    _openssl("req", "-new", *_KEY, "-keyout", str(made.key), "-out", str(request), "-subj", f"/CN=test {name}")
    (folder / f"{name}.index").write_text("")
    configuration.write_text(
        f"[ca]\ndatabase={folder}/{name}.index\nnew_certs_dir={folder}\nrand_serial=yes\ndefault_md=sha256\n"
        "policy=policy\nx509_extensions=extensions\nunique_subject=no\n[policy]\ncommonName=supplied\n"
        f"[extensions]\nsubjectAltName={hosts}\nbasicConstraints=critical,CA:FALSE\n"
    )
    signer = ["-cert", str(by.certificate), "-keyfile", str(by.key)] if by else ["-selfsign", "-keyfile", str(made.key)]
    dates = ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"] if expired else ["-days", "30"]
    _openssl(
        "ca", "-batch", "-notext", "-name", "ca", "-config", str(configuration), "-in", str(request), *signer, *dates,
        "-out", str(made.certificate),
    )  # fmt: skip
    return made


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=60)
