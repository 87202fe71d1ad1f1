"""Access tokens over HTTP."""

from __future__ import annotations

import pytest

from api.models import NewToken, Tokens
from tests.api.conftest import Api


def test_a_token_is_made_listed_and_revoked(api: Api) -> None:
    made = api("POST", "/tokens", json={"name": "joe", "roles": ["reader"]})
    NewToken.model_validate(made.json)
    joe = Api(api.client, made.json["token"])

    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    assert joe("GET", "/cis").status_code == 200
    listed = Tokens.model_validate(api("GET", "/tokens").json)
    assert made.json["token"] not in api("GET", "/tokens").text
    assert {t.name for t in listed.items} == {"a admin", "joe"}
    assert api("DELETE", f"/tokens/{made.json['id']}").json["state"] == "revoked"
    assert joe("GET", "/cis").status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "x", "roles": ["king"]}, 422),
        ({"name": "x", "roles": []}, 422),
        ({"name": "", "roles": ["reader"]}, 422),
        ({"name": "x", "roles": ["agent"]}, 400),
        ({"name": "x", "roles": ["reader"], "expires": "soon"}, 400),
    ],
)
def test_a_token_that_makes_no_sense_is_refused(api: Api, body: object, status: int) -> None:
    assert api("POST", "/tokens", json=body).status_code == status


def test_a_token_that_there_is_not_can_not_be_revoked(api: Api) -> None:
    assert api("DELETE", "/tokens/none").status_code == 404
