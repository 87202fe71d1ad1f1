"""CIs retired by hand and brought back: with parts, relations, claims, and what their sources say next."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb import by_hand
from cmdb.model.errors import ConflictError, NotFoundError, UsageError
from cmdb.model.times import SECOND
from cmdb.query import history, show
from tests.cmdb.building import (
    START,
    Receiver,
    Reporter,
    depends,
    flows,
    network,
    packages,
    software,
    state,
    system,
)

SAID = (system("web"), packages("a", "b"), network("10.0.0.1"), software("nginx:80"), depends(("10.0.0.2", 5432)))


def act(cmdb: Receiver, what: str, id_: str, reason: str = "scrapped") -> dict[str, Any]:
    with cmdb.store.transaction() as tx:
        clock = lambda: START + cmdb.now * SECOND  # noqa: E731
        return getattr(by_hand, what)(tx, id_, "ann", reason, clock, cmdb.random)


def shape(cmdb: Receiver) -> dict[str, Any]:
    """The graph with its ids, without what a new revision seals anew."""
    with cmdb.view() as view:
        return {id_: row[:-2] for id_, row in state(view).items()}


@pytest.fixture
def web(cmdb: Receiver) -> Reporter:
    """A host of two sources, whose database is another host that it depends on, and that a third talks to."""
    reporter = Reporter("web")
    cmdb.take(reporter.batch(*SAID))
    cmdb.take(Reporter("web", source="snmp", route="snmp").batch(system("web", os="snmp"), packages("a")))
    db = Reporter("db")
    cmdb.take(db.batch(system("db"), network("10.0.0.2"), software("postgres:5432", silent=["app"])))
    for at in (0, 120):
        cmdb.now = at
        cmdb.take(db.batch(flows(("app", "10.0.0.1", 80)), at=at))
    assert len(cmdb.links("TALKS_TO")) == len(cmdb.links("DEPENDS_ON")) == 1
    return reporter


def test_a_retired_host_takes_its_parts_and_relations_with_it_and_stays_readable(cmdb: Receiver, web: Reporter) -> None:
    id_ = cmdb.one("class:Host name:web").id

    done = act(cmdb, "retire", id_)

    assert (done["state"], done["revision"]) == ("retired", cmdb.head())
    assert cmdb.names("class:Host") == ["db"]
    assert cmdb.links("TALKS_TO", "DEPENDS_ON") == set()
    with cmdb.view() as view:
        shown = show(view, id_)
        assert (shown["state"], shown["retired"]["witness"], shown["name"]) == ("retired", "ann: scrapped", "web")
        ends = [r for r in history(view, id_)["items"] if r["kind"] == "retired"]
        assert {(r["actor"], r["cause"], r["witness"]) for r in ends} == {("ann", "scrapped", "ann: scrapped")}
        revision = view.revision(done["revision"])
        assert revision is not None
        assert revision.kind == "retirement"


def test_restoring_brings_everything_back_under_its_id(cmdb: Receiver, web: Reporter) -> None:
    id_, before, natural = cmdb.one("class:Host name:web").id, shape(cmdb), cmdb.natural()
    retired = act(cmdb, "retire", id_)

    done = act(cmdb, "restore", id_, "by mistake")

    assert (shape(cmdb), cmdb.natural()) == (before, natural)
    assert (done["items"], done["relations"], done["state"]) == (retired["items"], retired["relations"], "current")
    with cmdb.view() as view:
        assert show(view, id_)["state"] == "current"


def test_after_a_restoration_unchanged_reports_make_no_revision_and_changed_ones_count(
    cmdb: Receiver, web: Reporter
) -> None:
    id_ = cmdb.one("class:Host name:web").id
    act(cmdb, "retire", id_)
    act(cmdb, "restore", id_)

    receipt = cmdb.take(web.batch(*SAID, at=180))

    assert {line["outcome"] for line in receipt["sections"]} == {"unchanged"}
    snmp = Reporter("web", source="snmp", route="snmp", sequence=1)
    assert cmdb.take(snmp.batch(system("web", os="snmp"), packages("a"), at=180))["revision"] is None
    assert cmdb.take(web.batch(packages("a"), at=240))["retired"] == 1


def test_a_source_that_still_sees_it_brings_it_back(cmdb: Receiver, web: Reporter) -> None:
    id_, before = cmdb.one("class:Host name:web").id, cmdb.natural()
    act(cmdb, "retire", id_)

    cmdb.take(web.batch(*SAID, at=180))
    snmp = Reporter("web", source="snmp", route="snmp", sequence=1)
    cmdb.take(snmp.batch(system("web", os="snmp"), packages("a"), at=180))

    assert cmdb.one("class:Host name:web").id == id_
    assert len(cmdb.links("TALKS_TO")) == len(cmdb.links("DEPENDS_ON")) == 1
    assert cmdb.natural() == before
    with pytest.raises(ConflictError, match="is there"):
        act(cmdb, "restore", id_)


def test_a_part_comes_back_with_the_next_report_that_lists_it(cmdb: Receiver, web: Reporter) -> None:
    part = cmdb.one("class:SoftwarePackage name:b")
    act(cmdb, "retire", part.id)
    assert cmdb.names("class:SoftwarePackage") == ["a"]

    cmdb.take(web.batch(*SAID, at=180))

    assert cmdb.one("class:SoftwarePackage name:b").id == part.id


def test_a_part_is_restored_by_itself_but_not_without_its_whole(cmdb: Receiver, web: Reporter) -> None:
    part, host = cmdb.one("class:SoftwarePackage name:b"), cmdb.one("class:Host name:web")
    natural = cmdb.natural()
    act(cmdb, "retire", part.id)
    act(cmdb, "restore", part.id)
    assert cmdb.natural() == natural
    assert cmdb.take(web.batch(*SAID, at=180))["revision"] is None

    act(cmdb, "retire", part.id)
    act(cmdb, "retire", host.id)
    with pytest.raises(ConflictError, match="part of"):
        act(cmdb, "restore", part.id)


def test_what_is_unknown_there_or_gone_by_itself_is_refused(cmdb: Receiver, web: Reporter) -> None:
    host, part = cmdb.one("class:Host name:web"), cmdb.one("class:SoftwarePackage name:b")
    cmdb.take(web.batch(packages("a"), at=180))

    for what in ("retire", "restore"):
        with pytest.raises(NotFoundError):
            act(cmdb, what, "0" * 26)
    with pytest.raises(ConflictError, match="is there"):
        act(cmdb, "restore", host.id)
    with pytest.raises(ConflictError, match="not retired by hand"):
        act(cmdb, "restore", part.id)
    with pytest.raises(ConflictError, match="retired already"):
        act(cmdb, "retire", part.id)
    with pytest.raises(UsageError, match="reason"):
        act(cmdb, "retire", host.id, "  ")
