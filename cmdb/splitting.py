"""One CI that is two: a merge is undone, or what some sources report of a CI becomes a CI of its own.

What goes and what stays is told by the sections: those of the leaving side, and later ones of its sources, take their claims
along. What nobody has changed since the merge stands again as it stood before it; of everything else each side has what its
own sections claim. What both sides claim is there twice, under the ids that it had.

The id that was merged is a CI again; its aliases end. An identifier that both sides claim is shared from then on: it
identifies neither, or the next batch would find both.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from cmdb import aliases
from cmdb.before_merge import read
from cmdb.decisions import SHARED
from cmdb.draft import Draft
from cmdb.identify import IDENTITY
from cmdb.merging import NOTE, coverage_of, covered, done, joined, parked_at, said
from cmdb.model.classes import CLASSES
from cmdb.model.errors import ConflictError, NotFoundError, UsageError
from cmdb.model.identity import mint
from cmdb.model.times import now
from cmdb.ports import Clock, Randomness, Store, Transaction
from cmdb.rearranging import Claims, Standing, Wanted, rearrange, resolve_references
from cmdb.states import Entry, Item, Link, LinkKey, Retirement, Scope

Document = dict[str, Any]


def split(
    store: Store,
    id_: str,
    actor: str,
    reason: str,
    sources: Sequence[str] = (),
    clock: Clock = now,
    randomness: Randomness = secrets.token_bytes,
) -> Document:
    """Undo a merge, or with `sources` make what these report of a CI a CI of its own, as a revision of kind "split":
    {"ci", "split", "revision"}, `split` being the id that is a CI again, or new.

    `id_` is that of a CI that was merged into another, or of one that one other was merged into. Raises NotFoundError,
    UsageError, ConflictError where there is nothing to undo, HorizonError where what was before is not kept any more.
    """
    with store.transaction() as tx:
        draft = Draft(tx)
        time = max(clock(), tx.head().committed_at + 1)
        if sources:
            whole, leaving = separate(draft, id_, sources, time, store.genesis())
        else:
            whole, leaving = undo(draft, id_, time, store.genesis())
        revision = done(draft, "split", actor, said(reason), clock, randomness, [whole, leaving])
        return {"ci": whole, "split": leaving, "revision": revision.number}


def undo(draft: Draft, id_: str, time: int, genesis: str) -> tuple[str, str]:
    """Put the undoing of a merge into a draft: (id of who stays, id of who leaves)."""
    tx = draft.tx
    entry = tx.entry(aliases.MERGE, id_)
    if entry is None:
        ids = _joined(tx, id_)
        if len(ids) > 1:
            raise ConflictError(
                f"{len(ids)} were merged into {id_}: name the one to split off: {', '.join(ids)}.", ids=ids
            )
        if not ids:
            _known(tx, id_)
            raise ConflictError(
                f"{id_} is no merge: name the sources whose reports become a CI of its own, with --source.", id=id_
            )
        id_ = ids[0]
        entry = tx.entry(aliases.MERGE, id_)
    assert entry is not None, f"{id_} is said to be merged, and no merge says so"
    stays = aliases.resolve(tx, id_)
    whole = tx.items([stays]).get(stays)
    if whole is None:
        raise ConflictError(f"{id_} was merged into {stays}, which is retired: there is nothing to split.", id=stays)
    _Parting(draft, whole, id_, entry, time, genesis).put(set(entry.value["scopes"]), set(entry.value["kept"]))
    return stays, id_


def separate(draft: Draft, id_: str, sources: Sequence[str], time: int, genesis: str) -> tuple[str, str]:
    """Put into a draft that what these sources report of a CI becomes a CI of its own: (id of the CI, id of the new one)."""
    tx = draft.tx
    stays = aliases.resolve(tx, id_)
    whole = _known(tx, stays)
    scopes = tx.scopes(stays)
    unknown = sorted(set(sources) - {s.source for s in scopes})
    if unknown:
        have = ", ".join(sorted({s.source for s in scopes})) or "none"
        raise UsageError(f"{', '.join(unknown)[:200]} does not report {stays}; its sources are {have}.")
    going = {s.number for s in scopes if s.source in sources}
    if len(going) == len(scopes):
        raise UsageError(f"No source of {stays} would be left: a split needs one that stays.")
    fresh = mint(genesis, tx.head().number + 1, 1)[0]
    _Parting(draft, whole, fresh, None, time, genesis).put(going, {s.number for s in scopes} - going)
    return stays, fresh


def _known(tx: Transaction, id_: str) -> Item:
    found = tx.items([id_]).get(id_)
    if found is None:
        raise NotFoundError(f"There is no configuration item {id_!r:.80} at present; `ci find` searches.", id=id_)
    if not CLASSES[found.class_name].marks:
        raise UsageError(f"{id_} is a {found.class_name}: only what is identified by marks can be split.")
    return found


def _joined(tx: Transaction, id_: str) -> list[str]:
    entry = tx.entry(aliases.JOINED, id_)
    return list(entry.value["ids"]) if entry is not None else []


class _Parting:
    """The parting of one CI into what stays and what leaves under the id `leaves`."""

    def __init__(self, draft: Draft, whole: Item, leaves: str, merge: Entry | None, time: int, genesis: str) -> None:
        self._draft, self._tx = draft, draft.tx
        self._whole, self._leaves, self._merge, self._time = whole, leaves, merge, time
        self._standing = Standing(draft.tx, [whole.id], time)
        self._before = read(draft.tx, leaves, merge)
        self._going: set[int] = set()
        self._ids = iter(mint(genesis, draft.tx.head().number + 1, len(self._standing.items) + 1)[1:])
        self._left: dict[str, str] = {}
        """By id of what stands now, the id that the leaving side has it by."""
        self._taken: dict[str, str] = {}
        """Parts that would come back, and those that have their place by now."""
        self._kept: dict[str, str] = {}
        """By id of what stands now, the id that the staying side has it by."""

    def put(self, going: set[int], staying: set[int]) -> None:
        """`going` are the numbers of the sections that leave, `staying` of those that stay; others go with their source."""
        scopes = self._tx.scopes(self._whole.id)
        self._going = {s.number for s in _sided(scopes, going, staying)} | going
        self._standing.scopes.update({s.number: s for s in scopes})
        self._standing.scopes.update(self._tx.scopes_by_number(_numbers(self._before.claims.values())))
        wanted = Wanted()
        self._items(wanted)
        self._links(wanted)
        rearrange(self._draft, self._standing, wanted, (), Retirement(f"split from {self._leaves}", None))
        self._pending()
        ends = [wanted.items[self._leaves][0], wanted.items[self._whole.id][0]]
        resolve_references(self._draft, ends, "split", "default", self._time)
        self._sections(scopes)
        self._standing.forget(self._draft)
        self._entries(wanted)

    # -- CIs -----------------------------------------------------------------------------------------------------------

    def _items(self, wanted: Wanted) -> None:
        before, standing = self._before, self._standing
        origin: dict[str, list[Item]] = {}
        for item in before.items.values():
            origin.setdefault(before.place(item.id), []).append(item)
        now_there = dict.fromkeys([self._whole.id, *standing.items])
        for id_ in now_there:
            item = standing.items[id_]
            was = {self._side(o): o for o in origin.get(id_, ()) if o.class_name == item.class_name}
            if id_ == self._whole.id and id_ != before.survivor:
                was.update({self._side(o): o for o in origin.get(before.survivor, ()) if o.id == self._leaves})
            claims = standing.claims(item)
            untouched = bool(was) and item.since <= before.number + 1
            sides = {True: _some(claims, self._going, True), False: _some(claims, self._going, False)}
            for leaving, o in was.items():
                sides[leaving] |= before.claims.get(o.id, {})
            if id_ == self._whole.id and id_ != before.survivor:
                sides[False] |= before.claims.get(before.survivor, {})
            if not any(sides.values()) and id_ != self._whole.id:
                sides[next(iter(was), False)] = {}
                sides.pop(not next(iter(was), False))
            for leaving in (False, True):
                whole = id_ == self._whole.id
                if sides.get(leaving) or (leaving in sides and (whole or not sides.get(not leaving))):
                    self._side_of(wanted, item, was, sides, leaving, untouched)
        for id_ in sorted(before.items):
            o = before.items[id_]
            aside = before.claims.get(id_)
            if aside and before.place(id_) not in standing.items and o.parent is not None:
                self._revive(wanted, o, aside)

    def _side_of(
        self,
        wanted: Wanted,
        item: Item,
        was: dict[bool, Item],
        sides: dict[bool, Claims],
        leaving: bool,
        untouched: bool,
    ) -> None:
        """What one side has of a CI that stands now."""
        claims, o = sides[leaving], was.get(leaving)
        both = bool(sides.get(not leaving)) or item.id == self._whole.id
        if item.id == self._whole.id:
            id_ = self._leaves if leaving else item.id
        elif o is not None:
            id_ = o.id
        elif not both or (not leaving and True not in was):
            id_ = item.id
        else:
            id_ = self._by_key(item, leaving)
        (self._left if leaving else self._kept)[item.id] = id_
        parent = None if item.parent is None else self._leaves if leaving else self._whole.id
        of = replace(item, id=id_, parent=parent)
        if untouched and o is not None:
            of = replace(of, attributes=o.attributes, identifiers=o.identifiers)
        elif both or o is not None:
            of = replace(of, attributes=self._standing.told(item.class_name, claims, item.attributes))
        if item.parent is None and not (untouched and o is not None):
            own = sorted({i for claim in claims.values() for i in claim.identifiers})
            of = replace(of, identifiers=own or (o.identifiers if o is not None else []))
        wanted.item(self._as_new(of, id_), claims)

    def _as_new(self, item: Item, id_: str) -> Item:
        """The item, as it has to be where its id is none of those that stand now."""
        if id_ in self._standing.items:
            current = self._standing.items[id_]
            return replace(item, salt=current.salt, digest=current.digest, since=current.since, born=current.born)
        last = self._tx.last_states([id_]).get(id_)
        digest, born = (last.digest, last.born) if last is not None else (b"", 0)
        return replace(item, salt=b"", digest=digest, since=0, born=born)

    def _by_key(self, item: Item, leaving: bool) -> str:
        """The id of a part that one side gets beside the one that the other side has."""
        parent = self._leaves if leaving else self._whole.id
        back = self._tx.retired_parts(parent, [(item.class_name, item.key)])
        return next(iter(back.values())).id if back else next(self._ids)

    def _revive(self, wanted: Wanted, o: Item, aside: Claims) -> None:
        """A part that only sections that were set aside had told of."""
        leaving = self._side(o)
        parent = self._leaves if leaving else self._whole.id
        for item, claims in list(wanted.items.values()):
            if (item.parent, item.class_name, item.key) == (parent, o.class_name, o.key):
                self._taken[o.id] = item.id
                both = {**aside, **claims}
                wanted.item(replace(item, attributes=self._standing.told(item.class_name, both, item.attributes)), both)
                return
        wanted.item(self._as_new(replace(o, parent=parent), o.id), aside)

    def _side(self, item: Item) -> bool:
        """True for what belonged to the leaving side before the merge."""
        return self._leaves in (item.id, item.parent)

    # -- relations -----------------------------------------------------------------------------------------------------

    def _links(self, wanted: Wanted) -> None:
        before, standing = self._before, self._standing
        origin: dict[LinkKey, list[Link]] = {}
        for link in before.links.values():
            origin.setdefault(before.key(link.key), []).append(link)
        for key, link in standing.links.items():
            claims = standing.claims(link)
            was = origin.get(key, [])
            if was and link.since <= before.number + 1:
                for o in was:
                    tellers = before.tellers.get(o.key, set(claims))
                    told = {n: c for n, c in claims.items() if n in tellers} | before.claims.get(o.key, {})
                    self._link(wanted, replace(o, since=link.since), o.key, told)
                continue
            if self._merge is not None and link.since == self._merge.since:
                continue  # The merge made it of references, which are about to be resolved anew.
            for leaving in (False, True):
                told = _some(claims, self._going, leaving)
                if told or (not claims and not leaving):
                    ends = self._end(key[0], leaving), self._end(key[2], leaving)
                    attributes = standing.first_word(told) if told else link.attributes
                    self._link(wanted, replace(link, attributes=attributes), (ends[0], key[1], ends[1]), told)
        for o in before.links.values():
            aside = before.claims.get(o.key)
            if aside and before.key(o.key) not in standing.links:
                self._link(wanted, o, o.key, aside)

    def _link(self, wanted: Wanted, link: Link, key: LinkKey, claims: Claims) -> None:
        key = (self._now(key[0], wanted), key[1], self._now(key[2], wanted))
        here = self._draft.tx.items([end for end in (key[0], key[2]) if end not in wanted.items])
        if key[0] == key[2] or any(end not in wanted.items and end not in here for end in (key[0], key[2])):
            return
        if any(end in self._standing.items and end not in wanted.items for end in (key[0], key[2])):
            return
        current = self._standing.links.get(key)
        if current is None:
            link = replace(link, salt=b"", digest=b"", since=0)
        known = wanted.links.get(key)
        told = {**claims, **(known[1] if known else {})}
        wanted.link(replace(known[0] if known else link, subject=key[0], object=key[2]), told)

    def _now(self, id_: str, wanted: Wanted) -> str:
        """An end of the time before the merge, where it is by now: later merges may have taken it elsewhere."""
        if id_ == self._before.survivor:
            return self._whole.id
        id_ = self._taken.get(id_, id_)
        return id_ if id_ in wanted.items else aliases.resolve(self._tx, id_)

    def _end(self, id_: str, leaving: bool) -> str:
        if id_ not in self._standing.items:
            return id_
        first, second = (self._left, self._kept) if leaving else (self._kept, self._left)
        return first.get(id_) or second.get(id_) or id_

    # -- what goes along -----------------------------------------------------------------------------------------------

    def _pending(self) -> None:
        draft, tx = self._draft, self._tx
        for row in tx.pending(sorted(self._standing.items)):
            leaving = row.scope in self._going
            near = self._end(row.near, leaving)
            far = self._end(row.far, leaving) if row.far else None
            if near != row.near:
                draft.removed_pending[row.key] = row
            if near != row.near or far != row.far:
                new = replace(row, near=near, far=far)
                draft.pending[new.key] = new
        for row in self._before.pending:
            draft.pending.setdefault(row.key, row)
        for row in tx.pending_to(sorted(self._standing.items)):
            if row.key not in draft.removed_pending and row.key not in draft.pending:
                draft.pending[row.key] = replace(row, far=self._end(str(row.far), row.scope in self._going))

    def _sections(self, scopes: Sequence[Scope]) -> None:
        """Sections of the leaving side go first, so that no place is taken twice."""
        draft = self._draft
        going = [s for s in scopes if s.number in self._going]
        back = [replace(s, subject=self._whole.id) for s in self._tx.scopes(parked_at(self._leaves))]
        draft.scopes += [replace(s, subject=self._leaves) for s in going] + back
        kept = covered(self._tx, self._whole.id)
        moved = [s for s in draft.scopes if (s.source, s.section) in kept]
        draft.coverage += [coverage_of(s, self._time) for s in moved]
        names = {(s.source, s.section) for s in back}
        for scope in going:
            if (scope.source, scope.section) in kept - names:
                # What left is not looked at any more here: a comparison has to know.
                nothing = replace(scope, outcome="not_applicable", classes=[], relations=[])
                nothing.reason = f"reports {self._leaves} since it was split off"
                draft.coverage.append(coverage_of(nothing, self._time))
        staying = {s.section for s in scopes if s.number not in self._going}
        for name, value in self._tx.readings(self._whole.id).items():
            if name in {s.section for s in going} - staying:
                draft.readings.append((self._leaves, name, value))

    def _entries(self, wanted: Wanted) -> None:
        draft, tx = self._draft, self._tx
        both = set(wanted.items[self._leaves][0].identifiers) & set(wanted.items[self._whole.id][0].identifiers)
        cis = sorted((self._leaves, self._whole.id))
        for identifier in sorted(both):
            if tx.entry(SHARED, identifier) is None:
                draft.entries.append(Entry(SHARED, identifier, {"cis": cis, "conflict": 0}, 0, b"", b""))
        if self._merge is None:
            return
        end = Retirement("split", None)
        for kind in (aliases.KIND, aliases.MERGE):
            entry = tx.entry(kind, self._leaves)
            if entry is not None:
                draft.entries_removed.append((entry, end))
        draft.entries.append(joined(tx, self._before.survivor, self._leaves, False))
        tx.remove_entry_value(NOTE, self._leaves)


def _sided(scopes: Iterable[Scope], going: set[int], staying: set[int]) -> Iterable[Scope]:
    """The sections that leave: those named, and later ones of a source whose identity leaves or that only the leaving
    side had."""
    scopes = list(scopes)
    known = {s.source: s.number in going for s in scopes if s.number in going | staying}
    known |= {s.source: s.number in going for s in scopes if s.section == IDENTITY and s.number in going | staying}
    for scope in scopes:
        if scope.number in going or (scope.number not in staying and known.get(scope.source, False)):
            yield scope


def _some(claims: Claims, numbers: set[int], inside: bool) -> Claims:
    return {n: c for n, c in claims.items() if (n in numbers) is inside}


def _numbers(claims: Iterable[Claims]) -> set[int]:
    return {n for each in claims for n in each}
