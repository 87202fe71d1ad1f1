"""Questions to the graph: find, show, history, neighbours; as of now or of any revision.

Answers are the JSON documents of architecture.md section 5: times as ISO 8601 in UTC, ids and digests as text. Each function
asks one view and changes nothing. `at` is a revision number, None the view's newest; `as_of` makes one of what people write.
Before the first revision there is nothing, so the answers are empty.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cmdb import aliases, find_by_state, redacted
from cmdb.history import Row, rows_of
from cmdb.horizon import kept, within
from cmdb.model import cursor as cursors
from cmdb.model.classes import CLASSES
from cmdb.model.errors import NotFoundError, UsageError
from cmdb.model.query_language import Query, split_state
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.model.text import sort_key
from cmdb.model.times import SECOND, iso, parse_time
from cmdb.own_attributes import query_of
from cmdb.ports import View
from cmdb.stale import stale_of
from cmdb.states import Coverage, Entry, Item, Link, Page, Revision, Scope

PAGE = 100
MAX_PAGE = 1000
Document = dict[str, Any]

_DAY = 86_400 * SECOND


def as_of(view: View, text: str | None, reference: int, whole: bool = True) -> int | None:
    """The revision that `text` means: a revision number, or what the store knew at a time (see times.parse_time).

    None for None, and for the newest revision. 0 is before the first one. `reference` is the present, from where "2h ago"
    counts; the date of today means now. Raises UsageError for what is no time, for what lies in the future, and of a question
    about the `whole` for what lies before the horizon of retention.
    """
    if text is None or not text.strip():
        return None
    newest = view.head().number
    if re.fullmatch(r"\s*[0-9]{1,15}\s*", text):
        number = int(text)
        if number > newest:
            raise UsageError(f"Revision {number} is not there yet; the newest is {newest}.", newest=newest)
    else:
        time = parse_time(text, reference)
        if time > reference and (len(text.strip()) != 10 or time - _DAY >= reference):
            raise UsageError(f"{text!r:.80} lies in the future; now is {iso(reference)}.")
        number = view.revision_at(time)
    if whole:
        within(view, number)
    return number if number < newest else None


def find(view: View, text: str, at: int | None = None, cursor: str | None = None, limit: int = PAGE) -> Document:
    """CIs that the query `text` asks for, in the order (class, name, id); `is:` asks for a discovery state."""
    page = found(view, text, at, cursor, limit)
    return listed(view, at, Details(view, at).cis(page.items), page.total, page.next)


def found(view: View, text: str, at: int | None = None, cursor: str | None = None, limit: int = PAGE) -> Page:
    """The states that `find` tells of."""
    text, state = split_state(text)
    query = query_of(view, text, at)
    if state is None:
        return view.find(query, at, cursor, limited(limit))
    return find_by_state.find(view, query, state, at, cursor, limited(limit))


def show(view: View, id_: str, at: int | None = None) -> Document:
    """A CI with all that is known of it; one that is retired as it was last, with who saw that it is gone.

    Raises NotFoundError where the id is unknown, or the CI was not there yet at that time.
    """
    return Details(view, at).cis([_state(view, aliases.resolve(view, id_, at), at)])[0]


def history(view: View, id_: str, at: int | None = None, cursor: str | None = None, limit: int = PAGE) -> Document:
    """What happened to a CI and its relations up to `at`, one row an attribute, oldest first; what was merged into it or
    split from it comes first in its revision, the other id as witness."""
    id_ = aliases.resolve(view, id_, at)
    _state(view, id_, at)
    rows = [Row(number, what, witness=other) for number, what, other in aliases.joins(view, id_, at)]
    rows += [row for row in rows_of(view.history(id_), view.link_history(id_)) if at is None or row.revision <= at]
    rows += [Row(*told) for told in redacted.told_of(view, id_, at)]
    rows.sort(key=lambda row: row.revision)
    start, size = offset(cursor), limited(limit)
    page = rows[start : start + size]
    revisions = _revisions(view, {row.revision for row in page})
    items = [_happened(row, revisions[row.revision]) for row in page]
    more = offset_cursor(start + size) if start + size < len(rows) else None
    return listed(view, at, items, len(rows), more)


def neighbours(view: View, id_: str, at: int | None = None, cursor: str | None = None, limit: int = PAGE) -> Document:
    """CIs that a CI is related to, its whole and its parts too, each with the relation; by class, name and id of the other.

    Raises NotFoundError as `show` does.
    """
    own = _state(view, aliases.resolve(view, id_, at), at)
    if own.until is not None and (at is None or own.until <= at):
        return listed(view, at, [], 0, None)
    pairs = _related(view, own, at)
    places = sorted(pairs, key=_Neighbour.place)
    size = limited(limit)
    rest = places if cursor is None else [p for p in places if p.place() > cursors.after(cursor)]
    page = rest[:size]
    cis = Details(view, at).cis([p.other for p in page])
    items = [{"relation": p.relation, "ci": ci} for p, ci in zip(page, cis, strict=True)]
    return listed(view, at, items, len(places), cursors.cursor_of(page[-1]) if len(rest) > size else None)


class Details:
    """Makes CI documents of states, as of a revision; what several of them share is asked for once."""

    def __init__(self, view: View, at: int | None = None) -> None:
        self._view = view
        self._at = at
        self._redactions: list[Entry] | None = None
        self._readings: dict[str, dict[str, dict[str, Any]]] = {}
        self._committed: dict[int, int | None] = {}
        self._sections: dict[str, Sequence[Scope | Coverage]] = {}

    def cis(self, items: Sequence[Item]) -> list[Document]:
        """One document a state, in the same order."""
        scopes = self._claimants(items) if self._at is None else {}
        stale = stale_of(self._view, [i for i in items if not self._retired(i)], self._at)
        return [self._ci(item, scopes.get(item.id, []), item.id in stale) for item in items]

    def _retired(self, item: Item) -> bool:
        return item.ended == "retired" and item.until is not None and (self._at is None or item.until <= self._at)

    def _ci(self, item: Item, claimants: list[Scope], stale: bool) -> Document:
        seen = [s.collected_at or s.observed_at for s in claimants]
        last = item.ended_not_before if item.until is not None else max(seen, default=None)
        document = {
            "id": item.id,
            "class": item.class_name,
            "name": item.name,
            "parent": item.parent,
            "key": item.key,
            "attributes": item.attributes,
            "readings": self._read(item),
            "identifiers": item.identifiers,
            "since": item.since,
            "first_seen": _iso(self._first_seen(item.born)),
            "last_seen": _iso(last),
            "state": "stale" if stale else "current",
            "sections": self._told(item, claimants),
        }
        if told := self._redacted(item):
            document["redacted"] = told
        if item.freed:
            document["freed"] = True  # its values were, so that no attributes does not mean that it had none
        if item.until is not None and self._retired(item):
            end = self._view.revision(item.until)
            document["state"] = "retired"
            document["retired"] = {
                "revision": item.until,
                "committed_at": _iso(end.committed_at if end else None),
                "not_before": _iso(item.ended_not_before),
                "not_after": _iso(end.observed_at if end else None),
                "witness": item.witness,
            }
        return document

    def _redacted(self, item: Item) -> Document:
        """Attributes whose values were erased, with who did it, when and why."""
        if self._redactions is None:
            self._redactions = self._view.entries(redacted.KIND)
        return redacted.told_on(self._view, self._redactions, item, self._at)

    def _first_seen(self, number: int) -> int | None:
        if number not in self._committed:
            born = self._view.revision(number)
            self._committed[number] = (born.observed_at or born.committed_at) if born else None
        return self._committed[number]

    def _read(self, item: Item) -> dict[str, Any]:
        """Readings of a CI that is there now; none are kept of the past."""
        if self._at is not None or item.until is not None:
            return {}
        subject = item.parent or item.id
        if subject not in self._readings:
            self._readings[subject] = self._view.readings(subject)
        found: dict[str, Any] = {}
        for section in self._readings[subject].values():
            for row in section.get("items", ()):
                if row.get("class") == item.class_name and row.get("key", "") == (item.key if item.parent else ""):
                    found.update(row.get("readings", {}))
        return found

    def _claimants(self, items: Iterable[Item]) -> dict[str, list[Scope]]:
        """The sections that say that a CI is there."""
        numbers = {item.id: {item.scope} for item in items if item.scope is not None}
        for claim in self._view.claims([item.id for item in items if item.scope is None]):
            numbers.setdefault(str(claim.target), set()).add(claim.scope)
        scopes = self._view.scopes_by_number({n for each in numbers.values() for n in each})
        return {id_: [scopes[n] for n in sorted(filter(None, each)) if n in scopes] for id_, each in numbers.items()}

    def _told(self, item: Item, claimants: list[Scope]) -> list[Document]:
        """The sections that tell of a CI: of a part those of its whole's that tell of its class."""
        subject = item.parent or item.id
        if subject not in self._sections:
            if self._at is None:
                self._sections[subject] = self._view.scopes(subject)
            else:
                revision = self._view.revision(self._at)
                time = revision.committed_at if revision else 0
                self._sections[subject] = self._view.coverage([subject], time)
        whole = item.parent is None
        told = [s for s in self._sections[subject] if whole or item.class_name in s.classes]
        return [
            {
                "section": s.section,
                "source": s.source,
                "outcome": s.outcome,
                "reason": s.reason,
                "privilege": s.privilege,
                "seen_at": iso(s.seen_at),
            }
            for s in (told or claimants)
            if s.section != "subject"
        ]


@dataclass(slots=True)
class _Neighbour:
    """A relation from the point of view of one end; `id` makes its place in the list unique."""

    other: Item
    relation: Document

    @property
    def id(self) -> str:
        return f"{self.other.id} {self.relation['type']} {self.relation['subject']}"

    @property
    def class_name(self) -> str:
        return self.other.class_name

    @property
    def name(self) -> str:
        return self.other.name

    def place(self) -> tuple[str, str, str]:
        return (self.class_name, sort_key(self.name), self.id)


def relation(link: Link) -> Document:
    """A relation as the contract has it."""
    return {
        "type": link.type,
        "subject": link.subject,
        "object": link.object,
        "attributes": link.attributes,
        "since": link.since,
    }


def containment(part: Item) -> Document:
    """That a part belongs to its whole, as a relation."""
    kind = CLASSES[part.class_name].containment
    subject, object_ = (part.id, part.parent) if RELATIONSHIP_TYPES[kind].part == "subject" else (part.parent, part.id)
    return {"type": kind, "subject": subject, "object": object_, "attributes": {}, "since": part.born}


def _related(view: View, own: Item, at: int | None) -> list[_Neighbour]:
    found = [_Neighbour(part, containment(part)) for part in view.parts(own.id, None, at)]
    links = view.links([own.id], at)
    others = {link.object if link.subject == own.id else link.subject for link in links}
    states = _states(view, others | ({own.parent} if own.parent else set()), at)
    if own.parent in states:
        found.append(_Neighbour(states[own.parent], containment(own)))
    for link in links:
        other = link.object if link.subject == own.id else link.subject
        found.append(_Neighbour(states[other], relation(link)))
    return found


def _states(view: View, ids: Collection[str], at: int | None) -> dict[str, Item]:
    return view.items(ids, at) if ids else {}


def _state(view: View, id_: str, at: int | None) -> Item:
    """The state of a CI as of a revision, its last one where it is retired by then."""
    if at is None:
        last = view.last_states([id_]).get(id_)
        if last is None:
            raise NotFoundError(
                f"There is no configuration item {id_!r:.80}; `ci find` lists those that there are.", id=id_
            )
        return last
    states = view.history(id_)
    known = [state for state in states if state.since <= at]
    if not known:
        if not states:
            return _state(view, id_, None)
        first = states[0].since
        raise NotFoundError(f"{id_} was not known at revision {at}; it is since revision {first}.", id=id_, since=first)
    return known[-1] if known[-1].until is not None and known[-1].until <= at else kept(view, known[-1])


def _revisions(view: View, numbers: Iterable[int]) -> dict[int, Revision]:
    found = {number: view.revision(number) for number in numbers}
    return {number: revision for number, revision in found.items() if revision is not None}


def _happened(row: Row, revision: Revision) -> Document:
    return {
        "revision": row.revision,
        "committed_at": iso(revision.committed_at),
        "not_before": _iso(row.not_before),
        "not_after": iso(revision.observed_at or revision.committed_at),
        "source": revision.source,
        "actor": revision.actor,
        "cause": revision.cause,
        "kind": row.kind,
        "relation": row.relation,
        "attribute": row.attribute,
        "before": row.before,
        "after": row.after,
        "witness": row.witness,
    }


def every(view: View, query: Query, at: int | None, most: int) -> list[Item]:
    """All CIs that a query finds, in the order of lists. Raises UsageError where there are more than `most`."""
    found: list[Item] = []
    after: str | None = None
    while True:
        page = view.find(query, at, after, MAX_PAGE)
        found += page.items
        if len(found) > most:
            raise UsageError(
                f"More than {most} configuration items match {query.text or str(query)!r:.200}; ask more narrowly."
            )
        after = page.next
        if after is None:
            return found


def listed(view: View, at: int | None, items: list[Document], total: int | None, more: str | None) -> Document:
    """One page of an answer, with the revision that it is as of and when that was committed."""
    head = view.head()
    revision = view.revision(at) if at else None
    time = revision.committed_at if revision else head.committed_at if at is None and head.number else None
    number = head.number if at is None else at
    return {"items": items, "total": total, "next": more, "revision": number, "as_of": _iso(time)}


def limited(limit: int) -> int:
    """The size of a page. Raises UsageError where it is none."""
    if not 1 <= limit <= MAX_PAGE:
        raise UsageError(f"A page has 1 to {MAX_PAGE} items, not {limit}.")
    return limit


def offset_cursor(place: int) -> str:
    """The cursor of a list whose place is a number."""
    return base64.urlsafe_b64encode(str(place).encode()).rstrip(b"=").decode()


def offset(cursor: str | None) -> int:
    """Where a page of a list that only grows at its end begins."""
    if cursor is None:
        return 0
    try:
        raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raw = b""
    if not raw.isdigit() or len(raw) > 15:
        raise UsageError("That is no cursor; take `next` of the page before as it is, or ask from the beginning.")
    return int(raw)


def _iso(time: int | None) -> str | None:
    return None if time is None else iso(time)
