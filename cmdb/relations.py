"""Relations that a batch tells between CIs that are both known (merge.py has their items; references.py those known by
address only).

A relation retires when its last claim is withdrawn, or with either of its ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from cmdb.merge import Merge, SectionWork
from cmdb.model.checked import shown
from cmdb.model.declaration import SUBJECT
from cmdb.model.precedence import rank
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.model.values import Value
from cmdb.observation import ItemKey, ObservedRelation
from cmdb.states import Claim, Link, LinkKey

Said = list[tuple[SectionWork, dict[str, Value] | None]]
"""What each section says of a relation, None where it no longer tells it."""


def apply(merge: Merge, works: list[SectionWork]) -> dict[int, list[ObservedRelation]]:
    """Apply relations between CIs that are both known; returns those with an end known by address only, by scope."""
    references: dict[int, list[ObservedRelation]] = {}
    wanted: dict[LinkKey, Said] = {}
    for work in works:
        for row in work.observed.relations:
            if (isinstance(row.subject, dict) and "id" not in row.subject) or (
                isinstance(row.object, dict) and "id" not in row.object
            ):
                references.setdefault(work.scope.number, []).append(row)
                continue
            subject, object_ = merge.end(row.subject, work), merge.end(row.object, work)
            if subject is not None and object_ is not None:
                wanted.setdefault((subject, row.type, object_), []).append((work, row.attributes))
    merge.stated.update(wanted)
    tx = merge.draft.tx
    numbers = [w.scope.number for w in works if w.before is not None]
    prior = {link.key: link for link in tx.links_of(numbers)} if numbers else {}
    claimed = [c for c in tx.claims_of(numbers) if not isinstance(c.target, str)] if numbers else []
    known = dict(prior)
    made = merge.draft.created
    ask = [k for k in wanted if k not in known and k[0] not in made and k[2] not in made]
    ask += [c.target for c in claimed if not isinstance(c.target, str)]
    known.update(tx.links_by_key(ask) if ask else {})
    for work in works:
        if work.witness:
            for key in _gone(work, known, claimed):
                if not any(w is work for w, _ in wanted.get(key, ())):
                    wanted.setdefault(key, []).append((work, None))
    shared = [k for k in wanted if k in known and known[k].scope is None]
    stored: dict[LinkKey, dict[int, Claim]] = {}
    for claim in tx.claims(shared) if shared else []:
        if not isinstance(claim.target, str):
            stored.setdefault(claim.target, {})[claim.scope] = claim
    for key, said in wanted.items():
        _settle(merge, key, known.get(key), said, stored.get(key, {}))
    return references


def unresolved(merge: Merge, works: list[SectionWork]) -> dict[int, str]:
    """By place in `works`, sections with a relation of which an end is not there once they are applied: what is wrong.

    `merge` has loaded what they name.
    """
    told = {merge.placed(k) for w in works for k in w.observed.items}
    told.add((merge.subject_class, SUBJECT))
    asked = {str(end["id"]) for w in works for row in w.observed.relations for end in _ids(row)}
    here = merge.draft.tx.items(asked) if asked else {}
    wrong: dict[int, str] = {}
    for place, work in enumerate(works):
        for row in work.observed.relations:
            for end in (row.subject, row.object):
                if isinstance(end, dict):
                    if "id" in end and end["id"] not in here:
                        wrong[place] = f"a relation names the CI {shown(end['id'])}, which is not there"
                elif (key := merge.placed(end)) not in told and not _stays(merge, key, works):
                    wrong[place] = f"a relation names {end[0]} {shown(end[1])}, which is not there"
    return wrong


def _stays(merge: Merge, key: ItemKey, works: list[SectionWork]) -> bool:
    """True for what is known, unless the only section that claims it does not list it any more."""
    item = merge.known.get(key)
    return item is not None and not any(
        w.witness and key[0] in w.scope.classes and item.scope == w.scope.number for w in works
    )


def _gone(work: SectionWork, known: dict[LinkKey, Link], claimed: list[Claim]) -> Iterable[LinkKey]:
    number = work.scope.number
    types = {t for t in work.scope.relations if not RELATIONSHIP_TYPES[t].sighted}
    for key, link in known.items():
        if key[1] in types and link.scope == number:
            yield key
    for claim in claimed:
        if claim.scope == number and claim.target[1] in types and claim.target in known:
            yield claim.target


def _settle(
    merge: Merge,
    key: LinkKey,
    link: Link | None,
    said: Said,
    stored: dict[int, Claim],
) -> None:
    if key in merge.draft.links_retired:
        return  # An end of it retires, whoever else tells it.
    claims = dict(stored)
    if link is not None and link.scope is not None:
        claims[link.scope] = Claim(link.scope, key, link.attributes)
    had = set(stored)
    for work, attributes in said:
        if attributes is None:
            claims.pop(work.scope.number, None)
        else:
            claims[work.scope.number] = Claim(work.scope.number, key, attributes)
    last = said[-1][0]
    if not claims:
        if link is not None:
            merge.dropped_claims += [(n, key) for n in had]
            merge.draft.links_retired[key] = (link, merge.retirement(last))
        return
    sole = next(iter(claims)) if len(claims) == 1 else None
    attributes_now = claims[sole].attributes if sole is not None else _first_word(merge, claims, said)
    if sole is None:
        for number, claim in claims.items():
            if stored.get(number) != claim:
                merge.claims[(number, key)] = claim
    merge.dropped_claims += [(n, key) for n in had if n not in claims or sole is not None]
    before = last.before.collected_at if last.before else None
    if link is None:
        merge.draft.links_created[key] = Link(key[1], key[0], key[2], attributes_now, b"", b"", 0, before, sole)
    elif link.attributes != attributes_now:
        changed = replace(link, attributes=attributes_now, scope=sole, not_before=before)
        merge.draft.links_updated[key] = (link, changed)
    elif link.scope != sole:
        merge.links_rescoped.append(replace(link, scope=sole))


def _first_word(merge: Merge, claims: dict[int, Claim], said: Said) -> dict[str, Value]:
    """Among several claimants of a relation the strongest route speaks, then the lower source: not who came first."""
    scopes = {w.scope.number: w.scope for w, _ in said}
    scopes.update(merge.draft.tx.scopes_by_number([n for n in claims if n not in scopes]))
    ranks = {n: rank("os", scopes[n].route) for n in claims}
    order = {n: (9 if r is None else r, scopes[n].source, scopes[n].section) for n, r in ranks.items()}
    return claims[min(claims, key=order.__getitem__)].attributes


def _ids(row: ObservedRelation) -> list[dict[str, Any]]:
    return [end for end in (row.subject, row.object) if isinstance(end, dict) and "id" in end]
