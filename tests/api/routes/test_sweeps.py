"""Sweeps over HTTP: written by collectors, seen by readers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from api.models_sweeps import Sweep, Sweeps, SweepSummary
from tests.api.conftest import Api
from tests.api.routes.test_batches import batch
from tests.baselines.site import Site

ID = "a" * 16
SAID = {"source": "ssh:1", "state": "running", "total": 2, "words": ["10.0.0.0/31"]}
PLAN = {"name": "web", "address": "10.0.0.1", "port": 22, "zone": "default"}
NASTY = "<script>alert(1)</script>\u202e\x1b[2J"


def begun(api: Api, **change: Any) -> Any:
    return api("PUT", f"/sweeps/{ID}", json={**SAID, **change})


def told(api: Api, *rows: dict[str, Any]) -> Any:
    return api("POST", f"/sweeps/{ID}/targets", json={"targets": list(rows)})


def test_a_collector_keeps_a_record_and_a_reader_sees_it(api_as: Callable[..., Api]) -> None:
    collector, reader = api_as("collector", "ssh:1"), api_as("reader")
    SweepSummary.model_validate(begun(collector).json)
    told(collector, {"number": 1, "plan": PLAN}, {"number": 2, "plan": {**PLAN, "name": NASTY}})
    told(collector, {"number": 2, "result": {"outcome": "refused", "phase": "connect", "reason": NASTY}})
    begun(collector, state="interrupted")

    shown = reader("GET", f"/sweeps/{ID}")
    listed = reader("GET", "/sweeps")

    found = Sweep.model_validate(shown.json)
    assert (found.state, found.counts, found.waiting) == ("interrupted", {"refused": 1}, 1)
    assert [t.outcome for t in found.targets] == ["waiting", "refused"]
    assert found.targets[1].reason == NASTY
    assert [s.sweep for s in Sweeps.model_validate(listed.json).items] == [ID]
    assert shown.headers["ETag"]


def test_how_targets_are_reached_is_for_collectors_only(api_as: Callable[..., Api]) -> None:
    collector = api_as("collector", "ssh:1")
    begun(collector)
    told(collector, {"number": 1, "plan": PLAN})

    mine = collector("GET", f"/sweeps/{ID}?plan=true&outcome=waiting")

    assert [t["plan"] for t in mine.json["targets"]] == [PLAN]
    assert "plan" not in api_as("reader")("GET", f"/sweeps/{ID}").json["targets"][0]
    assert api_as("reader")("GET", f"/sweeps/{ID}?plan=true").status_code == 403
    assert api_as("collector", "ssh:2")("GET", f"/sweeps/{ID}?plan=true").status_code == 403


def test_a_collector_sees_its_own_sweeps_and_no_other_one_s(api_as: Callable[..., Api]) -> None:
    begun(api_as("collector", "ssh:1"))

    assert api_as("collector", "ssh:1")("GET", f"/sweeps/{ID}").json["sweep"] == ID
    assert api_as("collector", "ssh:2")("GET", f"/sweeps/{ID}").status_code == 403
    assert api_as("agent", "ssh:1")("GET", f"/sweeps/{ID}").status_code == 403


def test_a_collector_writes_what_it_saw_and_its_sweeps_and_nothing_else(api_as: Callable[..., Api], site: Site) -> None:
    collector = api_as("collector", "ssh:1")

    taken = collector(
        "POST", "/batches", data=batch(site).replace(b'"route":"agent"', b'"route":"ssh"'),
        headers={"Content-Type": "application/x-ndjson"},
    )  # fmt: skip

    assert taken.status_code == 200
    with site.store.view() as view:
        assert {s.route for s in view.scopes_from("ssh:1")} == {"ssh"}
    assert collector("GET", "/cis").status_code == 403
    assert collector("GET", "/sweeps").status_code == 403
    assert collector("POST", "/baselines", json={"name": "b", "scope": ""}).status_code == 403
    assert collector("GET", "/tokens").status_code == 403
    assert collector("PATCH", "/cis", json={"q": "x", "set": {"owner": "me"}, "reason": "x"}).status_code == 403


@pytest.mark.parametrize("role", ["reader", "operator", "agent"])
def test_others_keep_no_records_of_sweeps(api_as: Callable[..., Api], role: str) -> None:
    somebody = api_as(role, "agent:x" if role == "agent" else None)
    assert begun(somebody).status_code == 403
    assert told(somebody, {"number": 1, "plan": PLAN}).status_code == 403


def test_an_agent_reports_by_the_route_of_an_agent_whatever_it_says(api_as: Callable[..., Api], site: Site) -> None:
    said = batch(site).replace(b'"route":"agent"', b'"route":"ssh"')
    api_as("agent", "agent:x")("POST", "/batches", data=said, headers={"Content-Type": "application/x-ndjson"})

    with site.store.view() as view:
        assert {s.route for s in view.scopes_from("agent:x")} == {"agent"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/sweeps/zz", None, 422),
        ("GET", f"/sweeps/{'b' * 16}", None, 404),
        ("GET", f"/sweeps/{ID}?cursor=x", None, 400),
        ("GET", f"/sweeps/{ID}?limit=0", None, 422),
        ("GET", "/sweeps?cursor=-1", None, 400),
        ("GET", "/sweeps?at=1", None, 422),
        ("PUT", f"/sweeps/{ID}", {**SAID, "state": "lost"}, 422),
        ("PUT", f"/sweeps/{ID}", {**SAID, "total": -1}, 422),
        ("PUT", f"/sweeps/{ID}", {**SAID, "password": "x"}, 422),
        ("PUT", f"/sweeps/{ID}", {**SAID, "source": "ssh:2"}, 409),
        ("POST", f"/sweeps/{ID}/targets", {"targets": [{"number": 9, "plan": PLAN}]}, 400),
        ("POST", f"/sweeps/{ID}/targets", {"targets": [{"number": 1}]}, 400),
        ("POST", f"/sweeps/{ID}/targets", {"targets": [{"number": 1, "plan": {"x": 1.5}}]}, 400),
        ("POST", f"/sweeps/{ID}/targets", {"targets": [{"number": 1, "plan": PLAN}] * 1001}, 422),
        ("POST", f"/sweeps/{ID}/targets", {"targets": [{"number": 1, "result": {"outcome": "a b"}}]}, 422),
        ("POST", f"/sweeps/{'b' * 16}/targets", {"targets": []}, 404),
    ],
)
def test_what_is_not_as_it_should_be_is_refused(api: Api, method: str, path: str, body: Any, status: int) -> None:
    begun(api)
    answer = api(method, path, **({"json": body} if body is not None else {}))

    assert answer.status_code == status
    assert answer.json["type"].startswith("urn:surveymark:problem:")
    assert api("GET", f"/sweeps/{ID}").json["waiting"] == 2
