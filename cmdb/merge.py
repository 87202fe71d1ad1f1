"""One batch's sections laid over a subject's parts and relations: what is new, changed and gone (architecture.md section 2).

A collected section with full scope is a witness for what it does not list; a section of less privilege than the last one
only adds and changes. A CI or relation retires when its last claim is withdrawn, and the retirement names its witness.

What another source saw of the same subject counts whichever came first: an older claim that its newer look withdraws is
withdrawn, or not taken at all. A source whose next look would change the outcome is not taken to say nothing new: the numbers
of its sections are `lost`, so that they are applied again when they come as they were.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field, replace
from typing import Any

from cmdb import aliases
from cmdb.draft import Draft, NewItem
from cmdb.model.classes import CLASSES
from cmdb.model.declaration import SUBJECT
from cmdb.model.values import Value
from cmdb.neighbours import Neighbours, is_neighbour
from cmdb.observation import ItemKey, Observed
from cmdb.reconcile import Say, could_withdraw, is_witness, may_withdraw, same_attributes, weigh
from cmdb.renamed import renamed
from cmdb.staleness import silent_before
from cmdb.states import Claim, Item, Link, LinkKey, Retirement, Scope


@dataclass(slots=True)
class SectionWork:
    """A section that is applied: its scope as it will be, what it says, and whether it may tell what is gone."""

    scope: Scope
    observed: Observed
    witness: bool
    before: Scope | None

    @property
    def seen(self) -> int | None:
        """When it last looked before this, with success."""
        return self.before.collected_at if self.before is not None else None


@dataclass(slots=True)
class Merge:
    """The work of one batch on items and links. `subject` is None while the subject is new."""

    draft: Draft
    subject: Item | None
    subject_class: str
    domain: str
    batch_id: str
    new: dict[ItemKey, NewItem] = field(default_factory=dict)
    known: dict[ItemKey, Item] = field(default_factory=dict)
    claims: dict[tuple[int, str | LinkKey | ItemKey], Claim] = field(default_factory=dict)
    dropped_claims: list[tuple[int, str | LinkKey]] = field(default_factory=list)
    rescoped: list[Item] = field(default_factory=list)
    links_rescoped: list[Link] = field(default_factory=list)
    stated: set[LinkKey] = field(default_factory=set)
    """Relations that the batch tells between CIs that are both known."""
    lost: set[int] = field(default_factory=set)
    """Numbers of sections that tell of what is not there any more: a relation with an end that retires, a CI that another
    source has since missed."""
    stays: frozenset[str] = frozenset()
    """Ids of CIs that do not retire here, because another part of the same batch tells of them."""
    was: dict[str, Item] = field(default_factory=dict)
    """By id, parts that got another key, as they were."""
    neighbours: Neighbours = field(default_factory=Neighbours)
    """Devices that the batch tells of as a neighbour."""
    elsewhere: dict[str, str] = field(default_factory=dict)
    """Old ids that the batch names, and the CIs that they lead to."""
    ids: dict[ItemKey, str] = field(default_factory=dict)
    """Ids of all that the batch may name, new CIs too (commit.enter)."""
    unchanged: int = 0
    now: int = 0
    """The receiver's time, from which silence is counted."""
    again: dict[int, Scope] = field(default_factory=dict)
    """Sections of this batch that came as they were, by number, with their new times."""
    _others: list[Scope] | None = None
    _rivals: dict[tuple[str, ...], list[Scope]] = field(default_factory=dict)

    # -- items ---------------------------------------------------------------------------------------------------------

    def items(self, works: list[SectionWork]) -> None:
        """Apply the items of all sections; `load` has been called with them."""
        says: dict[ItemKey, list[tuple[SectionWork, dict[str, Value] | None]]] = {}
        for work in works:
            for key, attributes in work.observed.items.items():
                key = self.placed(key)
                if key in says:
                    says[key].append((work, attributes))
                else:
                    says[key] = [(work, attributes)]
        self._look_around(works)
        explicit = self._explicit_claims(works, set(says))
        for work in works:
            if work.witness:
                for key in self._gone(work, explicit):
                    says.setdefault(key, []).append((work, None))
        for key, old in renamed(self.known, says).items():
            del says[old]
            was = self.known.pop(old)
            self.was[was.id], self.known[key] = was, replace(was, key=key[1])
        for key, said in says.items():
            if key in self.neighbours.met:
                self.unchanged += 1
                continue
            item = self.known.get(key)
            if self._others and key != (self.subject_class, SUBJECT):
                said = self._heard(key, item, said, explicit)
                if not said:
                    continue
            if item is None:
                self._create(key, said)
            elif len(said) == 1 and item.scope == said[0][0].scope.number:
                self._sole(item, *said[0])
            else:
                self._several(item, said, explicit.get(item.id, []))

    def load(self, works: list[SectionWork]) -> None:
        """Get what the sections' items and relations name, as far as it is known."""
        tx = self.draft.tx
        independents: set[str] = set()
        told: set[ItemKey] = set()
        named = {
            end for w in works for r in w.observed.relations for end in (r.subject, r.object) if isinstance(end, tuple)
        }
        for class_name, key in {key for w in works for key in w.observed.items} | named:
            if is_neighbour((class_name, key)):
                told.add((class_name, key))
            elif key != SUBJECT and CLASSES[class_name].independent:
                independents.add(f"{class_name} {self.placed((class_name, key))[1]}")
        ends = [end for w in works for r in w.observed.relations for end in (r.subject, r.object)]
        self.elsewhere = aliases.resolved(tx, [str(e["id"]) for e in ends if isinstance(e, dict) and "id" in e])
        if independents:
            hits = tx.identified(list(independents))
            for item in tx.items([i for ids in hits.values() for i in ids]).values():
                self.known[(item.class_name, item.key)] = item
        if told:
            self.known.update(self.neighbours.look(tx, told))
        if self.subject is not None:
            self.known[(self.subject_class, SUBJECT)] = self.subject
            classes = {c for w in works for c in w.scope.classes} | {class_name for class_name, _ in named}
            classes = {c for c in classes if CLASSES[c].parents}
            if classes:
                for item in tx.parts(self.subject.id, classes):
                    self.known[(item.class_name, item.key)] = item

    def placed(self, key: ItemKey) -> ItemKey:
        """The key with its routing domain, where the class's key is only unique in one; that of the subject is its own."""
        return (key[0], f"{self.domain}/{key[1]}") if CLASSES[key[0]].in_domain and key[1] != SUBJECT else key

    def _explicit_claims(self, works: list[SectionWork], said: set[ItemKey]) -> dict[str, list[Claim]]:
        """Stored claims on the items that this batch touches, and on what its sections claimed before."""
        tx = self.draft.tx
        if self.subject is None and not self.known:
            return {}
        numbers = {w.scope.number for w in works if w.before is not None}
        numbers.update(o.number for w in works if w.witness for o in self.rivals(w))
        own = tx.claims_of(sorted(numbers))
        ids = {c.target for c in own if isinstance(c.target, str)}
        spoken_for = {c for w in works if w.witness for c in w.scope.classes}
        ids.update(i.id for k, i in self.known.items() if i.scope is None and (k in said or k[0] in spoken_for))
        missing = ids.difference(i.id for i in self.known.values())
        for item in tx.items(missing).values():
            self.known[(item.class_name, item.key)] = item
        found: dict[str, list[Claim]] = {}
        for claim in tx.claims(list(ids)):
            if isinstance(claim.target, str):
                found.setdefault(claim.target, []).append(claim)
        return found

    def _gone(
        self,
        work: SectionWork,
        explicit: dict[str, list[Claim]],
    ) -> list[ItemKey]:
        """Items that this section claimed, or may speak for, and no longer lists."""
        number = work.scope.number
        listed = {self.placed(k) for k in work.observed.items}
        gone = []
        rivals = {o.number for o in self.rivals(work)}
        for key, item in self.known.items():
            if key in listed or key[0] not in work.scope.classes:
                continue
            claimed = {c.scope for c in explicit.get(item.id, ())} if item.scope is None else {item.scope}
            if number in claimed:
                gone.append(key)
            elif key[1] != SUBJECT and rivals & claimed:
                withdraws = [self.withdraws(work, o, key[0]) for o in self._claiming(claimed)]
                if any(withdraws):
                    gone.append(key)
                if False in withdraws:
                    self.lost.add(number)
        return gone

    # -- what other sources saw of the same subject ----------------------------------------------------------------------

    def _look_around(self, works: list[SectionWork]) -> None:
        """Get the sections of other sources, where there is a subject that they can have told of."""
        self._others = []
        if self.subject is not None and works:
            source = works[0].scope.source
            self._others = [s for s in self.draft.tx.scopes(self.subject.id) if s.source != source]

    def rivals(self, work: SectionWork) -> list[Scope]:
        """Sections of other sources that looked for nothing that this one does not look for."""
        key = (work.scope.section, *work.scope.classes)
        if key not in self._rivals:
            classes = set(work.scope.classes)
            self._rivals[key] = [o for o in self._others or () if o.classes and set(o.classes) <= classes]
        return self._rivals[key]

    def namesakes(self, work: SectionWork) -> list[Scope]:
        """The same section of other sources, where it asks for no more relations than this one."""
        types = set(work.scope.relations)
        return [o for o in self._others or () if o.section == work.scope.section and set(o.relations) <= types]

    def counts(self, work: SectionWork, tellers: Container[int]) -> bool:
        """True where a relation counts that the section tells as something new, false where the same section of another
        source has since looked for it in vain. `tellers` are the numbers of those that tell it already."""
        types = set(work.scope.relations)
        same = [o for o in self._others or () if o.section == work.scope.section and o.number not in tellers]
        return self._unrefuted(work, self.subject_class, [o for o in same if types <= set(o.relations)])

    def _unrefuted(self, work: SectionWork, class_name: str, mute: list[Scope]) -> bool:
        """True where none of these, which do not tell what this section tells, has looked since; those that are to be heard
        when they look next are `lost`."""
        if any(is_witness(o) and may_withdraw(o, work.scope, class_name) for o in mute):
            self.lost.add(work.scope.number)
            return False
        self.lost.update(o.number for o in mute if could_withdraw(o, work.scope, class_name))
        return True

    def withdraws(self, work: SectionWork, other: Scope, class_name: str) -> bool | None:
        """Whether another source's claim ends because this section does not list what it is about: None where that may not
        be, False where only because the other looked later."""
        if not could_withdraw(work.scope, other, class_name):
            return None
        return may_withdraw(work.scope, other, class_name)

    def _claiming(self, numbers: set[int]) -> list[Scope]:
        return [o for o in self._others or () if o.number in numbers]

    def _heard(
        self,
        key: ItemKey,
        item: Item | None,
        said: list[tuple[SectionWork, dict[str, Value] | None]],
        explicit: dict[str, list[Claim]],
    ) -> list[tuple[SectionWork, dict[str, Value] | None]]:
        """What counts of what the sections say: not a word to which another source has since looked and seen nothing. What
        such a section says counts again once it has looked anew."""
        claimants: set[int] = set()
        if item is not None:
            claimants = {c.scope for c in explicit.get(item.id, ())} if item.scope is None else {item.scope}
        kept = []
        for work, attributes in said:
            if attributes is not None and work.scope.number not in claimants:
                mute = [o for o in self._others or () if o.number not in claimants and key[0] in o.classes]
                if not self._unrefuted(work, key[0], mute):
                    continue
            kept.append((work, attributes))
        return kept

    # -- what becomes of an item -----------------------------------------------------------------------------------------

    def _create(self, key: ItemKey, said: list[tuple[SectionWork, dict[str, Value] | None]]) -> None:
        if key == (self.subject_class, SUBJECT):
            return  # The subject is created with its identifiers, see ingest.
        declaration = CLASSES[key[0]]
        values: list[Say] = [(w.scope, a) for w, a in said if a is not None]
        sole = len(values) == 1 and not declaration.independent
        self.new[key] = NewItem(
            key[0],
            SUBJECT if declaration.parents else None,
            key[1],
            weigh(key[0], values, self.silent_before(key[0]))[0],
            [self.neighbours.identifiers.get(key, f"{key[0]} {key[1]}")] if declaration.independent else [],
            values[0][0].number if sole else None,
            not_before=max((w.before.collected_at or 0 for w, a in said if a is not None and w.before), default=0)
            or None,
        )
        if not sole:
            for scope, attributes in values:
                self.claims[(scope.number, key)] = Claim(scope.number, "", dict(attributes))

    def _sole(self, item: Item, work: SectionWork, attributes: dict[str, Value] | None) -> None:
        if attributes is None:
            self._retire(item, work)
            return
        if not work.witness:
            attributes = {**item.attributes, **attributes}
        if same_attributes(attributes, item.attributes):
            self.unchanged += 1
        else:
            self.update(item, attributes, work.seen, item.scope)

    def _several(
        self, item: Item, said: list[tuple[SectionWork, dict[str, Value] | None]], stored: list[Claim]
    ) -> None:
        claims = {c.scope: c for c in stored}
        if item.scope is not None:
            claims[item.scope] = Claim(item.scope, item.id, item.attributes, [])
        before = {n: (c.attributes, c.identifiers) for n, c in claims.items()}
        works = {w.scope.number: w for w, _ in said}
        last = said[-1][0]
        scopes = self.scopes_by_number([n for n in claims if n not in works])
        seen = max([s.collected_at or 0 for s in scopes.values()] + [w.seen or 0 for w in works.values()])
        for work, attributes in said:
            number = work.scope.number
            if attributes is not None:
                old = claims.get(number)
                merged = attributes if work.witness or old is None else {**old.attributes, **attributes}
                claims[number] = Claim(number, item.id, dict(merged), old.identifiers if old else [])
            else:
                claims.pop(number, None)
                if item is not self.subject:
                    for other in self._withdrawn(work, item, claims, scopes):
                        del claims[other]
                        self.lost.add(other)
            last = work
        # A section that tells of no class, as people's words do, says something of a thing, not that it is there.
        if not any(n in works or (n in scopes and scopes[n].classes) for n in claims):
            self.dropped_claims += [(c.scope, item.id) for c in stored]
            if item.id not in self.stays:
                self._retire(item, last, seen or None)
            return
        self._store_claims(item, claims, before, stored)
        says: list[Say] = [(works[n].scope if n in works else scopes[n], c.attributes) for n, c in claims.items()]
        attributes_now, unheard = weigh(item.class_name, says, self.silent_before(item.class_name))
        self.lost |= unheard
        if same_attributes(attributes_now, item.attributes):
            self.unchanged += 1
            if item.scope is not None:
                self.rescoped.append(replace(item, scope=None))
        else:
            self.update(item, attributes_now, seen or None, None)

    def _withdrawn(
        self, work: SectionWork, item: Item, claims: dict[int, Claim], scopes: dict[int, Scope]
    ) -> list[int]:
        """Claims of other sources that end because this section does not list the item; of one that no whole holds only
        those that told it as this subject's."""
        return [
            n
            for n in claims
            if n in scopes
            and (item.parent is not None or scopes[n].subject == work.scope.subject)
            and may_withdraw(work.scope, scopes[n], item.class_name)
        ]

    def scopes_by_number(self, numbers: list[int]) -> dict[int, Scope]:
        """Sections by number as they are after this batch."""
        found = self.draft.tx.scopes_by_number(numbers) if numbers else {}
        return {n: self.again.get(n, s) for n, s in found.items()}

    def silent_before(self, class_name: str) -> int:
        """Who has not looked since is silent."""
        return silent_before(self.subject_class if CLASSES[class_name].parents else class_name, self.now)

    def _store_claims(
        self,
        item: Item,
        claims: dict[int, Claim],
        before: dict[int, tuple[dict[str, Value], list[str]]],
        stored: list[Claim],
    ) -> None:
        had = {c.scope for c in stored}
        self.dropped_claims += [(n, item.id) for n in had if n not in claims]
        for number, claim in claims.items():
            if number not in had or before[number] != (claim.attributes, claim.identifiers):
                self.claims[(number, item.id)] = claim

    def update(self, item: Item, attributes: dict[str, Value], seen: int | None, scope: int | None = None) -> None:
        """Have an item say this from now on; `seen` is when what it said before was last seen."""
        before = self.was.get(item.id, item)
        self.draft.updated[item.id] = (before, replace(item, attributes=attributes, scope=scope, not_before=seen))

    def _retire(self, item: Item, work: SectionWork, seen: int | None = None) -> None:
        self.draft.retired[item.id] = (item, self.retirement(work, seen))
        self.draft.updated.pop(item.id, None)

    def retirement(self, work: SectionWork, seen: int | None = None) -> Retirement:
        """The end of something that this section no longer lists; `seen` is when anybody last did, where not this one."""
        witness = f"{work.scope.source} {work.scope.section} {self.batch_id}"
        return Retirement(witness, seen if seen is not None else work.seen)

    def end(self, end: ItemKey | dict[str, Any], work: SectionWork) -> str | None:
        """The id of an end of a relation; None where it retires in this very batch."""
        if isinstance(end, dict):
            found: str | None = self.elsewhere.get(str(end["id"]), str(end["id"]))
        else:
            found = self.ids.get(self.placed(end))
        if found is None or found in self.draft.retired:
            self.lost.add(work.scope.number)
            return None
        return found
