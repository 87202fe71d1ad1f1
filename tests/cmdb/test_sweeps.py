"""Records of sweeps: begun, told of, ended, gone on with, within limits, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cmdb import sweeps
from cmdb.model.errors import ConflictError, ForbiddenError, NotFoundError, UsageError
from cmdb.model.times import SECOND
from cmdb.ports import Store
from cmdb.stores.sqlite_store_sweeps import SqliteSweeps
from cmdb.sweeps import Asked, Limits, Row, Said, Teller
from tests.cmdb.building import START, open_store

ID, OTHER = "a" * 16, "b" * 16
ANN, BOUND = Teller("os:ann"), Teller("token:1", "ssh:1")
NASTY = "<b>\u202e\ud800\0"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path / "cmdb.db")) as store:
        yield store


def begin(store: Store, id: str = ID, total: int = 3, at: int = START, **limits: int) -> dict[str, Any]:
    said = Said("ssh:1", "running", total, ("10.0.0.0/30",))
    return sweeps.put(store, id, said, ANN, at, Limits(**limits) if limits else None)


def plan(number: int) -> dict[str, Any]:
    return {"name": f"host{number}", "address": f"10.0.0.{number}", "port": 22, "zone": "default", "user": "root"}


def planned(store: Store, *numbers: int) -> None:
    sweeps.put_targets(store, ID, [Row(n, plan(n)) for n in numbers], ANN, START)


def ended(store: Store, number: int, outcome: str, at: int = START, **more: Any) -> dict[str, Any]:
    return sweeps.put_targets(store, ID, [Row(number, None, {"outcome": outcome, **more})], ANN, at)


def shown(store: Store, now: int = START, id: str = ID, teller: Teller = ANN, **asked: Any) -> dict[str, Any]:
    with store.view() as view:
        return sweeps.show(view, id, now, Asked(**asked), teller)


def test_a_sweep_tells_how_each_target_ended_and_which_wait(store: Store) -> None:
    begin(store)
    planned(store, 1, 2, 3)
    ended(store, 2, "refused", phase="connect", reason="nothing listens", remedy="start sshd", seconds=0.01234)
    ended(store, 1, "done", ci="C" * 26, items=40, conflicts=2)

    found = shown(store)

    assert (found["state"], found["counts"], found["waiting"]) == ("running", {"done": 1, "refused": 1}, 1)
    assert [(t["target"], t["outcome"]) for t in found["targets"]] == [
        ("host1", "done"), ("host2", "refused"), ("host3", "waiting"),
    ]  # fmt: skip
    assert [t["conflicts"] for t in found["targets"]] == [2, 0, 0]
    second = found["targets"][1]
    assert (second["phase"], second["remedy"], second["seconds"]) == ("connect", "start sshd", 0.012)
    assert "plan" not in second


def test_targets_come_in_pages_and_by_outcome(store: Store) -> None:
    begin(store)
    planned(store, 1, 2, 3)
    ended(store, 2, "done")

    first = shown(store, limit=2)
    rest = shown(store, limit=2, cursor=first["next"])

    assert [[t["number"] for t in page["targets"]] for page in (first, rest)] == [[1, 2], [3]]
    assert rest["next"] is None
    assert [t["number"] for t in shown(store, outcomes=["waiting"])["targets"]] == [1, 3]
    assert [t["number"] for t in shown(store, outcomes=["done", "failed"])["targets"]] == [2]


def test_how_to_reach_a_target_comes_back_for_who_goes_on(store: Store) -> None:
    begin(store)
    planned(store, 1, 2)
    ended(store, 1, "done")

    left = shown(store, outcomes=["waiting"], plan=True)["targets"]

    assert [t["plan"] for t in left] == [plan(2)]


def test_a_sweep_ends_and_can_be_gone_on_with(store: Store) -> None:
    begin(store)
    planned(store, 1)
    over = sweeps.put(store, ID, Said("ssh:1", "interrupted", 3), Teller("os:bob"), START + 5 * SECOND)
    again = sweeps.put(store, ID, Said("ssh:1", "running", 3), Teller("os:bob"), START + 9 * SECOND)

    assert over["state"] == "interrupted"
    assert over["ended_at"] is not None
    assert (again["state"], again["ended_at"], again["actor"]) == ("running", None, "os:ann")
    assert again["words"] == ["10.0.0.0/30"]
    assert again["started_at"] == over["started_at"] != over["updated_at"]


@pytest.mark.parametrize(
    "wrong", [{"port": "ssh"}, {"port": None}, {"port": True}, {"port": 0}, {"port": 65_536}, {"address": None}]
)
def test_a_target_that_could_not_be_shown_is_refused(store: Store, wrong: dict[str, object]) -> None:
    begin(store)
    with pytest.raises(UsageError, match="of a target"):
        sweeps.put_targets(store, ID, [Row(1, {**plan(1), **wrong})], ANN, START)
    assert shown(store)["targets"] == []


def test_a_sweep_does_not_shrink_and_finds_room_when_it_grows(store: Store) -> None:
    limits = sweeps.Limits(targets=5)
    for id_, total in ((OTHER, 4), (ID, 1), (ID, 3), (ID, 0)):
        told = sweeps.put(store, id_, Said("ssh:1", "running", total), ANN, START, limits)
    assert told["total"] == 3
    with store.view() as view:
        assert [one.id for one in view.sweeps()] == [ID]


def test_a_collector_that_is_silent_is_lost_until_it_speaks_again(store: Store) -> None:
    begin(store)
    planned(store, 1)
    late = START + (sweeps.SILENT_SECONDS + 1) * SECOND

    assert shown(store, late)["state"] == "lost"
    ended(store, 1, "done", late)
    assert shown(store, late)["state"] == "running"


def test_changed_host_keys_stand_out_as_events(store: Store) -> None:
    begin(store)
    planned(store, 1, 2)
    ended(store, 2, "host_key_changed", reason="it was A and is B", remedy="ask who changed it")

    assert [(e["kind"], e["target"], e["reason"]) for e in shown(store)["events"]] == [
        ("host_key_changed", "host2", "it was A and is B")
    ]


def test_what_a_host_wrote_is_cut_and_made_fit_to_be_kept(store: Store) -> None:
    begin(store)
    sweeps.put_targets(store, ID, [Row(1, {"name": NASTY, "address": NASTY, "port": 22})], ANN, START)
    ended(store, 1, "failed", reason=NASTY + "x" * 100_000, ssh_version=NASTY, sections_failed=[NASTY] * 1000)

    found = shown(store)["targets"][0]

    assert "\0" not in found["reason"]
    assert len(found["reason"]) <= sweeps.TEXT
    assert len(found["sections_failed"]) <= sweeps.LISTED
    found["target"].encode()


def test_the_oldest_are_dropped_where_there_are_too_many_sweeps_or_targets(store: Store) -> None:
    ids = [f"{n:016x}" for n in range(6)]
    for number, id_ in enumerate(ids):
        begin(store, id_, 10, START + number, sweeps=4, targets=1000)
    with store.view() as view:
        assert [s["sweep"] for s in sweeps.listed(view, START)["items"]] == ids[:1:-1]
    begin(store, OTHER, 15, START, sweeps=100, targets=30)
    with store.view() as view:
        assert [s["sweep"] for s in sweeps.listed(view, START)["items"]] == [OTHER, ids[5]]
    begin(store, ID, 10_000, START, sweeps=1, targets=1)
    with store.view() as view:
        assert [s["sweep"] for s in sweeps.listed(view, START)["items"]] == [ID], "the newest stays"


def test_many_targets_are_dropped_in_transactions_of_a_bounded_size(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(store, total=5)
    planned(store, 1, 2, 3, 4, 5)
    monkeypatch.setattr(sweeps, "DROPPED_AT_ONCE", 2)
    at_once = []
    drop = SqliteSweeps.drop_sweep

    def noted(self: SqliteSweeps, id: str, most: int) -> bool:
        before = len(self.sweep_targets(id))
        done = drop(self, id, most)
        at_once.append((before - len(self.sweep_targets(id)), done))
        return done

    monkeypatch.setattr(SqliteSweeps, "drop_sweep", noted)
    begin(store, OTHER, 1, START, sweeps=1)

    assert at_once == [(2, False), (2, False), (1, True)]
    with store.view() as view:
        assert [one.id for one in view.sweeps()] == [OTHER]


def test_outcomes_are_not_counted_anew_with_every_target(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(store)
    monkeypatch.setattr(SqliteSweeps, "sweep_counts", None)
    planned(store, 1, 2, 3)
    ended(store, 1, "refused")
    ended(store, 2, "done")
    begin(store, at=START + 1)
    told = ended(store, 1, "done")
    twice = [Row(3, None, {"outcome": "failed"}), Row(3, None, {"outcome": "partly"})]
    last = sweeps.put_targets(store, ID, twice, ANN, START)

    assert (told["counts"], told["waiting"]) == ({"done": 2}, 1)
    assert (last["counts"], last["waiting"]) == ({"done": 2, "partly": 1}, 0)
    monkeypatch.undo()
    with store.view() as view:
        assert view.sweep_counts(ID) == last["counts"]


def test_outcomes_of_a_sweep_that_kept_no_counts_are_counted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "MAX_OUTCOMES", 1)
    begin(store)
    planned(store, 1, 2, 3)
    ended(store, 1, "done")
    with store.transaction() as tx:
        record = tx.sweep(ID)
        assert record is not None
        assert record.value.pop("counts") == {"done": 1}
        tx.put_sweep(record)

    assert shown(store)["counts"] == {"done": 1}
    for _ in range(2):
        assert ended(store, 2, "refused")["counts"] == {"done": 1, "refused": 1}
    assert ended(store, 3, "done")["counts"] == {"done": 2, "refused": 1}
    assert ended(store, 2, "done")["counts"] == {"done": 3}


def test_sweeps_are_listed_newest_first_in_pages(store: Store) -> None:
    for number in range(3):
        begin(store, f"{number:016x}")
    with store.view() as view:
        first = sweeps.listed(view, START, None, 2)
        rest = sweeps.listed(view, START, first["next"], 2)

    assert [int(s["sweep"], 16) for s in [*first["items"], *rest["items"]]] == [2, 1, 0]
    assert (first["total"], rest["next"]) == (3, None)


def test_who_is_bound_to_a_source_speaks_for_that_one_only(store: Store) -> None:
    sweeps.put(store, OTHER, Said("whatever", "running", 1), BOUND, START)
    sweeps.put(store, ID, Said("ssh:2", "running", 1), ANN, START)

    assert shown(store, id=OTHER)["source"] == "ssh:1"
    with pytest.raises(ConflictError):
        sweeps.put(store, ID, Said("ssh:2", "done", 1), BOUND, START)
    with pytest.raises(ForbiddenError):
        sweeps.put_targets(store, ID, [Row(1, plan(1))], BOUND, START)
    with pytest.raises(ForbiddenError):
        shown(store, id=ID, teller=BOUND, plan=True)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (Row(4, plan(4)), "has 3 targets"),
        (Row(0, plan(1)), "has 3 targets"),
        (Row(2, None, {"outcome": "done"}), "how it is reached"),
        (Row(1, None, {"outcome": "Done!"}), "no outcome"),
        (Row(1, None, {"outcome": "waiting"}), "no outcome"),
        (Row(1, {f"n{n}": "x" * 4_000 for n in range(5)}), "too long"),
        (Row(1, {"name": 1.5}), "texts, numbers"),
    ],
)
def test_what_is_no_target_is_refused_and_nothing_is_written(store: Store, row: Row, said: str) -> None:
    begin(store)
    planned(store, 1)
    before = shown(store)
    with pytest.raises(UsageError, match=said):
        sweeps.put_targets(store, ID, [Row(3, plan(3)), row], ANN, START)
    assert shown(store) == before


def test_what_is_no_sweep_is_refused(store: Store) -> None:
    for id_, said in (("x", Said("s", "running", 1)), (ID, Said("s", "over", 1)), (ID, Said("s", "done", 2**30))):
        with pytest.raises(UsageError):
            sweeps.put(store, id_, said, ANN, START)
    with pytest.raises(NotFoundError):
        shown(store)
    with pytest.raises(NotFoundError):
        planned(store, 1)
    begin(store)
    for cursor in ("x", "-1", "9" * 30):
        with pytest.raises(UsageError):
            shown(store, cursor=cursor)
