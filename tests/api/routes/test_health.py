"""Health, doctor and the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_openapi3.openapi import OpenAPI

from api.models import Doctor
from tests.api.conftest import Api
from tests.baselines.site import Site


def test_anybody_may_ask_whether_the_server_is_there(app: OpenAPI) -> None:
    answer = app.test_client().get("/api/v1/health", headers={"Host": "localhost"})
    assert answer.json == {"status": "ok", "revision": 1}


def test_only_an_administrator_is_told_how_the_store_does(api: Api, api_as: Callable[..., Api]) -> None:
    Doctor.model_validate(api("GET", "/doctor").json)
    assert api_as("operator")("GET", "/doctor").status_code == 403


def test_a_store_that_can_not_answer_is_said_and_nobody_learns_where_it_is(app: OpenAPI, site: Site) -> None:
    site.store.close()
    answer: Any = app.test_client().get("/api/v1/health", headers={"Host": "localhost"})
    assert (answer.status_code, answer.json["type"]) == (503, "urn:surveymark:problem:store")
    assert "site.db" not in answer.text
