"""The estate in a store: who may do what, and what is shared."""

from __future__ import annotations

import pytest

from api.caller import Caller
from api.local_estate import LocalEstate
from cmdb.model.errors import ForbiddenError, NotFoundError, UsageError
from tests.api.routes.test_batches import batch
from tests.baselines.site import Site, software


@pytest.mark.parametrize(
    ("role", "forbidden"),
    [
        ("reader", ["submit", "digest_key", "create_baseline", "add_record", "keep", "list_tokens", "doctor"]),
        ("operator", ["submit", "digest_key", "list_tokens", "doctor"]),
        ("agent", ["find", "document", "create_baseline", "add_record", "keep", "list_tokens", "doctor"]),
    ],
)
def test_a_use_case_asks_for_its_permission_itself(
    estate: LocalEstate, site: Site, role: str, forbidden: list[str]
) -> None:
    somebody = estate.of(Caller("joe", (role,), "agent:joe"))
    host = site.id("web")
    acts = {
        "find": lambda: somebody.find(""),
        "document": lambda: somebody.document("0" * 64),
        "submit": lambda: somebody.submit(batch(site)),
        "digest_key": somebody.digest_key,
        "create_baseline": lambda: somebody.create_baseline("b", ""),
        "add_record": lambda: somebody.add_record("change", "C1", {}),
        "keep": lambda: somebody.impact([host], keep=True),
        "list_tokens": somebody.list_tokens,
        "doctor": somebody.doctor,
    }
    for name in forbidden:
        with pytest.raises(ForbiddenError):
            acts[name]()


def test_what_is_done_names_who_did_it(estate: LocalEstate, site: Site) -> None:
    estate.of(Caller("joe", ("operator",))).create_baseline("b", "")
    with site.store.view() as view:
        assert view.revisions(1)[-1].actor == "joe"


def test_impact_follows_the_estate_from_question_to_question(estate: LocalEstate, site: Site) -> None:
    host = site.id("web")
    before = len(estate.impact([host])["impacted"])
    site.report("web", software(80, 443))
    assert len(estate.impact([host])["impacted"]) == before + 1
    assert len(estate.impact([host], at="1")["impacted"]) == before


def test_a_time_is_read_by_the_estates_own_clock(estate: LocalEstate, site: Site) -> None:
    assert estate.find("", "1s ago")["items"]
    assert not estate.find("", "2h ago")["items"]
    with pytest.raises(UsageError, match="future"):
        estate.find("", "2030-01-01")


@pytest.mark.parametrize("unknown", [{"drift": ["none"]}, {"impact": ["class:Host name:none"]}])
def test_a_record_that_would_pin_what_there_is_not_is_not_begun(
    estate: LocalEstate, site: Site, unknown: dict[str, list[str]]
) -> None:
    with pytest.raises(NotFoundError):
        estate.add_record("change", "C1", {"title": "x", "cis": [site.id("web")], **unknown})
    assert estate.records("change")["items"] == []


def test_the_impact_of_nothing_is_refused_before_the_record_is_begun_and_taken_once_it_affects_something(
    estate: LocalEstate, site: Site
) -> None:
    with pytest.raises(UsageError, match="--ci"):
        estate.add_record("change", "C1", {"title": "x", "impact": True})
    assert estate.records("change")["items"] == []

    estate.add_record("change", "C1", {"cis": [site.id("web")]})
    assert [pin["kind"] for pin in estate.add_record("change", "C1", {"impact": True})["pins"]] == ["impact"]
