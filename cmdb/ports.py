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
from typing import Any, Literal, Protocol

from cmdb.damage import Damage, Progress
from cmdb.model.query_language import Query
from cmdb.portable import Birth, Dump, Record
from cmdb.states import (
    Asked,
    Change,
    Claim,
    Commit,
    Coverage,
    Entry,
    Head,
    Item,
    Link,
    LinkKey,
    Page,
    Pending,
    Raw,
    RawStanding,
    Revision,
    Rewritten,
    Scope,
    SweepRecord,
    SweepStanding,
    SweepTarget,
)

Clock = Callable[[], int]
"""Microseconds since 1970 UTC."""

Randomness = Callable[[int], bytes]
"""That many random bytes."""


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

    def retired(self, classes: Collection[str], at: int | None = None) -> Iterator[Item]:
        """Last states of the CIs of these classes that are retired, in any order."""

    def scan(self, classes: Collection[str] | None = None, at: int | None = None) -> Iterator[Item]:
        """All states, in any order."""

    def scan_links(self, types: Collection[str] | None = None, at: int | None = None) -> Iterator[Link]:
        """All links, in any order."""

    def changed(self, after: int, until: int) -> list[tuple[Literal["ci", "link", "entry"], Change, str]]:
        """What revisions after < r <= until did: (kind, change, id), id of a link "subject type object", of an entry
        "kind key"; ordered by revision, then the triple."""

    def coverage(self, subjects: Collection[str] | None = None, at_time: int | None = None) -> list[Coverage]:
        """Coverage as of a time, newest where None, in the order (subject, section, source)."""

    def coverage_history(self, subject: str) -> list[Coverage]:
        """All coverage of a subject, as of every time, in the order (section, source, seen_at)."""

    def scopes(self, subject: str) -> list[Scope]:
        """Standing of every section of a subject, in the order (section, source)."""

    def scopes_after(self, subject: str, limit: int) -> list[Scope]:
        """Standing of the sections of up to `limit` subjects that come behind `subject`, in the order (subject, section,
        source)."""

    def scopes_by_number(self, numbers: Collection[int]) -> dict[int, Scope]: ...

    def scopes_from(self, source: str, subjects: Collection[str] | None = None) -> list[Scope]:
        """Standing of every section of one source, of these subjects where they are named, in the order (subject,
        section)."""

    def claims(self, targets: Collection[str | LinkKey]) -> list[Claim]:
        """Claims that are stored as such, in the order (target, scope)."""

    def readings(self, subject: str) -> dict[str, dict[str, Any]]:
        """Readings of a subject by section."""

    def pending(self, nears: Collection[str]) -> list[Pending]:
        """Relations of these CIs with an end that is known by its address, in the order of their key."""

    def unseen(self, types: Collection[str], since: int, limit: int) -> list[Pending]:
        """Up to `limit` relations of these types with an end that is known by its address, which were last seen before a
        time (microseconds), in the order of their key."""

    def entry(self, kind: str, key: str, at: int | None = None) -> Entry | None: ...

    def entries(self, kind: str, at: int | None = None, keys: Collection[str] | None = None) -> list[Entry]:
        """Entries of a kind, of these keys where given, in the order of keys."""

    def entry_history(self, kind: str, key: str) -> list[Entry]:
        """All states of an entry, oldest first."""

    def unversioned(self, kind: str, key: str) -> dict[str, Any] | None:
        """What is kept outside the chain and history under this kind and key."""

    def unversioned_of(self, kind: str, after: str, limit: int) -> list[tuple[str, dict[str, Any]]]:
        """Up to `limit` of what is kept so under this kind, with its key, behind a key and in the order of keys."""

    def past_states(self, until: Mapping[str, int], after: tuple[str, int], limit: int) -> list[Item]:
        """Up to `limit` past states that are not freed and ended by the revision given for their class, behind the place
        (id, until) and in that order. Classes that are not named are left out."""

    def past_links(self, until: int, after: str, limit: int) -> list[Link]:
        """Past states of links that are not freed and ended by a revision: those of the subjects behind `after`, as many
        whole subjects as have up to `limit` of them, at least one; in the order (subject, type, object, until)."""

    def documents(self, digests: Collection[str]) -> dict[str, bytes]:
        """Immutable documents by SHA-256 of their address, absent where unknown."""

    def raws(self, after: int = 0, limit: int = 1000) -> list[Raw]:
        """Raw batches with a number above `after`, oldest first."""

    def raw_bodies(self, digests: Collection[str]) -> dict[str, bytes]:
        """Bodies of raw batches, compressed by zlib, by digest; absent where unknown."""

    def raw_standing(self) -> RawStanding: ...

    def sweep(self, id: str) -> SweepRecord | None: ...

    def sweeps(self, before: int | None = None, limit: int = 100) -> list[SweepRecord]:
        """Sweeps with a number below `before`, newest first."""

    def sweep_targets(
        self,
        sweep: str,
        after: int = 0,
        limit: int = 1000,
        outcomes: Collection[str] | None = None,
        holding: Collection[str] | None = None,
    ) -> list[SweepTarget]:
        """Targets of a sweep with a number above `after`, of these outcomes where they are named, in the order of numbers;
        those that tell one of the texts `holding` where they are given, wherever in the target's value."""

    def sweep_counts(self, sweep: str) -> dict[str, int]:
        """How many targets of a sweep have each outcome, in the order of outcomes."""

    def sweep_standing(self) -> SweepStanding: ...

    def document_addresses(self) -> Iterator[str]:
        """Addresses of all documents, in order."""

    def derived(self, progress: Progress | None = None) -> Iterator[Damage]:
        """What is kept beside the chain (search, identifiers, claims, standing and the like, containment as the store has
        it) and does not agree with the states or with itself. In a memory that does not grow with the store's size but by a
        few bytes in a hundred CIs."""

    def counts(self) -> dict[str, int]:
        """Current CIs by class, and under "links" and "revisions" their numbers."""


class Transaction(View, Protocol):
    """A view that sees its own writes, and what ingest needs."""

    def scopes_of(self, source: str, subject: str) -> dict[str, Scope]:
        """Scopes of one source and subject by section."""

    def foresee(self, asked: Iterable[Asked]) -> None:
        """A hint: these batches come next in this transaction, and will ask for what they name. Changes no answer."""

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

    def receipts(
        self, after: int, limit: int, holding: Collection[str] | None = None
    ) -> list[tuple[int, dict[str, Any]]]:
        """Receipts of revisions with a number above `after`, with that number, oldest first; those that tell one of the texts
        `holding` where they are given, wherever in the receipt."""

    def same(self, source: str, subject: str) -> str | None:
        """Digest of the section lines of the last accepted batch."""

    def number_scopes(self, scopes: Sequence[Scope]) -> None:
        """Give numbers to scopes that have none (number 0), in order."""

    def write(self, commit: Commit) -> None: ...

    def seen_again(self, scopes: Sequence[Scope]) -> None:
        """Write observed_at, seen_at, sequence, cost, collected_at and collected_sequence of scopes that have a number,
        nothing else."""

    def free(self, states: Sequence[Item], links: Sequence[Link]) -> None:
        """Erase values and salts of past states; what stays is what the chain needs, and of the last state of a retired CI
        its identifiers, so that it is known again."""

    def rewrite(self, left: Rewritten) -> None:
        """Write attributes and salts of past states anew, values and salts of past entries, documents by their address and
        receipts by their revision (redaction.py); all else of them stays, digests too."""

    def put_document(self, digest: str, data: bytes) -> None:
        """Keep a document; one that is there already stays as it is."""

    def put_raw(self, raw: Raw, bodies: Mapping[str, bytes]) -> None:
        """Keep a raw batch, and those of its bodies that are not kept yet; gives it its number, one more than the newest."""

    def drop_raws(self, numbers: Collection[int]) -> None:
        """Forget raw batches, and bodies that no other one has."""

    def put_sweep(self, record: SweepRecord) -> None:
        """Keep a sweep, or write it anew; a new one gets its number, one more than the newest."""

    def put_sweep_targets(self, targets: Sequence[SweepTarget]) -> None:
        """Keep targets, or write them anew."""

    def drop_sweep(self, id: str, most: int) -> bool:
        """Forget at most so many targets of a sweep, the sweep itself once it has none; returns whether that is done."""

    def remove_entry_value(self, kind: str, key: str) -> None:
        """Forget the current value of an unversioned entry (sessions, one-time codes)."""

    def put_unversioned(self, kind: str, key: str, value: Mapping[str, Any]) -> None:
        """Keep something outside the chain and history (sessions, one-time codes, settings of this installation)."""


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

    def dump(self) -> AbstractContextManager[Dump]:
        """All that is kept, as of one moment. A store that has no snapshots keeps writers waiting meanwhile."""

    def load(self, birth: Birth, head: Head, records: Iterable[Record]) -> None:
        """Fill this store, which must be empty, with what `dump` of any store gave; from then on it is that store.

        All or nothing: where it fails the store is empty as before, or says what it is when it is opened and takes nothing
        but another load. Raises StoreError where the store is not empty or the records do not end with `head`.
        """

    def scrub(self) -> bool:
        """Leave no byte in the store's files of what is not in it any more. False where somebody who reads keeps that from being
        done now. A server's own files are its own."""

    def check(self) -> Iterable[str]:
        """Problems of the store's own integrity, none where it is sound (`doctor`)."""

    def close(self) -> None: ...
