"""The limit after which a class's CIs are taken to be unseen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model.classes import CLASSES
from cmdb.staleness import DAY, silent_before
from tests.cmdb.building import START

LIMITED = sorted(name for name, ci in CLASSES.items() if ci.type.stale_after_days is not None)


@pytest.mark.parametrize("class_name", sorted(CLASSES))
def test_the_limit_is_that_which_the_class_declares(class_name: str) -> None:
    days = CLASSES[class_name].type.stale_after_days

    assert silent_before(class_name, START) == (0 if days is None else START - days * DAY)


def test_a_host_is_silent_after_a_week_and_a_record_of_people_never() -> None:
    assert START - silent_before("Host", START) == 7 * 86_400 * 1_000_000
    assert silent_before("ChangeRecord", START) == silent_before("IncidentRecord", START) == 0


@given(class_name=st.sampled_from(LIMITED), early=st.integers(0, 2 * START), later=st.integers(0, 2 * START))
def test_who_is_silent_stays_so_as_time_goes_on(class_name: str, early: int, later: int) -> None:
    early, later = sorted((early, later))

    assert 0 <= silent_before(class_name, early) <= silent_before(class_name, later) <= later
