"""Which targets of sweeps tell of a machine, and that what is found before the transaction is renewed in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cmdb import sweep_traces
from cmdb.ports import Store, View
from cmdb.redacted import MARK, Withheld
from cmdb.states import SweepRecord, SweepTarget
from cmdb.sweep_traces import Machine
from tests.cmdb.building import open_store
from tests.cmdb.stores.conformance_sweep_traces import OURS, begun, ended

WEB = Machine(frozenset({"W" * 26}), frozenset({"ssh:1@10.0.9.3:22", "agent:9"}))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path / "cmdb.db")) as store:
        yield store


@pytest.mark.parametrize(
    ("own", "zone", "theirs", "address", "expected"),
    [
        ("ssh:1", "default", "default", "10.0.0.1", "ssh:1@10.0.0.1:22"),
        ("ssh:1", "default", "branch", "fd00::1", "ssh:1:branch@[fd00::1]:22"),
        ("ssh:1:branch", "branch", "branch", "10.0.0.1", "ssh:1:branch@10.0.0.1:22"),
        ("ssh:1:branch", "branch", "default", "10.0.0.1", "ssh:1@10.0.0.1:22"),
    ],
)
def test_a_target_reports_as_the_source_of_its_zone(
    own: str, zone: str, theirs: str, address: str, expected: str
) -> None:
    record = SweepRecord("a" * 16, 1, 0, 1, {"source": own, "zone": zone})
    target = SweepTarget(record.id, 1, "", {"plan": {"address": address, "zone": theirs}})

    assert sweep_traces.source(record, target) == expected


def test_sweeps_that_went_on_are_looked_through_again_and_the_others_are_not(store: Store) -> None:
    begun(store, 4)
    ended(store, 1, "done", "W" * 26, reason=OURS)
    ended(store, 2, "done", "V" * 26, reason=OURS)
    before = sweep_traces.look(store.view, WEB)
    assert [numbers for _, numbers in before.values()] == [[1, 3]]

    read: list[str] = []

    class Counting:
        def __init__(self, view: View) -> None:
            self.sweeps, self._view = view.sweeps, view

        def sweep_targets(self, *given: object) -> object:
            read.append(str(given))
            return self._view.sweep_targets(*given)  # type: ignore[arg-type]

    with store.view() as view:
        opened = lambda: closing_nothing(Counting(view))  # noqa: E731
        assert sweep_traces.look(opened, WEB, before) == before  # type: ignore[arg-type]
    assert read == []
    ended(store, 4, "partly", "W" * 26, reason=OURS)
    assert [numbers for _, numbers in sweep_traces.look(store.view, WEB, before).values()] == [[1, 3, 4]]


class closing_nothing:  # noqa: N801 - read as a function
    def __init__(self, view: object) -> None:
        self.view = view

    def __enter__(self) -> object:
        return self.view

    def __exit__(self, *_: object) -> None: ...


def test_what_is_withheld_of_a_ci_is_marked_and_nothing_else() -> None:
    result = {"ci": "W" * 26, "reason": "r", "weak": ["w"], "remedy": "", "sections_failed": ["packages"]}
    ends = Withheld(ends={"W" * 26: frozenset({"weak", "remedy"})})
    reasons = Withheld(reasons={"W" * 26: frozenset({"packages"})})

    assert sweep_traces.told(ends, result) == {**result, "weak": [MARK]}
    assert sweep_traces.told(reasons, result) == {**result, "reason": MARK}
    assert sweep_traces.told(reasons, {**result, "sections_failed": ["os"]}) == {**result, "sections_failed": ["os"]}
    assert sweep_traces.told(ends, {**result, "ci": None}) == {**result, "ci": None}
