"""The page of the physical map, what it tells."""

from __future__ import annotations

from typing import Any

from api.ui import wiring
from tests.api.ui.test_cabling import document


def _link(**said: Any) -> str:
    return "?" + "&".join(f"{n}={v}" for n, v in said.items())


def _told(found: dict[str, Any], opened: list[str] | None = None, start: int = 0, first: int = 0) -> wiring.Told:
    return wiring.told(found, opened or [], start, first, _link, lambda i: "/ci/" + i)


def test_links_come_a_page_at_a_time_by_name_and_are_counted_by_proof() -> None:
    hosts = [f"h{n:03}" for n in range(250)]
    found = _told(document({"sw": "bridge"}, hosts, [("sw", h, "inferred") for h in hosts]))

    assert (len(found.rows), found.next) == (200, "?start=200#links")
    assert found.rows[0]["a"]["name"] == "sw"
    assert found.counts == {"devices": 1, "hosts": 250, "links inferred": 250}
    assert (found.boxes or {})["nodes"] == 250


def test_members_of_an_opened_box_come_a_page_at_a_time() -> None:
    hosts = [f"h{n:03}" for n in range(250)]
    given = document({"sw": "bridge"}, hosts, [("sw", h, "inferred") for h in hosts])

    first, second = _told(given, ["~h000"]), _told(given, ["~h000"], first=200)

    assert first.opened is not None
    assert second.opened is not None
    assert (len(first.opened.rows), first.opened.left, first.opened.next) == (200, 50, "?first=200#opened")
    assert (len(second.opened.rows), second.opened.next) == (50, None)
    assert first.close == "?open=None&first=None"
    assert _told(given, ["~nothing"]).opened is None
