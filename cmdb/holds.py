"""Legal holds: what retention must not touch, by query; versioned entries of kind "hold", each set and released with a reason.

A CI is held where it, or the whole that it is a part of, answers the hold's query now or did in the state that would be freed;
a relation where one of its ends answers it now or did while there was the relation. The past of one that was merged into
another CI is that one's past too. Terms about relations hold for every CI here, since the
relations of a past state are not looked up: rather too much is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cmdb.aliases import resolved
from cmdb.commit import act
from cmdb.draft import Draft
from cmdb.model.errors import ConflictError, NotFoundError, UsageError
from cmdb.model.query_language import Query, RelationTerm, matches
from cmdb.own_attributes import query_of
from cmdb.ports import Clock, Randomness, Transaction, View
from cmdb.query import listed
from cmdb.states import Entry, Item, Link, LinkKey, Retirement

KIND = "hold"
LONGEST = 100

Document = dict[str, Any]


def add(
    tx: Transaction, name: str, scope: str, reason: str, actor: str, clock: Clock, randomness: Randomness
) -> Document:
    """Set a hold. Raises UsageError for a name, scope or reason that is none, ConflictError where the name is taken."""
    name = name.strip()
    if not name or len(name) > LONGEST or not name.isprintable() or "/" in name:
        raise UsageError(f"A hold's name is 1 to {LONGEST} printable characters without a slash, not {name!r:.40}.")
    if not reason.strip():
        raise UsageError("A hold needs a reason; it is kept with it.")
    query_of(tx, scope)
    if tx.entry(KIND, name) is not None:
        raise ConflictError(f"There is a hold {name!r} already; release it first, or choose another name.")
    draft = Draft(tx)
    draft.entries.append(Entry(KIND, name, {"scope": scope, "reason": reason, "by": actor}, 0, b"", b""))
    revision = act(draft, KIND, actor, reason, clock, randomness)
    return {"name": name, "scope": scope, "reason": reason, "by": actor, "since": revision.number}


def release(tx: Transaction, name: str, reason: str, actor: str, clock: Clock, randomness: Randomness) -> Document:
    """End a hold. Raises NotFoundError where there is none of the name."""
    entry = tx.entry(KIND, name)
    if entry is None:
        raise NotFoundError(f"There is no hold {name!r:.80}; `hold list` lists them.")
    if not reason.strip():
        raise UsageError("The release of a hold needs a reason; history keeps it.")
    draft = Draft(tx)
    draft.entries_removed.append((entry, Retirement(f"{actor}: {reason}", None)))
    revision = act(draft, "hold release", actor, reason, clock, randomness)
    return {"name": name, "released": revision.number}


def registered(view: View, at: int | None = None) -> Document:
    """Holds as the contract's list, by name."""
    rows = [{"name": e.key, **e.value, "since": e.since} for e in view.entries(KIND, at)]
    return listed(view, at, rows, len(rows), None)


class Held:
    """What the holds of a view keep. Asks once a page of states, not once a state."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._queries = [_query(view, str(e.value["scope"])) for e in view.entries(KIND)]

    def __bool__(self) -> bool:
        return bool(self._queries)

    def ids(self, states: Iterable[Item]) -> set[str]:
        """Ids of those that are held, of these states' CIs."""
        listed_states = list(states)
        if not self._queries or not listed_states:
            return set()
        wholes = {s.parent for s in listed_states if s.parent is not None}
        ids = {s.id for s in listed_states} | wholes
        onward = resolved(self._view, sorted(ids))
        latest = self._view.last_states(sorted(ids.union(onward.values())))
        return {s.id for s in listed_states if self._holds(s, latest, onward)}

    def relations(self, links: Sequence[Link]) -> set[tuple[LinkKey, int | None]]:
        """Of past relations those that are held, by key and end."""
        if not self._queries or not links:
            return set()
        now = self.ids(self._view.last_states(sorted({end for k in links for end in _ends(k)})).values())
        found = {(k.key, k.until) for k in links if now.intersection(_ends(k))}
        left: dict[int, list[Link]] = {}
        for link in links:
            if link.until is not None and (link.key, link.until) not in found:
                left.setdefault(link.until, []).append(link)
        histories: dict[str, list[Item]] = {}
        for until, alike in left.items():
            last = self._view.items(sorted({end for k in alike for end in _ends(k)}), until - 1)
            for link in alike:
                if self.ids(state for end in _ends(link) for state in self._meanwhile(end, link, last, histories)):
                    found.add((link.key, until))
        return found

    def _meanwhile(
        self, end: str, link: Link, last: Mapping[str, Item], histories: dict[str, list[Item]]
    ) -> list[Item]:
        """The states of an end while there was the relation; `last` has the last of them, which mostly is the only one."""
        if end in last and last[end].since <= link.since:
            return [last[end]]
        if end not in histories:
            histories[end] = self._view.history(end)
        return [s for s in histories[end] if s.since < (link.until or 0) and (s.until is None or s.until > link.since)]

    def _holds(self, state: Item, latest: Mapping[str, Item], onward: Mapping[str, str]) -> bool:
        ids = [id_ for id_ in (state.id, state.parent) if id_ is not None]
        looked = [state, *(latest.get(id_) for id_ in [*ids, *(onward[id_] for id_ in ids if id_ in onward)])]
        return any(matches(query, item, ()) for query in self._queries for item in looked if item is not None)


def _ends(link: Link) -> tuple[str, str]:
    return (link.subject, link.object)


def _query(view: View, scope: str) -> Query:
    """What a hold asks for; everything where its words mean nothing any more, as after an own attribute was taken back."""
    try:
        query = query_of(view, scope)
    except UsageError:
        return Query((), scope)
    return replace(query, terms=tuple(t for t in query.terms if not isinstance(t, RelationTerm)))
