"""The page for a new host."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask_openapi3.openapi import OpenAPI

from agent.one_file import build
from api.app import create_app
from api.settings import Settings
from tests.api.conftest import Api, token
from tests.baselines.site import Site
from tests.servers import certificates


def page(app: OpenAPI, text: str) -> str:
    """The page for who has that token."""
    answer = app.test_client().get("/new-host", headers={"Host": "localhost", "Authorization": f"Bearer {text}"})
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_lines_hold_the_sha256_of_the_file_and_both_of_the_server(site: Site, tmp_path: Path) -> None:
    import hashlib

    made = certificates.issue(tmp_path, "server", "DNS:localhost")
    app = create_app(Settings(certificate=made.certificate, key=made.key), site.store, site.clock)

    shown = page(app, token(site, "operator"))

    assert hashlib.sha256(build()).hexdigest() in shown
    assert f"--fingerprint {made.fingerprint}" in shown
    assert "--pinnedpubkey" in shown


def test_a_server_on_loopback_says_how_far_that_reaches(app: OpenAPI, site: Site) -> None:
    shown = page(app, token(site, "operator"))

    assert "no certificate of its own" in shown
    assert "--pinnedpubkey" not in shown


@pytest.mark.parametrize("role", ["reader", "agent"])
def test_it_is_for_operators(api_as: Callable[..., Api], app: OpenAPI, site: Site, role: str) -> None:
    text = token(site, role, source="agent:x") if role == "agent" else token(site, role)

    answer = app.test_client().get("/new-host", headers={"Host": "localhost", "Authorization": f"Bearer {text}"})

    assert answer.status_code == 403
