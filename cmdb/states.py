"""What a store keeps: the states of CIs and relations, who claims them, how far each section looked, revisions.

An Item or Link is the state from revision `since` on; a past one ends before revision `until`. Times are microseconds
since 1970-01-01 UTC. Ids are 26 characters (see identity.mint). Digests of items, links and entries are raw SHA-256
over salt and content (see reconcile), those of revisions are hexadecimal.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from cmdb.model.values import Value

Change = Literal["created", "updated", "retired"]

Asked = tuple[str, str, Collection[str]]
"""A batch that comes next: its id, its source, the identifiers that its subject may have."""


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

    @property
    def freed(self) -> bool:
        """True of a past state that retention freed: its values and its salt are gone, its digest stays."""
        return not self.salt and self.until is not None


@dataclass(slots=True)
class Link:
    """The state of a relation, told apart by (subject, type, object). Containment is no link: Item.parent tells it."""

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

    @property
    def freed(self) -> bool:
        """As of an Item."""
        return not self.salt and self.until is not None


LinkKey = tuple[str, str, str]
"""(subject, type, object)"""


@dataclass(slots=True)
class Scope:
    """The standing of one section of one subject from one source: what was last accepted, and when.

    `digest` is that of the last accepted body, `privilege` that with which it looked then. `number` is given by the store on
    first write (0 before). `cost` of the section that the header counts as is no cost but how its subject was matched:
    {"matched_by", "tried"} (explain.py).
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
    """observed_at of the last one that was collected in full: until then the present values were certainly true."""
    ever_full: bool = False
    """True once one was collected with full privilege: a narrower one does not see all that is claimed since."""
    collected_sequence: int | None = None
    """Sequence of the batch that last collected it: an older one of its source is superseded."""


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

    `near` is the end that the subject told of itself, `near_end` which end that is. `far` is the CI that the address
    was resolved to, None while unknown. `first_seen`, `last_seen` and `passes` are of observations by this scope.
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
    """The end of an item, link or entry, and who saw that it is gone.

    With `merged` an item goes on in another one, and its identifiers find it no more (states keep naming them).
    """

    witness: str
    not_before: int | None
    merged: bool = False


@dataclass(slots=True)
class Commit:
    """All that one batch or one act of a person writes. `revision` is None where nothing effective changed.

    `updated` pairs the state before with the one after, which may be a part of another CI that is current or created here,
    under another key; `retired` the last state with its retirement.
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


@dataclass(slots=True)
class Rewritten:
    """What is left of past states, past entries, documents by address, and receipts by revision, once a value is erased."""

    states: Sequence[Item] = ()
    links: Sequence[Link] = ()
    entries: Sequence[Entry] = ()
    documents: Mapping[str, bytes] = field(default_factory=dict)
    receipts: Mapping[int, dict[str, Any]] = field(default_factory=dict)


COUNTED = 1_000
"""Answers are counted up to this many; the total of a larger one is unknown."""


@dataclass(slots=True)
class Page:
    """One page of an answer in the order (class, name, id). `next` goes on, None at the end; `total` is exact, or None
    where more than COUNTED match."""

    items: list[Item]
    next: str | None
    total: int | None


@dataclass(slots=True)
class Raw:
    """A batch as it came (raw.py). `number` is given by the store, in the order of arrival. `data` are its lines compressed
    by zlib, the digest of a body in place of its line; `bodies` are these digests. `ci` is the CI that its subject was."""

    number: int
    batch: str
    source: str
    route: str
    actor: str
    received_at: int
    outcome: str
    """revision, superseded, quarantined, refused or conflict"""
    revision: int | None
    ci: str | None
    bodies: list[str]
    data: bytes


@dataclass(slots=True)
class RawStanding:
    """How many raw batches there are, how many bytes they and their bodies take compressed, and from when the oldest is."""

    batches: int
    size_bytes: int
    oldest: int

    def __bool__(self) -> bool:
        return self.batches > 0


@dataclass(slots=True)
class SweepRecord:
    """One sweep (sweeps.py), outside the chain and outside history. `number` is given by the store, in the order in which
    they began; `targets` is how many it has. `value` is plain JSON."""

    id: str
    number: int
    started_at: int
    targets: int
    value: dict[str, Any]


@dataclass(slots=True)
class SweepTarget:
    """One target of a sweep, by its place in the plan, from 1. `outcome` is empty while there is none. `value` is plain
    JSON."""

    sweep: str
    number: int
    outcome: str
    value: dict[str, Any]


@dataclass(slots=True)
class SweepStanding:
    """How many sweeps there are, and how many targets they have."""

    sweeps: int
    targets: int


@dataclass(slots=True)
class Head:
    """The newest revision. Number 0 is the empty store."""

    number: int
    committed_at: int
    digest: str
