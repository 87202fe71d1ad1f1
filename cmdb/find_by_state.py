"""CIs by discovery state: `is:current`, `is:stale`, `is:retired` beside the other terms of a query.

What is stale is read from the entries that say so, what is retired from the past: the cost grows with how many CIs are stale or
retired (of the class, where the query names one), not with how many there are. At most one page of them is held at once.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator

from cmdb import aliases
from cmdb.model import cursor as cursors
from cmdb.model.classes import CLASSES
from cmdb.model.query_language import ClassTerm, Query, RelationTerm, matches
from cmdb.model.text import sort_key
from cmdb.ports import View
from cmdb.stale import KIND, stale_of
from cmdb.states import COUNTED, Item, Page

ROUNDS = 20
"""Pages of the store that one page of current CIs is made of at most; it may be shorter than asked."""


def find(view: View, query: Query, state: str, at: int | None, cursor: str | None, limit: int) -> Page:
    """CIs that the query asks for and that are in this state, as View.find gives them; of current ones `total` is unknown."""
    if state == "current":
        return _current(view, query, at, cursor, limit)
    found = _retired(view, query, at) if state == "retired" else _stale(view, query, at)
    return _page(found, cursor, limit)


def _current(view: View, query: Query, at: int | None, cursor: str | None, limit: int) -> Page:
    found: list[Item] = []
    for _ in range(ROUNDS):
        page = view.find(query, at, cursor, limit - len(found))
        stale = stale_of(view, page.items, at)
        found += [item for item in page.items if item.id not in stale]
        cursor = page.next
        if cursor is None or len(found) == limit:
            break
    return Page(found, cursor, None)


def _stale(view: View, query: Query, at: int | None) -> Iterator[Item]:
    classes = _classes(query)
    wanted = set(classes)
    parts = [name for name in classes if CLASSES[name].parents]
    for entry in view.entries(KIND, at):
        whole = view.items([entry.key], at).get(entry.key)
        if whole is None:
            continue
        for item in [whole, *(view.parts(whole.id, parts, at) if parts else ())]:
            if item.class_name in wanted and matches(query, item, _types(view, query, item, at)):
                yield item


def _retired(view: View, query: Query, at: int | None) -> Iterator[Item]:
    merged = aliases.ended(view, at)
    for item in view.retired(_classes(query), at):
        if item.id not in merged and matches(query, item, ()):  # what is gone is an end of no relation
            yield item


def _types(view: View, query: Query, item: Item, at: int | None) -> set[str]:
    """Types of the relations of a CI, where the query asks for any."""
    if not any(isinstance(term, RelationTerm) for term in query.terms):
        return set()
    types = {link.type for link in view.links([item.id], at)}
    if item.parent is not None:
        types.add(CLASSES[item.class_name].containment)
    return types | {CLASSES[part.class_name].containment for part in view.parts(item.id, None, at)}


def _classes(query: Query) -> list[str]:
    named = [t.name for t in query.terms if isinstance(t, ClassTerm) and not t.negated]
    return named[:1] or list(CLASSES)


def _page(found: Iterable[Item], cursor: str | None, limit: int) -> Page:
    begin = cursors.after(cursor) if cursor is not None else None
    total = 0

    def behind() -> Iterator[Item]:
        nonlocal total
        for item in found:
            total += 1
            if begin is None or _place(item) > begin:
                yield item

    first = heapq.nsmallest(limit + 1, behind(), key=_place)
    more = cursors.cursor_of(first[limit - 1]) if len(first) > limit else None
    return Page(first[:limit], more, total if total <= COUNTED else None)


def _place(item: Item) -> tuple[str, str, str]:
    return (item.class_name, sort_key(item.name), item.id)
