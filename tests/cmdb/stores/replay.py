"""The past, put together again from what each revision changed and each thing's own history: beside what a view says of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cmdb.ports import View
from cmdb.states import Entry, Item, Link

Thing = tuple[str, str]
"""(kind, id) as `changed` names them."""


def replay(view: View) -> Iterator[tuple[int, dict[Thing, Any]]]:
    """After each revision its number and what is true then, by thing. Asks for nothing as of a revision."""
    head = view.head().number
    changes = [view.changed(number - 1, number) for number in range(1, head + 1)]
    states = _histories(view, {(kind, id_) for made in changes for kind, _, id_ in made})
    present: dict[Thing, Any] = {}
    for number, made in enumerate(changes, 1):
        for kind, op, id_ in made:
            assert ((kind, id_) in present) == (op != "created"), (number, op, kind, id_)
            if op == "retired":
                del present[(kind, id_)]
            else:
                present[(kind, id_)] = states[(kind, id_)][number]
        yield number, present


def holds_as_of(view: View, step: int = 1) -> None:
    """As of every revision, or each `step`-th, each way of asking for states answers what the replay up to there gives."""
    assert list(view.scan(None, 0)) == []
    for number, present in replay(view):
        if number % step and number < view.head().number:
            continue
        items = {id_: item for (kind, id_), item in present.items() if kind == "ci"}
        links = sorted(
            (link for (kind, _), link in present.items() if kind == "link"),
            key=lambda link: (link["type"], link["subject"], link["object"]),
        )
        assert {item.id: content(item) for item in view.scan(None, number)} == items, number
        found = view.items(list(items), number)
        assert {id_: content(item) for id_, item in found.items()} == items, number
        by_key = {(link["subject"], link["type"], link["object"]): link for link in links}
        assert {link.key: content(link) for link in view.scan_links(None, number)} == by_key, number
        assert [content(link) for link in view.links(list(items), number)] == links, number
        _parts(view, number, items)
        entries = {id_: entry for (kind, id_), entry in present.items() if kind == "entry"}
        for kind in {entry["kind"] for entry in entries.values()}:
            of_kind = [entry for entry in entries.values() if entry["kind"] == kind]
            assert [content(e) for e in view.entries(kind, number)] == sorted(of_kind, key=lambda e: e["key"]), number


def content(state: Item | Link | Entry) -> dict[str, Any]:
    """What is true while a state lasts; not how it ended, nor which section says so."""
    names = {
        Item: ("class_name", "parent", "key", "name", "attributes", "identifiers", "salt", "digest", "since", "born"),
        Link: ("subject", "type", "object", "attributes", "salt", "digest", "since"),
        Entry: ("kind", "key", "value", "salt", "digest", "since"),
    }
    return {name: getattr(state, name) for name in names[type(state)]}


def _parts(view: View, number: int, items: dict[str, Any]) -> None:
    below: dict[str, list[Any]] = {}
    for item in items.values():
        if item["parent"] is not None:
            below.setdefault(item["parent"], []).append(item)
    for id_, told in below.items():
        parts = sorted(told, key=lambda part: (part["class_name"], part["key"]))
        assert [content(part) for part in view.parts(id_, None, number)] == parts, (number, id_)


def _histories(view: View, things: set[Thing]) -> dict[Thing, dict[int, Any]]:
    """States by the revision that began them."""
    found: dict[Thing, dict[int, Any]] = {}
    ends = {id_.split(" ")[0] for kind, id_ in things if kind == "link"}
    links = {
        f"{link.subject} {link.type} {link.object} {link.since}": link for e in ends for link in view.link_history(e)
    }
    for link in links.values():
        found.setdefault(("link", f"{link.subject} {link.type} {link.object}"), {})[link.since] = content(link)
    for kind, id_ in things:
        if kind == "ci":
            found[(kind, id_)] = {item.since: content(item) for item in view.history(id_)}
        elif kind == "entry":
            found[(kind, id_)] = {entry.since: content(entry) for entry in view.entry_history(*id_.split(" ", 1))}
    return found
