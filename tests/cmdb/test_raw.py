"""Raw batches: which are kept, whole, once, and within limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cmdb import raw
from cmdb.ingest import Ingest
from cmdb.model.errors import InvalidDocument
from cmdb.model.times import SECOND
from cmdb.stores.sqlite_store import SqliteStore
from tests.cmdb.building import START, Receiver, Reporter, marks_of, open_store, packages, system
from tests.cmdb.building import raw as written

DAY = 86_400


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with closing(open_store(tmp_path / "cmdb.db")) as store:
        yield store


@pytest.fixture
def cmdb(store: SqliteStore) -> Receiver:
    return Receiver(store)


def kept(cmdb: Receiver) -> list[tuple[str, str]]:
    with cmdb.view() as view:
        return [(one.batch, one.outcome) for one in view.raws()]


def within(cmdb: Receiver, **limits: Any) -> None:
    """Let the receiver keep so much, and look after every batch."""
    cmdb.ingest = Ingest(cmdb.store, lambda: START + cmdb.now * SECOND, cmdb.random, raw.Limits(**limits))


def test_a_batch_that_tells_nothing_new_is_not_kept(cmdb: Receiver) -> None:
    web = Reporter("web")
    cmdb.take(web.batch(system("web"), packages("vim")))
    cmdb.take(web.batch(system("web"), packages("vim")))
    cmdb.take(web.batch(system("web"), packages("vim"), same=True))
    cmdb.take(web.batch(packages("vim", "curl")))

    assert kept(cmdb) == [("agent:web 1", "revision"), ("agent:web 4", "revision")]


def test_what_was_superseded_quarantined_refused_or_in_conflict_is_kept(cmdb: Receiver) -> None:
    web = Reporter("web")
    cmdb.take(web.batch(system("web"), packages()))
    cmdb.take(web.batch(packages("late"), sequence=0, id="late"))
    cmdb.take(Reporter("nobody", marks={"host_name": "nobody"}).batch(system("nobody")))
    cmdb.take(web.batch(written("software", {"items": [{"class": "Nonsense"}], "relations": []}, ["Endpoint"])))
    with pytest.raises(InvalidDocument):
        cmdb.take(web.batch(packages("other"), id="agent:web 1", source="thief"))
    clone = {**marks_of("clone"), "agent_key": "key-web", "machine_id": marks_of("web")["machine_id"]}
    web.marks = {**marks_of("web"), "ssh_host_keys": ["SHA256:" + "w" * 43]}
    cmdb.take(web.batch(system("web")))
    cmdb.take(Reporter("clone", marks={**clone, "ssh_host_keys": ["SHA256:" + "c" * 43]}).batch(system("clone")))

    found = dict(kept(cmdb))
    assert found.pop("late") == "superseded"
    assert found["agent:nobody 1"] == "quarantined"
    assert found["agent:clone 1"] in ("conflict", "quarantined")
    with cmdb.view() as view:
        assert [r.outcome for r in view.raws() if r.batch == "agent:web 1"] == ["revision", "refused"]
        assert "refused" in [r.outcome for r in view.raws() if r.batch == "agent:web 3"]


def test_a_raw_batch_is_what_came_to_the_byte(cmdb: Receiver) -> None:
    web = Reporter("web")
    given = [web.batch(system("web", os="Debian \u2028"), packages(*(f"p{n}" for n in range(50))))]
    given.append(web.batch(system("web", os="Alma"), packages(*(f"p{n}" for n in range(50))))[:-1])
    for data in given:
        cmdb.take(data)

    with cmdb.view() as view:
        assert [raw.whole(view, one) for one in view.raws()] == given


def test_a_body_that_came_before_takes_no_room_again(cmdb: Receiver) -> None:
    web, many = Reporter("web"), packages(*(f"package-{n}" for n in range(500)))
    cmdb.take(web.batch(many))
    with cmdb.view() as view:
        before = view.raw_standing().size_bytes
    cmdb.take(web.batch(system("web"), many))

    with cmdb.view() as view:
        assert view.raw_standing().batches == 2
        assert view.raw_standing().size_bytes - before < before / 4


def test_what_is_too_old_is_dropped_and_counted(cmdb: Receiver, store: SqliteStore) -> None:
    web = Reporter("web")
    for day in (0, 10, 35, 36):
        cmdb.now = day * DAY
        within(cmdb, days=30)
        cmdb.take(web.batch(packages(f"day{day}"), at=cmdb.now))

    assert [batch for batch, _ in kept(cmdb)] == ["agent:web 2", "agent:web 3", "agent:web 4"]
    with store.transaction() as tx:
        assert tx.unversioned(*raw.DROPPED) == {"batches": 1, "until": START}


def test_the_oldest_go_where_there_is_no_room(cmdb: Receiver, store: SqliteStore) -> None:
    web = Reporter("web")
    for number in range(12):
        within(cmdb, size_bytes=4_000)
        cmdb.take(web.batch(packages(f"unlike-{number * 7919}", f"another-{number}")))

    with store.transaction() as tx:
        assert tx.raw_standing().size_bytes <= 4_000
        dropped = tx.unversioned(*raw.DROPPED)
        assert dropped is not None
        assert dropped["batches"] + tx.raw_standing().batches == 12
        assert [r.batch for r in tx.raws()][-1] == "agent:web 12"


@pytest.mark.parametrize("limits", [{"days": 0}, {"size_bytes": 0}])
def test_nothing_is_kept_where_that_is_set(cmdb: Receiver, limits: dict[str, int]) -> None:
    within(cmdb, **limits)
    cmdb.take(Reporter("web").batch(packages("vim")))

    assert kept(cmdb) == []


def test_limits_are_looked_at_once_in_a_while(cmdb: Receiver) -> None:
    within(cmdb, size_bytes=1)
    web = Reporter("web")
    for number in range(3):
        cmdb.take(web.batch(packages(f"p{number}")))

    assert [batch for batch, _ in kept(cmdb)] == ["agent:web 2", "agent:web 3"], "looked at with the first one"
