"""Why a CI is what it is: by which identifier each source's subject was matched, which sources claim what, and who won.

Everything is read from what is stored: identifiers and claims of the sections as they stand, and how a subject was matched
when its marks last changed. What is not stored (claims of the past, of a retired CI, of batches of before this was kept) is
said to be unknown, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cmdb import aliases, conflicts
from cmdb.identify import IDENTITY, SHARED
from cmdb.model.declaration import SUBJECT
from cmdb.model.errors import NotFoundError, UsageError
from cmdb.model.identity import WEAK, scheme, strongest_first
from cmdb.model.precedence import rank
from cmdb.model.times import iso
from cmdb.model.values import Value
from cmdb.model.vocabulary import group_of
from cmdb.ports import View
from cmdb.reconcile import silent, standing
from cmdb.stale import stale_of
from cmdb.staleness import silent_before
from cmdb.states import Claim, Item, Scope

Document = dict[str, Any]
Place = tuple[bool, int, bool, int, str, str]
"""Whose word counts, the least first (reconcile.Standing); a route that has no word comes last."""

GONE = "It is retired, and claims are kept of what is there only."
UNKNOWN = "How it was matched is not on record: its marks have not changed since before that was kept."


def explain(view: View, id_: str, at: int | None = None) -> Document:
    """How a CI came to be this one, and its attributes to be what they are.

    Raises NotFoundError where the id is unknown, UsageError for a time in the past, of which claims are not kept.
    """
    if at is not None:
        raise UsageError(
            f"Claims are kept of the present only, so nothing explains revision {at}; ask without a time, or for the history."
        )
    id_ = aliases.resolve(view, id_)
    item = view.last_states([id_]).get(id_)
    if item is None:
        raise NotFoundError(
            f"There is no configuration item {id_!r:.80}; `ci find` lists those that there are.", id=id_
        )
    claims, scopes = _claims(view, item)
    head = view.head()
    return {
        "ci": {
            "id": item.id,
            "class": item.class_name,
            "name": item.name,
            "parent": item.parent,
            "key": item.key,
            "state": "retired" if item.until is not None else "stale" if stale_of(view, [item]) else "current",
        },
        "known_as": _known_as(view, item),
        "identity": _identity(view, claims, scopes),
        "conflicts": _conflicts(view, item.parent or item.id),
        "attributes": [
            _attribute(item, name, claims, scopes, silent_before(_limited_as(view, item), head.committed_at))
            for name in _names(item, claims)
        ],
        "revision": head.number,
        "as_of": iso(head.committed_at) if head.number else None,
    }


def _claims(view: View, item: Item) -> tuple[list[Claim], dict[int, Scope]]:
    if item.until is not None:
        return [], {}
    claims = view.claims([item.id])
    if item.scope is not None:
        claims = [*claims, Claim(item.scope, item.id, item.attributes)]
    scopes = view.scopes_by_number([c.scope for c in claims])
    return [c for c in claims if c.scope in scopes], scopes


def _known_as(view: View, item: Item) -> str:
    """In words, what kind of identity it has."""
    if item.parent is not None:
        whole = view.last_states([item.parent]).get(item.parent)
        of = f"{whole.class_name} {whole.name} ({whole.id})" if whole else item.parent
        return f"the {item.class_name} {item.key} of {of}"
    if item.key and item.key != SUBJECT:
        return f"the {item.class_name} {item.key}"
    return f"a {item.class_name}, by the marks that its sources bring"


def _identity(view: View, claims: Iterable[Claim], scopes: Mapping[int, Scope]) -> list[Document]:
    found = [(scopes[c.scope], c) for c in claims if scopes[c.scope].section == IDENTITY]
    return [_match(view, scope, claim) for scope, claim in sorted(found, key=lambda pair: pair[0].number)]


def _match(view: View, scope: Scope, claim: Claim) -> Document:
    kept = scope.cost
    by = kept.get("matched_by")
    if by is None:
        how = UNKNOWN
    elif by:
        how = f"matched by {by}"
    else:
        how = "nothing that was known matched: a new CI"
    return {
        "source": scope.source,
        "route": scope.route,
        "seen_at": iso(scope.seen_at),
        "how": how,
        "matched_by": by or None,
        "tried": list(kept.get("tried", [])),
        "identifiers": [_identifier(view, i) for i in strongest_first(claim.identifiers)],
    }


def _identifier(view: View, identifier: str) -> Document:
    shared = view.entry(SHARED, identifier)
    return {
        "identifier": identifier,
        "weak": scheme(identifier) in WEAK,
        "shared": None if shared is None else {"cis": list(shared.value.get("cis", []))},
    }


def _conflicts(view: View, id_: str) -> list[Document]:
    """Open conflicts that name it, of a part those that name its whole."""
    return [
        {"number": entry.value["number"], "kind": entry.value["kind"], "reason": entry.value["reason"]}
        for entry in view.entries(conflicts.KIND)
        if entry.value["state"] == "open" and id_ in entry.value["cis"]
    ]


def _names(item: Item, claims: Iterable[Claim]) -> list[str]:
    return sorted({*item.attributes, *(name for c in claims for name in c.attributes)})


def _limited_as(view: View, item: Item) -> str:
    """The class whose staleness limit holds: of a part that of its whole."""
    whole = view.last_states([item.parent]).get(item.parent) if item.parent else None
    return whole.class_name if whole else item.class_name


def _attribute(
    item: Item, name: str, claims: Iterable[Claim], scopes: Mapping[int, Scope], silent_since: int
) -> Document:
    group = group_of(item.class_name, name)
    said = [(scopes[c.scope], c.attributes[name]) for c in claims if name in c.attributes]
    order = sorted(said, key=lambda pair: _place(group, pair[0], silent_since))
    value = item.attributes.get(name)
    won = next((place for place, (_, word) in enumerate(order) if _same(word, value)), None)
    return {
        "attribute": name,
        "value": value,
        "group": group,
        "why": _why(item, group, order, won, silent_since),
        "claims": [
            {
                "source": scope.source,
                "section": scope.section,
                "route": scope.route,
                "rank": rank(group, scope.route),
                "privilege": scope.privilege,
                "silent": silent(scope, silent_since),
                "observed_at": iso(scope.collected_at or scope.observed_at),
                "value": word,
                "wins": place == won,
            }
            for place, (scope, word) in enumerate(order)
        ],
    }


def _place(group: str, scope: Scope, silent_since: int) -> Place:
    return standing(scope, group, silent_since) or (True, 99, True, 0, scope.source, scope.section)


def _why(item: Item, group: str, order: Sequence[tuple[Scope, Value]], won: int | None, silent_since: int) -> str:
    if not order:
        return GONE if item.until is not None else "No section that is kept claims it."
    if won is None:
        return "None of the claims that are kept has this value."
    winner = order[won][0]
    if won:
        stronger = order[0][0]
        return (
            f"{winner.source} counts still: {stronger.source} comes before it by now, and is weighed when one reports."
        )
    rivals = [scope for scope, _ in order[1:] if scope.source != winner.source]
    if not rivals:
        return f"Only {winner.source} tells it."
    if all(_same(word, order[0][1]) for _, word in order[1:]):
        return f"All {len(order)} claims say the same."
    mine, theirs = (_place(group, scope, silent_since)[1:] for scope in (winner, rivals[0]))
    other = rivals[0]
    if silent(other, silent_since) and not silent(winner, silent_since):
        return f"{winner.source} counts: {other.source} has been silent for longer than its limit."
    if mine[0] != theirs[0]:
        return (
            f"{winner.source} counts: for {group} the route {winner.route} comes before {other.route} ({other.source})."
        )
    if mine[1] != theirs[1]:
        return f"{winner.source} counts: it looked with full privilege, {other.source} did not."
    if mine[2] != theirs[2]:
        return f"{winner.source} counts: of equal rank and privilege it is the newest, {other.source} looked before it."
    return f"{winner.source} counts: of equal rank, privilege and time its name comes first, before {other.source}."


def _same(left: Value | None, right: Value | None) -> bool:
    return left == right and type(left) is type(right)
