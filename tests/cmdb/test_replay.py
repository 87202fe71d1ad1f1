"""What other rules would make of what came in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from cmdb.ports import Store
from cmdb.raw import DROPPED, Limits, trim
from cmdb.replay import replay
from cmdb.rules import read
from cmdb.stores.sqlite_store import SqliteStore
from tests.cmdb.building import START, Receiver, Reporter, marks_of, open_store, packages, system
from tests.cmdb.stores.copying import lines

SERIAL = {"system_serial": "Acme/X1/BOX7"}
DAY = 86_400 * 1_000_000


@pytest.fixture
def cmdb(tmp_path: Path) -> Iterator[Receiver]:
    with closing(open_store(tmp_path / "cmdb.db")) as store:
        yield Receiver(store)


@contextmanager
def empty() -> Iterator[Store]:
    with TemporaryDirectory() as folder, closing(SqliteStore.open(Path(folder) / "replay.db")) as store:
        yield store


def under(cmdb: Receiver, dropped: Any = None, **host: Any) -> dict[str, Any]:
    """What rules of Host would change; that nothing is changed is seen each time."""
    before = lines(cmdb.store)
    with cmdb.view() as view:
        found = replay(view, read({"Host": host} if host else {}), empty, dropped)
    assert lines(cmdb.store) == before
    return found


def names(cis: list[dict[str, Any]]) -> list[str]:
    return sorted(ci["name"] for ci in cis)


def two_by_one_name(cmdb: Receiver) -> None:
    """An agent and a sweep that see one host: they have nothing in common but its name."""
    cmdb.take(Reporter("web", marks={**marks_of("web"), "fqdn": "web.example.com"}).batch(system("web")))
    swept = {"fqdn": "web.example.com", "host_name": "web", "ssh_host_keys": ["SHA256:" + "w" * 43]}
    cmdb.take(Reporter("web", source="sweep", route="ssh", marks=swept).batch(system("seen"), packages("vim")))


def two_by_one_serial(cmdb: Receiver) -> None:
    """A host that two sources know, matched by its serial number."""
    cmdb.take(Reporter("web", marks={**marks_of("web"), **SERIAL}).batch(system("web")))
    cmdb.take(
        Reporter(
            "web",
            source="sweep",
            route="ssh",
            marks={**SERIAL, "host_name": "web", "ssh_host_keys": ["SHA256:" + "w" * 43]},
        ).batch(packages("vim"))
    )


def test_the_rules_of_today_change_nothing(cmdb: Receiver) -> None:
    two_by_one_name(cmdb)

    found = under(cmdb)

    assert [found[n] for n in ("merges", "splits", "quarantined", "landed")] == [[], [], [], []]
    assert found["untold"] == {
        "contradicting": [],
        "contradicting_count": 0,
        "partly": 0,
        "without": [],
        "without_count": 0,
    }
    assert found["raw"]["batches"] == found["raw"]["subjects"] == 2


def test_a_merge_names_the_cis_and_the_identifier_that_joins_them(cmdb: Receiver) -> None:
    two_by_one_name(cmdb)

    found = under(cmdb, identify=["agent", "machine+key", "key+name", "fqdn"])

    (merge,) = found["merges"]
    assert names(merge["cis"]) == ["seen", "web"]
    assert merge["identifiers"] == ["fqdn web.example.com"]
    assert found["splits"] == []


@pytest.mark.parametrize(
    "rules",
    [
        {"ignore": ["serial"]},
        {"weak": ["serial"]},
        {"placeholders": ["acme/x1/box7"]},
        {"shared": ["serial Acme/X1/BOX7"]},
    ],
)
def test_a_split_names_the_ci_its_sources_and_the_identifier_that_held_it_together(
    cmdb: Receiver, rules: dict[str, list[str]]
) -> None:
    two_by_one_serial(cmdb)

    found = under(cmdb, **rules)

    (split,) = found["splits"]
    assert split["ci"]["name"] == "web"
    assert split["parts"] == [{"sources": ["agent:web"], "batches": 1}, {"sources": ["sweep"], "batches": 1}]
    assert split["identifiers"] == ["serial Acme/X1/BOX7"]
    assert found["merges"] == []


def test_who_would_have_no_identifier_left_is_told_with_the_reason(cmdb: Receiver) -> None:
    cmdb.take(Reporter("box", marks=SERIAL).batch(system("box")))

    (one,) = under(cmdb, ignore=["serial"])["quarantined"]

    assert (one["ci"]["name"], one["source"]) == ("box", "agent:box")
    assert "no identifier of Host is complete" in one["reason"]


def test_who_is_in_quarantine_and_would_land_is_told(cmdb: Receiver) -> None:
    cmdb.take(Reporter("web", marks={"fqdn": "web.example.com"}).batch(system("web")))
    assert cmdb.names("class:Host") == []

    (one,) = under(cmdb, identify=["fqdn"])["landed"]

    assert (one["source"], one["ci"]) == ("agent:web", None)
    assert "no identifier of Host is complete" in one["reason"]


def test_how_far_back_it_reaches_and_what_it_can_not_tell_is_said(cmdb: Receiver) -> None:
    old, web = Reporter("old"), Reporter("web")
    cmdb.take(old.batch(system("old")))
    cmdb.take(web.batch(system("web")))
    cmdb.now = 20 * 86_400
    cmdb.take(web.batch(system("web"), packages("vim"), at=cmdb.now))
    with cmdb.store.transaction() as tx:
        trim(tx, Limits(days=10), START + 20 * DAY)
        dropped = tx.unversioned(*DROPPED)

    found = under(cmdb, dropped)

    assert found["raw"]["from"] == found["raw"]["until"] == "2026-01-21T00:00:00.000000Z"
    assert (found["raw"]["dropped"], found["raw"]["dropped_until"]) == (2, "2026-01-01T00:00:00.000000Z")
    assert names(found["untold"]["without"]) == ["old"]
    assert found["untold"]["partly"] == 1, "web began before"


def test_where_what_is_kept_leads_elsewhere_nothing_is_concluded(cmdb: Receiver) -> None:
    """A merge that rests on what is no longer kept: the batch that had both marks."""
    both = {**marks_of("web"), **SERIAL}
    cmdb.take(Reporter("web", source="first", marks=both).batch(system("web")))
    cmdb.now = 20 * 86_400
    cmdb.take(Reporter("web", source="agent", marks=marks_of("web")).batch(packages("a"), at=cmdb.now))
    box = {**SERIAL, "host_name": "web", "ssh_host_keys": ["SHA256:" + "w" * 43]}
    cmdb.take(Reporter("web", source="sweep", marks=box).batch(packages("b"), at=cmdb.now))
    assert cmdb.names("class:Host") == ["web"]
    with cmdb.store.transaction() as tx:
        trim(tx, Limits(days=10), START + 20 * DAY)

    found = under(cmdb, ignore=["serial"])

    assert names(found["untold"]["contradicting"]) == ["web"]
    assert [found[n] for n in ("merges", "splits", "quarantined")] == [[], [], []]


def test_a_store_without_raw_batches_says_that(cmdb: Receiver) -> None:
    found = under(cmdb)

    assert found["raw"]["batches"] == 0
    assert found["raw"]["from"] is None
