"""Is the store what its revisions say? Every digest made again from what is kept, revision by revision; then all that is
kept beside the chain compared with it.

A state's digest covers its salt and content, a revision's the digests of all states that it ended and began, what they
rest on, and the digest of the revision before it (reconcile.py). So a value, a state, a change or a revision that was
altered, added or taken away shows, unless everything after it was made again too; against that only an anchor outside the
store helps (anchors.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from cmdb.commit import link_id
from cmdb.damage import Damage, Progress
from cmdb.horizon import horizons, may_be_freed
from cmdb.model.errors import StoreError
from cmdb.ports import View
from cmdb.reconcile import (
    ChangeRow,
    Evidence,
    entry_content,
    first_digest,
    item_content,
    link_content,
    revision_digest,
    seal,
)
from cmdb.redacted import Seals, seals
from cmdb.states import Change, Entry, Item, Link, LinkKey, Revision

PAGE = 1000
BEYOND = 2**62
EVERY = 500
"""Revisions between two words about progress."""

State = Item | Link | Entry
T = TypeVar("T")

UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError, StopIteration, StoreError)
"""What decoding something that was damaged may raise."""


def verify(view: View, progress: Progress | None = None) -> Iterator[Damage]:
    """All that is not as it was written: first along the chain, oldest first, then what is kept beside it."""
    yield from verify_chain(view, progress)
    yield from view.derived(progress)


def verify_chain(view: View, progress: Progress | None = None) -> Iterator[Damage]:
    """What differs along the chain, oldest first; nothing where all is as it was written.

    Holds no more than one revision's changes in memory.
    """
    try:
        head = view.head()
    except UNREADABLE as error:
        yield Damage(f"the head can not be read: {_told(error)}", "head")
        return
    previous, number, committed_at = "", 0, 0
    erased = _tried(lambda: seals(view))
    if isinstance(erased, str):
        yield Damage(f"the redactions can not be read: {erased}", "entry")
        erased = {}
    freed = _tried(lambda: horizons(view))
    if isinstance(freed, str):
        yield Damage(f"the horizons can not be read: {freed}", "entry")
        freed = {}
    yield from _outside(view, -BEYOND, 0, "before the first revision")
    while page := view.revisions(number, PAGE):
        for revision in page:
            number += 1
            if revision.number != number:
                problem = f"follows on revision {number - 1}: what is between them is missing"
                yield Damage(problem, "revision", revision=revision.number)
                number = revision.number
            if revision.previous != previous:
                problem = f"was made on {_short(revision.previous)}, but the revision before it is {_short(previous)}"
                yield Damage(problem, "revision", revision=number)
            if revision.committed_at <= committed_at:
                problem = f"was committed at {revision.committed_at}, not after the one before it"
                yield Damage(problem, "revision", revision=number)
            yield from _Changes(view, revision, erased, freed).check()
            previous, committed_at = revision.digest, revision.committed_at
            if progress is not None and number % EVERY == 0:
                progress(f"chain: revision {number} of {head.number}")
    if (head.number, head.committed_at, head.digest) != (number, committed_at, previous):
        problem = (
            f"the head is revision {head.number} ({_short(head.digest)}), the last one is {number} ({_short(previous)})"
        )
        yield Damage(problem, "head")
    yield from _outside(view, max(number, head.number), BEYOND, f"after revision {number}, the last one")


class _Changes:
    """What one revision did, checked against the states before and after it."""

    def __init__(self, view: View, revision: Revision, erased: Seals, freed: Mapping[str, int]) -> None:
        self._view = view
        self._erased = erased
        self._freed = freed
        self._revision = revision
        self._number = revision.number
        self._items: tuple[dict[str, Item], dict[str, Item]] = ({}, {})
        self._links: tuple[dict[str, Link], dict[str, Link]] = ({}, {})
        self._rows: list[ChangeRow] = []
        self._evidence: list[Evidence] = []

    def check(self) -> Iterator[Damage]:
        number, revision = self._number, self._revision
        changed = self._view.changed(number - 1, number)
        cis = sorted({id_ for kind, _, id_ in changed if kind == "ci"})
        links = sorted({id_ for kind, _, id_ in changed if kind == "link"})
        try:
            self._items = self._view.items(cis, number - 1), self._view.items(cis, number)
            ends = {id_.split(" ")[0] for id_ in links}
            self._links = _by_id(self._view.links(ends, number - 1)), _by_id(self._view.links(ends, number))
        except UNREADABLE:
            yield from self._one_by_one(cis, links)
        for kind, op, id_ in changed:
            try:
                yield from self._change(kind, op, id_)
            except UNREADABLE as error:
                yield self._damage(f"it can not be read: {_told(error)}", kind, id_)
        if len(self._rows) != revision.changes:
            yield self._damage(f"made {revision.changes} changes, {len(self._rows)} are there")
        if revision.digest not in (
            made := revision_digest(revision, self._rows, self._evidence),
            first_digest(revision, self._rows),
        ):
            yield self._damage(f"its digest is {_short(revision.digest)}, its changes give {_short(made)}")

    def _one_by_one(self, cis: list[str], links: list[str]) -> Iterator[Damage]:
        """Read states each by itself, since one of them can not be read."""
        for place, at in enumerate((self._number - 1, self._number)):
            for id_ in cis:
                found = _tried(lambda id_=id_, at=at: self._view.items([id_], at))  # type: ignore[misc]
                if isinstance(found, str):
                    yield self._damage(f"it can not be read: {found}", "ci", id_)
                else:
                    self._items[place].update(found)
            for end in sorted({id_.split(" ")[0] for id_ in links}):
                told = _tried(lambda end=end, at=at: _by_id(self._view.links([end], at)))  # type: ignore[misc]
                if isinstance(told, str):
                    yield self._damage(f"a relation of it can not be read: {told}", "link", end)
                else:
                    self._links[place].update(told)

    def _change(self, kind: str, op: Change, id_: str) -> Iterator[Damage]:
        before, after = self._states(kind, id_)
        if kind == "ci" and before is None and isinstance(after, Item) and after.born != self._number:
            before = self._returned(id_)
        if op == "retired":
            if before is None:
                yield self._damage("the state that it ended is not there", kind, id_)
            after = None
        elif after is None:
            yield self._damage("the state that it brought is not there", kind, id_)
        elif after.since != self._number:
            yield self._damage(f"its state says that it is since revision {after.since}", kind, id_)
        elif isinstance(after, Item | Link) and after.freed:
            if after.attributes or not may_be_freed(self._freed, after):
                yield self._damage("its values are gone, and no retention freed them", kind, id_)
        elif _sealed(after) != after.digest and not self._redacted(after):
            attribute = self._attribute(after, before)
            yield Damage("the state since then is not what was written", kind, id_, attribute, self._number)
        if op == "created" and kind != "ci":
            before = None
        if isinstance(before, Item) and isinstance(after, Item) and before.born != after.born:
            yield self._damage(f"it says that it was born by revision {after.born}, before by {before.born}", kind, id_)
        superseded = op == "updated" and isinstance(before, Item | Link)
        if superseded and (before.witness is not None or before.ended_not_before is not None):  # type: ignore[union-attr]
            yield self._damage("the state before has a witness of its end, though it was only superseded", kind, id_)
        if op == "created" and before is None and isinstance(after, Item) and after.born != self._number:
            yield self._damage(f"it says that it was born by revision {after.born}", kind, id_)
        was = before.digest.hex() if before is not None else None
        self._rows.append((op, kind, id_, was, after.digest.hex() if after is not None else None))
        self._witnessed(kind, id_, op)

    def _redacted(self, state: State) -> bool:
        """True where a value of it was erased, and the redaction's entry names what is left. Entries are checked as such when
        their own revision is."""
        left = self._erased.get(state.digest.hex(), ())
        return bool(left) and _sealed(state).hex() in left

    def _states(self, kind: str, id_: str) -> tuple[State | None, State | None]:
        if kind == "ci":
            return self._items[0].get(id_), self._items[1].get(id_)
        if kind == "link":
            return self._links[0].get(id_), self._links[1].get(id_)
        name, _, key = id_.partition(" ")
        return self._view.entry(name, key, self._number - 1), self._view.entry(name, key, self._number)

    def _witnessed(self, kind: str, id_: str, op: Change) -> None:
        """Note what the change rests on: until when the state before was seen, and the witness of an end."""
        if kind == "entry":
            return
        before, after = self._states(kind, id_)
        state = before if op == "retired" else after
        if not isinstance(state, Item | Link):
            return
        if op == "retired":
            self._evidence.append((kind, id_, state.ended_not_before, state.witness or ""))
        elif state.not_before is not None:
            self._evidence.append((kind, id_, state.not_before, ""))

    def _returned(self, id_: str) -> Item | None:
        """The last state of a CI before it came back."""
        states = reversed(self._view.history(id_))
        return next((s for s in states if s.until is not None and s.until < self._number), None)

    def _attribute(self, state: State, before: State | None) -> str | None:
        """The one attribute that was altered, where putting back what other states or claims say of it gives the digest."""
        if isinstance(state, Entry):
            return None
        others: list[dict[str, object]] = [dict(before.attributes)] if isinstance(before, Item | Link) else []
        states: list[Item] | list[Link] = (
            self._view.history(state.id) if isinstance(state, Item) else self._view.link_history(state.subject)
        )
        others += [dict(s.attributes) for s in states if isinstance(s, Item) or s.key == _key(state)]
        others += [dict(c.attributes) for c in self._view.claims([_key(state)])]
        for name in sorted({*state.attributes, *(n for each in others for n in each)}):
            for value in [each.get(name) for each in [{}, *others]]:
                if _sealed(_with(state, name, value)) == state.digest:
                    return name
        return None

    def _damage(self, problem: str, kind: str = "revision", id_: str | None = None) -> Damage:
        return Damage(problem, kind, id_, None, self._number)


def _outside(view: View, after: int, until: int, when: str) -> Iterator[Damage]:
    for kind, op, id_ in view.changed(after, until):
        yield Damage(f"is said to be {op} {when}", kind, id_)


def _sealed(state: State) -> bytes:
    if isinstance(state, Item):
        return seal(state.salt, item_content(state))
    return seal(state.salt, link_content(state) if isinstance(state, Link) else entry_content(state))


def _with(state: Item | Link, name: str, value: object) -> Item | Link:
    """The state with another value of an attribute, None for none."""
    attributes = {n: v for n, v in state.attributes.items() if n != name}
    if value is not None:
        attributes[name] = value  # type: ignore[assignment]
    if isinstance(state, Item):
        return replace(state, attributes=attributes, text="")
    return replace(state, attributes=attributes)


def _key(state: Item | Link) -> str | LinkKey:
    return state.id if isinstance(state, Item) else state.key


def _tried(ask: Callable[[], T]) -> T | str:
    """The answer, or why there is none."""
    try:
        return ask()
    except UNREADABLE as error:
        return _told(error)


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:200]


def _by_id(links: list[Link]) -> dict[str, Link]:
    return {link_id(link): link for link in links}


def _short(digest: str) -> str:
    return digest[:16] or "nothing"
