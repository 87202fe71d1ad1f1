"""The Store port: what the use cases ask of a store, and what its adapters promise.

Promises, each proved by tests/cmdb/stores/conformance.py for every adapter:

- A transaction is all or nothing, serial with every other writer, and durable once `transaction()` has returned.
- A view answers from one revision: what is committed meanwhile does not show.
- Both adapters give equal answers: the same items, the same order, the same text of values.
- As of revision r: current states with `since <= r` and past states with `since <= r < until`.
- Nothing is deleted: a superseded or retired state moves to the past.
- Lists come in the order stated at each method; order of text is by code point.

Times are microseconds since 1970-01-01 UTC. Ids are 26 characters (see identity.mint).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from cmdb.model.query_language import Query
from cmdb.model.values import Value

Clock = Callable[[], int]
"""Microseconds since 1970 UTC."""

Randomness = Callable[[int], bytes]
"""That many random bytes."""

Change = Literal["created", "updated", "retired"]


@dataclass(slots=True)
class Item:
    """The state of a CI. `until`, `ended` and `witness` are set on past states only.

    `scope` is the number of the only section that claims it, None where several do (then claims tell).
    `not_before` is the last successful observation that still saw the state before this one.
    """

    id: str
    class_name: str
    parent: str | None
    key: str
    name: str
    attributes: dict[str, Value]
    salt: bytes
    digest: bytes
    since: int
    born: int
    not_before: int | None = None
    scope: int | None = None
    identifiers: list[str] = field(default_factory=list)
    until: int | None = None
    ended: Literal["updated", "retired"] | None = None
    witness: str | None = None
    ended_not_before: int | None = None
    text: str = field(default="", compare=False, repr=False)
    """Canonical JSON of the attributes where it is at hand, so that it is made once."""


@dataclass(slots=True)
class Link:
    """The state of a relation, told apart by (subject, type, object). Containment is no link: an Item's parent tells it."""

    type: str
    subject: str
    object: str
    attributes: dict[str, Value]
    salt: bytes
    digest: bytes
    since: int
    not_before: int | None = None
    scope: int | None = None
    until: int | None = None
    ended: Literal["updated", "retired"] | None = None
    witness: str | None = None
    ended_not_before: int | None = None

    @property
    def key(self) -> LinkKey:
        return (self.subject, self.type, self.object)


LinkKey = tuple[str, str, str]
"""(subject, type, object)"""


@dataclass(slots=True)
class Scope:
    """The standing of one section of one subject from one source: what was last accepted, and when.

    `digest` is that of the last accepted body. `number` is given by the store on first write (0 before).
    """

    number: int
    source: str
    route: str
    subject: str
    section: str
    outcome: str
    reason: str
    privilege: str
    version: int
    classes: list[str]
    relations: list[str]
    digest: str
    observed_at: int
    seen_at: int
    sequence: int
    cost: dict[str, Any] = field(default_factory=dict)
    collected_at: int | None = None
    """observed_at of the last collected one: until then the present values were certainly true."""


@dataclass(slots=True)
class Coverage:
    """What one section of a subject could tell as of a time (the parts of a Scope that drift compares)."""

    subject: str
    source: str
    section: str
    outcome: str
    reason: str
    privilege: str
    version: int
    classes: list[str]
    relations: list[str]
    seen_at: int


@dataclass(slots=True)
class Claim:
    """What one section says of one CI or relation. `target` is an id, or a LinkKey."""

    scope: int
    target: str | LinkKey
    attributes: dict[str, Value]
    identifiers: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Pending:
    """A relation with one end known by its address only, and what has become of it.

    `near` is the end that the subject told of itself, `near_end` which end that is. `far` is the CI that the address was
    resolved to, None while unknown. `first_seen`, `last_seen` and `passes` are of observations by this scope.
    """

    scope: int
    type: str
    near: str
    near_end: Literal["subject", "object"]
    domain: str
    address: str
    protocol: str
    port: int
    attributes: dict[str, Value]
    first_seen: int
    last_seen: int
    passes: int = 1
    far: str | None = None

    @property
    def key(self) -> tuple[int, str, str, str, str, str, str, int]:
        return (self.scope, self.type, self.near, self.near_end, self.domain, self.address, self.protocol, self.port)


@dataclass(slots=True)
class Revision:
    """One committed change of the store. `digest` chains it to `previous` (reconcile.revision_digest)."""

    number: int
    committed_at: int
    kind: str
    """ingest, approval, record, token, setting …"""
    source: str
    actor: str
    cause: str
    batch: str | None = None
    batch_digest: str | None = None
    observed_at: int | None = None
    received_at: int | None = None
    previous: str = ""
    digest: str = ""
    changes: int = 0


@dataclass(slots=True)
class Entry:
    """A versioned thing that is no CI (a baseline's register entry, an access token, a conflict), by kind and key."""

    kind: str
    key: str
    value: dict[str, Any]
    since: int
    salt: bytes
    digest: bytes
    until: int | None = None


@dataclass(slots=True)
class Retirement:
    """The end of an item, link or entry, and who saw that it is gone."""

    witness: str
    not_before: int | None


@dataclass(slots=True)
class Commit:
    """All that one batch or one act of a person writes. `revision` is None where nothing effective changed.

    `updated` pairs the state before with the one after; `retired` the last state with its retirement.
    `removed_claims` are (scope, target). Scopes are written by (source, subject, section) and keep their number.
    """

    revision: Revision | None = None
    created: list[Item] = field(default_factory=list)
    updated: list[tuple[Item, Item]] = field(default_factory=list)
    retired: list[tuple[Item, Retirement]] = field(default_factory=list)
    links_created: list[Link] = field(default_factory=list)
    links_updated: list[tuple[Link, Link]] = field(default_factory=list)
    links_retired: list[tuple[Link, Retirement]] = field(default_factory=list)
    entries_put: list[Entry] = field(default_factory=list)
    entries_removed: list[tuple[Entry, Retirement]] = field(default_factory=list)
    rescoped: list[Item] = field(default_factory=list)
    """Items of which only `scope` differs: another or several claimants, no change of state."""
    links_rescoped: list[Link] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    removed_claims: list[tuple[int, str | LinkKey]] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=list)
    coverage: list[Coverage] = field(default_factory=list)
    """Coverage that differs from the last one written for the same (source, subject, section)."""
    readings: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    """(subject id, section, readings as the batch has them): replaces the row."""
    pending: list[Pending] = field(default_factory=list)
    removed_pending: list[Pending] = field(default_factory=list)
    receipt: dict[str, Any] | None = None
    """Receipt by batch id, kept with the revision."""
    same: tuple[str, str, str] | None = None
    """(source, subject id, digest of the last accepted batch's section lines)."""


COUNTED = 10_000
"""Answers are counted up to this many; the total of a larger one is unknown."""


@dataclass(slots=True)
class Page:
    """One page of an answer in the order (class, name, id). `next` goes on, None at the end; `total` is exact, or None
    where more than COUNTED match."""

    items: list[Item]
    next: str | None
    total: int | None


@dataclass(slots=True)
class Head:
    """The newest revision. Number 0 is the empty store."""

    number: int
    committed_at: int
    digest: str


class View(Protocol):
    """Reading, all from one revision. `at` is a revision number; None is the newest one of the view."""

    def head(self) -> Head: ...

    def revision(self, number: int) -> Revision | None: ...

    def revision_at(self, time: int) -> int:
        """The last revision committed by that time, 0 where there is none."""

    def revisions(self, after: int = 0, limit: int = 1000) -> list[Revision]:
        """Revisions with a number above `after`, oldest first."""

    def items(self, ids: Collection[str], at: int | None = None) -> dict[str, Item]:
        """States by id; an id that is unknown, or retired at that time, is absent."""

    def last_states(self, ids: Collection[str]) -> dict[str, Item]:
        """Current states, and for retired CIs their last state (`until` set); unknown ids are absent."""

    def parts(self, parent: str, classes: Collection[str] | None = None, at: int | None = None) -> list[Item]:
        """Parts of a CI, in the order (class, key)."""

    def links(self, ids: Collection[str], at: int | None = None) -> list[Link]:
        """Links with an end in `ids`, in the order (type, subject, object)."""

    def history(self, id: str) -> list[Item]:
        """All states of a CI, oldest first, the current one (if any) last."""

    def link_history(self, id: str) -> list[Link]:
        """All states of all links with an end in `id`, in the order (since, type, subject, object)."""

    def find(self, query: Query, at: int | None = None, after: str | None = None, limit: int = 100) -> Page:
        """CIs for which query_language.matches holds, ordered by (class name, name, id)."""

    def scan(self, classes: Collection[str] | None = None, at: int | None = None) -> Iterator[Item]:
        """All states, in any order."""

    def scan_links(self, types: Collection[str] | None = None, at: int | None = None) -> Iterator[Link]:
        """All links, in any order."""

    def changed(self, after: int, until: int) -> list[tuple[Literal["ci", "link", "entry"], Change, str]]:
        """What revisions after < r <= until did: (kind, change, id), id of a link "subject type object", of an entry
        "kind key"; ordered by revision, then the triple."""

    def coverage(self, subjects: Collection[str] | None = None, at_time: int | None = None) -> list[Coverage]:
        """Coverage as of a time, newest where None, in the order (subject, section, source)."""

    def scopes(self, subject: str) -> list[Scope]:
        """Standing of every section of a subject, in the order (section, source)."""

    def scopes_by_number(self, numbers: Collection[int]) -> dict[int, Scope]: ...

    def claims(self, targets: Collection[str | LinkKey]) -> list[Claim]:
        """Claims that are stored as such, in the order (target, scope)."""

    def readings(self, subject: str) -> dict[str, dict[str, Any]]:
        """Readings of a subject by section."""

    def pending(self, nears: Collection[str]) -> list[Pending]:
        """Relations of these CIs with an end that is known by its address, in the order of their key."""

    def entry(self, kind: str, key: str, at: int | None = None) -> Entry | None: ...

    def entries(self, kind: str, at: int | None = None) -> list[Entry]:
        """Entries of a kind, in the order of keys."""

    def entry_history(self, kind: str, key: str) -> list[Entry]:
        """All states of an entry, oldest first."""

    def documents(self, digests: Collection[str]) -> dict[str, bytes]:
        """Immutable documents by SHA-256 of their address, absent where unknown."""

    def counts(self) -> dict[str, int]:
        """Current CIs by class, and under "links" and "revisions" their numbers."""


class Transaction(View, Protocol):
    """A view that sees its own writes, and what ingest needs."""

    def scopes_of(self, source: str, subject: str) -> dict[str, Scope]:
        """Scopes of one source and subject by section."""

    def identified(self, identifiers: Collection[str]) -> dict[str, list[str]]:
        """Ids of current and retired CIs by identifier ("scheme value"), ids in order."""

    def retired_parts(self, parent: str, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], Item]:
        """Last state of parts that are retired now, by (class, key)."""

    def claims_of(self, scopes: Collection[int]) -> list[Claim]: ...

    def links_of(self, scopes: Collection[int]) -> list[Link]:
        """Current links whose only claimant is one of these scopes."""

    def links_by_key(self, keys: Collection[LinkKey]) -> dict[LinkKey, Link]: ...

    def pending_of(self, scopes: Collection[int]) -> list[Pending]: ...

    def pending_at(self, domain: str, addresses: Collection[str]) -> list[Pending]: ...

    def pending_to(self, fars: Collection[str]) -> list[Pending]: ...

    def receipt(self, batch: str) -> dict[str, Any] | None:
        """The receipt that a committed batch got, None where the id is new or made no revision."""

    def same(self, source: str, subject: str) -> str | None:
        """Digest of the section lines of the last accepted batch."""

    def number_scopes(self, scopes: Sequence[Scope]) -> None:
        """Give numbers to scopes that have none (number 0), in order."""

    def write(self, commit: Commit) -> None: ...

    def seen_again(self, scopes: Sequence[Scope]) -> None:
        """Write observed_at, seen_at, sequence, cost and collected_at of scopes that have a number, nothing else."""

    def put_document(self, digest: str, data: bytes) -> None:
        """Keep a document; one that is there already stays as it is."""

    def remove_entry_value(self, kind: str, key: str) -> None:
        """Forget the current value of an unversioned entry (sessions, one-time codes)."""

    def put_unversioned(self, kind: str, key: str, value: Mapping[str, Any]) -> None:
        """Keep something outside the chain and history (sessions, one-time codes, settings of this installation)."""

    def unversioned(self, kind: str, key: str) -> dict[str, Any] | None: ...


class Store(Protocol):
    """A store, open. Safe for use by several threads."""

    url: str

    def genesis(self) -> str:
        """What this store's ids are minted from: 64 hex digits, born with it."""

    def digest_key(self) -> bytes:
        """Key of keyed file digests, 32 bytes, born with the store."""

    def view(self) -> AbstractContextManager[View]: ...

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Begin to write; waits for other writers at most 30 s and then raises StoreError naming the holder. Commits at
        the end of the block, rolls back where it raises."""

    def check(self) -> Iterable[str]:
        """Problems of the store's own integrity, none where it is sound (`doctor`)."""

    def close(self) -> None: ...
