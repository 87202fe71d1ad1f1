"""Conflicts of a store that this process opened."""

from __future__ import annotations

import pytest

from api.caller import Caller
from api.local_estate import LocalEstate
from cmdb.model.errors import ForbiddenError
from tests.api.routes.test_conflicts import cloned
from tests.baselines.site import Site

__all__ = ["cloned"]


def test_conflicts_are_listed_and_shown_as_of_any_time(estate: LocalEstate, cloned: Site) -> None:
    assert [c["number"] for c in estate.conflicts()["items"]] == [1]
    assert estate.conflicts(True, "1")["items"] == []
    assert estate.conflict("1")["state"] == "open"


def test_who_may_not_read_sees_none(estate: LocalEstate) -> None:
    with pytest.raises(ForbiddenError):
        estate.of(Caller("agent", ("agent",))).conflicts()
