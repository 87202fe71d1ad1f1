"""What the Neo4j store keeps beside states: claims, scopes, coverage, readings, references, entries, documents."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Collection
from typing import Any, Protocol, TypeVar

from cmdb.states import Claim, Coverage, Entry, LinkKey, Pending, Raw, RawStanding, Scope
from cmdb.stores import neo4j_rows as rows

T = TypeVar("T")


class Run(Protocol):
    """Runs a statement and returns its rows."""

    def __call__(self, cypher: str, /, **parameters: Any) -> list[list[Any]]: ...


class Records:
    """Their part of a View (ports.py). `_steady` runs one question; within it `_at` says as of when its states are wanted,
    None for the newest, and `_until` is the last revision that may show."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def _steady(self, ask: Callable[[], T]) -> T:
        return ask()

    def _at(self, at: int | None) -> int | None:
        return at

    @property
    def _until(self) -> int:
        return 2**62

    # -- claims, scopes, coverage --------------------------------------------------------------------------------------

    def coverage(self, subjects: Collection[str] | None = None, at_time: int | None = None) -> list[Coverage]:
        conditions = (
            [] if subjects is None else [f"c.subject IN $subjects{present('c', 'section', 'source', 'seen_at')}"]
        )
        conditions += [] if at_time is None else ["c.seen_at <= $time"]
        cypher = (
            f"MATCH (c:Coverage){' WHERE ' if conditions else ''}{' AND '.join(conditions)} "
            "RETURN properties(c) ORDER BY c.seen_at"
        )
        given = None if subjects is None else list(subjects)
        found = map(rows.coverage, (row[0] for row in self._many(cypher, subjects=given, time=at_time)))
        newest = {(c.subject, c.section, c.source): c for c in found}
        return [newest[key] for key in sorted(newest)]

    def coverage_history(self, subject: str) -> list[Coverage]:
        kept = present("c", "section", "source", "seen_at")
        cypher = f"MATCH (c:Coverage) WHERE c.subject = $subject{kept} RETURN properties(c)"
        found = [rows.coverage(row[0]) for row in self._many(cypher, subject=subject)]
        return sorted(found, key=lambda c: (c.section, c.source, c.seen_at))

    def scopes(self, subject: str) -> list[Scope]:
        cypher = f"MATCH (s:Scope) WHERE s.subject = $subject{present('s', 'source', 'section')} RETURN properties(s)"
        found = [rows.scope(row[0]) for row in self._many(cypher, subject=subject)]
        return sorted(found, key=lambda s: (s.section, s.source))

    def scopes_after(self, subject: str, limit: int) -> list[Scope]:
        cypher = (
            f"MATCH (s:Scope) WHERE s.subject > $subject{present('s', 'source', 'section')} "
            "WITH DISTINCT s.subject AS subject ORDER BY subject LIMIT $limit "
            f"MATCH (s:Scope) WHERE s.subject = subject{present('s', 'source', 'section')} RETURN properties(s)"
        )
        found = [rows.scope(row[0]) for row in self._many(cypher, subject=subject, limit=limit)]
        return sorted(found, key=lambda s: (s.subject, s.section, s.source))

    def scopes_by_number(self, numbers: Collection[int]) -> dict[int, Scope]:
        cypher = "MATCH (s:Scope) WHERE s.number IN $numbers RETURN properties(s)"
        return {row[0]["number"]: rows.scope(row[0]) for row in self._many(cypher, numbers=list(numbers))}

    def scopes_from(self, source: str, subjects: Collection[str] | None = None) -> list[Scope]:
        of = "" if subjects is None else f"s.subject IN $subjects{present('s', 'section')} AND "
        cypher = f"MATCH (s:Scope) WHERE {of}s.source = $source RETURN properties(s)"
        given = None if subjects is None else list(subjects)
        found = [rows.scope(row[0]) for row in self._many(cypher, source=source, subjects=given)]
        return sorted(found, key=lambda s: (s.subject, s.section))

    def claims(self, targets: Collection[str | LinkKey]) -> list[Claim]:
        if not targets:
            return []
        cypher = f"MATCH (c:Claim) WHERE c.target IN $targets{present('c', 'scope')} RETURN properties(c)"
        found = [rows.claim(row[0]) for row in self._many(cypher, targets=list(map(rows.target, targets)))]
        return sorted(found, key=lambda c: (not isinstance(c.target, str), c.target, c.scope))

    def readings(self, subject: str) -> dict[str, dict[str, Any]]:
        cypher = f"MATCH (r:Reading) WHERE r.subject = $subject{present('r', 'section')} RETURN r.section, r.value"
        return {section: json.loads(value) for section, value in sorted(self._many(cypher, subject=subject))}

    def pending(self, nears: Collection[str]) -> list[Pending]:
        return self._pending("p.near IN $nears", nears=list(nears))

    def unseen(self, types: Collection[str], since: int, limit: int) -> list[Pending]:
        cypher = (
            "MATCH (p:Pending) WHERE p.key IS NOT NULL AND p.last_seen < $since AND p.type IN $types "
            "WITH p ORDER BY p.scope, p.type, p.near, p.near_end, p.domain, p.address, p.protocol, p.port LIMIT $limit "
            "RETURN properties(p)"
        )
        found = self._many(cypher, since=since, types=list(types), limit=limit)
        return sorted((rows.pending(row[0]) for row in found), key=lambda p: p.key)

    def _pending(self, condition: str, **parameters: Any) -> list[Pending]:
        found = self._many(f"MATCH (p:Pending) WHERE {condition} RETURN properties(p)", **parameters)
        return sorted((rows.pending(row[0]) for row in found), key=lambda p: p.key)

    # -- entries and documents -----------------------------------------------------------------------------------------

    def entry(self, kind: str, key: str, at: int | None = None) -> Entry | None:
        return next((e for e in self.entry_history(kind, key) if _covers(e, at)), None)

    def unversioned(self, kind: str, key: str) -> dict[str, Any] | None:
        found = self._run("MATCH (n:Note) WHERE n.kind = $kind AND n.key = $key RETURN n.value", kind=kind, key=key)
        return json.loads(found[0][0]) if found else None

    def unversioned_of(self, kind: str, after: str, limit: int) -> list[tuple[str, dict[str, Any]]]:
        cypher = (
            "MATCH (n:Note) WHERE n.kind = $kind AND n.key > $after RETURN n.key, n.value ORDER BY n.key LIMIT $limit"
        )
        return [(row[0], json.loads(row[1])) for row in self._run(cypher, kind=kind, after=after, limit=limit)]

    def entries(self, kind: str, at: int | None = None, keys: Collection[str] | None = None) -> list[Entry]:
        if keys is None:
            found = self._entries(f"e.kind = $kind{present('e', 'key')}", kind=kind)
        else:
            found = self._entries("e.kind = $kind AND e.key IN $keys", kind=kind, keys=list(keys)) if keys else []
        return [e for e in sorted(found, key=lambda e: (e.key, e.since)) if _covers(e, at)]

    def entry_history(self, kind: str, key: str) -> list[Entry]:
        return sorted(self._entries("e.kind = $kind AND e.key = $key", kind=kind, key=key), key=lambda e: e.since)

    def _entries(self, condition: str, **parameters: Any) -> list[Entry]:
        def ask() -> list[Entry]:
            cypher = f"MATCH (e:Entry) WHERE {condition} AND e.since <= $until RETURN properties(e)"
            found = [rows.entry(row[0]) for row in self._run(cypher, until=self._until, **parameters)]
            for one in found:
                if one.until is not None and one.until > self._until:
                    one.until = None
            return found

        return self._steady(ask)

    def documents(self, digests: Collection[str]) -> dict[str, bytes]:
        cypher = "MATCH (d:Document) WHERE d.digest IN $digests RETURN d.digest, d.data"
        return {digest: zlib.decompress(data) for digest, data in self._many(cypher, digests=list(digests))}

    # -- raw batches ---------------------------------------------------------------------------------------------------

    def raws(self, after: int = 0, limit: int = 1000) -> list[Raw]:
        cypher = "MATCH (r:Raw) WHERE r.number > $after RETURN properties(r) ORDER BY r.number LIMIT $limit"
        return [rows.raw(row[0]) for row in self._many(cypher, after=after, limit=limit)]

    def raw_bodies(self, digests: Collection[str]) -> dict[str, bytes]:
        cypher = "MATCH (b:RawBody) WHERE b.digest IN $digests RETURN b.digest, b.data"
        return {digest: bytes(data) for digest, data in self._many(cypher, digests=list(digests))}

    def raw_standing(self) -> RawStanding:
        cypher = (
            "OPTIONAL MATCH (r:Raw) WITH count(r) AS batches, coalesce(sum(r.size_bytes), 0) AS own, min(r.number) AS first "
            "OPTIONAL MATCH (b:RawBody) WITH batches, own, first, coalesce(sum(b.size_bytes), 0) AS bodies "
            "OPTIONAL MATCH (o:Raw {number: first}) RETURN batches, own + bodies, coalesce(o.received_at, 0)"
        )
        return RawStanding(*self._many(cypher)[0])

    def _many(self, cypher: str, **parameters: Any) -> list[list[Any]]:
        return self._steady(lambda: self._run(cypher, **parameters))


def present(of: str, *properties: str) -> str:
    """That these properties are there, as always: an index of several serves only a condition on all of them."""
    return "".join(f" AND {of}.{name} IS NOT NULL" for name in properties)


def _covers(entry: Entry, at: int | None) -> bool:
    return entry.until is None if at is None else entry.since <= at and (entry.until is None or entry.until > at)
