"""Raw batches: what came, as it came, for replay under other rules of identification (replay.py) and for who doubts.

Kept is a batch that made a revision, was superseded, quarantined or refused, or is part of a conflict; one that told nothing
new is not. Bodies of sections are kept under their digest, so that the same body is not kept twice. Bounded by age and by
size, the oldest dropped first, and what was dropped is counted (`doctor` tells).
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cmdb.model.batch import Batch, Section
from cmdb.model.times import SECOND
from cmdb.ports import Transaction, View
from cmdb.redacted import subjects
from cmdb.states import Raw

LEVEL = 1
"""Of zlib: the one that costs least."""
DAY = 86_400 * SECOND
BODY = b'{"items":'
"""What the body line of a section begins with, and no other line."""
EVERY_BATCHES = 256
EVERY_BYTES = 32 * 1024 * 1024
"""So much may come before it is looked whether something has to go."""
SHARE = 20
"""One in so many is dropped at a time where there is too much."""

DROPPED = ("raw", "dropped")
"""The note that counts what was dropped: {"batches", "until"}."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is kept at most: `days` of age, `size_bytes` compressed. 0 of either keeps none."""

    days: int = 30
    size_bytes: int = 1024 * 1024 * 1024


class Keeping:
    """Keeps the raw batches of one ingest, within limits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._batches, self._bytes = EVERY_BATCHES, 0

    def keep(
        self,
        tx: Transaction,
        data: bytes,
        batch: Batch,
        actor: str,
        received_at: int,
        receipt: Mapping[str, Any] | None,
    ) -> None:
        """Keep a batch where it is one to keep. `receipt` is None where it was refused as a whole."""
        outcome = outcome_of(receipt)
        if receipt is None and batch.same:
            return  # It asks for the lines, which come next.
        if not outcome or not self._limits.days or not self._limits.size_bytes:
            return
        if receipt is not None and receipt.get("ci") in subjects(tx):
            return  # It may tell again what was erased.
        lines, bodies = split(data, batch.sections)
        packed = zlib.compress(lines, LEVEL)
        kept = {digest: zlib.compress(body, LEVEL) for digest, body in bodies.items()}
        raw = Raw(
            number=0,
            batch=batch.header.id,
            source=batch.header.source,
            route=batch.header.route,
            actor=actor,
            received_at=received_at,
            outcome=outcome,
            revision=receipt["revision"] if receipt else None,
            ci=receipt.get("ci") if receipt else None,
            bodies=sorted(kept),
            data=packed,
        )
        tx.put_raw(raw, kept)
        with self._lock:
            self._batches += 1
            self._bytes += len(packed) + sum(map(len, kept.values()))
            due = self._batches >= EVERY_BATCHES or self._bytes >= EVERY_BYTES
            if due:
                self._batches = self._bytes = 0
        if due:
            trim(tx, self._limits, received_at)


def outcome_of(receipt: Mapping[str, Any] | None) -> str:
    """What became of a batch that is to be kept, empty for one that is not."""
    if receipt is None:
        return "refused"
    if receipt["quarantined"]:
        return "quarantined"
    if receipt["conflicts"]:
        return "conflict"
    if receipt["superseded"]:
        return "superseded"
    if any(line["outcome"] == "refused" for line in receipt["sections"]):
        return "refused"
    return "revision" if receipt["revision"] is not None else ""


def split(data: bytes, sections: list[Section]) -> tuple[bytes, dict[str, bytes]]:
    """A batch without its bodies, and the bodies by digest. In place of a body's line stands its digest."""
    digests = {body: digest for one in sections for digest, body in zip(one.digests, one.bodies) if body is not None}
    lines, bodies = [], {}
    for line in data.split(b"\n"):
        digest = digests.get(line) if line.startswith(BODY) else None
        if digest is None:
            lines.append(line)
        else:
            bodies[digest] = line
            lines.append(digest.encode())
    return b"\n".join(lines), bodies


def lines_of(raw: Raw) -> list[bytes]:
    """The lines of a raw batch, a body's digest in place of its line."""
    return zlib.decompress(raw.data).split(b"\n")


def whole(view: View, raw: Raw) -> bytes:
    """The bytes of a raw batch as they came."""
    bodies = {digest.encode(): zlib.decompress(body) for digest, body in view.raw_bodies(raw.bodies).items()}
    return b"\n".join(bodies.get(line, line) for line in lines_of(raw))


def trim(tx: Transaction, limits: Limits, at_time: int) -> int:
    """Drop the oldest raw batches until the others are within the limits; returns how many."""
    dropped = 0
    while standing := tx.raw_standing():
        old = [r for r in tx.raws(0, 1000) if r.received_at < at_time - limits.days * DAY]
        if not old and standing.size_bytes <= limits.size_bytes:
            break
        gone = old or tx.raws(0, max(1, min(1000, standing.batches // SHARE)))
        tx.drop_raws([r.number for r in gone])
        _count(tx, len(gone), gone[-1].received_at)
        dropped += len(gone)
    return dropped


def _count(tx: Transaction, batches: int, until: int) -> None:
    before = tx.unversioned(*DROPPED) or {"batches": 0, "until": 0}
    tx.put_unversioned(*DROPPED, {"batches": before["batches"] + batches, "until": max(before["until"], until)})
