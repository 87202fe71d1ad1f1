"""Relations that a batch tells between CIs that are both known (merge.py has their items; references.py those known by
address only).

A relation retires when its last claim is withdrawn, or with either of its ends. Of relations the same section of another source
is a witness, since several sections of a source may tell one type.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cmdb.merge import Merge, SectionWork
from cmdb.model.checked import shown
from cmdb.model.declaration import SUBJECT
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.model.values import Value
from cmdb.observation import ItemKey, ObservedRelation
from cmdb.reconcile import weigh_relation
from cmdb.states import Claim, Link, LinkKey, Scope

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
            if subject == object_ and _ids(row):
                continue  # The CI that it names by an old id is the other end itself by now.
            if subject is not None and object_ is not None:
                wanted.setdefault((subject, row.type, object_), []).append((work, row.attributes))
    merge.stated.update(wanted)
    tx = merge.draft.tx
    numbers = {w.scope.number for w in works if w.before is not None}
    numbers.update(o.number for w in works if w.witness for o in merge.namesakes(w))
    prior = {link.key: link for link in tx.links_of(sorted(numbers))} if numbers else {}
    claimed = [c for c in tx.claims_of(sorted(numbers)) if not isinstance(c.target, str)] if numbers else []
    known = dict(prior)
    made = merge.draft.created
    ask = [k for k in wanted if k not in known and k[0] not in made and k[2] not in made]
    ask += [c.target for c in claimed if not isinstance(c.target, str)]
    known.update(tx.links_by_key(ask) if ask else {})
    for work in works:
        if work.witness:
            told = {key for key, said in wanted.items() if any(w is work for w, _ in said)}
            for key in _gone(merge, work, told, known, claimed):
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
    asked = {
        merge.elsewhere.get(str(end["id"]), str(end["id"]))
        for w in works
        for row in w.observed.relations
        for end in _ids(row)
    }
    here = merge.draft.tx.items(asked) if asked else {}
    wrong: dict[int, str] = {}
    for place, work in enumerate(works):
        for row in work.observed.relations:
            for end in (row.subject, row.object):
                if isinstance(end, dict):
                    if "id" in end and merge.elsewhere.get(str(end["id"]), str(end["id"])) not in here:
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


def _gone(
    merge: Merge, work: SectionWork, told: set[LinkKey], known: dict[LinkKey, Link], claimed: list[Claim]
) -> set[LinkKey]:
    """Relations that the section told, or may speak for, and does not tell now."""
    by = {(key, link.scope) for key, link in known.items() if link.scope is not None}
    by |= {(c.target, c.scope) for c in claimed if not isinstance(c.target, str) and c.target in known}
    own = work.scope.number
    rivals = {o.number: merge.withdraws(work, o, merge.subject_class) for o in merge.namesakes(work)}
    types = {t for t in work.scope.relations if not RELATIONSHIP_TYPES[t].sighted}
    untold = [(key, number) for key, number in by if key[1] in types and key not in told]
    merge.lost.update(own for _, number in untold if rivals.get(number) is False)
    return {key for key, number in untold if number == own or rivals.get(number)}


def _heard(merge: Merge, key: LinkKey, said: Said, claims: dict[int, Claim]) -> Said:
    """What counts of what is told, see Merge.items: not what the same section of another source has since looked for in vain."""
    kept: Said = []
    for work, attributes in said:
        new = attributes is not None and work.scope.number not in claims and not RELATIONSHIP_TYPES[key[1]].sighted
        if not new or merge.counts(work, claims):
            kept.append((work, attributes))
    return kept


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
    said = _heard(merge, key, said, claims)
    if not said:
        return
    scopes = merge.scopes_by_number([n for n in claims if n not in {w.scope.number for w, _ in said}])
    seen = max([s.collected_at or 0 for s in scopes.values()] + [w.seen or 0 for w, _ in said])
    for work, attributes in said:
        if attributes is None:
            claims.pop(work.scope.number, None)
            rivals = {o.number: o for o in merge.namesakes(work) if o.number in claims}
            for number, other in rivals.items():
                if merge.withdraws(work, other, merge.subject_class):
                    del claims[number]
                    merge.lost.add(number)
        else:
            claims[work.scope.number] = Claim(work.scope.number, key, attributes)
    last = said[-1][0]
    if not claims:
        if link is not None:
            merge.dropped_claims += [(n, key) for n in had]
            merge.draft.links_retired[key] = (link, merge.retirement(last, seen or None))
        return
    sole = next(iter(claims)) if len(claims) == 1 else None
    attributes_now = claims[sole].attributes if sole is not None else _first_word(merge, claims, said, scopes)
    if sole is None:
        for number, claim in claims.items():
            if stored.get(number) != claim:
                merge.claims[(number, key)] = claim
    merge.dropped_claims += [(n, key) for n in had if n not in claims or sole is not None]
    before = last.seen if link is None else seen or None
    if link is None:
        merge.draft.links_created[key] = Link(key[1], key[0], key[2], attributes_now, b"", b"", 0, before, sole)
    elif link.attributes != attributes_now:
        changed = replace(link, attributes=attributes_now, scope=sole, not_before=before)
        merge.draft.links_updated[key] = (link, changed)
    elif link.scope != sole:
        merge.links_rescoped.append(replace(link, scope=sole))


def _first_word(merge: Merge, claims: dict[int, Claim], said: Said, others: dict[int, Scope]) -> dict[str, Value]:
    """What several claimants of a relation amount to."""
    scopes = {**others, **{w.scope.number: w.scope for w, _ in said}}
    says = [(scopes[n], claim.attributes) for n, claim in claims.items()]
    told, unheard = weigh_relation(merge.subject_class, says, merge.silent_before(merge.subject_class))
    merge.lost |= unheard
    return told


def _ids(row: ObservedRelation) -> list[dict[str, Any]]:
    return [end for end in (row.subject, row.object) if isinstance(end, dict) and "id" in end]
