"""Sweeps on the page, in the application and in a browser: how far, how targets ended, why, and nothing hostile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from api.caller import Caller
from api.local_estate import LocalEstate
from tests.api.ui.shop import Shop, empty_shop, host
from tests.api.ui.test_browser import _tab, browser, origin

__all__ = ["browser", "origin"]

ID = "a" * 16
NASTY = "<script>alert(1)</script>\"'>\u202e"


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with empty_shop(tmp_path_factory.mktemp("shop")) as found:
        found.report("web1", host("web1"))
        yield found


def writer(shop: Shop) -> LocalEstate:
    return LocalEstate(shop.store, Caller("os:root", ("admin",)), shop.clock)


@pytest.fixture
def sweep(estate: Shop) -> LocalEstate:
    """Under way: one host looked at, one whose banner is hostile, one with another key, one that waits."""
    wrote = writer(estate)
    wrote.put_sweep(ID, {"source": NASTY, "state": "running", "total": 4, "words": [NASTY, "10.0.0.0/30"]})
    plan = [
        {"number": n, "plan": {"name": NASTY if n == 2 else f"h{n}", "address": f"10.0.0.{n}"}} for n in range(1, 5)
    ]
    wrote.put_sweep_targets(ID, plan)
    tell(wrote, 1, outcome="done", ci=estate.id("class:Host"), seconds=1.25)
    tell(wrote, 2, outcome="no_ssh", phase="banner", reason=NASTY, remedy=NASTY, ssh_version=NASTY, weak=[NASTY])
    tell(
        wrote, 3, outcome="host_key_changed", phase="key_exchange", reason="it was A and is B", remedy="ask who did it"
    )
    return wrote


def tell(wrote: LocalEstate, number: int, **result: Any) -> None:
    wrote.put_sweep_targets(ID, [{"number": number, "result": result}])


def test_a_sweep_shows_outcomes_reasons_remedies_the_item_and_changed_keys(estate: Shop, sweep: LocalEstate) -> None:
    html = estate.signed_in("reader").get(f"/sweeps/{ID}").text

    assert f'href="/ci/{estate.id("class:Host")}"' in html
    assert "1 of 4 targets looked at" in html
    assert "it was A and is B" in html
    assert "ask who did it" in html
    assert "1 host key changed." in html
    assert 'data-live="3"' in html
    assert "<script>alert" not in html
    assert "\u202e" not in html


def test_targets_of_one_outcome_are_shown_alone(estate: Shop, sweep: LocalEstate) -> None:
    client = estate.signed_in("reader")

    assert "h4" in client.get(f"/sweeps/{ID}?outcome=waiting").text
    only = client.get(f"/sweeps/{ID}?outcome=done").text
    assert "h1" in only
    assert ">h4" not in only
    assert "There is no target like that" in client.get(f"/sweeps/{ID}?outcome={'x' * 300}").text
    assert client.get(f"/sweeps/{ID}?cursor=x").status_code == 400


def test_sweeps_are_listed_and_one_that_was_ended_says_how_to_go_on(estate: Shop, sweep: LocalEstate) -> None:
    sweep.put_sweep(ID, {"source": "s", "state": "running", "total": 4} | {"source": sweep.sweep(ID)["source"]})
    sweep.put_sweep(ID, {"source": sweep.sweep(ID)["source"], "state": "interrupted", "total": 4})
    client = estate.signed_in("reader")
    listed, html = client.get("/sweeps").text, client.get(f"/sweeps/{ID}").text

    assert f'href="/sweeps/{ID}"' in listed
    assert "<script>alert" not in listed
    assert f"sweep --resume {ID}" in html
    assert "data-live" not in html


def test_a_sweep_that_there_is_not_is_not_found(estate: Shop) -> None:
    for id_ in ("b" * 16, NASTY):
        assert estate.signed_in("reader").get(f"/sweeps/{id_}", headers={"Accept": "text/html"}).status_code == 404


def test_the_page_follows_a_sweep_while_it_is_under_way(
    estate: Shop, sweep: LocalEstate, browser: Any, origin: str
) -> None:
    with _tab(browser, origin + estate.address()) as tab:
        tab.page.goto(f"{origin}/sweeps/{ID}")
        assert tab.page.inner_text("h1") == "1 of 4 targets looked at"
        tell(sweep, 4, outcome="done")
        tab.page.get_by_role("heading", name="2 of 4 targets looked at").wait_for(timeout=20_000)
        sweep.put_sweep(ID, {"source": sweep.sweep(ID)["source"], "state": "done", "total": 4})
        tab.page.locator("[data-live]").wait_for(state="detached", timeout=20_000)
        assert tab.page.locator(".progress rect").count() == 3
        assert tab.harmless(origin), (tab.complaints, tab.dialogs, tab.asked)


def test_pages_of_sweeps_work_without_scripts_on_a_small_screen(
    estate: Shop, sweep: LocalEstate, browser: Any, origin: str
) -> None:
    with _tab(browser, origin + estate.address(), script=False, width=380) as tab:
        for path in ("/sweeps", f"/sweeps/{ID}"):
            tab.page.goto(origin + path)
            assert tab.page.locator("main h1").count() == 1
            wide = tab.page.locator("main").bounding_box()
            assert wide is not None
            assert wide["width"] <= 380
