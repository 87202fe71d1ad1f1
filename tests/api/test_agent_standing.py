"""How the agents of a store stand, as `doctor` tells it."""

from __future__ import annotations

from pathlib import Path

from flask_openapi3.openapi import OpenAPI

from api.agent_standing import standing
from api.doctor import examine
from api.installation_key import InstallationKey
from tests.api.agent_side import AgentSide, enrol_token, enrolled
from tests.baselines.site import Site


def checks(site: Site) -> list[tuple[str, str]]:
    return [(c["outcome"], c["detail"]) for c in examine(site.store)["checks"] if c["check"] == "agents"]


def test_nothing_is_said_where_no_agent_was_enrolled(site: Site) -> None:
    assert list(standing(site.store)) == []
    assert checks(site) == []


def test_who_reports_and_who_waits_is_counted(app: OpenAPI, site: Site) -> None:
    enrolled(app, site, "web1")
    AgentSide(app.test_client(), site, "web2").enrol(enrol_token(site, approve=True))

    assert checks(site) == [("ok", "1 may report, 1 wait for approval")]


def test_a_key_that_is_missing_or_another_one_is_said_with_the_remedy(
    app: OpenAPI, site: Site, state_folder: Path
) -> None:
    enrolled(app, site, "web1")
    key = state_folder / "installation.key"
    key.unlink()
    ((good, told, remedy),) = standing(site.store)
    assert (good, "is missing" in told, "enrol them anew" in remedy) == (False, True, True)
    assert not key.exists()

    InstallationKey(key).seal(b"x", "y")
    ((good, told, remedy),) = standing(site.store)
    assert (good, "sealed under another key" in told, bool(remedy)) == (False, True, True)
    assert checks(site)[0][0] == "warning"
