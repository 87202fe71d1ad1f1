"""CIs, their parts and relations put together anew, with all claims on them: what merges and splits have in common.

`Standing` is what there is; merging.py and splitting.py say what there shall be, and `rearrange` puts the difference into a
draft. A claim is never lost or made here: whoever leaves one out has kept it elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from cmdb.draft import Draft
from cmdb.history import changed
from cmdb.merge import Merge
from cmdb.model.classes import CLASSES
from cmdb.model.precedence import rank
from cmdb.model.values import Value
from cmdb.ports import Transaction
from cmdb.reconcile import item_name, weigh
from cmdb.references import References
from cmdb.staleness import silent_before
from cmdb.states import Claim, Item, Link, LinkKey, Retirement, Scope

Claims = dict[int, Claim]
"""Claims on one CI or relation, by number of the section."""


class Standing:
    """Some CIs with their parts, all relations of these, and every claim on them, as the transaction has them."""

    def __init__(self, tx: Transaction, wholes: Collection[str], time: int) -> None:
        self.tx = tx
        self._time = time
        self.unheard: set[int] = set()
        """Numbers of sections whose next word has to be weighed even where it is nothing new (reconcile.weigh)."""
        self.items: dict[str, Item] = tx.items(wholes)
        self._whole = next(iter(self.items.values())).class_name
        for whole in wholes:
            self.items.update((part.id, part) for part in tx.parts(whole))
        self.links: dict[LinkKey, Link] = {link.key: link for link in tx.links(sorted(self.items))}
        self.stored: dict[str | LinkKey, Claims] = {}
        for claim in tx.claims([*self.items, *self.links]):
            self.stored.setdefault(claim.target, {})[claim.scope] = claim
        numbers = {n for claims in self.stored.values() for n in claims}
        states: list[Item | Link] = [*self.items.values(), *self.links.values()]
        numbers.update(state.scope for state in states if state.scope is not None)
        self.scopes: dict[int, Scope] = tx.scopes_by_number(numbers)

    def claims(self, state: Item | Link) -> Claims:
        """All claims on it, also the one that is not stored because it is the only one."""
        target = state.id if isinstance(state, Item) else state.key
        found = dict(self.stored.get(target, {}))
        if state.scope is not None:
            found[state.scope] = Claim(state.scope, target, state.attributes)
        return found

    def told(self, class_name: str, claims: Claims, otherwise: dict[str, Value]) -> dict[str, Value]:
        """The attributes that claims amount to for a CI of this class, `otherwise` where nobody claims any."""
        says = [(self.scopes[n], claims[n].attributes) for n in sorted(claims) if n in self.scopes]
        if not says:
            return dict(otherwise)
        found, unheard = weigh(class_name, says, silent_before(self._whole, self._time))
        self.unheard |= unheard
        return found

    def forget(self, draft: Draft) -> None:
        """Have the sections decoded anew whose next word has to be weighed."""
        here = {scope.number: scope for scope in draft.scopes}
        for number in self.unheard & here.keys():
            here[number].digest = ""
        others = self.tx.scopes_by_number(self.unheard - here.keys()).values()
        draft.scopes += [replace(scope, digest="") for scope in others]

    def first_word(self, claims: Claims) -> dict[str, Value]:
        """The attributes of a relation that several sections tell: those of the strongest route, then the lower source."""

        def place(number: int) -> tuple[Any, ...]:
            scope = self.scopes[number]
            found = rank("os", scope.route)
            return (9 if found is None else found, scope.source, scope.section)

        return claims[min(claims, key=place)].attributes


class Wanted:
    """What there shall be: CIs by id and relations by key, each with all claims on it."""

    def __init__(self) -> None:
        self.items: dict[str, tuple[Item, Claims]] = {}
        self.links: dict[LinkKey, tuple[Link, Claims]] = {}

    def item(self, item: Item, claims: Mapping[int, Claim]) -> None:
        self.items[item.id] = (item, {n: replace(c, target=item.id) for n, c in claims.items()})

    def link(self, link: Link, claims: Mapping[int, Claim]) -> None:
        self.links[link.key] = (link, {n: replace(c, target=link.key) for n, c in claims.items()})


def rearrange(draft: Draft, standing: Standing, wanted: Wanted, merged: Collection[str], end: Retirement) -> None:
    """Put what differs between what stands and what is wanted into the draft.

    What is not wanted ends with `end`; `merged` are ids of which others have taken the place.
    """
    for id_, item in standing.items.items():
        if id_ not in wanted.items:
            draft.retired[id_] = (item, replace(end, merged=id_ in merged))
    for id_, (item, claims) in wanted.items.items():
        before = standing.items.get(id_)
        sole = _sole(standing, before, claims) if not CLASSES[item.class_name].independent else None
        name = item_name(item.class_name, item.key, item.attributes)
        item = replace(item, name=name, scope=sole, not_before=None, text="")
        if before is None:
            draft.created[id_] = item
        elif _differs(before, item):
            draft.updated[id_] = (before, item)
        elif before.scope != sole:
            draft.rescoped.append(replace(before, scope=sole))
        _claims(draft, standing, id_, claims, sole)
    for key, link in standing.links.items():
        if key not in wanted.links:
            draft.links_retired[key] = (link, end)
    for key, (link, claims) in wanted.links.items():
        known = standing.links.get(key)
        sole = _sole(standing, known, claims)
        link = replace(link, scope=sole, not_before=None)
        if known is None:
            draft.links_created[key] = link
        elif next(changed(known.attributes, link.attributes), None) is not None:
            draft.links_updated[key] = (known, link)
        elif known.scope != sole:
            draft.links_rescoped.append(replace(known, scope=sole))
        _claims(draft, standing, key, claims, sole)


def resolve_references(draft: Draft, subjects: Iterable[Item], witness: str, domain: str, observed_at: int) -> None:
    """Find anew what answers at the addresses of these CIs."""
    for subject in subjects:
        shim = Merge(draft, subject, subject.class_name, domain, witness)
        References(shim, subject.id, observed_at).resolve()
        draft.removed_claims += shim.dropped_claims
        draft.links_rescoped += shim.links_rescoped


def _sole(standing: Standing, before: Item | Link | None, claims: Claims) -> int | None:
    """The only section that claims it, None where several do, or where its claims are what they were and stored."""
    if len(claims) != 1:
        return None
    number = next(iter(claims))
    if before is not None and before.scope is None and standing.claims(before).keys() == claims.keys():
        return None
    return number


def _differs(before: Item, after: Item) -> bool:
    told = (before.parent, before.key, before.identifiers) != (after.parent, after.key, after.identifiers)
    return told or next(changed(before.attributes, after.attributes), None) is not None


def _claims(draft: Draft, standing: Standing, target: str | LinkKey, claims: Claims, sole: int | None) -> None:
    stored = standing.stored.get(target, {})
    kept: Claims = {} if sole is not None else claims
    draft.removed_claims += [(n, target) for n in stored if n not in kept]
    draft.claims += [kept[n] for n in sorted(kept) if stored.get(n) != kept[n]]
