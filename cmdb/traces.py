"""Where, beside the states of its CI, a value was told that is to be erased: by relations, readings, conflicts, receipts,
reasons of sections that were not collected, and what a restoration or a split would bring back (asides.py).

What counts is what is told of the same machine or device: of the CI, its whole, and that one's parts. There an attribute of a
relation or a reading is taken away where it has the attribute's own name and value, or a text that holds the value and the value
has LONG characters at least; a short one ("12", "debian") stands in other texts by chance. In words (the reason of a conflict or
of a section, a line of a receipt) the mark takes its place, also where the words were cut short or escaped; from SHORT characters
on, where it is a word of its own. Numbers are looked for under the attribute's own name only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cmdb import aliases, asides, conflicts, merging
from cmdb.draft import Draft
from cmdb.model.errors import ConflictError
from cmdb.model.values import Value
from cmdb.ports import Transaction, View
from cmdb.redacted import MARK, without
from cmdb.states import Claim, Entry, Item, Link

LONG = 8
SHORT = 3
CUT = 16
"""So many of its first characters tell a value that was cut short."""
PAGE = 1000
UNNAMED = ("bridge", "quarantine")
"""Kinds of conflicts of subjects that are no CI yet."""
WORDS = frozenset({"reason", "text", "title", "path", "identifiers", "conflicts"})
"""Members of conflicts and receipts that hold words of sources, or of us about them; all else is from closed sets, ids, names."""


@dataclass(slots=True)
class Traces:
    """What was found, and how it is without the value. `links` and `entries` are states of the past, or of which a new one is in
    the draft; `relations` are (id of the CI, type, attribute), `readings` (class, key, reading) and `reasons` (subject,
    section) to be withheld."""

    links: list[Link] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    receipts: dict[int, dict[str, Any]] = field(default_factory=dict)
    relations: list[list[str]] = field(default_factory=list)
    readings: list[list[str]] = field(default_factory=list)
    reasons: list[list[str]] = field(default_factory=list)
    notes: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    """What is kept outside the chain, by kind and key."""


class Told:
    """The values of an attribute, and what tells them."""

    def __init__(self, name: str, values: Sequence[Value]) -> None:
        self.name = name
        self.values = list(values)
        texts = {each for v in values for each in (v if isinstance(v, list) else [v]) if isinstance(each, str)}
        self._texts = sorted((t for t in texts if len(t) >= SHORT), key=lambda t: (-len(t), t))
        self._long = [t for t in self._texts if len(t) >= LONG]

    def by(self, name: str, value: Any) -> bool:
        """True where an attribute or reading of this name and value tells one."""
        if name == self.name and value in self.values:
            return True
        texts = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        return any(long in text for text in texts if isinstance(text, str) for long in self._long)

    def names(self, attributes: dict[str, Any]) -> frozenset[str]:
        """Names of the attributes that tell one."""
        return frozenset(name for name, value in attributes.items() if self.by(name, value))

    def blotted(self, text: str) -> str:
        """Words with the mark in the place of each value."""
        for value in self._texts:
            for form in dict.fromkeys((value, json.dumps(value)[1:-1], repr(value)[1:-1])):
                text = _blotted(text, form) if len(value) >= LONG else _words_blotted(text, form)
        return text


def find(draft: Draft, states: Sequence[Item], told: Told, gone: frozenset[str]) -> Traces:
    """Find the traces of a CI's values; current relations, references, claims and readings without them go into the draft.

    `states` is the CI's history, `gone` are the retired parts of its whole. Raises ConflictError where the value identifies a
    subject that is in conflict with the CI.
    """
    tx, last = draft.tx, states[-1]
    subject = last.parent or last.id
    found = Traces()
    _readings(draft, subject, last, told, found)
    wholes = aliases.sides(tx, subject)
    family_ = family(tx, wholes, gone)
    _links(draft, family_, told, found)
    _reasons(draft, wholes, told, found)
    found.notes = asides.without(tx, last.id, told.name, family_, told.names)
    sources = {scope.source for scope in tx.scopes(subject)}
    _conflicts(draft, {*wholes, last.id}, sources, told, found)
    for number, receipt in receipts(tx, sorted({*wholes, *sources})):
        if receipt.get("ci") in family_ or (not receipt.get("ci") and receipt.get("source") in sources):
            clean = _clean(receipt, told)
            if clean != receipt:
                found.receipts[number] = clean
    return found


def receipts(tx: Transaction, holding: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Receipts that name one of these CIs or sources, by revision. To read all of a large estate takes longer than others
    wait to write."""
    number = 0
    while page := tx.receipts(number, PAGE, holding):
        yield from page
        number = page[-1][0]


def tellers(tx: Transaction, withheld: Iterable[Sequence[str]]) -> set[int]:
    """Numbers of the sections that tell relations and references of which attributes are withheld (id of the CI, type,
    attribute), whoever's they are."""
    places = {(end, type_name) for end, type_name, _ in withheld}
    ends = sorted({end for end, _ in places})
    links = [k for k in tx.links(ends) if places & {(k.subject, k.type), (k.object, k.type)}] if ends else []
    claims = tx.claims([k.key for k in links]) if links else []
    rows = [p for p in tx.pending(ends) if (p.near, p.type) in places] if ends else []
    numbers = {k.scope for k in links} | {c.scope for c in claims} | {p.scope for p in rows}
    return {n for n in numbers if n is not None}


def family(view: View, wholes: Collection[str], gone: Collection[str]) -> set[str]:
    """A whole, also as what it was before a merge, and all parts that it has or had: `gone` are those that are retired."""
    return {*wholes, *gone, *(part.id for whole in wholes for part in view.parts(whole))}


def telling_links(view: View, family: Collection[str], told: Told) -> Iterator[tuple[Link, frozenset[str]]]:
    """States of relations of these CIs that tell a value, with the names of the attributes that do."""
    seen: set[tuple[str, str, str, int]] = set()
    for id_ in sorted(family):
        for state in view.link_history(id_):
            place = (*state.key, state.until or 0)
            names = told.names(dict(state.attributes)) if place not in seen else frozenset()
            seen.add(place)
            if names:
                yield state, names


def own_readings(tx: View, item: Item, name: str) -> list[Value]:
    """Values of a CI's readings of this name."""
    rows = (row for section in tx.readings(item.parent or item.id).values() for row in section.get("items", ()))
    return [row["readings"][name] for row in rows if _is_of(row, item) and name in row["readings"]]


def _is_of(row: dict[str, Any], item: Item) -> bool:
    return row.get("class") == item.class_name and row.get("key", "") == (item.key if item.parent else "")


def _readings(draft: Draft, subject: str, item: Item, told: Told, found: Traces) -> None:
    for section, value in draft.tx.readings(subject).items():
        rows, changed = [], False
        for row in value.get("items", ()):
            names = {name for name, read in row["readings"].items() if told.by(name, read)}
            if told.name in row["readings"] and _is_of(row, item):
                names.add(told.name)
            found.readings += [[row["class"], row["key"], name] for name in sorted(names)]
            rows.append({**row, "readings": {n: v for n, v in row["readings"].items() if n not in names}})
            changed = changed or bool(names)
        if changed:
            draft.readings.append((subject, section, {**value, "items": rows}))


def _links(draft: Draft, family: set[str], told: Told, found: Traces) -> None:
    tx = draft.tx
    withheld: set[tuple[str, str, str]] = set()
    for state, names in telling_links(tx, family, told):
        withheld |= {(end, state.type, name) for end in {state.subject, state.object} & family for name in names}
        left = replace(state, attributes=without(state.attributes, names))
        found.links.append(left)
        if state.until is None:
            draft.links_updated[state.key] = (state, left)
    for claim in tx.claims(sorted({link.key for link in found.links})):
        names = told.names(dict(claim.attributes))
        if names:
            draft.claims.append(Claim(claim.scope, claim.target, without(claim.attributes, names)))
    for row in tx.pending(sorted(family)):
        names = told.names(dict(row.attributes))
        if names:
            withheld |= {(row.near, row.type, name) for name in names}
            new = replace(row, attributes=without(row.attributes, names))
            draft.pending[new.key] = new
    found.relations = [list(one) for one in sorted(withheld)]


def _reasons(draft: Draft, wholes: set[str], told: Told, found: Traces) -> None:
    """Why sections were not collected: what stands now, what stands for the time before a merge, and all of the past."""
    tx = draft.tx
    withheld: set[tuple[str, str]] = set()
    for whole in sorted(wholes):
        for subject in (whole, merging.parked_at(whole)):
            for scope in tx.scopes(subject):
                if (clean := told.blotted(scope.reason)) != scope.reason:
                    withheld.add((whole, scope.section))
                    draft.scopes.append(replace(scope, reason=clean))
            for row in tx.coverage_history(subject):
                if (clean := told.blotted(row.reason)) != row.reason:
                    withheld.add((whole, row.section))
                    draft.coverage.append(replace(row, reason=clean))
    found.reasons = [list(one) for one in sorted(withheld)]


def _conflicts(draft: Draft, ids: set[str], sources: set[str], told: Told, found: Traces) -> None:
    tx = draft.tx
    for entry in tx.entries(conflicts.KIND):
        named = bool(ids & set(entry.value["cis"]))
        if not named and not (entry.value["kind"] in UNNAMED and entry.value["source"] in sources):
            continue
        if named and any(told.blotted(i.partition(" ")[2]) != i.partition(" ")[2] for i in entry.value["identifiers"]):
            raise ConflictError(
                f"{told.name!r:.80} is what conflict {entry.key} is about: it tells CIs apart, and can not be erased."
            )
        for state in tx.entry_history(entry.kind, entry.key):
            clean = _clean(state.value, told)
            if clean == state.value:
                continue
            found.entries.append(replace(state, value=clean))
            if state.until is None:
                draft.entries.append(replace(state, value=clean))


def _clean(value: Any, told: Told, words: bool = False) -> Any:
    """The same with the mark for each value in words."""
    if isinstance(value, str):
        return told.blotted(value) if words else value
    if isinstance(value, list):
        return [_clean(each, told, words) for each in value]
    if isinstance(value, dict):
        return {name: _clean(each, told, words or name in WORDS) for name, each in value.items()}
    return value


def _blotted(text: str, form: str) -> str:
    """The mark in the place of a long value, and of as much of its beginning as stands there, from CUT characters on."""
    start, made = 0, []
    opening = form[:CUT]
    while (place := text.find(opening, start)) >= 0:
        end = place + len(opening)
        while end - place < len(form) and end < len(text) and text[end] == form[end - place]:
            end += 1
        made += [text[start:place], MARK]
        start = end
    return "".join([*made, text[start:]])


def _words_blotted(text: str, form: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", MARK, text)
