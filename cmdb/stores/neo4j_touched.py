"""What a commit speaks of: ids of CIs and relations, numbers of scopes, identifiers, addresses, batches.

Two commits of one transaction may share statements unless the later one alters what the earlier one has mentioned. All these
names live in one set: ids hold no space, identifiers one, names of relations two, and scopes are numbers.
"""

from __future__ import annotations

from collections.abc import Iterator

from cmdb.states import Commit, Item
from cmdb.stores import neo4j_rows as rows

Name = str | int


def altered(commit: Commit) -> Iterator[Name]:
    """What is written over, ended, or made with a name that may have been used before."""
    for item in commit.created:
        yield item.id
    for before, _ in commit.updated:
        yield before.id
        yield from before.identifiers
    for item, _ in commit.retired:
        yield item.id
    for item in commit.rescoped:
        yield item.id
    for link in commit.links_created:
        yield rows.target(link.key)
    yield from _links_altered(commit)
    for claim in commit.claims:
        yield f"claim {rows.target(claim.target)} {claim.scope}"
    for scope, target in commit.removed_claims:
        yield f"claim {rows.target(target)} {scope}"
    for waiting in [*commit.pending, *commit.removed_pending]:
        yield rows.pending_key(waiting)


def mentioned(commit: Commit) -> Iterator[Name]:
    """All of it, so that a question about any of it, or a later commit that alters it, has it sent before."""
    yield from altered(commit)
    if commit.revision is not None and commit.revision.batch is not None:
        yield commit.revision.batch
    for item in commit.created:
        yield from _of(item)
    for before, after in commit.updated:
        yield from _of(before)
        yield from _of(after)
    for item, _ in commit.retired:
        yield from _of(item)
    for item in commit.rescoped:
        yield from _of(item)
    for link in [*commit.links_created, *(new for _, new in commit.links_updated)]:
        yield from (link.subject, link.object)
        if link.scope is not None:
            yield link.scope
    for claim in commit.claims:
        yield rows.target(claim.target)
        yield claim.scope
    for scope, target in commit.removed_claims:
        yield rows.target(target)
        yield scope
    for waiting in [*commit.pending, *commit.removed_pending]:
        yield from (waiting.scope, waiting.near, rows.reference_place(waiting.domain, waiting.address))
        if waiting.far is not None:
            yield waiting.far
    if commit.same is not None:
        yield commit.same[1]


def _links_altered(commit: Commit) -> Iterator[Name]:
    ended = [*(old for old, _ in commit.links_updated), *(old for old, _ in commit.links_retired)]
    for link in [*ended, *commit.links_rescoped]:
        yield rows.target(link.key)
        yield from (link.subject, link.object)
        if link.scope is not None:
            yield link.scope


def _of(item: Item) -> Iterator[Name]:
    yield from item.identifiers
    if item.parent is not None:
        yield item.parent
    if item.scope is not None:
        yield item.scope
