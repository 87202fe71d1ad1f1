"""The page of the physical map, in the application and in a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cmdb.ingest import Ingest
from tests.api.ui.shop import Shop, empty_shop, links_of
from tests.api.ui.test_browser import _CONTRAST, _tab, browser, origin
from tests.cmdb.fabric import Fabric, campus, leaf_spine, wire

__all__ = ["browser", "origin"]

HOSTILE = "<script>alert(1)</script>\"'>\u202e"


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A campus of 2,000 hosts on 40 access switches, and a small fabric beside it, one device of which has a hostile name."""
    fabric = campus(40, 50)
    small = leaf_spine(2, 2, 2)
    both = Fabric(
        {**fabric.devices, **small.devices, HOSTILE: {"roles": ["router"]}},
        {**fabric.hosts, **small.hosts},
        [*fabric.cables, *small.cables, (HOSTILE, "p<1>", "spine01", "swp31", "one-sided")],
        bonds=small.bonds,
    )
    with empty_shop(tmp_path_factory.mktemp("campus")) as found:
        wire(found.store, both, Ingest(found.store, found.clock), now=found.clock())
        yield found


def test_the_map_is_drawn_and_listed_with_every_proof_and_its_counts(estate: Shop) -> None:
    html = estate.signed_in().get("/topology").text

    assert "Every link that is known" in html
    assert "2,002</strong> hosts" in html
    assert "50 hosts" in html
    assert html.count('class="line"') < 300
    assert HOSTILE not in html
    assert "links confirmed" in html
    assert 'rel="next"' in html


def test_what_is_near_is_drawn_alone_and_what_is_left_out_is_said(estate: Shop) -> None:
    client = estate.signed_in()
    host = estate.id("class:Host name:srv01-01")

    near = client.get(f"/topology?q={host}&depth=1").text

    assert "Not all of it" in near
    assert "acc001" not in near
    assert "bonded: leaf01 + leaf02" in near
    assert f"/ci/{estate.id('class:NetworkDevice name:leaf02')}" in links_of(near)
    assert "No link is known" in client.get("/topology?at=1").text


@pytest.mark.parametrize("question", ["q=class:", "q=name:nobody", "depth=x", "depth=99999"])
def test_a_question_that_is_refused_is_explained_beside_the_field(estate: Shop, question: str) -> None:
    answer = estate.signed_in().get(f"/topology?{question}")

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


def test_a_host_and_a_device_show_what_they_are_plugged_into(estate: Shop) -> None:
    client = estate.signed_in()
    for name, far in (("class:Host name:srv01-02", "leaf01"), ("class:NetworkDevice name:acc001", "dist1")):
        html = client.get(f"/ci/{estate.id(name)}").text
        part = html.split('<h2 id="wiring">')[1].split("</section>")[0]
        assert far in part
        assert "</svg>" in part


def test_two_thousand_hosts_are_one_picture_that_zooms_and_leads_on(estate: Shop, browser: object, origin: str) -> None:
    with _tab(browser, origin + estate.address()) as tab:  # type: ignore[arg-type]
        tab.page.goto(f"{origin}/topology")
        view, svg = tab.page.locator(".pan"), tab.page.locator("svg.graph")
        before = svg.bounding_box()
        tab.page.get_by_role("button", name="Zoom in").click()
        after = svg.bounding_box()
        assert before is not None
        assert after is not None
        assert after["width"] > before["width"] * 1.2
        tab.page.get_by_role("button", name="Fit").click()
        assert view.evaluate("v => v.scrollWidth <= v.clientWidth + 1")
        tab.page.get_by_role("button", name="100%").click()
        tab.page.locator("svg.graph a", has_text="acc003").hover()
        assert tab.page.locator(".line.lit").count() == 2
        tab.page.locator("svg.graph a", has_text="50 hosts").first.click()
        tab.page.wait_for_url("**open=*")
        assert tab.page.locator("svg.graph a", has_text="pc001-050").count() == 1
        assert tab.page.get_by_role("heading", name="In the box: 50").is_visible()
        tab.page.locator("svg.graph a", has_text="core1").click()
        tab.page.wait_for_url("**/ci/*")
        assert tab.page.inner_text("h1") == "core1"
        assert tab.harmless(origin), (tab.complaints, tab.dialogs, tab.asked)


def test_what_is_dragged_moves_and_is_not_clicked(estate: Shop, browser: object, origin: str) -> None:
    with _tab(browser, origin + estate.address()) as tab:  # type: ignore[arg-type]
        tab.page.goto(f"{origin}/topology")
        box = tab.page.locator("svg.graph a", has_text="acc003")
        box.scroll_into_view_if_needed()
        place = box.bounding_box()
        assert place is not None
        view = tab.page.locator(".pan")
        start = view.evaluate("v => v.scrollTop")
        tab.page.mouse.move(place["x"] + 90, place["y"] + 20)
        tab.page.mouse.down()
        tab.page.mouse.move(place["x"] + 90, place["y"] - 80, steps=4)
        tab.page.mouse.up()
        assert view.evaluate("v => v.scrollTop") > start
        assert "/topology" in tab.page.url
        assert tab.harmless(origin), tab.complaints


@pytest.mark.parametrize(("dark", "width"), [(False, 390), (True, 1280)])
def test_it_is_readable_and_fits_its_window_with_and_without_scripts(
    estate: Shop, browser: object, origin: str, dark: bool, width: int
) -> None:
    with _tab(browser, origin + estate.address(), script=not dark, dark=dark, width=width) as tab:  # type: ignore[arg-type]
        tab.page.goto(f"{origin}/topology?q=class:NetworkDevice+name:spine*&depth=3")
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= width
        assert tab.page.evaluate(_CONTRAST) == []
        assert tab.harmless(origin), tab.complaints
        tab.page.locator("svg.graph a", has_text="srv01-02").click()
        tab.page.wait_for_url("**/ci/*")
        assert tab.page.inner_text("h1") == "srv01-02"
