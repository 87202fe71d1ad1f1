"""Who may set ages and holds, and who may ask for them."""

from __future__ import annotations

import pytest

from api.caller import Caller
from api.local_estate import LocalEstate
from cmdb.model.errors import ForbiddenError


def test_only_an_administrator_sets_and_everybody_may_ask(estate: LocalEstate) -> None:
    reader = estate.of(Caller("ann", ("reader",)))
    assert reader.retention() == {"ages": [], "horizons": []}
    assert reader.holds()["items"] == []
    for act in (
        lambda: reader.set_retention(30, None, "policy"),
        lambda: reader.run_retention(dry_run=True),
        lambda: reader.add_hold("case 7", "", "a lawsuit"),
        lambda: reader.release_hold("case 7", "settled"),
    ):
        with pytest.raises(ForbiddenError):
            act()


def test_a_question_before_the_horizon_is_of_the_whole_only(estate: LocalEstate) -> None:
    estate.add_hold("case 7", "", "a lawsuit")
    assert [hold["name"] for hold in estate.holds()["items"]] == ["case 7"]
    estate.set_retention(30, None, "policy")
    assert estate.run_retention()["states"] == 0
    assert estate.release_hold("case 7", "settled")["name"] == "case 7"
