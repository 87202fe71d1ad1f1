"""Retention: the past that is older than an age is freed of its values; off until somebody sets an age.

Versioned entries: kind "retention", key a class or "*" for all others and for relations, {"days"}; kind "horizon", the same
keys, {"revision", "at"}: states that ended by that revision are freed. What is freed keeps its place, times, witness and digest,
so the chain still verifies, and a question as of a time before the horizon is refused. Never touched: what is current,
documents (baselines and pinned reports hold their own values), entries, and what a hold keeps (holds.py).

A run notes the new horizons in the chain first and frees then, page by page, so that one that was cut short goes on with the
next.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cmdb.commit import act
from cmdb.draft import Draft
from cmdb.holds import Held
from cmdb.horizon import ALL, HORIZON
from cmdb.model.classes import CLASSES
from cmdb.model.errors import NotFoundError, UsageError
from cmdb.model.times import SECOND, iso, now
from cmdb.model.values import canonical
from cmdb.ports import Clock, Randomness, Store, Transaction, View
from cmdb.states import Entry, Item, Link, Retirement

KIND = "retention"
DAY = 86_400 * SECOND
MOST_DAYS = 36_500
PAGE = 1_000

Document = dict[str, Any]


def set_age(
    tx: Transaction,
    days: int | None,
    class_name: str | None,
    reason: str,
    actor: str,
    clock: Clock,
    randomness: Randomness,
) -> Document:
    """Set the age in days by which past states are freed, of one class or of all others; None takes it back.

    Raises UsageError for an age or class that is none, NotFoundError where there is nothing to take back.
    """
    key = class_name or ALL
    if class_name is not None and class_name not in CLASSES:
        raise UsageError(f"{class_name!r:.40} is no class; `ci find class:` names those that there are.")
    if not reason.strip():
        raise UsageError("Retention needs a reason; history keeps it.")
    draft, before = Draft(tx), tx.entry(KIND, key)
    if days is None:
        if before is None:
            raise NotFoundError(f"No age is set for {_named(key)}; `retention show` lists those that are.")
        draft.entries_removed.append((before, Retirement(f"{actor}: {reason}", None)))
    else:
        if not 1 <= days <= MOST_DAYS:
            raise UsageError(f"An age is 1 to {MOST_DAYS} days, not {days}.")
        if before is not None and before.value["days"] == days:
            return show(tx)
        draft.entries.append(Entry(KIND, key, {"days": days}, 0, b"", b""))
    act(draft, KIND, actor, reason, clock, randomness)
    return show(tx)


def show(view: View) -> Document:
    """{"ages": [{"class": name | null, "days", "since"}], "horizons": [{"class", "revision", "at"}]}, null for all others."""
    ages = [{"class": _class(e.key), "days": e.value["days"], "since": e.since} for e in view.entries(KIND)]
    horizons = [
        {"class": _class(e.key), "revision": e.value["revision"], "at": e.value["at"]} for e in view.entries(HORIZON)
    ]
    return {"ages": ages, "horizons": horizons}


@dataclass
class Run:
    """One run over a store. With `dry_run` it counts what would be freed, and changes nothing."""

    store: Store
    actor: str
    clock: Clock = now
    randomness: Randomness = secrets.token_bytes
    dry_run: bool = False
    counts: Counter[str] = field(default_factory=Counter)

    def run(self) -> Document:
        """{"states", "links", "bytes", "held", "horizons": {class or "*": revision}, "dry_run"}; bytes are those of values."""
        with self.store.view() as view:
            wanted = self._wanted(view)
        if wanted and self._anything(wanted):
            if not self.dry_run:
                wanted = self._announce(wanted)
            self._items(wanted)
            self._links(wanted)
        counted = {name: self.counts[name] for name in ("states", "links", "bytes", "held")}
        return {**counted, "horizons": wanted if any(counted.values()) else {}, "dry_run": self.dry_run}

    def _wanted(self, view: View) -> dict[str, int]:
        """The horizon of each age by its key, never before the one that was reached already."""
        reached = {e.key: int(e.value["revision"]) for e in view.entries(HORIZON)}
        time = self.clock()
        found = dict(reached)
        for entry in view.entries(KIND):
            number = view.revision_at(time - int(entry.value["days"]) * DAY)
            found[entry.key] = max(number, reached.get(entry.key, 0))
        return {key: number for key, number in found.items() if number}

    def _anything(self, wanted: dict[str, int]) -> bool:
        with self.store.view() as view:
            return bool(view.past_states(_by_class(wanted), ("", 0), 1)) or bool(
                view.past_links(wanted.get(ALL, 0), "", 1)
            )

    def _announce(self, wanted: dict[str, int]) -> dict[str, int]:
        with self.store.transaction() as tx:
            draft = Draft(tx)
            for key, number in sorted(wanted.items()):
                before = tx.entry(HORIZON, key)
                if before is None or before.value["revision"] < number:
                    revision = tx.revision(number)
                    at = iso(revision.committed_at) if revision else ""
                    draft.entries.append(Entry(HORIZON, key, {"revision": number, "at": at}, 0, b"", b""))
            if draft.effective:
                act(draft, KIND, self.actor, "the past is freed by age", self.clock, self.randomness)
        return wanted

    def _items(self, wanted: dict[str, int]) -> None:
        until = _by_class(wanted)
        place = ("", 0)
        while until:
            with self._reading() as (view, tx):
                page = view.past_states(until, place, PAGE)
                held = Held(view).ids(page)
                self._free(tx, [s for s in page if s.id not in held], [])
            if not page:
                return
            place = (page[-1].id, page[-1].until or 0)
            self.counts["held"] += sum(s.id in held for s in page)

    def _links(self, wanted: dict[str, int]) -> None:
        until = wanted.get(ALL, 0)
        place = ""
        while until:
            with self._reading() as (view, tx):
                page = view.past_links(until, place, PAGE)
                held = Held(view).relations(page)
                self._free(tx, [], [k for k in page if (k.key, k.until) not in held])
            if not page:
                return
            place = page[-1].subject
            self.counts["held"] += len(held)

    @contextmanager
    def _reading(self) -> Iterator[tuple[View, Transaction | None]]:
        """What a page is read in: the transaction that frees it, so that no hold is set between the two."""
        if self.dry_run:
            with self.store.view() as view:
                yield view, None
        else:
            with self.store.transaction() as tx:
                yield tx, tx

    def _free(self, tx: Transaction | None, states: Sequence[Item], links: Sequence[Link]) -> None:
        self.counts["states"] += len(states)
        self.counts["links"] += len(links)
        self.counts["bytes"] += sum(map(len, _texts([*states, *links])))
        if tx is not None and (states or links):
            tx.free(states, links)


def _texts(states: Sequence[Item | Link]) -> Iterator[str]:
    for state in states:
        yield canonical(state.attributes)


def _by_class(wanted: dict[str, int]) -> dict[str, int]:
    """The last revision by which states of each class are freed; those of which nothing is are left out."""
    found = {name: wanted.get(name, wanted.get(ALL, 0)) for name in CLASSES}
    return {name: number for name, number in found.items() if number}


def _class(key: str) -> str | None:
    return None if key == ALL else key


def _named(key: str) -> str:
    return "all classes" if key == ALL else key
