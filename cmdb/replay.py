"""What other rules of identification would make of what came in: raw batches, identified again; nothing is changed.

The subjects of the raw batches that are kept are identified twice from nothing, by the rules of today and by the others, in
the order in which they came. What differs between the two is what the rules change. Where the first of them does not lead to
the CIs of the store, what is kept does not tell enough (it began before, or depends on people's decisions or on batches that
told nothing new and are not kept): that is said, and nothing is concluded for these CIs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from cmdb import aliases
from cmdb.identify import Identified
from cmdb.model.batch import decode
from cmdb.model.classes import CLASSES
from cmdb.model.errors import InvalidDocument
from cmdb.model.times import iso
from cmdb.ports import Store, Transaction, View
from cmdb.raw import lines_of
from cmdb.rules import SCHEMES, TODAY, Rules
from cmdb.states import Raw
from cmdb.taking import Sender, Taking

PAGE = 200
"""Raw batches that are read, and identified in one transaction, at a time."""
LISTED = 100
"""CIs that are named of those about which nothing is concluded."""

Document = dict[str, Any]
Empty = Callable[[], AbstractContextManager[Store]]
"""An empty store for the length of the block."""


@dataclass(slots=True)
class _Run:
    """What one set of rules makes of the raw batches, by their number."""

    placed: dict[int, str] = field(default_factory=dict)
    """The CI that the subject became."""
    by: dict[int, str] = field(default_factory=dict)
    """The identifier by which it was found."""
    refused: dict[int, str] = field(default_factory=dict)
    """Why it could not land."""


def replay(view: View, rules: Rules, empty: Empty, dropped: Mapping[str, int] | None = None) -> Document:
    """What these rules would change. `dropped` is what was dropped of raw batches (raw.DROPPED).

    {"raw": {"batches", "subjects", "skipped", "from", "until", "dropped", "dropped_until"},
     "merges": [{"cis": [{"id", "class", "name"}], "identifiers": [..]}], "splits": [{"ci", "parts": [{"sources", "batches"}],
     "identifiers"}], "quarantined": [{"source", "batch", "ci", "reason"}], "landed": [{"source", "batch", "ci": may be null,
     "reason": why not today}], "untold": {"contradicting": [ci..], "partly": count, "without": [ci..], "without_count"}}
    """
    kept = list(_subjects(view))
    with empty() as store:
        before = _run(view, store, TODAY)
    with empty() as store:
        after = _run(view, store, rules)
    return _Comparison(view, kept, before, after).document(dropped or {"batches": 0, "until": 0})


def _subjects(view: View) -> Iterator[tuple[int, str, str, str | None]]:
    """(number, source, batch, CI of today) of the raw batches whose subjects are identified by marks."""
    for raw in _raws(view):
        yield raw.number, raw.source, raw.batch, raw.ci


def _raws(view: View) -> Iterator[Raw]:
    after = 0
    while page := view.raws(after, PAGE):
        yield from page
        after = page[-1].number


def _run(view: View, store: Store, rules: Rules) -> _Run:
    done, after = _Run(), 0
    while page := view.raws(after, PAGE):
        after = page[-1].number
        with store.transaction() as tx:
            for raw in page:
                _take(tx, raw, rules, store.genesis(), done)
    with store.view() as made:
        onward = aliases.resolved(made, set(done.placed.values()))
    done.placed = {number: onward.get(id_, id_) for number, id_ in done.placed.items()}
    return done


def _take(tx: Transaction, raw: Raw, rules: Rules, genesis: str, done: _Run) -> None:
    """Identify the subject of one raw batch. One that was refused as a whole is left out: it counted for nothing."""
    if raw.outcome == "refused" and raw.ci is None:
        return
    batch = decode(lines_of(raw)[0] + b"\n")
    if batch.header.subject_class not in SCHEMES:
        return
    sender = Sender(raw.actor, raw.source, raw.route)
    batch.header = replace(batch.header, source=raw.source, route=raw.route)
    taking = _Noting(tx, batch, sender, raw.received_at, bytes, genesis, rules)
    try:
        receipt = taking.run()
    except InvalidDocument:
        return
    found = taking.found
    if receipt["quarantined"]:
        done.refused[raw.number] = receipt["quarantined"][0]["reason"]
    elif found is not None and (id_ := receipt.get("ci") or found.id):
        done.placed[raw.number] = str(id_)
        done.by[raw.number] = found.matched_by


class _Noting(Taking):
    """Notes what identification said."""

    found: Identified | None = None

    def _identify(self) -> Identified:
        self.found = super()._identify()
        return self.found


class _Comparison:
    """What two runs made of the same raw batches. `kept` are (number, source, batch, CI of today)."""

    def __init__(self, view: View, kept: list[tuple[int, str, str, str | None]], before: _Run, after: _Run) -> None:
        self._view = view
        self._kept = {number: (source, batch) for number, source, batch, _ in kept}
        self._before = before
        self._after = after
        onward = aliases.resolved(view, {ci for _, _, _, ci in kept if ci})
        self._today = {number: onward.get(ci, ci) for number, _, _, ci in kept if ci}
        self._blocks = _blocks(before.placed)
        self._cis = {
            block: sorted({self._today[n] for n in of if n in self._today}) for block, of in self._blocks.items()
        }
        self._untold = self._contradicting()

    def document(self, dropped: Mapping[str, int]) -> Document:
        numbers = sorted({*self._before.placed, *self._before.refused})
        standing = self._view.raw_standing()
        newest = self._view.raws(max(self._kept) - 1, 1) if self._kept else []
        return {
            "raw": {
                "batches": standing.batches,
                "subjects": len(numbers),
                "skipped": len(self._kept) - len(numbers),
                "from": iso(standing.oldest) if standing else None,
                "until": iso(newest[0].received_at) if newest else None,
                "dropped": dropped["batches"],
                "dropped_until": iso(dropped["until"]) if dropped["batches"] else None,
            },
            "merges": self._merges(),
            "splits": self._splits(),
            "quarantined": self._quarantined(),
            "landed": self._landed(),
            "untold": self._what_is_untold(),
        }

    def _merges(self) -> list[Document]:
        found = []
        for numbers in _blocks(self._after.placed).values():
            joined = list(dict.fromkeys(self._before.placed[n] for n in numbers if n in self._before.placed))
            if len(joined) > 1 and not self._untold.intersection(joined):
                ids = sorted({ci for block in joined for ci in self._cis[block]})
                by = _at_seams(numbers, self._before.placed, self._after.by)
                found.append({"cis": self._named(ids), "identifiers": by})
        return sorted(found, key=lambda one: [ci["id"] for ci in one["cis"]])

    def _splits(self) -> list[Document]:
        found = []
        for block, numbers in self._blocks.items():
            parts: dict[str, list[int]] = {}
            for number in numbers:
                if number in self._after.placed:
                    parts.setdefault(self._after.placed[number], []).append(number)
            if len(parts) > 1 and block not in self._untold:
                by = _at_seams(numbers, self._after.placed, self._before.by)
                told = [
                    {"sources": sorted({self._kept[n][0] for n in of}), "batches": len(of)} for of in parts.values()
                ]
                found.append({"ci": self._one(self._cis[block]), "parts": told, "identifiers": by})
        return sorted(found, key=lambda one: str(one["ci"]))

    def _quarantined(self) -> list[Document]:
        """Subjects that land today and would not; of each source and CI the last."""
        found: dict[tuple[str, str], Document] = {}
        for number, reason in self._after.refused.items():
            block = self._before.placed.get(number)
            if block is not None and block not in self._untold:
                source, batch = self._kept[number]
                ci = self._one(self._cis[block])
                found[source, block] = {"source": source, "batch": batch, "ci": ci, "reason": reason}
        return list(found.values())

    def _landed(self) -> list[Document]:
        """Subjects in quarantine that would land; of each source and CI the last."""
        found: dict[tuple[str, str], Document] = {}
        blocks = _blocks(self._after.placed)
        for number, reason in self._before.refused.items():
            block = self._after.placed.get(number)
            if block is not None:
                source, batch = self._kept[number]
                ids = sorted({self._today[n] for n in blocks[block] if n in self._today})
                found[source, block] = {"source": source, "batch": batch, "ci": self._one(ids), "reason": reason}
        return list(found.values())

    def _contradicting(self) -> set[str]:
        """Blocks of the run under today's rules that are not the CIs of today."""
        of_ci: dict[str, set[str]] = {}
        for block, ids in self._cis.items():
            for id_ in ids:
                of_ci.setdefault(id_, set()).add(block)
        several = {block for block, ids in self._cis.items() if len(ids) > 1}
        return several | {block for blocks in of_ci.values() if len(blocks) > 1 for block in blocks}

    def _what_is_untold(self) -> Document:
        known = set(self._today.values())
        batches = {batch for _, batch in self._kept.values()}
        without, partly = [], 0
        for item in self._view.scan([name for name in SCHEMES if name in CLASSES]):
            if item.id not in known:
                without.append(item.id)
            else:
                began = self._view.revision(item.born)
                partly += began is None or began.batch not in batches
        wrong = sorted({ci for block in self._untold for ci in self._cis[block]})
        return {
            "contradicting": self._named(wrong[:LISTED]),
            "contradicting_count": len(wrong),
            "partly": partly,
            "without": self._named(sorted(without)[:LISTED]),
            "without_count": len(without),
        }

    def _named(self, ids: Iterable[str]) -> list[Document]:
        wanted = list(ids)
        states = self._view.last_states(wanted)
        return [{"id": i, "class": states[i].class_name, "name": states[i].name} for i in wanted if i in states]

    def _one(self, ids: list[str]) -> Document | None:
        named = self._named(ids[:1])
        return named[0] if named else None


def _blocks(placed: Mapping[int, str]) -> dict[str, list[int]]:
    """Numbers by CI, in the order in which they came."""
    found: dict[str, list[int]] = {}
    for number in sorted(placed):
        found.setdefault(placed[number], []).append(number)
    return found


def _at_seams(numbers: Iterable[int], other: Mapping[int, str], by: Mapping[int, str]) -> list[str]:
    """The identifiers by which the first batch of each further CI of the other run was found."""
    seen: set[str] = set()
    found = []
    for number in numbers:
        apart = other.get(number)
        if apart is not None and apart not in seen:
            if seen and by.get(number):
                found.append(by[number])
            seen.add(apart)
    return sorted(set(found))
