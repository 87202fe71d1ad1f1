"""Which CI a subject is: match, new, or quarantined; and what of its identifiers contradicts (architecture.md section 2).

Nothing is ever overwritten by a guess: hits on several CIs quarantine the subject with the reason, a contradiction makes a
new CI and an open conflict that names both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from cmdb.model.batch import SUBJECT_SECTION
from cmdb.model.identity import WEAK, compose, contradiction, missing_mark
from cmdb.model.times import SECOND
from cmdb.model.values import digest
from cmdb.ports import Transaction
from cmdb.states import Scope

IDENTITY = SUBJECT_SECTION


Kind = Literal["shared", "foreign", "contradiction", "bridge", "quarantine"]


@dataclass(slots=True)
class Disagreement:
    """What of a subject's identity people have to decide; found by `identify`, kept as a conflict.

    Kinds: `shared`, identifiers of live CIs that contradict each other: these identify nobody any more, and it is one matter
    for all CIs that bring one of them, so it grows by CIs and identifiers; `foreign`, the subject was matched, but some of
    its identifiers are another CI's; `contradiction`, two sources of one CI differ; `bridge`, it could be any of several CIs
    and is quarantined; `quarantine`, nothing that it brought identifies.
    `cis` are the CIs known before; the subject's own belongs to them as soon as it has an id. `identifiers` are what it is
    about, in order.
    """

    kind: Kind
    cis: list[str]
    identifiers: list[str]
    reason: str


@dataclass(slots=True)
class Identified:
    """The outcome. `id` is None for a new CI. `quarantine` says why the subject can not land, `candidates` which CIs it
    could be."""

    id: str | None
    identifiers: list[str]
    matched_by: str = ""
    tried: list[str] = field(default_factory=list)
    quarantine: str = ""
    candidates: list[str] = field(default_factory=list)
    disagreements: list[Disagreement] = field(default_factory=list)
    standing: dict[str, Scope] | None = None
    """Scopes of this source and the CI by section, where they were looked at."""


def identify(
    tx: Transaction,
    class_name: str,
    marks: Mapping[str, Any],
    source: str,
    domain: str,
    observed_at: int,
    interval_seconds: int,
) -> Identified:
    """Find the CI that has these marks. Reads only."""
    ranks = compose(class_name, marks)
    brought = [identifier for rank in ranks for identifier in rank]
    shared = {entry.key for entry in tx.entries("shared_identifier")}.intersection(brought)
    usable = [[i for i in rank if i not in shared and i.partition(" ")[0] not in WEAK] for rank in ranks]
    if not any(usable):
        reason = missing_mark(class_name, marks)
        if shared:
            reason = "every identifier that it brought is shared by several hosts: " + ", ".join(sorted(shared)[:5])
        return Identified(None, [], quarantine=reason)
    hits = tx.identified([i for rank in usable for i in rank])
    kept = sorted(i for i in brought if i not in shared)
    tried: list[str] = []
    for rank in usable:
        found = sorted({id_ for i in rank for id_ in hits.get(i, ())})
        tried += rank
        if len(found) > 1:
            return Identified(
                None,
                kept,
                tried=tried,
                quarantine=f"{', '.join(i for i in rank if i in hits)} belongs to {len(found)} CIs: {', '.join(found)}",
                candidates=found,
            )
        if found:
            by = next(i for i in rank if i in hits)
            return _judge(tx, found[0], kept, hits, by, tried, source, domain, observed_at, interval_seconds)
    return Identified(None, kept, tried=tried)


def _judge(
    tx: Transaction,
    id_: str,
    brought: list[str],
    hits: Mapping[str, list[str]],
    by: str,
    tried: list[str],
    source: str,
    domain: str,
    observed_at: int,
    interval_seconds: int,
) -> Identified:
    standing = tx.scopes_of(source, id_)
    same = IDENTITY in standing and standing[IDENTITY].digest == identity_digest(domain, brought)
    # What this source said of itself before was judged then; another source that differs since is judged at its batch.
    against = "" if same else _live_contradiction(tx, id_, brought, source, observed_at, interval_seconds)
    if against:
        shared = sorted(i for i in brought if id_ in hits.get(i, ()))
        left = [i for i in brought if i not in hits]
        conflict = [Disagreement("shared", [id_], shared, f"{by} matched, but {against}")]
        if not any(i.partition(" ")[0] not in WEAK for i in left):
            reason = f"{by} matched {id_}, but {against}; it brought no identifier of its own"
            return Identified(None, [], by, tried, quarantine=reason, candidates=[id_], disagreements=conflict)
        return Identified(None, left, by, tried, disagreements=conflict)
    others = sorted({other for i in brought for other in hits.get(i, ()) if other != id_})
    if others:
        foreign = sorted(i for i in brought if id_ not in hits.get(i, [id_]))
        reason = f"{', '.join(foreign[:5])} belongs to {', '.join(others)}"
        left = [i for i in brought if i not in foreign]
        return Identified(id_, left, by, tried, disagreements=[Disagreement("foreign", others, foreign, reason)])
    return Identified(id_, brought, by, tried, standing=standing)


def identity_digest(domain: str, identifiers: Sequence[str]) -> str:
    """What the header counts as its section's digest. It opens with the domain, where keys of addresses live."""
    return f"{domain} {digest(chr(10).join(identifiers))}"


def _live_contradiction(
    tx: Transaction, id_: str, brought: list[str], source: str, observed_at: int, interval_seconds: int
) -> str:
    """What differs from the identifiers that another live source claims for this CI."""
    claims = [claim for claim in tx.claims([id_]) if claim.identifiers]
    scopes = tx.scopes_by_number([claim.scope for claim in claims])
    for claim in claims:
        scope = scopes[claim.scope]
        if scope.source != source and abs(observed_at - scope.observed_at) <= interval_seconds * SECOND:
            why = contradiction(claim.identifiers, brought)
            if why:
                return f"{why} (source {scope.source})"
    return ""
