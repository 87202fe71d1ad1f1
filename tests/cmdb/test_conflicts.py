"""Conflicts: one a matter, with proposals, and never more than people can read."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb import conflicts
from cmdb.identify import Disagreement, Identified
from cmdb.model.batch import Header
from cmdb.model.errors import NotFoundError, UsageError
from cmdb.model.values import canonical, digest
from cmdb.states import Entry
from tests.cmdb.building import Receiver, Reporter, system

DMI = "4c4c4544-0051-3610-8052-b4c04f4a4e31"


def clone(name: str) -> dict[str, Any]:
    """Marks of a machine that was started from an image with a fixed DMI UUID."""
    return {"machine_id": digest(name)[:32], "dmi_uuid": DMI, "agent_key": name}


def report(cmdb: Receiver, name: str, marks: dict[str, Any], source: str = "") -> dict[str, Any]:
    cmdb.now += 60
    sequence = cmdb.now
    reporter = Reporter(name, source=source or f"agent:{name}", marks=marks, sequence=sequence)
    return cmdb.take(reporter.batch(system(name), at=cmdb.now))


def found(cmdb: Receiver, every: bool = False) -> list[dict[str, Any]]:
    with cmdb.view() as view:
        return list(conflicts.registered(view, every, limit=1_000)["items"])


def shown(cmdb: Receiver, number: str) -> dict[str, Any]:
    with cmdb.view() as view:
        return conflicts.show(view, number)


def enter(cmdb: Receiver, matter: Disagreement, id_: str, source: str = "s", **marks: Any) -> list[Entry]:
    """What a subject with this disagreement brings; kept as its batch would keep it."""
    header = Header("b", source, "agent", 1, 0, "Host", marks)
    quarantine = "" if id_ else matter.reason
    with cmdb.store.transaction() as tx:
        entries = conflicts.entries_of(tx, header, id_, Identified(id_, [], "", [], quarantine, [], [matter]))
        kept(tx, entries)
    return entries


def kept(tx: Any, entries: list[Entry]) -> None:
    from cmdb.commit import entry_revision

    if entries:
        entry_revision(tx, "test", entries, "me", "test", lambda: 0, bytes)


def test_two_machines_of_one_image_are_one_conflict_with_its_proposals(cmdb: Receiver) -> None:
    report(cmdb, "web", clone("web"))
    report(cmdb, "copy", clone("copy"))

    (row,) = found(cmdb)
    one = shown(cmdb, "1")
    assert (row["number"], row["state"], row["kind"]) == (1, "open", "shared")
    assert {ci["name"] for ci in one["cis"]} == {"web", "copy"}
    assert [p["name"] for p in one["proposals"]] == ["keep-apart", "same", "split", "ignore"]
    assert DMI[-12:] in one["proposals"][0]["text"]


def test_what_shows_again_opens_nothing(cmdb: Receiver) -> None:
    report(cmdb, "web", clone("web"))
    for _ in range(3):
        report(cmdb, "copy", clone("copy"))

    assert len(found(cmdb)) == 1
    assert cmdb.head() == 2


def test_a_matter_grows_by_cis_and_identifiers(cmdb: Receiver) -> None:
    enter(cmdb, Disagreement("shared", ["A"], ["dmi x", "mac 1"], "why"), "B")
    enter(cmdb, Disagreement("shared", ["A"], ["dmi x", "mac 2"], "why"), "C")
    enter(cmdb, Disagreement("shared", ["C"], ["mac 2"], "why"), "D")

    (one,) = found(cmdb)
    assert [ci["id"] for ci in one["cis"]] == ["A", "B", "C", "D"]
    assert one["identifiers"] == ["dmi x", "mac 1", "mac 2"]
    with cmdb.view() as view:
        assert [(e.key, e.value["conflict"]) for e in view.entries("shared_identifier")] == [
            ("dmi x", 1),
            ("mac 1", 1),
            ("mac 2", 1),
        ]


def test_different_matters_are_numbered_in_the_order_of_opening(cmdb: Receiver) -> None:
    for n in range(11):
        enter(cmdb, Disagreement("foreign", [f"B{n}"], ["dmi x"], "why"), f"A{n}")

    assert [row["number"] for row in found(cmdb)] == list(range(1, 12))
    with cmdb.view() as view:
        assert sorted(e.key for e in view.entries("conflict")) == sorted(map(str, range(1, 12)))


def test_a_large_matter_names_some_and_says_that_there_are_more(cmdb: Receiver) -> None:
    names = [f"{n:04}" for n in range(500)]
    enter(cmdb, Disagreement("shared", names, [f"mac {n}" + "x" * 1900 for n in names], "y" * 5000), "Z")
    enter(cmdb, Disagreement("shared", ["later"], ["mac 0000" + "x" * 1900], "y"), "Z")

    (one,) = found(cmdb)
    assert one["more"] is True
    assert len(one["cis"]) == conflicts.MOST_CIS
    with cmdb.view() as view:
        (entry,) = view.entries("conflict")
    assert len(canonical(entry.value)) < 20_000


def test_a_flood_is_counted_and_not_kept(cmdb: Receiver) -> None:
    for n in range(conflicts.MOST_OPEN + 20):
        report(cmdb, "x", {"fqdn": f"x{n}.example.com"}, source="flooder")
    report(cmdb, "y", {"fqdn": "y.example.com"}, source="other")

    rows = found(cmdb)
    kinds = [row["kind"] for row in rows]
    assert kinds.count("quarantine") == conflicts.MOST_OPEN + 1
    assert kinds.count("flood") == 1
    flood = next(row for row in rows if row["kind"] == "flood")
    assert flood["dropped"] == 16
    assert "16 or more" in flood["reason"]
    with cmdb.view() as view:
        assert len(view.entry_history("conflict", str(flood["number"]))) == 5
    assert rows[-1]["source"] == "other"


def test_a_subject_that_can_not_land_says_what_it_brought(cmdb: Receiver) -> None:
    report(cmdb, "x", {"fqdn": "x" * 600, "macs": [f"{n}" * 400 for n in range(40)]})

    one = shown(cmdb, "#1")
    assert one["kind"] == "quarantine"
    assert one["subject"]["class"] == "Host"
    assert len(one["subject"]["identifiers"]["fqdn"]) == conflicts.LONGEST
    assert len(one["subject"]["identifiers"]["macs"]) == conflicts.MOST_CANDIDATES
    assert [p["name"] for p in one["proposals"]] == ["assign:ID", "new", "ignore"]


def test_a_subject_that_could_be_two_can_be_assigned_to_either(cmdb: Receiver) -> None:
    for name in ("a", "b"):
        report(cmdb, name, {"machine_id": digest(name)[:32], "ssh_host_keys": [f"SHA256:{name}"], "host_name": "web"})
    report(cmdb, "c", {"host_name": "web", "ssh_host_keys": ["SHA256:a", "SHA256:b"]})

    one = shown(cmdb, "1")
    ids = sorted(i.id for i in cmdb.found("class:Host"))
    assert one["kind"] == "bridge"
    assert [p["name"] for p in one["proposals"]] == ["merge", *(f"assign:{i}" for i in ids), "new", "ignore"]


@pytest.mark.parametrize("number", ["1", "", "x", "-1", "9" * 40, "١"])
def test_a_conflict_that_there_is_not_is_named(cmdb: Receiver, number: str) -> None:
    with pytest.raises(NotFoundError, match="conflict list"):
        shown(cmdb, number)


@pytest.mark.parametrize("every", [False, True])
def test_pages_give_each_conflict_once_in_order(cmdb: Receiver, every: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conflicts, "LOOKED_UP", 3)
    for number in range(11):
        enter(cmdb, Disagreement("quarantine", [], [], "nothing identifies it"), "", f"s{number}", n=str(number))
    with cmdb.store.transaction() as tx:
        for number in (1, 4, 5, 6, 11):
            kept(tx, [conflicts.closed(tx, conflicts.entry_of(tx, str(number)), {"as": "ignore"}, forget=False)])
    pages: list[dict[str, Any]] = []
    with cmdb.view() as view:
        while not pages or pages[-1]["next"]:
            pages.append(conflicts.registered(view, every, None, pages[-1]["next"] if pages else None, 2))
        whole = conflicts.registered(view, every)

    numbers = [[c["number"] for c in page["items"]] for page in pages]
    assert numbers == ([[1, 2], [3, 4], [5, 6], [7, 8], [9, 10], [11]] if every else [[2, 3], [7, 8], [9, 10]])
    assert [c for page in pages for c in page["items"]] == whole["items"]
    assert (pages[0]["total"], whole["total"], whole["next"]) == (None, len(whole["items"]), None)


@pytest.mark.parametrize(("cursor", "limit"), [("no cursor", 10), (None, 0), (None, 1_001)])
def test_what_is_no_page_is_refused(cmdb: Receiver, cursor: str | None, limit: int) -> None:
    with cmdb.view() as view, pytest.raises(UsageError):
        conflicts.registered(view, True, None, cursor, limit)
