"""Baselines over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from api.models import Baseline, Baselines, Verification
from tests.api.conftest import Api


def test_a_baseline_is_made_approved_listed_shown_and_verified(api: Api, api_as: Callable[..., Api]) -> None:
    made = api("POST", "/baselines", json={"name": "first", "scope": "class:Host"})
    approved = api_as("operator")("POST", "/baselines/first/approval", json={"digest": made.json["digest"]})

    assert (made.status_code, approved.status_code) == (201, 201)
    assert approved.json["approval"]["self_approved"] is False
    Baseline.model_validate(api("GET", "/baselines/first").json)
    Baselines.model_validate(api("GET", "/baselines").json)
    verified = Verification.model_validate(api("GET", "/baselines/first/verification").json)
    assert verified.sound


def test_ones_own_baseline_needs_a_reason(api: Api) -> None:
    digest = api("POST", "/baselines", json={"name": "first", "scope": ""}).json["digest"]

    refused = api("POST", "/baselines/first/approval", json={"digest": digest})
    taken = api("POST", "/baselines/first/approval", json={"digest": digest, "self_reason": "alone here"})

    assert refused.status_code == 403
    assert taken.json["approval"]["self_approved"] is True


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/baselines/none", None, 404),
        ("GET", "/baselines/none/verification", None, 404),
        ("POST", "/baselines/none/approval", {"digest": "0" * 64}, 404),
        ("POST", "/baselines", {"name": "/", "scope": ""}, 400),
        ("POST", "/baselines", {"name": "b", "scope": "colour:red"}, 400),
        ("POST", "/baselines", {"name": "b", "scope": "name:nothing"}, 400),
        ("POST", "/baselines", {"name": "b", "scope": "", "at": "99"}, 400),
        ("POST", "/baselines", {"name": "b"}, 422),
        ("POST", "/baselines", {"name": "b", "scope": "", "more": 1}, 422),
        ("POST", "/baselines", [], 422),
    ],
)
def test_what_can_not_be_is_refused(api: Api, method: str, path: str, body: object, status: int) -> None:
    answer = api(method, path, **({} if body is None else {"json": body}))
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_a_name_is_taken_once_and_another_digest_is_not_approved(api: Api) -> None:
    api("POST", "/baselines", json={"name": "b", "scope": ""})
    assert api("POST", "/baselines", json={"name": "b", "scope": ""}).status_code == 409
    assert api("POST", "/baselines/b/approval", json={"digest": "0" * 64}).status_code == 409
