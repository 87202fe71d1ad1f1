"""A draft is the transaction's state with a batch's own changes over it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from cmdb.draft import Draft
from cmdb.states import Item, Link, Pending, Retirement
from tests.cmdb.building import Receiver, Reporter, network, packages, receiver, software, system

END = Retirement("test", None)


@pytest.fixture
def cmdb() -> Iterator[Receiver]:
    with receiver() as made:
        made.take(Reporter("web").batch(system("web"), packages("a", "b"), network("10.0.0.1"), software("nginx:80")))
        yield made


@pytest.fixture
def draft(cmdb: Receiver) -> Iterator[Draft]:
    with cmdb.store.transaction() as tx:
        yield Draft(tx)


def item(draft: Draft, class_name: str, name: str = "") -> Item:
    (found,) = [i for i in draft.tx.scan([class_name]) if name in ("", i.name)]
    return found


def fresh(parent: str | None, key: str, class_name: str = "SoftwarePackage") -> Item:
    return Item(f"new {key}", class_name, parent, key, key, {}, b"", b"", 0, 0)


def test_without_changes_it_is_what_the_transaction_has(draft: Draft) -> None:
    host = item(draft, "Host")

    assert draft.items([host.id]) == {host.id: host}
    assert [i.name for i in draft.parts(host.id, "SoftwarePackage")] == ["a", "b"]
    assert draft.links([host.id]) == draft.tx.links([host.id])
    assert not draft.effective


def test_what_is_new_changed_and_gone_shows(draft: Draft) -> None:
    host, a, b = item(draft, "Host"), item(draft, "SoftwarePackage", "a"), item(draft, "SoftwarePackage", "b")
    c = fresh(host.id, "c")
    draft.created[c.id] = c
    draft.updated[a.id] = (a, replace(a, attributes={"held": True}))
    draft.retired[b.id] = (b, END)

    assert [i.attributes for i in draft.parts(host.id, "SoftwarePackage")] == [{"held": True}, {}]
    assert set(draft.items([a.id, b.id, c.id, "unknown"])) == {a.id, c.id}
    assert draft.effective


def test_parts_of_what_is_new_are_new(draft: Draft) -> None:
    host = fresh(None, "host", "Host")
    part = fresh(host.id, "c")
    draft.created.update({host.id: host, part.id: part})

    assert draft.parts(host.id, "SoftwarePackage") == [part]
    assert draft.parts(host.id, "Endpoint") == []


def test_links_are_those_that_there_will_be(draft: Draft) -> None:
    one, end, port = item(draft, "SoftwareInstance"), item(draft, "Endpoint"), item(draft, "NetworkInterface")
    (exposes,) = draft.links([one.id])
    changed = replace(exposes, attributes={"why": "x"})
    made = Link("DEPENDS_ON", one.id, "new", {}, b"", b"", 0)
    draft.links_updated[exposes.key] = (exposes, changed)
    draft.links_created[made.key] = made

    assert draft.links([one.id]) == [changed, made]
    assert draft.links(["new"]) == [made]
    assert made not in draft.links([port.id])
    draft.links_retired[exposes.key] = (exposes, END)
    assert draft.links([end.id]) == []


def test_what_has_one_key_is_found_by_it_as_it_will_be(draft: Draft) -> None:
    here = item(draft, "IPAddress")
    made = fresh(None, "default/10.0.0.9", "IPAddress")
    draft.created[made.id] = made
    keys = [here.key, made.key, "default/unknown"]

    assert draft.keyed("IPAddress", keys) == {here.key: here.id, made.key: made.id}
    draft.retired[here.id] = (here, END)
    assert draft.keyed("IPAddress", keys) == {made.key: made.id}


def test_pending_rows_are_those_that_there_will_be(draft: Draft) -> None:
    rows = [Pending(1, "TALKS_TO", "N", "subject", "default", f"10.0.0.{n}", "tcp", 1, {}, 1, 1) for n in range(3)]
    draft.pending[rows[0].key] = replace(rows[0], far="F")
    draft.removed_pending[rows[1].key] = rows[1]

    assert [(r.address, r.far) for r in draft.pending_rows(rows)] == [("10.0.0.0", "F"), ("10.0.0.2", None)]
    assert not draft.effective
