"""Agents from afar: the same answers as from the store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask_openapi3.openapi import OpenAPI

from api.local_estate import LocalEstate
from api.remote_estate import RemoteEstate
from api.service import address, server, serving
from api.settings import Settings
from cmdb.model.errors import ConflictError, NotFoundError
from tests.api.agent_side import AgentSide, enrol_token, enrolled
from tests.api.conftest import token
from tests.baselines.site import Site


@pytest.fixture
def remote(app: OpenAPI, site: Site) -> Iterator[RemoteEstate]:
    settings = Settings(port=0)
    made = server(app, settings)
    with serving(made):
        yield RemoteEstate(address(made, settings), token(site, "operator"))


def test_agents_are_decided_about_from_afar(
    remote: RemoteEstate, estate: LocalEstate, app: OpenAPI, site: Site
) -> None:
    web, waits = enrolled(app, site, "web1"), AgentSide(app.test_client(), site, "web2")
    waits.enrol(enrol_token(site, approve=True))

    assert remote.agents() == estate.agents()
    assert remote.approve_agent(waits.key)["state"] == "active"
    assert remote.ask_agent(web.key, "full_report")["asked"] == ["full_report"]
    remote.rotate_agent(web.key)
    assert remote.revoke_agent(web.key, "sold") == estate.agent(web.key) == remote.agent(web.key)
    with pytest.raises(ConflictError):
        remote.approve_agent(waits.key, replace=True)
    with pytest.raises(NotFoundError):
        remote.agent("none/at all")
