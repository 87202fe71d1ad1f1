"""Two CIs that are one: the survivor keeps its id, the id of the other leads to it for good (aliases.py).

`join` puts a merge into a draft, whole: parts go over to the survivor, or are folded into the part of the same class and key;
relations, references, claims, sections, readings and identifiers go over too. Where one source told the same section of both,
the newer one stands; the other one is set aside with its claims, so that a split (splitting.py) brings it back.

Entries, all versioned: "alias" by the other's id; "merge" by the other's id, {"survivor", "scopes": numbers of the sections
that were the other's, "kept": those that were the survivor's, "folded": {part: part}}; "joined" by the survivor's id,
{"ids"}. Outside the chain, as all claims are: the note "merge" by the other's id has the claims and references that were set
aside, and which relations had been whose.

**For identification:** `absorb` is the merge of a device that is known by reference only, for use within a taking: it adds to
the batch's own draft, so that it is part of the batch's revision. `aliases.reconciled` says that people have joined a CI, and
that a subject is one side of it: then a contradiction between its sides is known, and no conflict.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from cmdb import aliases, conflicts
from cmdb.commit import act
from cmdb.decisions import SHARED
from cmdb.draft import Draft
from cmdb.model.classes import CLASSES
from cmdb.model.errors import ConflictError, NotFoundError, UsageError
from cmdb.model.times import now
from cmdb.ports import Clock, Randomness, Store, Transaction
from cmdb.rearranging import Claims, Standing, Wanted, rearrange, resolve_references
from cmdb.stale import KIND as STALE
from cmdb.states import Claim, Commit, Coverage, Entry, Item, Link, LinkKey, Pending, Retirement, Revision, Scope

NOTE = "merge"
MAX_REASON = 2_000

Document = dict[str, Any]


def merge(
    store: Store,
    survivor: str,
    other: str,
    actor: str,
    reason: str,
    clock: Clock = now,
    randomness: Randomness = secrets.token_bytes,
) -> Document:
    """Make one CI of two, as a revision of kind "merge": {"ci", "merged", "revision"}.

    Raises NotFoundError, UsageError where they can not be one, ConflictError where they are one already.
    """
    with store.transaction() as tx:
        draft = Draft(tx)
        one, two = checked(tx, survivor, other)
        join(draft, one, two, max(clock(), tx.head().committed_at + 1))
        settle(draft, one.id, two.id, {"as": "merge", "actor": actor, "reason": said(reason)})
        revision = done(draft, "merge", actor, said(reason), clock, randomness, [one.id])
        return {"ci": one.id, "merged": two.id, "revision": revision.number}


def settle(draft: Draft, survivor: str, other: str, resolution: Document) -> None:
    """Close the open conflicts that were between these two only, and let what they shared identify again."""
    tx = draft.tx
    numbers = set()
    written = {entry.key for entry in draft.entries if entry.kind == conflicts.KIND}
    for entry in tx.entries(conflicts.KIND):
        named = {aliases.resolve(tx, id_) for id_ in entry.value["cis"]}
        if entry.value["state"] == "open" and {survivor, other} == named and not entry.value.get("more"):
            numbers.add(entry.value["number"])
            if entry.key not in written:
                draft.entries.append(conflicts.closed(tx, entry, resolution, forget=True))
    for entry in tx.entries(SHARED) if numbers else ():
        if entry.value.get("conflict") in numbers:
            draft.entries_removed.append((entry, Retirement(f"merged into {survivor}", None)))


def checked(tx: Transaction, survivor: str, other: str) -> tuple[Item, Item]:
    """The states of two CIs that may be joined. Raises as `merge` does."""
    one, two = aliases.resolve(tx, survivor), aliases.resolve(tx, other)
    here = tx.items([one, two])
    for id_ in (one, two):
        if id_ not in here:
            raise NotFoundError(f"There is no configuration item {id_!r:.80} at present; `ci find` searches.", id=id_)
        if not CLASSES[here[id_].class_name].marks:
            raise UsageError(
                f"{id_} is a {here[id_].class_name}, which its key tells apart: only what is identified by marks, as "
                f"{', '.join(name for name, declared in CLASSES.items() if declared.marks)}, can be merged."
            )
    if here[one].class_name != here[two].class_name:
        raise UsageError(f"{one} is a {here[one].class_name} and {two} a {here[two].class_name}: they can not be one.")
    if one == two:
        raise ConflictError(f"{survivor} and {other} are one already, {one}.", ci=one)
    return here[one], here[two]


def said(reason: str) -> str:
    """The reason that people gave. Raises UsageError where there is none, or more than history keeps."""
    found = reason.strip()
    if not found:
        raise UsageError("Say why: --reason TEXT. History keeps it with your name.")
    if len(found) > MAX_REASON:
        raise UsageError(f"The reason has {len(found)} characters; history keeps at most {MAX_REASON}: shorten it.")
    return found


def done(
    draft: Draft, kind: str, actor: str, cause: str, clock: Clock, randomness: Randomness, cis: Sequence[str]
) -> Revision:
    """Write a draft that moved sections of these CIs. What one line of a source stood for does so no more."""
    sources = {scope.source for id_ in cis for scope in draft.tx.scopes(id_)}
    sources.update(scope.source for scope in draft.scopes)
    revision = act(draft, kind, actor, cause, clock, randomness)
    for id_ in cis:
        for source in sorted(sources):
            if draft.tx.same(source, id_):
                draft.tx.write(Commit(same=(source, id_, "")))
    return revision


def join(draft: Draft, survivor: Item, other: Item, time: int) -> None:
    """Put the merge of two current CIs into a draft that has changed nothing of them yet. `time` is when it is written."""
    tx = draft.tx
    standing = Standing(tx, [survivor.id, other.id], time)
    witness = Retirement(f"merged into {survivor.id}", None)
    sections = _Sections(tx, survivor.id, other.id)
    standing.scopes.update(sections.all)
    ids = _ids(standing, survivor, other)
    aside = _Aside()
    wanted = Wanted()
    _items(standing, survivor, other, ids, sections.aside, wanted, aside)
    _links(standing, ids, sections.aside, wanted, aside)
    rearrange(draft, standing, wanted, ids, witness)
    _pending(draft, standing, ids, sections.aside, aside)
    resolve_references(draft, [wanted.items[survivor.id][0]], witness.witness, "default", time)
    sections.go(draft, time)
    standing.forget(draft)
    _readings(draft, survivor.id, other.id, sections)
    folded = {old: new for old, new in ids.items() if old != other.id}
    value = {
        "survivor": survivor.id,
        "scopes": sorted({*sections.other, *_parked(tx, other.id)}),
        "kept": sorted({*sections.survivor, *_parked(tx, survivor.id)}),
        "folded": {old: new for old, new in folded.items() if standing.items[old].parent == other.id},
    }
    draft.entries += [
        Entry(aliases.KIND, other.id, {"ci": survivor.id}, 0, b"", b""),
        Entry(aliases.MERGE, other.id, value, 0, b"", b""),
        joined(tx, survivor.id, other.id, True),
    ]
    stale = {id_: entry for id_ in (survivor.id, other.id) if (entry := tx.entry(STALE, id_)) is not None}
    draft.entries_removed += [
        (entry, witness) for id_, entry in stale.items() if id_ == other.id or other.id not in stale
    ]
    tx.put_unversioned(NOTE, other.id, aside.document())


def joined(tx: Transaction, survivor: str, other: str, together: bool) -> Entry:
    """The entry that says who was merged into a CI, once another one has been, or no more is."""
    known = tx.entry(aliases.JOINED, survivor)
    ids = set(known.value["ids"]) if known else set()
    ids = ids | {other} if together else ids - {other}
    return Entry(aliases.JOINED, survivor, {**(known.value if known else {}), "ids": sorted(ids)}, 0, b"", b"")


def absorb(draft: Draft, survivor: Item, other: Item) -> None:
    """Put the merge of a CI that is known by others' words only into a batch's draft, once all else is in it.

    `survivor` is the batch's subject as the draft has it. The other's relations and references go over; what was said of
    its attributes does not count any more, and who said it has to say it again.
    """
    tx = draft.tx
    end = Retirement(f"merged into {survivor.id}", None, merged=True)
    for part in tx.parts(other.id):
        draft.retired[part.id] = (part, end)
    draft.updated.pop(other.id, None)
    draft.retired[other.id] = (other, end)
    gone = {other.id, *(part.id for part in tx.parts(other.id))}
    for link in draft.links(sorted(gone)):
        draft.links_created.pop(link.key, None)
        known = tx.links_by_key([link.key]).get(link.key)
        if known is not None:
            draft.links_updated.pop(link.key, None)
            draft.links_retired[link.key] = (known, end)
        subject, object_ = (survivor.id if end_ == other.id else end_ for end_ in (link.subject, link.object))
        if gone.isdisjoint((subject, object_)) and subject != object_:
            _link_once(draft, replace(link, subject=subject, object=object_, since=0, not_before=None), known)
    for row in tx.pending_to(sorted(gone)):
        draft.pending[row.key] = replace(draft.pending.get(row.key, row), far=survivor.id)
    draft.entries += [
        Entry(aliases.KIND, other.id, {"ci": survivor.id}, 0, b"", b""),
        Entry(aliases.MERGE, other.id, {"survivor": survivor.id, "scopes": [], "kept": [], "folded": {}}, 0, b"", b""),
        joined(tx, survivor.id, other.id, True),
    ]


def _link_once(draft: Draft, link: Link, known: Link | None) -> None:
    """Have a relation in the draft unless it is there already, with the claims that it had under its old key."""
    if draft.tx.links_by_key([link.key]) or link.key in draft.links_created:
        return
    draft.links_created[link.key] = link
    if known is not None and known.scope is None:
        draft.claims += [replace(claim, target=link.key) for claim in draft.tx.claims([known.key])]


@dataclass(slots=True)
class _Aside:
    """What a split needs of claims and references that a merge leaves out."""

    claims: list[Claim] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)
    links: list[tuple[LinkKey, list[int]]] = field(default_factory=list)
    """Relations under the keys that they had, and the sections that told each."""

    def document(self) -> Document:
        return {
            "claims": [[c.scope, c.target, c.attributes, c.identifiers] for c in self.claims],
            "pending": [asdict(row) for row in self.pending],
            "links": [[list(key), numbers] for key, numbers in self.links],
        }


class _Sections:
    """The sections of both: whose each was, and which of them are set aside, because the other one is newer."""

    def __init__(self, tx: Transaction, survivor: str, other: str) -> None:
        self._tx, self._survivor, self._other = tx, survivor, other
        mine = {(s.source, s.section): s for s in tx.scopes(survivor)}
        theirs = {(s.source, s.section): s for s in tx.scopes(other)}
        self.survivor = {s.number: s for s in mine.values()}
        self.other = {s.number: s for s in theirs.values()}
        self.all = {**self.survivor, **self.other}
        self.aside = {min((mine[k], theirs[k]), key=_age).number for k in mine.keys() & theirs.keys()}
        self.over = [s for n, s in self.other.items() if n not in self.aside]
        """Sections that go over to the survivor."""

    def go(self, draft: Draft, time: int) -> None:
        """Those of the survivor that are set aside first, so that no place is taken twice."""
        parked = [self.survivor[n] for n in sorted(self.aside) if n in self.survivor]
        draft.scopes += [replace(s, subject=parked_at(self._other)) for s in parked]
        draft.scopes += [replace(s, subject=self._survivor) for s in self.over]
        kept = covered(self._tx, self._other)
        over = [s for s in self.over if (s.source, s.section) in kept]
        draft.coverage += [coverage_of(replace(s, subject=self._survivor), time) for s in over]


def parked_at(other: str) -> str:
    """The subject of a survivor's sections that are set aside as long as `other` is merged into it."""
    return f"aside:{other}"


def _parked(tx: Transaction, id_: str) -> set[int]:
    """Numbers of the sections that were set aside when others were merged into a CI: they come back one day."""
    entry = tx.entry(aliases.JOINED, id_)
    found: set[int] = set()
    for other in entry.value["ids"] if entry is not None else ():
        found.update(scope.number for scope in [*tx.scopes(parked_at(other)), *tx.scopes(other)])
        found |= _parked(tx, other)
    return found


def covered(tx: Transaction, subject: str) -> set[tuple[str, str]]:
    """(source, section) of those of which coverage is kept: neither of what a subject is known by, nor of people's words."""
    return {(c.source, c.section) for c in tx.coverage([subject])}


def coverage_of(scope: Scope, time: int) -> Coverage:
    """What a section can tell of its subject from a time on, which is after all that is known of it."""
    time = max(time, scope.seen_at)
    told = (scope.outcome, scope.reason, scope.privilege, scope.version, scope.classes, scope.relations)
    return Coverage(scope.subject, scope.source, scope.section, *told, time)


def _age(scope: Scope) -> tuple[int, int, int, int]:
    return (scope.collected_at or 0, scope.sequence, scope.observed_at, scope.number)


def _ids(standing: Standing, survivor: Item, other: Item) -> dict[str, str]:
    """Whose place is taken by whom: the other, and its parts that the survivor has too."""
    mine = {(i.class_name, i.key): i.id for i in standing.items.values() if i.parent == survivor.id}
    found = {other.id: survivor.id}
    for item in standing.items.values():
        if item.parent == other.id and (item.class_name, item.key) in mine:
            found[item.id] = mine[(item.class_name, item.key)]
    return found


def _items(
    standing: Standing, survivor: Item, other: Item, ids: dict[str, str], out: set[int], wanted: Wanted, aside: _Aside
) -> None:
    together: dict[str, list[Item]] = {}
    for item in standing.items.values():
        together.setdefault(ids.get(item.id, item.id), []).append(item)
    for id_, items in together.items():
        items.sort(key=lambda i: i.id != id_)
        claims = _united(standing, items, out, aside)
        known = standing.items[id_]
        item = replace(known, parent=survivor.id) if known.parent == other.id else known
        if id_ == survivor.id:
            item = replace(item, identifiers=sorted({*survivor.identifiers, *other.identifiers}))
        elif not claims and any(standing.claims(i) for i in items):
            continue  # All that claimed it was set aside.
        if len(items) > 1 or claims.keys() != standing.claims(known).keys():
            item = replace(item, attributes=standing.told(item.class_name, claims, item.attributes))
        wanted.item(item, claims)


def _links(standing: Standing, ids: dict[str, str], out: set[int], wanted: Wanted, aside: _Aside) -> None:
    together: dict[LinkKey, list[Link]] = {}
    for link in standing.links.values():
        key = (ids.get(link.subject, link.subject), link.type, ids.get(link.object, link.object))
        together.setdefault(key, []).append(link)
    for key, links in together.items():
        links.sort(key=lambda k: (k.key != key, k.key))
        for link in links:
            if link.key != key or len(links) > 1:
                aside.links.append((link.key, sorted(standing.claims(link))))
        here = all(end in wanted.items or end not in standing.items for end in (key[0], key[2]))
        claims = _united(standing, links, out if here and key[0] != key[2] else None, aside)
        if not here or key[0] == key[2] or (not claims and any(standing.claims(link) for link in links)):
            continue
        first = replace(links[0], subject=key[0], object=key[2])
        if len(links) > 1 or claims.keys() != standing.claims(links[0]).keys():
            first = replace(first, attributes=standing.first_word(claims) if claims else first.attributes)
        wanted.link(first, claims)


def _united(standing: Standing, states: Sequence[Item] | Sequence[Link], out: set[int] | None, aside: _Aside) -> Claims:
    """All claims on these; the first one's word stands where a section claims several. `out` are numbers of sections that
    are set aside, None for all."""
    found: Claims = {}
    for state in states:
        for number, claim in sorted(standing.claims(state).items()):
            if out is None or number in out or number in found:
                aside.claims.append(claim)
            else:
                found[number] = claim
    return found


def _pending(draft: Draft, standing: Standing, ids: dict[str, str], out: set[int], aside: _Aside) -> None:
    """References that these CIs tell, and those that lead to them."""
    for row in draft.tx.pending(sorted(standing.items)):
        near = ids.get(row.near, row.near)
        if row.scope in out or near in draft.retired:
            aside.pending.append(row)
            draft.removed_pending[row.key] = row
        elif near != row.near:
            draft.removed_pending[row.key] = row
            new = replace(row, near=near, far=ids.get(row.far, row.far) if row.far else None)
            draft.pending.setdefault(new.key, new)
    for row in draft.tx.pending_to(sorted(ids)):
        if row.key not in draft.removed_pending and row.far is not None:
            draft.pending[row.key] = replace(draft.pending.get(row.key, row), far=ids[row.far])


def _readings(draft: Draft, survivor: str, other: str, sections: _Sections) -> None:
    """Readings of the other's sections that go over; of one that both have those of the newer."""
    over = {scope.section for scope in sections.over}
    for name, value in draft.tx.readings(other).items():
        if name in over:
            draft.readings.append((survivor, name, value))
