"""One batch's sections laid over a subject's parts and relations: what is new, changed and gone (architecture.md section 2).

A collected section with full scope is a witness for what it does not list; a section of less privilege than the last one
only adds and changes. A CI or relation retires when its last claim is withdrawn, and the retirement names its witness.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from cmdb.draft import Draft, NewItem
from cmdb.model.classes import CLASSES
from cmdb.model.declaration import SUBJECT
from cmdb.model.values import Value
from cmdb.observation import ItemKey, Observed
from cmdb.reconcile import Say, effective, may_withdraw
from cmdb.states import Claim, Item, Link, LinkKey, Retirement, Scope


@dataclass(slots=True)
class SectionWork:
    """A section that is applied: its scope as it will be, what it says, and whether it may tell what is gone."""

    scope: Scope
    observed: Observed
    witness: bool
    before: Scope | None


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
    ids: dict[ItemKey, str] = field(default_factory=dict)
    """Ids of all that the batch may name, new CIs too (commit.enter)."""
    unchanged: int = 0
    _others: list[Scope] | None = None

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
        explicit = self._explicit_claims(works, set(says))
        for work in works:
            if work.witness:
                for key in self._gone(work, explicit):
                    says.setdefault(key, []).append((work, None))
        for key, said in says.items():
            item = self.known.get(key)
            if item is None:
                said = [(w, a) for w, a in said if not self._outlived(w, key[0])]
                if said:
                    self._create(key, said)
            elif len(said) == 1 and item.scope == said[0][0].scope.number:
                self._sole(item, *said[0])
            else:
                self._several(item, said, explicit.get(item.id, []))

    def load(self, works: list[SectionWork]) -> None:
        """Get what the sections' items and relations name, as far as it is known."""
        tx = self.draft.tx
        independents: set[str] = set()
        named = {
            end for w in works for r in w.observed.relations for end in (r.subject, r.object) if isinstance(end, tuple)
        }
        for class_name, key in {key for w in works for key in w.observed.items} | named:
            if key != SUBJECT and CLASSES[class_name].independent:
                independents.add(f"{class_name} {self.placed((class_name, key))[1]}")
        if independents:
            hits = tx.identified(list(independents))
            for item in tx.items([i for ids in hits.values() for i in ids]).values():
                self.known[(item.class_name, item.key)] = item
        if self.subject is not None:
            self.known[(self.subject_class, SUBJECT)] = self.subject
            classes = {c for w in works for c in w.scope.classes} | {class_name for class_name, _ in named}
            classes = {c for c in classes if CLASSES[c].parents}
            if classes:
                for item in tx.parts(self.subject.id, classes):
                    self.known[(item.class_name, item.key)] = item

    def placed(self, key: ItemKey) -> ItemKey:
        """The key with its routing domain, where the class's key is only unique in one."""
        return (key[0], f"{self.domain}/{key[1]}") if CLASSES[key[0]].in_domain else key

    def _explicit_claims(self, works: list[SectionWork], said: set[ItemKey]) -> dict[str, list[Claim]]:
        """Stored claims on the items that this batch touches, and on what its sections claimed before."""
        tx = self.draft.tx
        if self.subject is None and not self.known:
            return {}
        own = tx.claims_of([w.scope.number for w in works if w.before is not None])
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
        scopes: dict[int, Scope] = {}
        for key, item in self.known.items():
            if key in listed or key[0] not in work.scope.classes:
                continue
            claimed = {c.scope for c in explicit.get(item.id, ())} if item.scope is None else {item.scope}
            if number in claimed:
                gone.append(key)
            elif CLASSES[key[0]].parents and claimed:
                scopes.update(self.draft.tx.scopes_by_number(claimed - set(scopes)))
                if any(n in scopes and may_withdraw(work.scope, scopes[n], key[0]) for n in claimed):
                    gone.append(key)
        return gone

    def _outlived(self, work: SectionWork, class_name: str) -> bool:
        """True where another source has looked since, as well as this one, and it is not there. What this section says
        counts again once it has looked anew."""
        if self.subject is None or not CLASSES[class_name].parents:
            return False
        if self._others is None:
            self._others = [s for s in self.draft.tx.scopes(self.subject.id) if s.collected_at is not None]
        for other in self._others:
            if class_name in other.classes and may_withdraw(
                replace(other, observed_at=other.collected_at or 0), work.scope, class_name
            ):
                self.lost.add(work.scope.number)
                return True
        return False

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
            effective(key[0], values),
            [f"{key[0]} {key[1]}"] if declaration.independent else [],
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
        if attributes == item.attributes and not _bool_differs(attributes, item.attributes):
            self.unchanged += 1
        else:
            self._update(item, attributes, work.before, item.scope)

    def _several(
        self, item: Item, said: list[tuple[SectionWork, dict[str, Value] | None]], stored: list[Claim]
    ) -> None:
        tx = self.draft.tx
        claims = {c.scope: c for c in stored}
        if item.scope is not None:
            claims[item.scope] = Claim(item.scope, item.id, item.attributes, [])
        before = {n: (c.attributes, c.identifiers) for n, c in claims.items()}
        works = {w.scope.number: w for w, _ in said}
        last = said[-1][0]
        scopes = tx.scopes_by_number([n for n in claims if n not in works])
        for work, attributes in said:
            number = work.scope.number
            if attributes is not None:
                old = claims.get(number)
                merged = attributes if work.witness or old is None else {**old.attributes, **attributes}
                claims[number] = Claim(number, item.id, dict(merged), old.identifiers if old else [])
            else:
                claims.pop(number, None)
            if work.witness and attributes is None and CLASSES[item.class_name].parents:
                for other in [
                    n for n in claims if n in scopes and may_withdraw(work.scope, scopes[n], item.class_name)
                ]:
                    del claims[other]
                    self.lost.add(other)
            last = work
        # A section that tells of no class, as people's words do, says something of a thing, not that it is there.
        if not any(n in works or (n in scopes and scopes[n].classes) for n in claims):
            self.dropped_claims += [(c.scope, item.id) for c in stored]
            self._retire(item, last)
            return
        self._store_claims(item, claims, before, stored)
        says: list[Say] = [(works[n].scope if n in works else scopes[n], c.attributes) for n, c in claims.items()]
        attributes_now = effective(item.class_name, says)
        if attributes_now == item.attributes and not _bool_differs(attributes_now, item.attributes):
            self.unchanged += 1
            if item.scope is not None:
                self.rescoped.append(replace(item, scope=None))
        else:
            self._update(item, attributes_now, last.before, None)

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

    def _update(self, item: Item, attributes: dict[str, Value], before: Scope | None, scope: int | None) -> None:
        seen = before.collected_at if before else None
        self.draft.updated[item.id] = (item, replace(item, attributes=attributes, scope=scope, not_before=seen))

    def _retire(self, item: Item, work: SectionWork) -> None:
        self.draft.retired[item.id] = (item, self.retirement(work))
        self.draft.updated.pop(item.id, None)

    def retirement(self, work: SectionWork) -> Retirement:
        """The end of something that this section no longer lists."""
        witness = f"{work.scope.source} {work.scope.section} {self.batch_id}"
        return Retirement(witness, work.before.collected_at if work.before else None)

    def end(self, end: ItemKey | dict[str, Any], work: SectionWork) -> str | None:
        """The id of an end of a relation; None where it retires in this very batch."""
        found = str(end["id"]) if isinstance(end, dict) else self.ids.get(self.placed(end))
        if found is None or found in self.draft.retired:
            self.lost.add(work.scope.number)
            return None
        return found


def _bool_differs(left: dict[str, Value], right: dict[str, Value]) -> bool:
    """True where equal by == but of another type (True == 1 in Python)."""
    return any(type(value) is not type(right[name]) for name, value in left.items())
