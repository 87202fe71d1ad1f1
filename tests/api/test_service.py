"""A server of its own, plain and with TLS."""

from __future__ import annotations

import json
import ssl
import subprocess
import urllib.request
from pathlib import Path

import pytest
from flask_openapi3.openapi import OpenAPI

from api.service import address, server, serving
from api.settings import Settings
from cmdb.model.errors import StoreError, UsageError


def ask(url: str, context: ssl.SSLContext | None = None) -> dict[str, object]:
    with urllib.request.urlopen(f"{url}/api/v1/health", timeout=10, context=context) as answer:
        found: dict[str, object] = json.load(answer)
        return found


def certified(folder: Path) -> Settings:
    """Settings of a server with a certificate of its own, for 127.0.0.1."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    return Settings(port=0, certificate=certificate, key=key)


def test_it_answers_while_the_block_lasts(app: OpenAPI) -> None:
    settings = Settings(port=0)
    made = server(app, settings)
    with serving(made):
        url = address(made, settings)
        assert ask(url)["status"] == "ok"
    with pytest.raises(OSError, match="refused"):
        ask(url)


def test_it_answers_over_tls(app: OpenAPI, tmp_path: Path) -> None:
    settings = certified(tmp_path)
    made = server(app, settings)
    with serving(made):
        assert address(made, settings).startswith("https://")
        assert (
            ask(address(made, settings), ssl.create_default_context(cafile=str(settings.certificate)))["status"] == "ok"
        )


def test_an_address_that_is_taken_is_said(app: OpenAPI) -> None:
    made = server(app, Settings(port=0))
    try:
        with pytest.raises(StoreError, match="--listen"):
            server(app, Settings(port=made.bind_addr[1]))
    finally:
        made.stop()


def test_files_that_are_no_certificate_and_key_are_named(app: OpenAPI, tmp_path: Path) -> None:
    settings = certified(tmp_path)
    (tmp_path / "key.pem").write_text("no key")
    with pytest.raises(UsageError, match=r"key\.pem are no certificate with its key"):
        server(app, settings)
