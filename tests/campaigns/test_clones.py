"""Clone simulator: a machine is copied n times, and every copy reports beside it. n clones in, n CIs out, one conflict."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cmdb.ports import Store
from cmdb.stores.neo4j_store import Neo4jStore
from tests.campaigns.length import either
from tests.cmdb.building import Receiver, open_store, outcomes, receiver
from tests.cmdb.identity_cases import MINUTE, Told, clone, conflicts, homes, machine, take

pytestmark = pytest.mark.campaign

ORIGINAL = machine("original", system_serial="Acme/X1/SN000017")
COUNTS = either((2, 7), (*range(2, 51),))


@pytest.fixture(params=["sqlite", "neo4j"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        opened: Store = open_store(tmp_path / "cmdb.db")
    else:
        opened = Neo4jStore.open(request.getfixturevalue("cleared_neo4j"))
    with closing(opened) as found:
        yield found


def passes(count: int, rounds: int, chance: Random) -> list[Told]:
    """The original and its clones, each round in another order; the original's mainboard is another's in no round."""
    marks = {"original": ORIGINAL, **{f"clone{n}": clone(f"clone{n}", ORIGINAL) for n in range(1, count)}}
    told = []
    for turn in range(rounds):
        names = sorted(marks)
        chance.shuffle(names)
        for place, name in enumerate(names):
            at = turn * 30 * MINUTE + place * 10
            told.append(Told(name, f"agent:{name}", turn + 1, at, marks[name]))
    return told


@pytest.mark.parametrize("count", COUNTS)
def test_n_clones_in_are_n_cis_out_and_one_conflict(store: Store, count: int, tell: Callable[[str], None]) -> None:
    cmdb = Receiver(store)
    told = passes(count, 3, Random(count))

    receipts = take(cmdb, told)

    found = homes(cmdb, told, receipts)
    assert {name: len(ids) for name, ids in found.items()} == dict.fromkeys(found, 1)
    assert len({id_ for ids in found.values() for id_ in ids}) == len(found) == count
    assert len(cmdb.found("class:Host")) == count
    (conflict,) = conflicts(cmdb)
    assert len(conflict["cis"]) == count
    for one, receipt in zip(told, receipts, strict=True):
        assert receipt["quarantined"] == []
        assert set(outcomes(receipt).values()) <= {"collected", "unchanged"}, one
    cmdb.sound()
    tell(f"{type(store).__name__}: {count} clones in, {count} CIs out, one conflict; {len(told)} batches, none stopped")


@pytest.mark.parametrize("count", either((3,), (2, 5, 20)))
def test_clones_that_one_sweep_looks_at_are_told_apart_from_the_second_round_on(store: Store, count: int) -> None:
    cmdb = Receiver(store)
    told = [
        Told(t.machine, "sweep", n + 1, t.at, {k: v for k, v in t.marks.items() if k != "agent_key"}, "ssh")
        for n, t in enumerate(passes(count, 3, Random(count)))
    ]

    receipts = take(cmdb, told)

    found = homes(cmdb, told[-count:], receipts[-count:])
    assert len({id_ for ids in found.values() for id_ in ids}) == count
    (conflict,) = conflicts(cmdb)
    assert len(conflict["cis"]) == count
    cmdb.sound()


# -- random estates with a known truth -------------------------------------------------------------------------------------

NAMES = "abcdef"
Machine = tuple[int, frozenset[str]]
"""Whose clone it is (an earlier machine by place, itself where it is none), and which marks it has of its own then."""

MACHINES: st.SearchStrategy[list[Machine]] = st.lists(
    st.tuples(st.integers(0, 4), st.frozensets(st.sampled_from(["ssh_host_keys", "host_name", "system_serial"]))),
    min_size=1,
    max_size=5,
)
REPORTS = st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.integers(0, 3)), min_size=1, max_size=14)
"""Which machine reports, whether a sweep looks or its own agent, and how many marks the look misses."""
MISSABLE = ("system_serial", "dmi_uuid", "macs", "ssh_host_keys")


def estate(machines: list[Machine]) -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = {}
    for place, (of, own) in enumerate(machines):
        name = NAMES[place]
        fresh = machine(name, system_serial=f"Acme/X1/SN-{name}-17")
        if of < place:
            fresh = clone(name, made[NAMES[of]], **{n: fresh[n] for n in own})
        made[name] = fresh
    return made


def reports(marks: dict[str, dict[str, Any]], drawn: list[tuple[int, bool, int]]) -> list[Told]:
    told = []
    for place, (which, swept, missing) in enumerate(drawn):
        name = NAMES[which % len(marks)]
        seen = {n: v for n, v in marks[name].items() if n not in MISSABLE[: 0 if not swept else missing]}
        if swept:
            del seen["agent_key"]
        source = f"sweep:{name}" if swept else f"agent:{name}"
        told.append(Told(name, source, place + 1, place * MINUTE, seen, "ssh" if swept else "agent"))
    return told


@settings(max_examples=either(60, 3000), suppress_health_check=[HealthCheck.too_slow])
@given(MACHINES, REPORTS)
def test_two_machines_never_share_a_ci_and_one_has_several_only_where_a_conflict_names_them(
    machines: list[Machine], drawn: list[tuple[int, bool, int]]
) -> None:
    # A look that misses what tells a clone from its original is that of any of them.
    told = [t for t in reports(estate(machines), drawn) if {"agent_key", "dmi_uuid", "macs"}.intersection(t.marks)]
    with receiver() as cmdb:
        receipts = take(cmdb, told)
        found = homes(cmdb, told, receipts)
        names: dict[str, set[str]] = {}
        for name, ids in found.items():
            for id_ in ids:
                names.setdefault(id_, set()).add(name)
        assert {id_: n for id_, n in names.items() if len(n) > 1} == {}
        with cmdb.view() as view:
            named = [set(e.value["cis"]) for e in view.entries("conflict") if e.value["state"] == "open"]
            parts = {i: {p.key for p in view.parts(i) if p.class_name == "SoftwarePackage"} for i in names}
        for name, ids in found.items():
            assert len(ids) == 1 or any(ids & each for each in named), name
            assert all(parts[i] <= {f"dpkg/only-{name}/amd64"} for i in ids), "nothing of another machine"
        cmdb.sound()


@settings(max_examples=either(30, 1000), suppress_health_check=[HealthCheck.too_slow])
@given(MACHINES, REPORTS)
# A batch that made no revision comes again after its source has taken back what it was known by.
@example([(0, frozenset()), (0, frozenset())], [(0, True, 0), (0, True, 0), (1, False, 0), (0, True, 3)])
def test_reporting_everything_again_changes_nothing(
    machines: list[Machine], drawn: list[tuple[int, bool, int]]
) -> None:
    told = reports(estate(machines), drawn)
    with receiver() as cmdb:
        take(cmdb, told)
        before, open_ones = cmdb.natural(), conflicts(cmdb)
        take(cmdb, [*reversed(told), *told])

        assert (cmdb.natural(), conflicts(cmdb)) == (before, open_ones)
