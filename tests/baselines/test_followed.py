"""Drift of a baseline that names an id which was merged since."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from baselines import baseline
from baselines.drift import drift
from cmdb.merging import merge
from tests.cmdb.building import Receiver, receiver
from tests.cmdb.test_splitting import joined, parted, two


@pytest.fixture
def cmdb() -> Iterator[Receiver]:
    with receiver() as one:
        yield one


def _drift(cmdb: Receiver, name: str) -> list[tuple[str, str, str | None]]:
    with cmdb.view() as view:
        report = drift(view, name)
    return [(d["kind"], d["name"], d["attribute"]) for d in report["deviations"] if d["kind"] != "not_comparable"]


def test_a_baseline_of_the_merged_alone_is_compared_with_the_survivor(cmdb: Receiver) -> None:
    _, _, one, other = two(cmdb)
    baseline.create(cmdb.store, "b", f"id:{other}", "ann", None, lambda: 10**15, cmdb.random)
    joined(cmdb, one, other)

    found = _drift(cmdb, "b")
    assert ("removed", "web", None) not in found
    assert ("added", "web", None) not in found
    assert ("changed", "web", "os") in found


def test_a_baseline_of_both_says_that_one_was_merged_into_the_other(cmdb: Receiver) -> None:
    _, _, one, other = two(cmdb)
    baseline.create(cmdb.store, "b", "", "ann", None, lambda: 10**15, cmdb.random)
    joined(cmdb, one, other)

    with cmdb.view() as view:
        report = drift(view, "b")
    gone = [d for d in report["deviations"] if d["kind"] in ("removed", "added")]
    assert [(d["kind"], d["ci"], d["name"]) for d in gone] == [("removed", other, "web")]
    assert f"merged into {one}" in gone[0]["reason"]
    parted(cmdb, other)
    assert _drift(cmdb, "b") == []


def test_the_frozen_state_itself_stays_as_it_was(cmdb: Receiver) -> None:
    _, _, one, other = two(cmdb)
    made = baseline.create(cmdb.store, "b", "", "ann", None, lambda: 10**15, cmdb.random)
    merge(cmdb.store, one, other, "ann", "one machine", lambda: 2 * 10**15, cmdb.random)

    with cmdb.view() as view:
        assert baseline.verify(view, "b")["sound"] is True
        assert baseline.show(view, "b")["digest"] == made["digest"]
