"""Configuration items over HTTP."""

from __future__ import annotations

import pytest

from api.models import CI, CIs, History, Neighbours, Summary
from api.models_explanation import Explanation
from tests.api.conftest import Api
from tests.baselines.site import Site, packages


def test_each_answer_is_as_the_openapi_document_has_it(api: Api, site: Site) -> None:
    host = site.id("web")
    for path, model in (
        ("/cis?q=class:Host", CIs),
        (f"/cis/{host}", CI),
        (f"/cis/{host}/history", History),
        (f"/cis/{host}/neighbours?limit=2", Neighbours),
        (f"/cis/{host}/summary", Summary),
        (f"/cis/{host}/explain", Explanation),
    ):
        answer = api("GET", path)
        assert answer.status_code == 200, path
        model.model_validate(answer.json)


def test_an_answer_that_the_caller_has_is_not_sent_again(api: Api, site: Site) -> None:
    first = api("GET", "/cis?q=class:SoftwarePackage")
    again = api("GET", "/cis?q=class:SoftwarePackage", headers={"If-None-Match": first.headers["ETag"]})
    site.report("web", packages("curl=3"))
    later = api("GET", "/cis?q=class:SoftwarePackage", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["ETag"].startswith('W/"')
    assert (again.status_code, again.data) == (304, b"")
    assert later.status_code == 200
    assert later.headers["ETag"] != first.headers["ETag"]


def test_the_past_is_asked_by_revision_time_and_span(api: Api, site: Site) -> None:
    site.report("web", packages("curl=1"))
    now = [ci["name"] for ci in api("GET", "/cis?q=class:SoftwarePackage").json["items"]]
    then = [ci["name"] for ci in api("GET", "/cis?q=class:SoftwarePackage&at=1").json["items"]]
    before = api("GET", "/cis", query_string={"at": "2h ago"}).json["items"]

    assert (now, then, before) == (["curl"], ["curl", "vim"], [])


def test_pages_are_followed_by_their_cursor(api: Api) -> None:
    first = api("GET", "/cis?limit=2").json
    second = api("GET", "/cis", query_string={"limit": 2, "cursor": first["next"]}).json
    assert not {c["id"] for c in first["items"]} & {c["id"] for c in second["items"]}


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/cis?q=colour:red", 400, "usage"),
        ("/cis?limit=0", 422, "invalid"),
        ("/cis?limit=x", 422, "invalid"),
        ("/cis?what=ever", 422, "invalid"),
        ("/cis?at=tomorrow", 400, "usage"),
        ("/cis?cursor=x", 400, "usage"),
        ("/cis?q=" + "x" * 5000, 422, "invalid"),
        ("/cis/NONE", 404, "not-found"),
        ("/cis/NONE/history", 404, "not-found"),
        ("/cis/NONE/neighbours", 404, "not-found"),
        ("/cis/NONE/summary", 404, "not-found"),
        ("/cis/NONE/explain", 404, "not-found"),
        ("/cis/" + "x" * 65, 422, "invalid"),
    ],
)
def test_a_question_that_makes_no_sense_gets_a_problem_document(api: Api, path: str, status: int, kind: str) -> None:
    answer = api("GET", path)
    assert (answer.status_code, answer.json["type"]) == (status, f"urn:surveymark:problem:{kind}")


def test_a_part_has_no_summary_of_a_host(api: Api, site: Site) -> None:
    assert api("GET", f"/cis/{site.id('curl', 'SoftwarePackage')}/summary").status_code == 400
