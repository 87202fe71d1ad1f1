"""Change and incident records over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from api.models import Record, Records
from tests.api.conftest import Api
from tests.baselines.site import Site, packages


@pytest.mark.parametrize("kind", ["changes", "incidents"])
def test_a_record_pins_what_was_looked_at_and_the_pins_stay(api: Api, site: Site, kind: str) -> None:
    api("POST", "/baselines", json={"name": "b", "scope": ""})
    said = {
        "title": "Replace web",
        "cis": ["class:Host"],
        "impact": True,
        "drift": ["b"],
        "link": "https://itsm.example/1",
    }

    made = api("PUT", f"/{kind}/itsm.example/R1", json=said)
    pins = {pin["kind"]: pin["permalink"] for pin in made.json["pins"]}
    before = {name: api("GET", link.removeprefix("/api/v1")).data for name, link in pins.items()}
    site.report("web", packages("other=1"))

    Record.model_validate(made.json)
    assert set(pins) == {"impact", "drift", "baseline"}
    assert {name: api("GET", link.removeprefix("/api/v1")).data for name, link in pins.items()} == before
    assert api("GET", f"/{kind}/R1").json["key"] == "itsm.example/R1"
    assert api("GET", f"/{kind}/itsm.example/R1").json["affects"][0]["name"] == "web"
    Records.model_validate(api("GET", f"/{kind}").json)
    assert api("GET", f"/{kind}?at=1").json["items"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/changes/none", None, 404),
        ("GET", "/incidents/a/none", None, 404),
        ("PUT", "/changes/C1", {"cis": ["name:nothing"]}, 404),
        ("PUT", "/changes/C1", {"pins": ["0" * 64]}, 404),
        ("PUT", "/changes/C1", {"link": "javascript:alert(1)"}, 400),
        ("PUT", "/changes/C1", {"start": "soon"}, 400),
        ("PUT", "/changes/C1", {"colour": "red"}, 422),
        ("PUT", "/changes/C1", {"cis": "class:Host"}, 422),
    ],
)
def test_what_can_not_be_is_refused(api: Api, method: str, path: str, body: object, status: int) -> None:
    answer = api(method, path, **({} if body is None else {"json": body}))
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_a_reader_makes_no_record(api_as: Callable[..., Api]) -> None:
    assert api_as("reader")("PUT", "/changes/C1", json={"title": "x"}).status_code == 403
