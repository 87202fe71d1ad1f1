"""Impact over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from api.models import Impact, KeptImpact
from tests.api.conftest import Api
from tests.baselines.site import Site, software


def test_impact_is_as_described_and_can_be_kept_for_good(api: Api, site: Site) -> None:
    host = site.id("web")

    found = Impact.model_validate(api("GET", f"/impact?ci={host}").json)
    kept = KeptImpact.model_validate(api("POST", "/impact", json={"ci": [host]}).json)

    assert {i.name for i in found.impacted} == {"nginx", "tcp 0.0.0.0:80"}
    assert api("GET", f"/documents/{kept.document}").json["impacted"]


def test_the_past_is_asked_too_and_does_not_disturb_the_present(api: Api, site: Site) -> None:
    host = site.id("web")
    now = api("GET", f"/impact?ci={host}").json
    site.report("web", software(80, 443))
    assert api("GET", f"/impact?ci={host}&at=1").json["impacted"] == now["impacted"]
    assert len(api("GET", f"/impact?ci={host}").json["impacted"]) == 3


@pytest.mark.parametrize(
    ("path", "status"),
    [("/impact", 422), ("/impact?ci=NONE", 404), ("/impact?ci=NONE&at=x", 400), ("/impact?x=1", 422)],
)
def test_what_can_not_be_answered_is_refused(api: Api, path: str, status: int) -> None:
    assert api("GET", path).status_code == status


def test_keeping_needs_an_operator(api_as: Callable[..., Api], site: Site) -> None:
    assert api_as("reader")("POST", "/impact", json={"ci": [site.id("web")]}).status_code == 403
