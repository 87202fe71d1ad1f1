"""The end of a batch: ids are minted, states sealed, the revision chained, and all of it written at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any, TypeVar

from cmdb import redacted
from cmdb.draft import Draft
from cmdb.merge import Merge
from cmdb.model.batch import Header, Section
from cmdb.model.declaration import SUBJECT
from cmdb.model.errors import ConflictError, UsageError
from cmdb.model.identity import mint
from cmdb.model.values import canonical
from cmdb.neighbours import is_neighbour, may_come_back
from cmdb.observation import ItemKey
from cmdb.ports import Clock, Randomness, Transaction
from cmdb.reconcile import (
    ChangeRow,
    Evidence,
    entry_content,
    item_content,
    item_name,
    link_content,
    revision_digest,
    same_attributes,
    seal,
)
from cmdb.states import Claim, Commit, Entry, Item, Link, Revision, Scope

SALT_BYTES = 16
LONGEST_REASON = 4096
"""Characters of the reason that is given for an act; history shows it with everything that the act did."""

Salted = TypeVar("Salted", Item, Link, Entry)


def scope_of(
    section: Section, header: Header, subject: str, observed_at: int, received_at: int, before: Scope | None
) -> Scope:
    """The standing of a section after this batch. Privilege is that with which it last looked.

    Of one that comes late (by sequence) only what it saw counts: that a later one failed is known already.
    """
    collected = section.outcome == "collected"
    looked = before is not None and before.collected_at is not None
    made = Scope(
        number=before.number if before else 0,
        source=header.source,
        route=header.route,
        subject=subject,
        section=section.name,
        outcome=section.outcome,
        reason=section.reason,
        privilege=section.privilege if collected or before is None or not looked else before.privilege,
        version=section.version,
        classes=section.classes if collected or not before else section.classes or before.classes,
        relations=section.relations if collected or not before else section.relations or before.relations,
        digest=section.digest if collected else (before.digest if before else ""),
        observed_at=observed_at,
        seen_at=received_at,
        sequence=header.sequence,
        cost=section.cost,
        collected_at=observed_at if section.complete else (before.collected_at if before else None),
        ever_full=(collected and section.privilege == "full") or (before is not None and before.ever_full),
        collected_sequence=header.sequence if collected else (before.collected_sequence if before else None),
    )
    if before is None or before.sequence <= header.sequence:
        return made
    newest = {n: getattr(before, n) for n in ("outcome", "reason", "observed_at", "seen_at", "sequence", "cost")}
    return replace(made, **newest)


def enter(draft: Draft, merge: Merge, subject: str, mint_from: tuple[str, int]) -> None:
    """Give the batch's new CIs their ids, and `merge` the ids of all that the batch may name.

    The canonical order is the subject first, then by class and key. `mint_from` is (genesis, revision number). A CI that
    comes back keeps the id that it had.
    """
    own = (merge.subject_class, SUBJECT)
    order = sorted(merge.new, key=lambda k: (k != own, k))
    minted = mint(*mint_from, len(order) + (0 if own in merge.new else 1)) if order else []
    if own not in merge.new:
        minted = minted[1:]
    ids = {key: item.id for key, item in merge.known.items() if item.id not in draft.retired}
    back = _coming_back(draft, merge, subject)
    for key, fresh in zip(order, minted, strict=True):
        new, last = merge.new[key], merge.new[key].last or back.get(key)
        id_ = subject if key == own else last.id if last else fresh
        ids[key] = id_
        draft.created[id_] = Item(
            id=id_,
            class_name=new.class_name,
            parent=subject if new.parent else None,
            key=new.key,
            name=item_name(new.class_name, new.key, new.attributes),
            attributes=new.attributes,
            salt=b"",
            digest=last.digest if last else b"",
            since=0,
            born=last.born if last else 0,
            not_before=new.not_before,
            scope=new.scope,
            identifiers=new.identifiers,
        )
    ids[own] = subject
    merge.ids = ids


def _coming_back(draft: Draft, merge: Merge, subject: str) -> dict[ItemKey, Item]:
    """Last states of CIs that were retired and are here again."""
    found: dict[ItemKey, Item] = {}
    parts = [k for k, new in merge.new.items() if new.parent]
    subject_key = (merge.subject_class, SUBJECT)
    if parts and (subject_key not in merge.new or merge.new[subject_key].last is not None):
        found.update(draft.tx.retired_parts(subject, parts))
    keyed = {new.identifiers[0]: k for k, new in merge.new.items() if not new.parent and k[1] != SUBJECT}
    if keyed:
        hits = draft.tx.identified(list(keyed))
        states = draft.tx.last_states([ids[0] for ids in hits.values() if ids])
        for identifier, ids in hits.items():
            key = keyed[identifier]
            if ids and ids[0] in states and (not is_neighbour(key) or may_come_back(draft.tx, states[ids[0]])):
                found[key] = states[ids[0]]
    return found


def sealed(draft: Draft, merge: Merge | None, revision: Revision, previous: str, randomness: Randomness) -> Commit:
    """Seal every state that the draft makes and chain the revision; a draft without effective change has none."""
    done = Commit(claims=list(draft.claims), removed_claims=list(draft.removed_claims), scopes=list(draft.scopes))
    done.rescoped, done.links_rescoped = list(draft.rescoped), list(draft.links_rescoped)
    done.coverage, done.readings = list(draft.coverage), list(draft.readings)
    if merge is not None:
        for (scope, target), claim in merge.claims.items():
            known = target if isinstance(target, str) or len(target) == 3 else merge.ids[target]
            done.claims.append(Claim(scope, known, claim.attributes, claim.identifiers))
        done.removed_claims += merge.dropped_claims
        done.rescoped += [i for i in merge.rescoped if i.id not in draft.updated and i.id not in draft.retired]
        done.links_rescoped += merge.links_rescoped
    _withhold(draft, done)
    done.pending = list(draft.pending.values())
    done.removed_pending = list(draft.removed_pending.values())
    if not draft.effective:
        return done
    number = revision.number
    changes: list[ChangeRow] = []
    salts = _salts(draft, randomness)
    _salt(draft.created.values(), attrgetter("id"), salts)
    for item in draft.created.values():
        before = item.digest.hex() or None
        item.since, item.born = number, item.born or number
        _seal_item(item)
        changes.append(("created", "ci", item.id, before, item.digest.hex()))
        done.created.append(item)
    for old, item in draft.updated.values():
        item = replace(item, since=number, name=item_name(item.class_name, item.key, item.attributes))
        done.updated.append((old, item))
    _salt([item for _, item in done.updated], attrgetter("id"), salts)
    for old, item in done.updated:
        _seal_item(item)
        changes.append(("updated", "ci", item.id, old.digest.hex(), item.digest.hex()))
    for old, end in draft.retired.values():
        changes.append(("retired", "ci", old.id, old.digest.hex(), None))
        done.retired.append((old, end))
    _seal_links(draft, number, salts, changes, done)
    _seal_entries(draft, number, salts, changes, done)
    revision.previous, revision.changes = previous, len(changes)
    revision.digest = revision_digest(revision, changes, evidence_of(done))
    done.revision = revision
    return done


def _withhold(draft: Draft, done: Commit) -> None:
    """Leave out what may not be written because it was erased, whoever says it again."""
    back = [item for item in draft.created.values() if item.born]
    told = draft.updated or back or done.claims or draft.links_created or draft.links_updated
    if not (told or draft.pending or done.readings):
        return
    gone = redacted.withheld(draft.tx)
    if not gone:
        return
    names = gone.attributes
    for item in back:
        item.attributes = redacted.without(item.attributes, names.get(item.id, frozenset()))
        item.text = ""
    done.claims = [_claim_without(claim, gone) for claim in done.claims]
    done.readings = [(subject, name, gone.without_readings(subject, value)) for subject, name, value in done.readings]
    for id_ in names.keys() & draft.updated.keys():
        old, new = draft.updated[id_]
        new = replace(new, attributes=redacted.without(new.attributes, names[id_]), text="")
        draft.updated[id_] = (old, new)
        moved = (old.parent, old.key, old.identifiers) != (new.parent, new.key, new.identifiers)
        if not moved and same_attributes(old.attributes, new.attributes):
            del draft.updated[id_]
            if old.scope != new.scope:
                done.rescoped.append(replace(old, scope=new.scope))
    if gone.relations:
        _withhold_relations(draft, done, gone)


def _withhold_relations(draft: Draft, done: Commit, gone: redacted.Withheld) -> None:
    for link in draft.links_created.values():
        link.attributes = redacted.without(link.attributes, gone.of_relation(link.type, link.subject, link.object))
    for row in draft.pending.values():
        row.attributes = redacted.without(row.attributes, gone.of_relation(row.type, row.near))
    for key, (old, new) in list(draft.links_updated.items()):
        attributes = redacted.without(new.attributes, gone.of_relation(new.type, new.subject, new.object))
        draft.links_updated[key] = (old, replace(new, attributes=attributes))
        if same_attributes(old.attributes, attributes):
            del draft.links_updated[key]
            if old.scope != new.scope:
                done.links_rescoped.append(replace(old, scope=new.scope))


def _claim_without(claim: Claim, gone: redacted.Withheld) -> Claim:
    if isinstance(claim.target, str):
        names = gone.attributes.get(claim.target, frozenset())
    else:
        subject, type_name, object_ = claim.target
        names = gone.of_relation(type_name, subject, object_)
    return replace(claim, attributes=redacted.without(claim.attributes, names)) if names else claim


def evidence_of(done: Commit) -> list[Evidence]:
    """What a commit's changes rest on, as its revision's digest covers it."""
    begun = [*done.created, *(new for _, new in done.updated)]
    found: list[Evidence] = [("ci", i.id, i.not_before, "") for i in begun if i.not_before is not None]
    found += [("ci", old.id, end.not_before, end.witness) for old, end in done.retired]
    links = [*done.links_created, *(new for _, new in done.links_updated)]
    found += [("link", link_id(k), k.not_before, "") for k in links if k.not_before is not None]
    found += [("link", link_id(old), end.not_before, end.witness) for old, end in done.links_retired]
    return found


def _seal_links(draft: Draft, number: int, salts: Iterator[bytes], changes: list[ChangeRow], done: Commit) -> None:
    _salt(draft.links_created.values(), attrgetter("key"), salts)
    for link in draft.links_created.values():
        link.since = number
        link.digest = seal(link.salt, link_content(link))
        changes.append(("created", "link", link_id(link), None, link.digest.hex()))
        done.links_created.append(link)
    done.links_updated += [(old_link, replace(link, since=number)) for old_link, link in draft.links_updated.values()]
    _salt([link for _, link in done.links_updated], attrgetter("key"), salts)
    for old_link, link in done.links_updated:
        link.digest = seal(link.salt, link_content(link))
        changes.append(("updated", "link", link_id(link), old_link.digest.hex(), link.digest.hex()))
    for old_link, end in draft.links_retired.values():
        changes.append(("retired", "link", link_id(old_link), old_link.digest.hex(), None))
        done.links_retired.append((old_link, end))


def _seal_entries(draft: Draft, number: int, salts: Iterator[bytes], changes: list[ChangeRow], done: Commit) -> None:
    done.entries_put += [replace(entry, since=number, until=None) for entry in draft.entries]
    _salt(done.entries_put, attrgetter("kind", "key"), salts)
    for entry in done.entries_put:
        before = draft.tx.entry(entry.kind, entry.key)
        entry.digest = seal(entry.salt, entry_content(entry))
        op, was = ("updated", before.digest.hex()) if before else ("created", None)
        changes.append((op, "entry", f"{entry.kind} {entry.key}", was, entry.digest.hex()))
    for old, end in draft.entries_removed:
        changes.append(("retired", "entry", f"{old.kind} {old.key}", old.digest.hex(), None))
        done.entries_removed.append((old, end))


def link_id(link: Link) -> str:
    """How a revision names a relation: "subject type object"."""
    return f"{link.subject} {link.type} {link.object}"


def entry_revision(
    tx: Transaction, kind: str, entries: Sequence[Entry], actor: str, cause: str, clock: Clock, randomness: Randomness
) -> Revision:
    """Write a revision that is nothing but entries (an approval, a register entry): each put anew over its present state.

    `since`, `salt` and `digest` of the entries are set here. Returns the revision, chained.
    """
    draft = Draft(tx)
    draft.entries += entries
    return act(draft, kind, actor, cause, clock, randomness)


def act(
    draft: Draft,
    kind: str,
    actor: str,
    cause: str,
    clock: Clock,
    randomness: Randomness,
    merge: Merge | None = None,
    scopes: Sequence[Scope] = (),
    source: str = "people",
) -> Revision:
    """Write what a person or a job did, other than by a batch, as a revision of its own kind; returns it, chained.

    `cause` is the reason that was given. `merge` has the claims that go with the draft, `scopes` are sections whose standing
    changes with it. Raises ValueError where the draft changes nothing, UsageError where it is not said who does it or why,
    or at too great length.
    """
    if not draft.effective:
        raise ValueError("an act that changes nothing is no revision")
    if not actor.strip() or not source.strip() or not cause.strip():
        raise UsageError(
            "Every change names who makes it, for what source, and why: give a reason, which history keeps."
        )
    if len(cause) > LONGEST_REASON:
        raise UsageError(
            f"A reason has at most {LONGEST_REASON:,} characters, this one {len(cause):,}: say it shorter."
        )
    head = draft.tx.head()
    revision = Revision(
        number=head.number + 1,
        committed_at=max(clock(), head.committed_at + 1),
        kind=kind,
        source=source,
        actor=actor,
        cause=cause,
    )
    done = sealed(draft, merge, revision, head.digest, randomness)
    if done.revision is None:
        raise ConflictError("All that this would write was redacted; `redact --lift` lets it be told again.")
    done.scopes += scopes
    draft.tx.write(done)
    return revision


def _salt(states: Collection[Salted], known_by: Callable[[Salted], Any], salts: Iterator[bytes]) -> None:
    """Give each a salt, in the order of what they are known by: a draft may have them in that in which a store told them."""
    for state, salt in zip(sorted(states, key=known_by), salts, strict=False):
        state.salt = salt


def _seal_item(item: Item) -> None:
    item.text = canonical(item.attributes)
    item.digest = seal(item.salt, item_content(item))


def _salts(draft: Draft, randomness: Randomness) -> Iterator[bytes]:
    count = (
        len(draft.created)
        + len(draft.updated)
        + len(draft.links_created)
        + len(draft.links_updated)
        + len(draft.entries)
    )
    data = randomness(SALT_BYTES * count)
    return iter([data[i : i + SALT_BYTES] for i in range(0, len(data), SALT_BYTES)])
