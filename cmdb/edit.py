"""What people say of CIs that are there: set, or taken back, for all that a query finds, as one revision.

Their word is a claim of the source `people` beside what other sources claim, so that precedence decides as ever: a value that
is taken back gives way to what an import says. Only attributes of the group `people` can be said so; what discovery finds out
is corrected where it is found.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cmdb import commit
from cmdb.draft import Draft
from cmdb.history import changed
from cmdb.model.checked import shown
from cmdb.model.classes import CLASSES
from cmdb.model.declaration import Attribute
from cmdb.model.errors import ConflictError, NotFoundError, UsageError
from cmdb.model.given import check_tags, given
from cmdb.model.people import GROUP
from cmdb.model.times import now
from cmdb.model.values import Value, canonical, digest, problem
from cmdb.model.vocabulary import Vocabulary
from cmdb.own_attributes import query_of, vocabulary
from cmdb.ports import Clock, Randomness, Store, View
from cmdb.query import every
from cmdb.reconcile import Say, weigh
from cmdb.staleness import silent_before
from cmdb.states import Claim, Commit, Item, Scope

SOURCE = "people"
SECTION = "people"
ROUTE = "manual"
MOST = 10_000
"""CIs that one edit may touch."""
SHOWN = 1_000
"""CIs of which an answer shows what changes."""
MAX_REASON = 1_000
RECORDS = ("ChangeRecord", "IncidentRecord")

Document = dict[str, Any]


@dataclass(frozen=True)
class Words:
    """What is said: values by attribute as they were written, attributes that are no longer said, tags put on and off."""

    values: Mapping[str, Any] = field(default_factory=dict)
    unset: Collection[str] = ()
    tags: Collection[str] = ()
    untagged: Collection[str] = ()


@dataclass(slots=True)
class Edited:
    """What becomes of one CI: its attributes afterwards, the claims on it, and people's own among them, before and after."""

    item: Item
    after: dict[str, Value]
    claims: dict[int, Claim]
    scope: Scope | None
    before: dict[str, Value]
    said: dict[str, Value]
    unheard: set[int]

    @property
    def changes(self) -> list[Document]:
        rows = changed(self.item.attributes, self.after)
        return [{"attribute": name, "before": before, "after": after} for name, before, after in rows]

    @property
    def differs(self) -> bool:
        return any(True for _ in changed(self.before, self.said))


def edit(
    store: Store,
    query: str,
    words: Words,
    actor: str,
    reason: str,
    *,
    dry_run: bool = False,
    expect: str | None = None,
    clock: Clock = now,
    randomness: Randomness = secrets.token_bytes,
) -> Document:
    """Say these words of all CIs that the query finds, all or none.

    {"query", "dry_run", "revision", "matched", "changed", "unchanged", "digest",
     "items": [{"id", "class", "name", "changes": [{"attribute", "before", "after"}]}], "left_out"}

    `items` are those that change, the first 1,000; a dry run shows them and writes nothing. `expect` is the digest of a dry
    run: what would not do exactly what that one showed is refused. Raises UsageError, NotFoundError where the query finds
    nothing, ConflictError where the digest is another.
    """
    reason = reason_of(reason)
    if dry_run:
        with store.view() as view:
            edited = plan(view, query, words, clock())
            return _told(query, edited, True, None)
    with store.transaction() as tx:
        edited = plan(tx, query, words, clock())
        told = _told(query, edited, False, None)
        if expect is not None and expect != told["digest"]:
            raise ConflictError(
                "This would not do what was shown: something has changed meanwhile. Look again with a dry run.",
                digest=told["digest"],
            )
        told["revision"] = _write(Draft(tx), edited, actor, reason, clock, randomness)
        return told


def plan(view: View, text: str, words: Words, time: int) -> list[Edited]:
    """What the words would make of each CI that the query finds, in the order of lists; `time` is the present."""
    items = _found(view, text)
    known = vocabulary(view)
    wanted = {name: _values(known, name, items, words) for name in sorted({item.class_name for item in items})}
    claims: dict[str, dict[int, Claim]] = {}
    for claim in view.claims([item.id for item in items]):
        claims.setdefault(str(claim.target), {})[claim.scope] = claim
    for item in items:
        if item.scope is not None:
            claims.setdefault(item.id, {})[item.scope] = Claim(item.scope, item.id, dict(item.attributes))
    scopes = view.scopes_by_number({number for each in claims.values() for number in each})
    mine = {
        scope.subject: scope
        for scope in view.scopes_from(SOURCE, sorted({item.parent or item.id for item in items}))
        if scope.section == SECTION
    }
    return [
        _edited(
            item,
            claims.get(item.id, {}),
            scopes,
            mine.get(item.parent or item.id),
            wanted[item.class_name],
            words,
            time,
        )
        for item in items
    ]


def _edited(
    item: Item,
    claims: dict[int, Claim],
    scopes: Mapping[int, Scope],
    scope: Scope | None,
    values: Mapping[str, Value],
    words: Words,
    time: int,
) -> Edited:
    number = scope.number if scope is not None else 0
    before = claims[number].attributes if number in claims else {}
    said = {**before, **values}
    for name in words.unset:
        said.pop(name, None)
    others: list[Say] = [(scopes[n], c.attributes) for n, c in claims.items() if n != number and n in scopes]
    if words.tags or words.untagged:
        _tag(item, said, others, words)
    own = scope or standing(item.parent or item.id, 0)
    whole = CLASSES[item.class_name].parents[0] if item.parent is not None else item.class_name
    after, unheard = weigh(item.class_name, [*others, (own, said)], silent_before(whole, time))
    return Edited(item, after, claims, scope, before, said, unheard)


def _tag(item: Item, said: dict[str, Value], others: Sequence[Say], words: Words) -> None:
    """Tags are said as a whole; without any left nothing is said, unless another source would then be heard."""
    has = item.attributes.get("tags")
    tags = sorted({*(has if isinstance(has, list) else []), *words.tags}.difference(words.untagged))
    if not tags and not any(attributes.get("tags") for _, attributes in others):
        said.pop("tags", None)
    else:
        said["tags"] = [str(tag) for tag in tags]


def standing(subject: str, at_time: int, before: Scope | None = None) -> Scope:
    """The section of people's words about a subject. It tells of no class, so that it is a witness for nothing."""
    return Scope(
        number=before.number if before is not None else 0,
        source=SOURCE,
        route=ROUTE,
        subject=subject,
        section=SECTION,
        outcome="collected",
        reason="",
        privilege="full",
        version=1,
        classes=[],
        relations=[],
        digest="",
        observed_at=at_time,
        seen_at=at_time,
        sequence=before.sequence + 1 if before is not None else 0,
        collected_at=at_time,
    )


def _write(
    draft: Draft, edited: Sequence[Edited], actor: str, reason: str, clock: Clock, randomness: Randomness
) -> int | None:
    """Write the claims, and a revision where that changes a state; returns its number."""
    differing = [one for one in edited if one.differs]
    if not differing:
        return None
    time = clock()
    scopes: dict[str, Scope] = {}
    for one in differing:
        subject = one.item.parent or one.item.id
        if subject not in scopes:
            scopes[subject] = standing(subject, time, one.scope)
    draft.tx.number_scopes([scope for scope in scopes.values() if not scope.number])
    draft.scopes += scopes.values()
    unheard = set().union(*(one.unheard for one in differing))
    draft.scopes += [replace(s, digest="") for s in draft.tx.scopes_by_number(unheard).values()] if unheard else []
    for one in differing:
        item, number = one.item, scopes[one.item.parent or one.item.id].number
        if item.scope is not None:
            draft.claims.append(one.claims[item.scope])
        if one.said:
            draft.claims.append(Claim(number, item.id, one.said))
        else:
            draft.removed_claims.append((number, item.id))
        if one.changes:
            draft.updated[item.id] = (item, replace(item, attributes=one.after, scope=None, not_before=time, text=""))
        elif item.scope is not None:
            draft.rescoped.append(replace(item, scope=None))
    if draft.effective:
        return commit.act(draft, "edit", actor, reason, clock, randomness).number
    draft.tx.write(
        Commit(claims=draft.claims, removed_claims=draft.removed_claims, rescoped=draft.rescoped, scopes=draft.scopes)
    )
    return None


def _found(view: View, text: str) -> list[Item]:
    query = query_of(view, text)
    if not query.terms:
        raise UsageError("An empty query means everything; name what is meant, as in class:Host name:web*.")
    found = every(view, query, None, MOST)
    if not found:
        raise NotFoundError(f"Nothing matches {text!r:.200}; `ci find` searches.", query=text)
    return found


def _values(known: Vocabulary, class_name: str, items: Sequence[Item], words: Words) -> dict[str, Value]:
    """The words' values for a class. Raises UsageError for what people may not say of it."""
    if class_name in RECORDS:
        kind = class_name.removesuffix("Record").lower()
        raise UsageError(f"A {class_name} is edited by `{kind} add`; leave it out with -class:{class_name}.")
    names = {*words.values, *words.unset, *(["tags"] if words.tags or words.untagged else [])}
    if not names:
        raise UsageError("Nothing is said: name a value as NAME=VALUE, or an attribute to take back with --unset.")
    found = {name: attribute_of(known, class_name, name, len(items)) for name in sorted(names)}
    if {*words.values} & {*words.unset}:
        both = ", ".join(sorted({*words.values} & {*words.unset}))
        raise UsageError(f"{both} is set and taken back at once; say one of the two.")
    check_tags(words.tags)
    for tag in words.tags:
        given(found["tags"], [tag])
    return {name: given(found[name], value) for name, value in words.values.items()}


def attribute_of(known: Vocabulary, class_name: str, name: str, count: int = 1) -> Attribute:
    """An attribute of a class that people may say. Raises UsageError with the remedy for any other."""
    attribute = known.attribute(class_name, name)
    if attribute is None:
        can = ", ".join(n for n, a in known.attributes(class_name).items() if a.group == GROUP)
        leave = f", or leave the class out with -class:{class_name}" if count > 1 else ""
        raise UsageError(
            f"A {class_name} has no attribute {shown(name)} that people say"
            f"{f'; there are {can}' if can else ''}. `attribute add` declares one{leave}.",
            field=name,
        )
    if attribute.group != GROUP:
        raise UsageError(
            f"{class_name}.{name} is found out by discovery, and people may not overwrite it: correct it where it is found, "
            "or say it in an attribute of your own (`attribute add`).",
            field=name,
        )
    return attribute


def reason_of(written: str) -> str:
    """A reason as history keeps it. Raises UsageError where there is none."""
    reason = " ".join(written.split())
    if not reason or len(reason) > MAX_REASON or problem(reason, "str"):
        raise UsageError(f"A reason of 1 to {MAX_REASON} characters is needed, which history keeps.")
    return reason


def _told(query: str, edited: Sequence[Edited], dry_run: bool, revision: int | None) -> Document:
    changing = [(one.item, rows) for one in edited if (rows := one.changes)]
    listed = [
        {"id": item.id, "class": item.class_name, "name": item.name, "changes": rows} for item, rows in changing[:SHOWN]
    ]
    return {
        "query": query,
        "dry_run": dry_run,
        "revision": revision,
        "matched": len(edited),
        "changed": len(changing),
        "unchanged": len(edited) - len(changing),
        "digest": digest(canonical([[item.id, rows] for item, rows in changing])),
        "items": listed,
        "left_out": len(changing) - len(listed),
    }
