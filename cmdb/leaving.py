"""A source leaves a CI that it told of, because its subject turned out to be another one: all its claims there are withdrawn.

What nobody else claims of that CI retires, with the batch as witness; what others claim stays as they have it, and so does
what the subject takes with it (an address).
"""

from __future__ import annotations

from dataclasses import replace

from cmdb import relations
from cmdb.merge import Merge, SectionWork
from cmdb.observation import Observed
from cmdb.states import Item, Scope


def withdraw(merge: Merge, id_: str, source: str, sequence: int) -> list[Scope]:
    """Withdraw what `source` claims of the CI `id_`, as part of the batch of that sequence whose work is `merge`.

    Returns the standing of its sections there as it is from now on: what the source sent before is no news there either.
    """
    tx = merge.draft.tx
    subject = tx.items([id_]).get(id_)
    scopes = sorted(tx.scopes_of(source, id_).values(), key=lambda s: s.section)
    gone = [replace(s, digest="", collected_at=None, sequence=max(s.sequence, sequence)) for s in scopes]
    if subject is None:
        return gone
    # Also where the class was told of by another name; what is returned keeps the classes that the source told of.
    wide = [replace(s, classes=sorted({*s.classes, subject.class_name})) for s in gone]
    works = [SectionWork(s, Observed({}, []), True, b) for s, b in zip(wide, scopes, strict=True)]
    left = Merge(merge.draft, subject, subject.class_name, merge.domain, merge.batch_id, now=merge.now)
    left.stays = frozenset(target for _, target in merge.claims if isinstance(target, str))
    left.load(works)
    left.items(works)
    relations.apply(left, works)
    _identifiers(left, subject, {s.number for s in scopes})
    merge.claims.update(left.claims)
    merge.dropped_claims += left.dropped_claims
    merge.rescoped += left.rescoped
    merge.links_rescoped += left.links_rescoped
    merge.lost |= left.lost | {s.number for s in scopes}
    return gone


def _identifiers(left: Merge, subject: Item, scopes: set[int]) -> None:
    """The CI is known by what the others claim."""
    if subject.id in left.draft.retired:
        return
    claims = [c for c in left.draft.tx.claims([subject.id]) if c.scope not in scopes]
    now_has = sorted({i for c in claims for i in c.identifiers})
    if now_has != subject.identifiers:
        _, item = left.draft.updated.get(subject.id, (subject, subject))
        left.draft.updated[subject.id] = (subject, replace(item, identifiers=now_has))
