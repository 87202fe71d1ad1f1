"""Records of sweeps: what was looked at without agents, how each target ended and why (use case).

A record is outside the chain and outside history, so that a sweep which finds nothing new makes no revision. All targets of a
sweep are written down when it begins, each with what is needed to look at it; so a sweep that was ended can go on with those
that have no outcome yet. Bounded: the oldest sweeps are dropped where there are too many, or too many targets.

A sweep is `running` until its collector says `done` or `interrupted`; one whose collector has been silent is shown as `lost`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cmdb import redacted, sweep_traces
from cmdb.model.errors import ConflictError, ForbiddenError, NotFoundError, UsageError
from cmdb.model.times import SECOND, iso
from cmdb.model.values import text
from cmdb.ports import Store, Transaction, View
from cmdb.states import SweepRecord, SweepTarget

Document = dict[str, Any]

KEPT_SWEEPS = 500
KEPT_TARGETS = 1_000_000
"""Of all sweeps that are kept; the newest stays whatever its size."""
MAX_TARGETS = 1_048_576
"""Of one sweep."""
MAX_AT_ONCE = 1_000
"""Targets that are written by one call, or shown on one page."""
DROPPED_AT_ONCE = 10_000
"""Targets that one transaction forgets."""
MAX_OUTCOMES = 100
"""Different outcomes of a sweep's targets whose numbers are kept."""
MAX_VALUE_CHARACTERS = 16_384
"""JSON of what is known of one target, or of a sweep."""
TEXT = 1_000
"""Characters of a reason, remedy or name; a longer one is cut."""
SSH_PORT = 22
SSH = "ssh"
"""Of a target that names none."""
MAX_PORT = 65_535
WORDS = 200
"""Words of the command that are kept."""
LISTED = 100
"""Members of a list (algorithms, sections)."""
SILENT_SECONDS = 300
"""After so long without a word of it, nobody expects a collector to go on."""

STATES = ("running", "done", "interrupted")
WAITING = "waiting"
"""Shown as the outcome of a target that has none."""
KEY_CHANGED = "host_key_changed"

_ID = re.compile(r"[0-9a-f]{16,32}\Z")
_OUTCOME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_TOLD = ("phase", "reason", "remedy", "ssh_version", "host_key")


@dataclass(frozen=True, slots=True)
class Said:
    """What a collector says of a sweep. `words` is what it was asked to look at; no secret is in it. Who may speak for one
    source only is taken as that one, as with batches."""

    source: str
    state: str
    total: int
    words: Sequence[str] = ()
    zone: str = "default"


@dataclass(frozen=True, slots=True)
class Row:
    """What a collector says of one target: `plan` is how to reach it, plain JSON that only collectors get back, None
    where it was said before; `result` is the document of its outcome, None while there is none."""

    number: int
    plan: Mapping[str, Any] | None = None
    result: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Limits:
    """How much is kept."""

    sweeps: int = KEPT_SWEEPS
    targets: int = KEPT_TARGETS


@dataclass(frozen=True, slots=True)
class Teller:
    """Who says it; `source` is the only one that it may speak for, None for any."""

    actor: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A page of a sweep's targets: those of some outcomes, behind a cursor. `plan` has how to reach each with it."""

    outcomes: Collection[str] = field(default_factory=tuple)
    cursor: str | None = None
    limit: int = 100
    plan: bool = False


def put(store: Store, id: str, said: Said, teller: Teller, now: int, limits: Limits | None = None) -> Document:
    """Begin a sweep, say that it goes on, or that it is over; returns it without targets.

    Raises UsageError where something is not as it should be, ConflictError where the id is another source's sweep.
    """
    if not _ID.match(id):
        raise UsageError("The id of a sweep is 16 to 32 hexadecimal digits.")
    if said.state not in STATES:
        raise UsageError(f"{said.state!r:.40} is no state of a sweep: {', '.join(STATES)}.")
    if not 0 <= said.total <= MAX_TARGETS:
        raise UsageError(f"A sweep has at most {MAX_TARGETS} targets.")
    with store.transaction() as tx:
        known = tx.sweep(id)
        source = _cut(teller.source or said.source)
        if known is not None and known.value["source"] != source:
            raise ConflictError(f"{id} is a sweep of another source.")
        value: Document = {
            "source": source,
            "actor": teller.actor if known is None else known.value["actor"],
            "zone": _cut(said.zone),
            "words": [_cut(word) for word in said.words[:WORDS]] if known is None else known.value["words"],
            "state": said.state,
            "updated_at": now,
            "ended_at": None if said.state == "running" else now,
        }
        if len(json.dumps(value)) > MAX_VALUE_CHARACTERS:
            value["words"] = value["words"][:10]
        if known is None:
            value["counts"] = {}
        elif "counts" in known.value:
            value["counts"] = known.value["counts"]
        before = known.targets if known else 0
        # Targets that are written down stay, so a sweep does not shrink; one that grows has to find room as a new one has.
        record = SweepRecord(id, 0, known.started_at if known else now, max(said.total, before), value)
        tx.put_sweep(record)
        told = document(tx, record, now)
    if known is None or record.targets > before:
        trim(store, limits or Limits(), id)
    return told


def put_targets(store: Store, id: str, rows: Sequence[Row], teller: Teller, now: int) -> Document:
    """Write down targets of a sweep, or how they ended; returns the sweep without targets."""
    if len(rows) > MAX_AT_ONCE:
        raise UsageError(f"At most {MAX_AT_ONCE} targets are taken at once.")
    with store.transaction() as tx:
        record = _own(tx, id, teller)
        known = _by_number(tx, id, [row.number for row in rows])
        counts = Counter(_counts(tx, record))
        found: dict[int, SweepTarget] = {}
        withheld = redacted.withheld(tx)
        for row in rows:
            if not 1 <= row.number <= max(record.targets, 1):
                raise UsageError(f"The sweep has {record.targets} targets, and none of number {row.number}.")
            before = found.get(row.number, known.get(row.number))
            plan = row.plan if row.plan is not None else before.value["plan"] if before else None
            if plan is None:
                raise UsageError(f"Nothing was said of target {row.number} yet: say how it is reached.")
            value = {"plan": _plan(plan)}
            if row.result is not None:
                value["result"] = sweep_traces.told(withheld, _result(row.result))
            elif before is not None and "result" in before.value:
                value["result"] = before.value["result"]
            outcome = value.get("result", {}).get("outcome", "")
            if len(json.dumps(value)) > MAX_VALUE_CHARACTERS:
                raise UsageError(f"What is said of target {row.number} is too long.")
            counts[outcome] += 1
            if before is not None:
                counts[before.outcome] -= 1
            found[row.number] = SweepTarget(id, row.number, outcome, value)
        tx.put_sweep_targets(list(found.values()))
        record.value["updated_at"] = now
        kept = {name: count for name, count in sorted(counts.items()) if name and count > 0}
        record.value["counts"] = kept if len(kept) <= MAX_OUTCOMES else None
        tx.put_sweep(record)
        return document(tx, record, now)


def listed(view: View, now: int, cursor: str | None = None, limit: int = 100) -> Document:
    """A page of all sweeps, newest first, without targets."""
    found = view.sweeps(_place(cursor), limit + 1)
    more = str(found[limit - 1].number) if len(found) > limit else None
    head = view.head()
    return {
        "items": [document(view, record, now) for record in found[:limit]],
        "total": view.sweep_standing().sweeps,
        "next": more,
        "revision": head.number,
        "as_of": iso(head.committed_at) if head.number else None,
    }


def show(view: View, id: str, now: int, asked: Asked, teller: Teller) -> Document:
    """A sweep with a page of its targets. Raises NotFoundError, ForbiddenError where the teller is bound to another source."""
    record = view.sweep(id)
    if record is None:
        raise NotFoundError(f"There is no sweep {id!r:.60}; `surveymark sweep list` names those that are kept.")
    _speaks_for(record, teller)
    wanted = ["" if name == WAITING else name for name in asked.outcomes] or None
    found = view.sweep_targets(id, _place(asked.cursor) or 0, asked.limit + 1, wanted)
    more = str(found[asked.limit - 1].number) if len(found) > asked.limit else None
    made = document(view, record, now)
    return {
        "sweep": made.pop("sweep"),
        "targets": [_target(one, asked.plan) for one in found[: asked.limit]],
        "counts": made.pop("counts"),
        **made,
        "events": [_event(one) for one in view.sweep_targets(id, 0, LISTED, [KEY_CHANGED])],
        "next": more,
    }


def document(view: View, record: SweepRecord, now: int) -> Document:
    """A sweep without its targets: {"sweep", "state", "source", "actor", "zone", "words", "started_at", "updated_at",
    "ended_at", "total", "counts", "waiting"}."""
    counts = _counts(view, record)
    value, state = record.value, record.value["state"]
    if state == "running" and now - value["updated_at"] > SILENT_SECONDS * SECOND:
        state = "lost"
    return {
        "sweep": record.id,
        "state": state,
        "source": value["source"],
        "actor": value["actor"],
        "zone": value["zone"],
        "words": value["words"],
        "started_at": iso(record.started_at),
        "updated_at": iso(value["updated_at"]),
        "ended_at": None if value["ended_at"] is None else iso(value["ended_at"]),
        "total": record.targets,
        "counts": counts,
        "waiting": record.targets - sum(counts.values()),
    }


def _counts(view: View, record: SweepRecord) -> dict[str, int]:
    """How many targets have each outcome. Kept with the sweep, since counting them takes as long as there are targets; they
    are counted where it is of a version that kept nothing, or has too many outcomes."""
    kept: dict[str, int] | None = record.value.get("counts")
    if kept is not None:
        return dict(kept)
    return {name: count for name, count in view.sweep_counts(record.id).items() if name}


def trim(store: Store, limits: Limits, but: str) -> int:
    """Drop the oldest sweeps, but the one that is named, until the others are within the limits; returns how many. In
    transactions of a bounded size: one that is broken off is gone on with by the next sweep."""
    with store.view() as view:
        gone = _superfluous(view, limits, but)
    for id_ in gone:
        done = False
        while not done:
            with store.transaction() as tx:
                done = tx.drop_sweep(id_, DROPPED_AT_ONCE)
    return len(gone)


def _superfluous(view: View, limits: Limits, but: str) -> list[str]:
    """Ids of the oldest sweeps that are beyond the limits."""
    standing = view.sweep_standing()
    sweeps, targets = standing.sweeps, standing.targets
    every: list[SweepRecord] = []
    before = None
    while (sweeps > limits.sweeps or targets > limits.targets) and (page := view.sweeps(before, MAX_AT_ONCE)):
        every += page
        before = page[-1].number
    gone = []
    for record in reversed(every):
        if sweeps <= limits.sweeps and targets <= limits.targets:
            break
        if record.id != but:
            gone.append(record.id)
            sweeps, targets = sweeps - 1, targets - record.targets
    return gone


def _own(tx: Transaction, id: str, teller: Teller) -> SweepRecord:
    record = tx.sweep(id)
    if record is None:
        raise NotFoundError(f"There is no sweep {id!r:.60}: it has to be begun first.")
    _speaks_for(record, teller)
    return record


def _speaks_for(record: SweepRecord, teller: Teller) -> None:
    if teller.source is not None and record.value["source"] != teller.source:
        raise ForbiddenError(
            f"{teller.actor} reports as {teller.source} only; the sweep is of {record.value['source']}."
        )


def _by_number(view: View, id: str, numbers: Sequence[int]) -> dict[int, SweepTarget]:
    """Those that are there already. Results come nearly in order, so they lie close together."""
    if not numbers:
        return {}
    found: dict[int, SweepTarget] = {}
    wanted, after = set(numbers), min(numbers) - 1
    while page := view.sweep_targets(id, after, MAX_AT_ONCE):
        found |= {one.number: one for one in page if one.number in wanted}
        after = page[-1].number
        if after >= max(numbers):
            break
    return found


def _result(said: Mapping[str, Any]) -> Document:
    """What is kept of an outcome; what hosts wrote into it is cut to a size and made fit to be kept."""
    outcome = str(said.get("outcome", ""))
    if not _OUTCOME.match(outcome) or outcome == WAITING:
        raise UsageError(f"{outcome!r:.60} is no outcome of a target: write it as in host_key_changed.")
    ci = said.get("ci")
    return {
        "outcome": outcome,
        **{name: _cut(str(said.get(name, ""))) for name in _TOLD},
        "ci": None if ci is None else _cut(str(ci)),
        "seconds": min(max(round(float(said.get("seconds", 0)), 3), 0.0), 1e9),
        "weak": [_cut(str(word)) for word in list(said.get("weak", ()))[:LISTED]],
        "sections_failed": [_cut(str(word)) for word in list(said.get("sections_failed", ()))[:LISTED]],
        **{name: min(max(int(said.get(name, 0)), 0), 2**53 - 1) for name in ("items", "conflicts")},
    }


def _plan(said: Mapping[str, Any]) -> Document:
    """How a target is reached; what all readers are shown of it is what it should be."""
    found: Document = _plain(dict(said))
    port = found.get("port", SSH_PORT)
    if type(port) is not int or not 1 <= port <= MAX_PORT:
        raise UsageError(f"{port!r:.60} is no port of a target: a number from 1 to {MAX_PORT} is.")
    for name in ("name", "address", "zone", "protocol"):
        if not isinstance(found.get(name, ""), str):
            raise UsageError(f"{found[name]!r:.60} is no {name} of a target: a text is.")
    return found


def _plain(said: Any, depth: int = 4) -> Any:
    """Plain JSON of what a collector says, its texts fit to be kept."""
    if isinstance(said, str):
        return text(said)
    if isinstance(said, Mapping) and depth:
        return {text(str(name)): _plain(value, depth - 1) for name, value in said.items()}
    if isinstance(said, (list, tuple)) and depth:
        return [_plain(value, depth - 1) for value in said]
    if said is None or isinstance(said, (bool, int)):
        return said
    raise UsageError("How a target is reached is told by texts, numbers and lists of them.")


def _target(one: SweepTarget, plan: bool) -> Document:
    reached = one.value["plan"]
    found = {
        "target": _cut(reached.get("name", "")),
        "outcome": WAITING,
        **dict.fromkeys(_TOLD, ""),
        "ci": None,
        "seconds": 0.0,
        "weak": [],
        "sections_failed": [],
        "items": 0,
        "conflicts": 0,
        **one.value.get("result", {}),
        "number": one.number,
        "address": _cut(reached.get("address", "")),
        "port": reached.get("port", SSH_PORT),
        "zone": _cut(reached.get("zone", "default")),
        "protocol": _cut(reached.get("protocol", SSH)),
    }
    return {**found, "plan": reached} if plan else found


def _event(one: SweepTarget) -> Document:
    found = _target(one, False)
    return {"kind": KEY_CHANGED, **{name: found[name] for name in ("number", "target", "address", "reason", "remedy")}}


def _place(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not re.fullmatch(r"[0-9]{1,15}", cursor):
        raise UsageError("That is no cursor of this list; send `next` of the page before, as it is.")
    return int(cursor)


def _cut(word: str) -> str:
    kept = text(word)
    return kept if len(kept) <= TEXT else kept[: TEXT - 1] + "…"
