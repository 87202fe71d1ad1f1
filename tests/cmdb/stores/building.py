"""Items, links and commits for tests of stores, so that a test reads as a sentence.

Ids come from a word, salts from the state, digests are sealed as the core seals them: two stores that are told the same
hold the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from cmdb.model.classes import CLASSES
from cmdb.model.values import Value
from cmdb.ports import Store, Transaction
from cmdb.reconcile import entry_content, item_content, item_name, link_content, seal
from cmdb.states import Commit, Coverage, Entry, Item, Link, LinkKey, Pending, Retirement, Revision, Scope

SECOND = 1_000_000
WITNESS = Retirement("agent:1 packages batch-9", 77)


def id_of(word: str) -> str:
    """An id of 26 characters made from a word."""
    return hashlib.sha256(word.encode()).hexdigest()[:26].upper()


def host(name: str = "web01", *identifiers: str, **attributes: Value) -> Item:
    """A host that is not written yet."""
    return _item("Host", f"host {name}", None, name, {"name": name, **attributes}, sorted(identifiers))


def part(parent: Item, class_name: str, key: str, **attributes: Value) -> Item:
    """A part of a CI that is not written yet."""
    return _item(class_name, f"{parent.id} {class_name} {key}", parent.id, key, attributes, [])


def package(parent: Item, name: str, **attributes: Value) -> Item:
    """A software package of a host."""
    return part(parent, "SoftwarePackage", f"dpkg/{name}/amd64", name=name, manager="dpkg", **attributes)


def address(domain: str, value: str) -> Item:
    """An IP address of a domain."""
    key = f"{domain}/{value}"
    return _item("IPAddress", key, None, key, {"address": value, "version": 4}, [f"IPAddress {key}"])


def changed(item: Item, **attributes: Value | None) -> Item:
    """The item with other attributes, None for one that is gone."""
    merged = {**item.attributes, **attributes}
    found = replace(item, attributes={n: v for n, v in merged.items() if v is not None}, text="")
    found.name = item_name(found.class_name, found.key, found.attributes)
    return found


def link(subject: Item, type_name: str, object_: Item, **attributes: Value) -> Link:
    """A relation that is not written yet."""
    return Link(type_name, subject.id, object_.id, attributes, b"", b"", 0)


def entry(kind: str, key: str, **value: Any) -> Entry:
    """A versioned entry that is not written yet."""
    return Entry(kind, key, value, 0, b"", b"")


def scope(subject: Item, section: str = "packages", source: str = "agent:1", **parts: Any) -> Scope:
    """The standing of a section, without a number."""
    given = {
        "number": 0,
        "source": source,
        "route": "agent",
        "subject": subject.id,
        "section": section,
        "outcome": "collected",
        "reason": "",
        "privilege": "full",
        "version": 1,
        "classes": ["SoftwarePackage"],
        "relations": [],
        "digest": "d" * 64,
        "observed_at": 5 * SECOND,
        "seen_at": 6 * SECOND,
        "sequence": 1,
        "cost": {"wall_seconds": 0.25},
        "collected_at": 5 * SECOND,
    }
    return Scope(**{**given, **parts})


def coverage(subject: Item, seen_at: int, section: str = "packages", source: str = "agent:1", **parts: Any) -> Coverage:
    """What a section could tell, seen at that time."""
    given = {
        "outcome": "collected",
        "reason": "",
        "privilege": "full",
        "version": 1,
        "classes": ["SoftwarePackage"],
        "relations": ["RUNS_ON"],
    }
    return Coverage(subject=subject.id, source=source, section=section, seen_at=seen_at, **{**given, **parts})


def pending(near: Item, address_: str, scope_number: int = 1, **parts: Any) -> Pending:
    """A flow with a server that is known by address only."""
    given = {
        "type": "TALKS_TO",
        "near_end": "subject",
        "domain": "default",
        "protocol": "tcp",
        "port": 443,
        "attributes": {},
        "first_seen": 1,
        "last_seen": 2,
    }
    return Pending(scope=scope_number, near=near.id, address=address_, **{**given, **parts})


def revise(store: Store, **parts: Any) -> int:
    """Write one revision in a transaction of its own (see `revise_in`); returns its number."""
    with store.transaction() as tx:
        return revise_in(tx, **parts)


def revise_in(
    tx: Transaction,
    *,
    created: Iterable[Item] = (),
    updated: Iterable[tuple[Item, Item]] = (),
    retired: Iterable[Item] = (),
    retired_by: Iterable[tuple[Item, Retirement]] = (),
    links: Iterable[Link] = (),
    links_updated: Iterable[tuple[Link, Link]] = (),
    links_retired: Iterable[Link] = (),
    entries: Iterable[Entry] = (),
    entries_removed: Iterable[Entry] = (),
    batch: str | None = None,
    **rest: Any,
) -> int:
    """Write one revision; returns its number. States are sealed in place, the rest of a Commit is taken as it is."""
    head = tx.head()
    number = head.number + 1
    commit = Commit(
        revision=Revision(
            number,
            head.committed_at + 10 * SECOND,
            "ingest",
            "agent:1",
            "test",
            "discovery",
            batch,
            "b" * 64 if batch else None,
            head.committed_at,
            head.committed_at + SECOND,
            head.digest,
            hashlib.sha256(f"{head.digest} {number}".encode()).hexdigest(),
        ),
        created=[_sealed(item, number, born=item.born or number) for item in created],
        updated=[(old, _sealed(new, number, born=old.born)) for old, new in updated],
        retired=[*((item, WITNESS) for item in retired), *retired_by],
        links_created=[_sealed_link(one, number) for one in links],
        links_updated=[(old, _sealed_link(new, number)) for old, new in links_updated],
        links_retired=[(one, WITNESS) for one in links_retired],
        entries_put=[_sealed_entry(one, number) for one in entries],
        entries_removed=[(one, WITNESS) for one in entries_removed],
        **rest,
    )
    tx.write(commit)
    return number


def write(store: Store, **parts: Any) -> None:
    """Write a commit that makes no revision."""
    with store.transaction() as tx:
        tx.write(Commit(**parts))


def current(store: Store, *wanted: Item) -> list[Item]:
    """Current states of these CIs, in the order asked."""
    with store.view() as view:
        found = view.items([item.id for item in wanted])
    return [found[item.id] for item in wanted]


def ids(items: Iterable[Item]) -> list[str]:
    return [item.id for item in items]


def keys(links: Iterable[Link]) -> list[LinkKey]:
    return [one.key for one in links]


def ended(item: Item, until: int, end: Retirement | None = None) -> Item:
    """The state as it stands in the past: superseded, or retired by `end`."""
    return replace(
        item,
        until=until,
        ended="retired" if end else "updated",
        witness=end.witness if end else None,
        ended_not_before=end.not_before if end else None,
    )


def link_ended(one: Link, until: int, end: Retirement | None = None) -> Link:
    """The same for a link."""
    return replace(
        one,
        until=until,
        ended="retired" if end else "updated",
        witness=end.witness if end else None,
        ended_not_before=end.not_before if end else None,
    )


def types_of(item: Item, links: Collection[Link], items: Sequence[Item]) -> set[str]:
    """Types of all relations of which the item is an end, containment included: what `matches` is given."""
    found = {one.type for one in links if item.id in (one.subject, one.object)}
    if item.parent is not None:
        found.add(CLASSES[item.class_name].containment)
    return found | {CLASSES[other.class_name].containment for other in items if other.parent == item.id}


def _item(
    class_name: str, word: str, parent: str | None, key: str, attributes: dict[str, Value], identifiers: list[str]
) -> Item:
    name = item_name(class_name, key, attributes)
    return Item(id_of(word), class_name, parent, key, name, attributes, b"", b"", 0, 0, identifiers=identifiers)


def _sealed(item: Item, number: int, born: int) -> Item:
    item.since, item.born = number, born
    item.salt = hashlib.sha256(f"{item.id} {number}".encode()).digest()[:16]
    item.digest = seal(item.salt, item_content(item))
    return item


def _sealed_link(one: Link, number: int) -> Link:
    one.since = number
    one.salt = hashlib.sha256(f"{one.key} {number}".encode()).digest()[:16]
    one.digest = seal(one.salt, link_content(one))
    return one


def _sealed_entry(one: Entry, number: int) -> Entry:
    one.since = number
    one.salt = hashlib.sha256(f"{one.kind} {one.key} {number}".encode()).digest()[:16]
    one.digest = seal(one.salt, entry_content(one))
    return one
