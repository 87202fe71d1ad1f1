"""A CI retired by hand, and brought back as it was.

For what no source reports any more: a host that was scrapped. Its parts, relations and references go with it, with the same
witness, as in any retirement. A source that still sees it is evidence to the contrary: its next report brings the CI back,
under its id, and history says so.

What `restore` needs beside the past states (claims, references, how its sections stood) is kept under "retired" and the id,
outside the chain.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, replace
from typing import Any

from cmdb import aliases, stale
from cmdb.commit import act
from cmdb.draft import Draft
from cmdb.horizon import can_stand_again
from cmdb.merge import Merge
from cmdb.model.errors import ConflictError, NotFoundError, UsageError
from cmdb.model.vocabulary import Vocabulary
from cmdb.own_attributes import still_declared, vocabulary
from cmdb.ports import Clock, Randomness, Transaction, View
from cmdb.references import References
from cmdb.states import Claim, Item, Link, LinkKey, Pending, Retirement, Scope

NOTE = "retired"
RETIREMENT = "retirement"
MAX_REASON = 1000

Document = dict[str, Any]


def may_restore(view: View, item: Item) -> bool:
    """True where the last state of a CI ended by hand, so that `restore` can bring it back."""
    revision = view.revision(item.until) if item.until is not None and item.ended == "retired" else None
    by_hand = (
        revision is not None and revision.kind == RETIREMENT and item.witness == f"{revision.actor}: {revision.cause}"
    )
    return by_hand and not item.freed


def retire(tx: Transaction, id_: str, actor: str, reason: str, clock: Clock, randomness: Randomness) -> Document:
    """Retire a CI and its parts; returns {"id", "revision", "items", "relations", "state"}.

    Raises NotFoundError, or ConflictError where it is retired already.
    """
    reason, id_ = _reason(reason), aliases.resolve(tx, id_)
    top = _there(tx, id_)
    gone = {item.id: item for item in _with_parts(tx, top)}
    scopes = _scopes_about(tx, gone)
    end = Retirement(f"{actor}: {reason}", stale.last_seen(scopes.values()))
    draft = Draft(tx)
    draft.retired = {i: (item, end) for i, item in gone.items()}
    for link in tx.links(sorted(gone)):
        draft.links_retired[link.key] = (link, end)
    draft.entries_removed = [(e, end) for e in tx.entries(stale.KIND, None, sorted(gone))]
    note = _note(tx, gone, draft.links_retired, scopes)
    merge = Merge(draft, None, "", "", end.witness)
    references = References(merge, id_, clock())
    told = references.drop_retired()
    references.resolve()
    told |= {s for link, _ in draft.links_retired.values() if (s := link.scope) is not None}
    scopes.update(tx.scopes_by_number(sorted(told - set(scopes))))
    note["scopes"] = {str(n): [s.digest, s.collected_at, s.ever_full, s.sequence] for n, s in scopes.items()}
    made = act(draft, RETIREMENT, actor, reason, clock, randomness, merge, [_unheard(s, gone) for s in scopes.values()])
    tx.put_unversioned(NOTE, id_, {**note, "revision": made.number})
    return _done(id_, made.number, "retired", gone, draft.links_retired)


def restore(tx: Transaction, id_: str, actor: str, reason: str, clock: Clock, randomness: Randomness) -> Document:
    """Bring a CI that was retired by hand back, with its parts and relations, under the ids that they had.

    Raises NotFoundError, ConflictError where it is there, or was not retired by hand, HorizonError where it was freed.
    """
    reason, id_ = _reason(reason), aliases.resolve(tx, id_)
    last = _retired(tx, id_)
    note = tx.unversioned(NOTE, id_)
    if note is None or note["revision"] != last.until:
        raise ConflictError(
            f"{id_} was not retired by hand but by {last.witness or 'what was seen'}; it comes back when a source sees it.",
            id=id_,
        )
    if last.parent is not None and last.parent not in tx.items([last.parent]):
        raise ConflictError(f"What {id_} is a part of, {last.parent}, is not there; restore that.", id=id_)
    draft = Draft(tx)
    states = [state for state in tx.last_states(note["items"]).values() if state.until == last.until]
    can_stand_again(tx, states, "It comes back when a source sees it.")
    known, took_back = vocabulary(tx), set()
    draft.created = {state.id: _back(state, known) for state in states}
    links = _links_back(tx, draft, last.until or 0)
    draft.links_created = {link.key: link for link in links}
    merge = Merge(draft, None, "", note["domain"], f"{actor}: {reason}")
    for scope, target, attributes, identifiers in note["claims"]:
        of = target if isinstance(target, str) else _key(target)
        if isinstance(of, str) and of in draft.created:
            left = still_declared(known, draft.created[of].class_name, attributes)
            if left != attributes:
                took_back.add(scope)
            merge.claims[(scope, of)] = Claim(scope, of, left, identifiers)
        elif of in draft.links_created:
            merge.claims[(scope, of)] = Claim(scope, of, attributes, identifiers)
    for row in note["pending"]:
        kept = Pending(**row)
        draft.pending[kept.key] = kept
    References(merge, id_, clock()).resolve()
    scopes = [_heard_again(s, note["scopes"][str(s.number)]) for s in tx.scopes_by_number(_numbers(note)).values()]
    scopes = [replace(s, digest="") if s.number in took_back else s for s in scopes]
    made = act(draft, "restoration", actor, reason, clock, randomness, merge, scopes)
    tx.remove_entry_value(NOTE, id_)
    return _done(id_, made.number, "current", draft.created, draft.links_created)


def _numbers(note: Document) -> list[int]:
    """Numbers of the sections that a note is about."""
    return sorted(int(n) for n in note["scopes"])


def _reason(reason: str) -> str:
    said = reason.strip()
    if not said or len(said) > MAX_REASON:
        raise UsageError(f"A reason of 1 to {MAX_REASON} characters is needed, which history keeps.")
    return said


def _there(tx: Transaction, id_: str) -> Item:
    last = tx.last_states([id_]).get(id_)
    if last is None:
        raise NotFoundError(
            f"There is no configuration item {id_!r:.80}; `ci find` lists those that there are.", id=id_
        )
    if last.until is not None:
        raise ConflictError(f"{id_} is retired already, since revision {last.until}.", id=id_)
    return last


def _retired(tx: Transaction, id_: str) -> Item:
    last = tx.last_states([id_]).get(id_)
    if last is None:
        raise NotFoundError(
            f"There is no configuration item {id_!r:.80}; `ci find` lists those that there are.", id=id_
        )
    if last.until is None:
        raise ConflictError(f"{id_} is there, since revision {last.since}; nothing is to be restored.", id=id_)
    return last


def _with_parts(tx: Transaction, top: Item) -> list[Item]:
    found, ahead = [top], [top]
    while ahead:
        ahead = [part for whole in ahead for part in tx.parts(whole.id)]
        found += ahead
    return found


def _scopes_about(tx: Transaction, gone: dict[str, Item]) -> dict[int, Scope]:
    """Sections that tell of these CIs."""
    numbers = {item.scope for item in gone.values() if item.scope is not None}
    numbers |= {c.scope for c in tx.claims(sorted(gone))}
    found = tx.scopes_by_number(sorted(numbers))
    for id_, item in gone.items():
        if item.parent is None:
            found.update((s.number, s) for s in tx.scopes(id_))
    return found


def _note(tx: Transaction, gone: dict[str, Item], links: Collection[LinkKey], scopes: dict[int, Scope]) -> Document:
    """What the past states do not tell of it."""
    claims = tx.claims([*sorted(gone), *sorted(links)])
    return {
        "items": sorted(gone),
        "claims": [[c.scope, c.target, c.attributes, c.identifiers] for c in claims],
        "pending": [asdict(p) for p in tx.pending(sorted(gone))],
        "domain": next(
            (s.digest.partition(" ")[0] for s in scopes.values() if s.section == "subject" and s.digest), "default"
        ),
    }


def _unheard(scope: Scope, gone: Collection[str]) -> Scope:
    """A section whose next report is applied as if it were new; of a subject that is gone nothing of before counts."""
    if scope.subject in gone:
        return replace(scope, digest="", collected_at=None, ever_full=False)
    return replace(scope, digest="")


def _heard_again(scope: Scope, before: list[Any]) -> Scope:
    """A section as it stood before, unless it has been reported since: then it is to be applied anew."""
    digest, collected_at, ever_full, sequence = before
    if scope.sequence != sequence:
        return replace(scope, digest="")
    return replace(scope, digest=digest, collected_at=collected_at, ever_full=ever_full)


def _back(state: Item, known: Vocabulary) -> Item:
    return replace(
        state,
        attributes=still_declared(known, state.class_name, state.attributes),
        since=0,
        salt=b"",
        not_before=None,
        until=None,
        ended=None,
        witness=None,
        ended_not_before=None,
        text="",
    )


def _links_back(tx: Transaction, draft: Draft, until: int) -> list[Link]:
    """Relations that ended with it, where both ends are there again."""
    past: dict[LinkKey, Link] = {}
    for id_ in draft.created:
        past.update((k.key, k) for k in tx.link_history(id_) if k.until == until and k.ended == "retired")
    can_stand_again(tx, past.values(), "It comes back when a source sees it.")
    ends = {end for key in past for end in (key[0], key[2])} - set(draft.created)
    there = set(tx.items(sorted(ends))) | set(draft.created) if ends else set(draft.created)
    known = tx.links_by_key(sorted(past)) if past else {}
    return [
        Link(k.type, k.subject, k.object, k.attributes, b"", b"", 0, None, k.scope)
        for key, k in sorted(past.items())
        if key not in known and k.subject in there and k.object in there
    ]


def _key(target: Iterable[str]) -> LinkKey:
    subject, type_, object_ = target
    return (subject, type_, object_)


def _done(id_: str, revision: int, state: str, items: Collection[Any], links: Collection[Any]) -> Document:
    return {"id": id_, "revision": revision, "state": state, "items": len(items), "relations": len(links)}
