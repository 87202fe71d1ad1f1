"""Pages of one CI, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from secrets import token_bytes

import pytest

from baselines.redacting import rewritten
from cmdb.impact import BLIND
from cmdb.model.query_language import parse
from cmdb.redaction import redact
from tests.api.ui.shop import Shop, empty_shop, host, links_of, shop
from tests.cmdb import cabled
from tests.cmdb.estate import Estate, id_of

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


def test_what_was_redacted_is_named_with_who_when_and_why(tmp_path: Path) -> None:
    with empty_shop(tmp_path) as found:
        found.report("db3", host("db3", packages=1))
        id_ = found.id("class:Host")
        with found.store.view() as view:
            name, value = next((n, v) for n, v in view.items([id_])[id_].attributes.items() if n.startswith("os"))
        done = redact(found.store, id_, name, "<b>a secret", "<i>ann", rewritten, found.clock, token_bytes)
        client = found.signed_in()
        now, before = (client.get(f"/ci/{id_}{at}").text for at in ("", f"?at={done['revision'] - 1}"))
    for html in (now, before):
        part = html.split('<ul class="redacted">')[1].split("</ul>")[0]
        assert f"/revisions/{done['revision']}" in part
        for word in ("UTC", "&lt;i&gt;ann</bdi>", "&lt;b&gt;a secret"):
            assert word in part
        assert f">{value}<" not in html
    assert "also as of revision" in before
    timeline = now.split('<h2 id="timeline">')[1]
    assert ">redacted</span>" in timeline


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


def test_impact_of_a_switch_shows_who_is_at_risk_and_what_is_not_known(tmp_path: Path) -> None:
    with empty_shop(tmp_path) as shop:
        estate = Estate(shop.store)
        cabled.switch(estate, "leaf1", "leaf2", "spine")
        cabled.host(estate, "web", "nginx")
        cabled.linked(estate, "web bond0", "leaf1 swp1", "leaf2 swp1", kind="bond")
        cabled.joined(estate, "leaf1 up", "leaf2 up")
        estate.commit()

        html = shop.signed_in().get(f"/ci/{id_of('leaf1')}/impact").text
        unknown = shop.signed_in().get(f"/ci/{id_of('spine')}/impact").text

    assert html.count('<span class="level at_risk">') == 1 + len(("bond0", "web", "nginx"))
    assert "a host is still connected by another link, its redundancy is gone" in html
    assert BLIND in html
    assert "no link of it is known" in unknown


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


def test_how_it_is_identified_names_what_matched_and_who_won_each_value(estate: Shop) -> None:
    client = estate.signed_in()
    id_ = estate.id("class:Host name:web1")
    assert f"/ci/{id_}/identity" in links_of(client.get(f"/ci/{id_}").text)
    assert f"/ci/{id_}/identity" not in str(links_of(client.get(f"/ci/{id_}?at=1").text))

    with estate.store.view() as view:
        identifiers = view.items([id_])[id_].identifiers
    html = client.get(f"/ci/{id_}/identity").text

    assert identifiers
    assert "agent:web1" in html
    assert "a new CI" in html
    assert all(f"<code><bdi>{i}</bdi></code>" in html for i in identifiers)
    assert "Only agent:web1 tells it." in html
    assert "7.67 GiB" in html


def test_a_part_is_identified_by_its_whole(estate: Shop) -> None:
    html = estate.signed_in().get(f"/ci/{estate.id('class:Endpoint port:5432')}/identity").text

    assert "db3" in html
    assert "under its whole" in html


def test_how_it_was_identified_in_the_past_is_not_kept(estate: Shop) -> None:
    answer = estate.signed_in().get(f"/ci/{estate.id('class:Host name:web1')}/identity?at=1", headers=HTML)

    assert answer.status_code == 400


def test_hostile_marks_and_values_are_text_on_the_page_of_an_identity(estate: Shop) -> None:
    client = estate.signed_in()
    for query in ("class:Host name:web1", "class:SoftwareInstance alert", "class:SoftwareInstance owned"):
        with estate.store.view() as view:
            ids = [item.id for item in view.find(parse(query)).items]
        for id_ in ids:
            html = client.get(f"/ci/{id_}/identity").text
            assert "How it is identified" in html
            assert "<script>alert" not in html
            assert "<img" not in html
            assert "\x1b" not in html
            assert "\u202e" not in html
