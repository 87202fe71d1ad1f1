"""What several claims make of a CI, and how states and revisions are sealed. Pure.

Precedence is model.md section 2: by rank of the route in the attribute's group, then the fuller privilege, then the newest
successful observation, then the lower source id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from cmdb.model.classes import CLASSES
from cmdb.model.precedence import rank
from cmdb.model.times import iso
from cmdb.model.values import Value, canonical
from cmdb.model.vocabulary import group_of
from cmdb.states import Entry, Item, Link, Revision, Scope

Say = tuple[Scope, Mapping[str, Value]]
"""What one section claims."""


def effective(class_name: str, says: Sequence[Say]) -> dict[str, Value]:
    """The attributes that several sections' claims amount to."""
    if len(says) == 1:
        return dict(says[0][1])
    best: dict[str, tuple[tuple[int, bool, int, str, str], Value]] = {}
    for scope, attributes in says:
        for name, value in attributes.items():
            place = rank(group_of(class_name, name), scope.route)
            if place is None:
                continue
            standing = (
                place,
                scope.privilege != "full",
                -(scope.collected_at or scope.observed_at),
                scope.source,
                scope.section,
            )
            if name not in best or standing < best[name][0]:
                best[name] = (standing, value)
    return {name: value for name, (_, value) in best.items()}


def may_withdraw(witness: Scope, other: Scope, class_name: str) -> bool:
    """True where a full section that does not list a thing ends another source's older claim to it: the witness's rank is at
    least equal and its privilege at least as wide."""
    group = CLASSES[class_name].type.group
    mine, theirs = rank(group, witness.route), rank(group, other.route)
    if mine is None or (theirs is not None and mine > theirs):
        return False
    if witness.privilege != "full" and other.ever_full:
        return False
    return other.source != witness.source and (other.collected_at or 0) < witness.observed_at


def item_name(class_name: str, key: str, attributes: Mapping[str, Value]) -> str:
    """The name that a CI is listed by: its class's naming attribute, else its key."""
    value = attributes.get(CLASSES[class_name].name_from)
    return value if isinstance(value, str) and value else key


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


def revision_digest(revision: Revision, changes: Iterable[ChangeRow]) -> str:
    """The digest that chains a revision to the one before it."""
    return hashlib.sha256(
        canonical(
            {
                "number": revision.number,
                "committed_at": iso(revision.committed_at),
                "source": revision.source,
                "actor": revision.actor,
                "cause": revision.cause,
                "kind": revision.kind,
                "batch": revision.batch or "",
                "batch_digest": revision.batch_digest or "",
                "previous": revision.previous,
                "changes": sorted(
                    [op, kind, id_, before or "", after or ""] for op, kind, id_, before, after in changes
                ),
            }
        ).encode()
    ).hexdigest()
