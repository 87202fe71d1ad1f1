"""Rows of the SQLite store and the port's values, one into the other."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from cmdb.model.values import canonical
from cmdb.reconcile import item_name
from cmdb.states import Claim, Coverage, Entry, Item, Link, Pending, Raw, Retirement, Revision, Scope

Row = tuple[Any, ...]

ITEM = (
    "ci.id, ci.class, (SELECT p.id FROM ci p WHERE p.num = ci.parent), ci.key, ci.attributes, ci.identifiers, ci.salt, "
    "ci.digest, ci.since, ci.born, ci.not_before, ci.scope"
)
PAST_ITEM = (
    "id, class, parent, key, attributes, identifiers, salt, digest, since, born, not_before, scope, until, retired, "
    "witness, ended_not_before"
)
LINK = (
    "s.id, link.type, o.id, link.attributes, link.salt, link.digest, link.since, link.not_before, link.scope "
    "FROM link JOIN ci s ON s.num = link.subject JOIN ci o ON o.num = link.object"
)
PAST_LINK = (
    "subject, type, object, attributes, salt, digest, since, not_before, scope, until, retired, witness, "
    "ended_not_before FROM past_link"
)
SCOPE = (
    "number, source, route, subject, section, outcome, reason, privilege, version, classes, relations, digest, "
    "observed_at, seen_at, sequence, cost, collected_at, ever_full, collected_sequence"
)
PENDING = "scope, type, near, near_end, domain, address, protocol, port, attributes, first_seen, last_seen, passes, far"
REVISION = (
    "number, committed_at, kind, source, actor, cause, batch, batch_digest, observed_at, received_at, previous, digest, "
    "changes"
)
RAW = "number, batch, source, route, actor, received_at, outcome, revision, ci, bodies, data"
COVERAGE = "subject, source, section, outcome, reason, privilege, version, classes, relations, seen_at"


def item(row: Row, words: dict[int, str]) -> Item:
    """An Item of a row of ITEM or PAST_ITEM."""
    class_name = words[row[1]]
    attributes = json.loads(row[4])
    found = Item(
        row[0],
        class_name,
        row[2],
        row[3],
        item_name(class_name, row[3], attributes),
        attributes,
        row[6],
        row[7],
        row[8],
        row[9],
        row[10],
        row[11],
        json.loads(row[5]) if row[5] else [],
        text=row[4],
    )
    if len(row) > 12:
        found.until = row[12]
        found.ended = "retired" if row[13] else "updated"
        found.witness, found.ended_not_before = row[14], row[15]
    return found


def link(row: Row, words: dict[int, str]) -> Link:
    """A Link of a row of LINK or PAST_LINK."""
    found = Link(words[row[1]], row[0], row[2], json.loads(row[3]), row[4], row[5], row[6], row[7], row[8])
    if len(row) > 9:
        found.until = row[9]
        found.ended = "retired" if row[10] else "updated"
        found.witness, found.ended_not_before = row[11], row[12]
    return found


def scope(row: Row) -> Scope:
    """A Scope of a row of SCOPE."""
    return Scope(
        *(*row[:9], _names(row[9]), _names(row[10]), *row[11:15], json.loads(row[15]), row[16], bool(row[17]), row[18])
    )


def scope_row(value: Scope) -> Row:
    """Values in the order of SCOPE."""
    return (
        value.number,
        value.source,
        value.route,
        value.subject,
        value.section,
        value.outcome,
        value.reason,
        value.privilege,
        value.version,
        canonical(value.classes),
        canonical(value.relations),
        value.digest,
        value.observed_at,
        value.seen_at,
        value.sequence,
        json.dumps(value.cost),
        value.collected_at,
        value.ever_full,
        value.collected_sequence,
    )


def coverage(row: Row) -> Coverage:
    """A Coverage of a row of COVERAGE."""
    return Coverage(*(*row[:7], json.loads(row[7]), json.loads(row[8]), row[9]))


def pending(row: Row) -> Pending:
    """A Pending of a row of PENDING."""
    return Pending(*(*row[:8], json.loads(row[8]), *row[9:]))


def pending_row(value: Pending) -> Row:
    """Values in the order of PENDING."""
    return (
        *value.key,
        canonical(value.attributes),
        value.first_seen,
        value.last_seen,
        value.passes,
        value.far,
    )


def revision(row: Row) -> Revision:
    """A Revision of a row of REVISION."""
    return Revision(*row)


def raw(row: Row) -> Raw:
    """A Raw of a row of RAW."""
    return Raw(*(*row[:9], json.loads(row[9]), row[10]))


def raw_values(value: Raw) -> Row:
    """Values in the order of RAW, and the size."""
    return (
        value.number,
        value.batch,
        value.source,
        value.route,
        value.actor,
        value.received_at,
        value.outcome,
        value.revision,
        value.ci,
        json.dumps(value.bodies),
        value.data,
        len(value.data),
    )


def entry(row: Row) -> Entry:
    """An Entry of (kind, key, value, since, salt, digest[, until])."""
    return Entry(row[0], row[1], json.loads(row[2]), row[3], row[4], row[5], row[6] if len(row) > 6 else None)


def entry_values(value: Entry) -> Row:
    """The row of table `entry`."""
    return (value.kind, value.key, canonical(value.value), value.since, value.salt, value.digest)


def past_entry_values(value: Entry, until: int, retired: bool) -> Row:
    """The row of table `past_entry` of a state that ended by revision `until`."""
    return (value.kind, value.key, until, canonical(value.value), value.since, value.salt, value.digest, retired)


def past_item_values(value: Item, num: int, code: int, until: int, end: Retirement | None) -> Row:
    """The row of table `past` of a state that ended by revision `until`, by `end` where the CI did. `num` and `code` are the
    store's own numbers of the CI and of its class."""
    return (
        num,
        until,
        value.since,
        value.born,
        value.id,
        code,
        value.parent,
        value.key,
        value.text or canonical(value.attributes),
        canonical(value.identifiers) if value.identifiers else None,
        value.salt,
        value.digest,
        value.not_before,
        value.scope,
        *_ended(end),
    )


def link_values(value: Link, ends: tuple[int, int, int]) -> Row:
    """The row of table `link`; `ends` are the store's own numbers of (subject, type, object)."""
    told = (value.salt, value.digest, value.since, value.not_before, value.scope)
    return (*ends, canonical(value.attributes), *told)


def past_link_values(value: Link, code: int, until: int, end: Retirement | None) -> Row:
    """The row of table `past_link`; as past_item_values."""
    told = (value.salt, value.digest, value.not_before, value.scope)
    row = (value.subject, code, value.object, until, value.since, canonical(value.attributes), *told)
    return (*row, *_ended(end))


def end_of(state: Item | Link) -> Retirement | None:
    """How what a past state was of ended with it, None where another state came."""
    return Retirement(state.witness or "", state.ended_not_before) if state.ended == "retired" else None


def _ended(end: Retirement | None) -> Row:
    return (end is not None, end.witness if end else None, end.not_before if end else None)


def claim(row: Row) -> Claim:
    """A Claim of (scope, ci id, attributes, identifiers)."""
    return Claim(row[0], row[1], json.loads(row[2]), json.loads(row[3]) if row[3] else [])


def link_claim(row: Row, words: dict[int, str]) -> Claim:
    """A Claim of (scope, subject id, type, object id, attributes)."""
    return Claim(row[0], (row[1], words[row[2]], row[3]), json.loads(row[4]))


def _names(text: str) -> list[str]:
    return list(_name_list(text))


@lru_cache(maxsize=1024)
def _name_list(text: str) -> tuple[str, ...]:
    """Class and type names of a section: the same few lists for every host."""
    return tuple(json.loads(text))
