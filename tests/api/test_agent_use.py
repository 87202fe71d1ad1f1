"""How an agent's key is used: once with each nonce, for so many bytes a day."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.signature import Signature
from api import agent_use
from cmdb.model.times import SECOND
from tests.baselines.site import START, Site

KEY = "0123456789ab"
Spend = Callable[..., None]


@pytest.fixture
def spend(site: Site) -> Spend:
    """Use the key `at` seconds after START, with a signature of that time unless another one is said."""

    def done(nonce: str, at: int = 0, size: int = 0, created: int | None = None, told: str = "") -> None:
        made = START // SECOND + (at if created is None else created)
        signature = Signature(("@method",), "", b"", KEY, made, nonce)
        with site.store.transaction() as tx:
            agent_use.spend(tx, KEY, signature, START + at * SECOND, size, 1000, told)

    return done


def test_a_nonce_counts_once_as_long_as_its_signature_is_good(spend: Spend) -> None:
    spend("a")
    spend("b", 1)
    for at in (0, 299):
        with pytest.raises(agent_use.Replayed):
            spend("a", at, created=0)
    spend("c", 1000)
    with pytest.raises(agent_use.Replayed):  # though the nonce is forgotten, and the server's clock went back
        spend("a", 100, created=0)


def test_so_many_requests_at_once_and_no_more(spend: Spend, site: Site) -> None:
    for number in range(agent_use.MOST_NONCES):
        spend(f"n{number}", number // 10)
    with pytest.raises(agent_use.TooOften) as refused:
        spend("one more", 30)
    assert refused.value.details["retry_after"] == 270
    spend("one more", 301)
    with site.store.view() as view:
        kept = view.unversioned(agent_use.KIND, KEY)
    assert kept is not None
    assert len(kept["nonces"]) <= agent_use.MOST_NONCES


def test_bytes_are_counted_by_the_day(spend: Spend, site: Site) -> None:
    spend("a", size=900)
    with pytest.raises(agent_use.TooOften) as refused:
        spend("b", 60, size=200)
    assert refused.value.details["retry_after"] == 86_400 - 60
    spend("b", 86_400, size=200)
    with site.store.transaction() as tx:
        agent_use.add_bytes(tx, KEY, 900)
    with pytest.raises(agent_use.TooOften):
        spend("c", 86_500)


def test_what_is_shown_of_it_tells_no_nonce_and_nothing_that_the_agent_makes_up(spend: Spend, site: Site) -> None:
    spend("a", 5, told="surveymark-agent/1.2.3 <script>")
    with site.store.view() as view:
        assert agent_use.shown(view, KEY) == {
            "seen_at": "2026-01-01T00:00:05.000000Z",
            "version": "1.2.3",
            "bytes_of_day": 0,
        }
        assert agent_use.shown(view, "other") == {"seen_at": None, "version": None, "bytes_of_day": 0}
    spend("b", 6, told="<script>")
    with site.store.view() as view:
        assert agent_use.shown(view, KEY)["version"] == "1.2.3"


def test_wishes_that_were_told_and_done_are_known_by_when(site: Site) -> None:
    with site.store.transaction() as tx:
        agent_use.note_wishes(tx, KEY, "told", {"pass_now": 1, "full_report": 2})
        agent_use.note_wishes(tx, KEY, "done", {"pass_now": 3})
        agent_use.note_wishes(tx, KEY, "told", {"pass_now": 4})
        assert agent_use.wished(tx, KEY) == ({"pass_now": 4, "full_report": 2}, {"pass_now": 3})
