"""What several claims make of a CI, and how states and revisions are sealed. Pure.

Precedence is model.md section 2: by rank of the route in the attribute's group, then the fuller privilege, then the newest
successful observation, then the lower source id. A source that has been silent for longer than the staleness limit comes
behind all that have not: it fills gaps, and blocks nobody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cmdb.model.classes import CLASSES
from cmdb.model.precedence import DERIVED, PERIODIC, rank
from cmdb.model.times import iso
from cmdb.model.values import Value, canonical, digest
from cmdb.model.vocabulary import group_of
from cmdb.states import Entry, Item, Link, Revision, Scope

Say = tuple[Scope, Mapping[str, Value]]
"""What one section claims."""

Standing = tuple[bool, int, bool, int, str, str]
"""Whose word counts, the least first: silent, rank, not of full privilege, the newest first, source, section."""

_SAME_FACTS = frozenset({"agent", "ssh"})
"""Routes whose sections are the facts of agent/facts, a name meaning one thing by either."""


def silent(scope: Scope, silent_before: int) -> bool:
    """True where a section that should look again and again has not seen anything since `silent_before` (microseconds)."""
    return scope.route in PERIODIC and (scope.collected_at or scope.observed_at) < silent_before


def standing(scope: Scope, group: str, silent_before: int = 0) -> Standing | None:
    """Where a section's word on a group of attributes stands; None where its route has none."""
    place = rank(group, scope.route)
    if place is None:
        return None
    newest = -(scope.collected_at or scope.observed_at)
    return (silent(scope, silent_before), place, scope.privilege != "full", newest, scope.source, scope.section)


def effective(class_name: str, says: Sequence[Say], silent_before: int = 0) -> dict[str, Value]:
    """The attributes that several sections' claims amount to."""
    return weigh(class_name, says, silent_before)[0]


def weigh(class_name: str, says: Sequence[Say], silent_before: int = 0) -> tuple[dict[str, Value], set[int]]:
    """What several sections' claims amount to, and the numbers of those that were not heard but would be, should they look
    again and say the same: their next word must be weighed even where it is nothing new."""
    if len(says) == 1:
        return dict(says[0][1]), set()
    best: dict[str, tuple[Standing, Value]] = {}
    for scope, attributes in says:
        for name, value in attributes.items():
            place = standing(scope, group_of(class_name, name), silent_before)
            if place is not None and (name not in best or place < best[name][0]):
                best[name] = (place, value)
    unheard = set()
    for scope, attributes in says:
        for name, value in attributes.items():
            place = standing(scope, group_of(class_name, name), silent_before)
            if place is not None and outweighed(place, best[name][0]) and not same_value(value, best[name][1]):
                unheard.add(scope.number)
    return {name: value for name, (_, value) in best.items()}, unheard


def weigh_relation(
    subject_class: str, says: Sequence[Say], silent_before: int = 0
) -> tuple[dict[str, Value], set[int]]:
    """As `weigh` of a relation, whose attributes are one section's word as a whole: of that whose word counts on what the
    subject consists of."""
    group = CLASSES[subject_class].type.group
    places: list[tuple[Standing, Say]] = [
        (standing(say[0], group, silent_before) or (True, 9, True, 0, say[0].source, say[0].section), say)
        for say in says
    ]
    best, (_, told) = min(places, key=lambda p: p[0])
    unheard = {
        scope.number
        for place, (scope, attributes) in places
        if outweighed(place, best) and not same_attributes(attributes, told)
    }
    return dict(told), unheard


def outweighed(mine: Standing, winner: Standing) -> bool:
    """True where another source's word counts only because this one's is older, or silent."""
    return mine[4] != winner[4] and (False, *mine[1:3]) <= winner[:3]


def same_value(left: Value, right: Value) -> bool:
    """Equal and of one type: True is not 1 here."""
    return left == right and type(left) is type(right)


def same_attributes(left: Mapping[str, Value], right: Mapping[str, Value]) -> bool:
    """Equal by value and type."""
    return left == right and all(same_value(value, right[name]) for name, value in left.items())


def may_withdraw(witness: Scope, other: Scope, class_name: str) -> bool:
    """True where a full section that does not list a thing ends another source's older claim to it: the witness's rank is at
    least equal, and the other's scope is not wider."""
    told = other.collected_at or other.observed_at  # of a set of which a part is missing the latter
    return told < (witness.collected_at or 0) and could_withdraw(witness, other, class_name)


def could_withdraw(witness: Scope, other: Scope, class_name: str) -> bool:
    """As may_withdraw, were the witness the newer. What is derived of many words no single one of them ends: it ends when it is
    derived anew. A host's own facts look for different things where their names differ, be it of one class: what rpm has
    installed does not end a package of dpkg."""
    if other.route == DERIVED != witness.route:
        return False
    group = CLASSES[class_name].type.group
    mine, theirs = rank(group, witness.route), rank(group, other.route)
    if mine is None or (theirs is not None and mine > theirs):
        return False
    if witness.privilege != "full" and other.ever_full:
        return False
    if witness.section != other.section and {witness.route, other.route} <= _SAME_FACTS:
        return False
    return other.source != witness.source and set(other.classes) <= set(witness.classes)


def is_witness(scope: Scope) -> bool:
    """True where a section, as it last looked, can tell what is gone: it was collected, and not with less privilege than
    before."""
    return scope.collected_at is not None and (scope.privilege == "full" or not scope.ever_full)


_MOST_DESCRIBED = 256


def item_name(class_name: str, key: str, attributes: Mapping[str, Value]) -> str:
    """The name that a CI is listed by: its class's naming attribute, else its key, else what it is (a device that was given no
    name), so that nothing is listed as a blank."""
    value = attributes.get(CLASSES[class_name].name_from)
    if isinstance(value, str) and value:
        return value
    words = [word for word in map(attributes.get, ("vendor", "product", "serial")) if isinstance(word, str) and word]
    return key or " ".join(words)[:_MOST_DESCRIBED] or f"unnamed {class_name}"


def item_content(item: Item) -> str:
    """The canonical text that a CI's digest covers: attributes, class, id, identifiers where it has any, key, parent."""
    attributes = item.text or canonical(item.attributes)
    identifiers = f'"identifiers":{canonical(item.identifiers)},' if item.identifiers else ""
    parent = f',"parent":"{item.parent}"' if item.parent is not None else ""
    return (
        f'{{"attributes":{attributes},"class":"{item.class_name}","id":"{item.id}",'
        f'{identifiers}"key":{canonical(item.key)}{parent}}}'
    )


def link_content(link: Link) -> str:
    """The canonical text that a relation's digest covers."""
    return canonical({"attributes": link.attributes, "object": link.object, "subject": link.subject, "type": link.type})


def entry_content(entry: Entry) -> str:
    """The canonical text that an entry's digest covers."""
    return canonical({"key": entry.key, "kind": entry.kind, "value": entry.value})


def seal(salt: bytes, content: str) -> bytes:
    """The digest of a state: SHA-256 over its salt and its content. The salt keeps a value of few possibilities from being
    guessed, and lets it be erased later without breaking the chain."""
    return hashlib.sha256(salt + content.encode()).digest()


ChangeRow = tuple[str, str, str, str | None, str | None]
"""(op, kind, id, digest before, digest after), digests as hex."""

SCHEMA = 2
"""Of what a revision's digest covers; it stands in the digest, so that none is taken for one of another schema."""

Evidence = tuple[str, str, int | None, str]
"""(kind, id, not_before, witness) of a change that has any: until when the state before was seen, and who saw the end."""


def revision_digest(revision: Revision, changes: Iterable[ChangeRow], evidence: Iterable[Evidence] = ()) -> str:
    """The digest that chains a revision to the one before it."""
    told = {**_told(revision, changes), "schema": SCHEMA}
    seen = sorted([kind, id_, "" if time is None else iso(time), witness] for kind, id_, time, witness in evidence)
    if seen:
        told["evidence"] = seen
    for name in ("observed_at", "received_at"):
        time = getattr(revision, name)
        if time is not None:
            told[name] = iso(time)
    return digest(canonical(told))


def first_digest(revision: Revision, changes: Iterable[ChangeRow]) -> str:
    """The same as the first releases made it, which left out evidence and the times of the observation."""
    return digest(canonical(_told(revision, changes)))


def _told(revision: Revision, changes: Iterable[ChangeRow]) -> dict[str, Any]:
    return {
        "number": revision.number,
        "committed_at": iso(revision.committed_at),
        "source": revision.source,
        "actor": revision.actor,
        "cause": revision.cause,
        "kind": revision.kind,
        "batch": revision.batch or "",
        "batch_digest": revision.batch_digest or "",
        "previous": revision.previous,
        "changes": sorted([op, kind, id_, before or "", after or ""] for op, kind, id_, before, after in changes),
    }
