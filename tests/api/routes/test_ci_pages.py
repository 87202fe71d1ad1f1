"""Pages of one CI, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.ui.shop import Shop, empty_shop, host, links_of, shop

HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with shop(tmp_path_factory.mktemp("shop")) as found:
        yield found


def test_a_ci_has_attributes_readings_picture_neighbours_timeline_and_coverage(estate: Shop) -> None:
    html = estate.signed_in().get(f"/ci/{estate.id('class:SoftwareInstance name:postgres')}").text

    for word in ("Attributes", "Readings", "Picture", "Neighbours", "Timeline", "Coverage"):
        assert f">{word}</h2>" in html
    assert "50 MiB" in html
    assert "Account that it runs as." in html


def test_a_value_that_was_changed_can_be_looked_at_as_it_was(estate: Shop) -> None:
    client = estate.signed_in()
    id_ = estate.id("class:SoftwarePackage name:postgres")

    assert f"/ci/{id_}?at=3" in links_of(client.get(f"/ci/{id_}").text)
    unchanged = estate.id("class:SoftwareInstance name:postgres")
    assert "Before its last change" not in client.get(f"/ci/{unchanged}").text
    assert "16.4-1" in client.get(f"/ci/{id_}?at=3").text.split('<h2 id="neighbours">')[0]


def test_a_retired_ci_is_shown_as_it_was_last_with_its_witness(tmp_path: Path) -> None:
    with empty_shop(tmp_path) as found:
        found.report("db3", host("db3", packages=2))
        gone = found.id("class:SoftwarePackage name:lib0001")
        found.report("db3", host("db3", packages=1))
        html = found.signed_in().get(f"/ci/{gone}").text

    assert "Retired in" in html
    assert "batch-2" in html
    assert f"/ci/{gone}?at=1" in links_of(html)


def test_a_group_that_is_too_long_goes_on_at_a_page_of_its_own(tmp_path: Path) -> None:
    with empty_shop(tmp_path) as found:
        found.report("db3", host("db3", packages=150))
        client = found.signed_in()
        page = f"/ci/{found.id('class:Host')}/neighbours/CONTAINS.subject.SoftwarePackage"

        assert page in links_of(client.get(f"/ci/{found.id('class:Host')}").text)
        first = client.get(page).text
        (more,) = [link.replace("&amp;", "&") for link in links_of(first) if "cursor=" in link]
        assert first.count("<tr>") - 1 == 100
        assert client.get(more).text.count("<tr>") - 1 == 51


def test_a_group_that_is_not_there_is_not_found(estate: Shop) -> None:
    path = f"/ci/{estate.id('class:Host name:db3')}/neighbours/EATS.subject.Host"

    assert estate.signed_in().get(path, headers=HTML).status_code == 404


def test_impact_says_levels_in_words_and_shapes_and_whether_it_is_complete(estate: Shop) -> None:
    html = estate.signed_in().get(f"/ci/{estate.id('class:SoftwareInstance name:postgres')}/impact").text

    assert "<strong>Complete.</strong>" in html
    assert "Path of 4 hops" in html
    assert html.count('class="level outage"') == 3
    assert "trouble reaches" in html


def test_impact_as_of_before_the_application_was_started_does_not_name_it(estate: Shop) -> None:
    client = estate.signed_in()
    id_ = estate.id("class:SoftwareInstance name:nginx")
    server = estate.id("class:SoftwareInstance name:shop")

    assert id_ in client.get(f"/ci/{server}/impact").text
    assert client.get(f"/ci/{server}/impact?at=1", headers=HTML).status_code == 404


def test_impact_of_what_is_outside_the_topology_leads_to_its_host(estate: Shop) -> None:
    html = estate.signed_in().get(f"/ci/{estate.id('class:SoftwarePackage name:postgres')}/impact").text

    assert f"/ci/{estate.id('class:Host name:db3')}/impact" in links_of(html)


def test_the_timeline_has_a_page_of_its_own(estate: Shop) -> None:
    html = estate.signed_in().get(f"/ci/{estate.id('class:SoftwarePackage name:postgres')}/timeline?before=4").text

    assert "Revision 3" in html
    assert "Revision 4" not in html
