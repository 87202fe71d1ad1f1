"""Agents in a store that this process opened."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask_openapi3.openapi import OpenAPI

from api.caller import Caller
from api.local_estate import LocalEstate
from cmdb.model.errors import ForbiddenError
from tests.api.agent_side import enrolled
from tests.baselines.site import Site


def test_agents_are_listed_and_decided_about(estate: LocalEstate, app: OpenAPI, site: Site) -> None:
    web = enrolled(app, site, "web1")

    assert [a["id"] for a in estate.agents()["items"]] == [web.key]
    assert estate.ask_agent(web.key, "pass_now")["asked"] == ["pass_now"]
    before = estate.agent(web.key)["secret_ends_at"]
    assert estate.rotate_agent(web.key)["secret_ends_at"] < before
    assert estate.revoke_agent(web.key, "sold")["revoked_by"] == "os:root"


@pytest.mark.parametrize("role", ["reader", "agent", "collector", "enrol"])
def test_only_who_operates_may_decide(estate: LocalEstate, role: str) -> None:
    somebody = estate.of(Caller("joe", (role,), "agent:x"))
    acts: list[Callable[[], object]] = [
        lambda: somebody.approve_agent("a"),
        lambda: somebody.revoke_agent("a"),
        lambda: somebody.rotate_agent("a"),
        lambda: somebody.ask_agent("a", "pass_now"),
    ]
    if role != "reader":
        acts += [somebody.agents, lambda: somebody.agent("a")]
    for act in acts:
        with pytest.raises(ForbiddenError):
            act()
