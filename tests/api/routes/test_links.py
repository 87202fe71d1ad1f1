"""Links derived over HTTP."""

from __future__ import annotations

from collections.abc import Callable

from api.models_links import Links
from tests.api.conftest import Api
from tests.api.test_local_links import told
from tests.baselines.site import Site


def test_links_are_derived_and_a_second_time_there_is_nothing_to_do(api: Api, site: Site) -> None:
    told(site)

    first = Links.model_validate(api("POST", "/links", json={}).json)
    second = Links.model_validate(api("POST", "/links", json={}).json)

    assert (first.created, first.links.one_sided, second.created, second.revisions) == (1, 1, 0, [])


def test_what_makes_no_sense_is_refused_and_who_only_reads_may_not(api: Api, api_as: Callable[..., Api]) -> None:
    assert api("POST", "/links", json={"dry_run": "perhaps"}).status_code == 422
    assert api_as("reader")("POST", "/links", json={}).status_code == 403
