"""What was erased of CIs: which attributes are withheld, and which states may differ from their digest because of it.

A redaction is a versioned entry of kind "redaction", key "ID ATTRIBUTE": {"ci", "subject", "attribute", "reason", "by",
"lifted", "states": {digest: seal}, "documents": {address: SHA-256}, "relations": [[CI, type, attribute]], "readings": [[class,
key, reading]], "reasons": [[subject, section]], "ends": [[subject, member]]}. `states` has, by the digest of a state (of a CI, a
relation or an entry) as it was written, the seal of what is left of it under its new salt; `documents` the SHA-256 of a document
without the value by its address; `relations`, `readings` and `reasons` (of sections that were not collected) what told the value
too (traces.py), `ends` what ends of swept targets did (sweep_traces.py). The entry stays when it is lifted, so that what was
erased before still verifies.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from cmdb import aliases
from cmdb.model.times import iso
from cmdb.model.values import Value
from cmdb.ports import View
from cmdb.states import Entry, Item

_Key = TypeVar("_Key")
_One = TypeVar("_One")

KIND = "redaction"
MARK = "[redacted]"
"""What stands in the place of a value that was erased."""

Seals = Mapping[str, frozenset[str]]
"""Seals that stand for a digest, both hexadecimal."""


def key_of(ci: str, attribute: str) -> str:
    return f"{ci} {attribute}"


def of_ci(view: View, ci: str, at: int | None = None) -> list[Entry]:
    """Redactions of a CI that are in force, by attribute."""
    return [e for e in view.entries(KIND, at) if e.value["ci"] == ci and not e.value["lifted"]]


def told_on(view: View, entries: Iterable[Entry], state: Item, at: int | None) -> dict[str, dict[str, Any]]:
    """By attribute, the redactions that a CI's state, shown as of `at`, is to be read with: {"reason", "revision", "by", "at"} of
    the newest, and "lifted" with a revision where that was done since.

    Those are the ones in force then, and those that took a value from this very state, whenever that was: the past has lost it
    as of all revisions. `entries` are all redactions.
    """
    found: dict[str, dict[str, Any]] = {}
    for entry in entries:
        if entry.value["ci"] != state.id:
            continue
        states = view.entry_history(KIND, entry.key)
        then = [e for e in states if at is None or e.since <= at]
        took = state.digest.hex() in entry.value["states"]
        if not took and (not then or then[-1].value["lifted"]):
            continue
        done = next(e for e in reversed(states) if not e.value["lifted"])
        revision = view.revision(done.since)
        told = {"reason": done.value["reason"], "revision": done.since, "by": done.value["by"]}
        told["at"] = iso(revision.committed_at) if revision else None
        if entry.value["lifted"]:
            told["lifted"] = entry.since
        found[str(entry.value["attribute"])] = told
    return found


def told_of(view: View, ci: str, at: int | None = None) -> list[tuple[int, str, None, str, Value, Value]]:
    """What history tells of a CI's redactions, lifted ones too: (revision, what, no relation, attribute, before, after)."""
    attributes = [str(e.value["attribute"]) for e in view.entries(KIND) if e.value["ci"] == ci]
    return [
        (state.since, "redaction lifted" if state.value["lifted"] else "redacted", None, attribute, MARK, MARK)
        for attribute in attributes
        for state in view.entry_history(KIND, key_of(ci, attribute))
        if at is None or state.since <= at
    ]


def seals(view: View) -> Seals:
    """What may stand in the place of a state's digest; several where more than one attribute was erased of it."""
    found: dict[str, frozenset[str]] = {}
    for entry in view.entries(KIND):
        for digest, seal in {**entry.value["states"], **entry.value["documents"]}.items():
            found[digest] = found.get(digest, frozenset()) | {seal}
    return found


@dataclass(frozen=True, slots=True)
class Withheld:
    """What may not be written: attributes of CIs by id, attributes of relations by type for each end, readings by subject, and
    by subject the sections whose reason for not being collected is not told, and members of the ends of swept targets."""

    attributes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    relations: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    readings: Mapping[str, frozenset[tuple[str, str, str]]] = field(default_factory=dict)
    reasons: Mapping[str, frozenset[str]] = field(default_factory=dict)
    ends: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.attributes)

    def of_relation(self, type_name: str, *ends: str) -> frozenset[str]:
        """Attributes that a relation between these may not have."""
        found = [self.relations.get((end, type_name), frozenset()) for end in ends] if self.relations else []
        return frozenset().union(*found)

    def without_readings(self, subject: str, value: dict[str, Any]) -> dict[str, Any]:
        """The readings of one of a subject's sections, less those that are withheld."""
        gone = self.readings.get(subject, frozenset())
        if not gone:
            return value
        rows = []
        for row in value["items"]:
            left = {n: v for n, v in row["readings"].items() if (row["class"], row["key"], n) not in gone}
            rows.append({**row, "readings": left})
        return {**value, "items": rows}


def withheld(view: View) -> Withheld:
    """What is withheld now, of CIs that were merged by the id of the CI that they are a part of, too."""
    attributes: dict[str, frozenset[str]] = {}
    relations: dict[tuple[str, str], frozenset[str]] = {}
    readings: dict[str, frozenset[tuple[str, str, str]]] = {}
    reasons: dict[str, frozenset[str]] = {}
    ends: dict[str, frozenset[str]] = {}
    for entry in view.entries(KIND):
        if entry.value["lifted"]:
            continue
        ci, subject = str(entry.value["ci"]), str(entry.value["subject"])
        _add(attributes, ci, [str(entry.value["attribute"])])
        for end, type_name, name in entry.value.get("relations", ()):
            _add(relations, (end, type_name), [name])
        if told := entry.value.get("readings"):
            _add(readings, subject, [(c, k, n) for c, k, n in told])
        for of, section in entry.value.get("reasons", ()):
            _add(reasons, of, [section])
        for of, member in entry.value.get("ends", ()):
            _add(ends, of, [member])
    if attributes:
        ids = {*attributes, *readings, *reasons, *ends, *(end for end, _ in relations)}
        for old, now in aliases.resolved(view, ids).items():
            for by_id in (attributes, reasons, ends):
                _add(by_id, now, by_id.get(old, ()))
            _add(readings, now, readings.get(old, ()))
            for end, type_name in [key for key in relations if key[0] == old]:
                _add(relations, (now, type_name), relations[(end, type_name)])
    return Withheld(attributes, relations, readings, reasons, ends)


def _add(found: dict[_Key, frozenset[_One]], key: _Key, more: Collection[_One]) -> None:
    if more:
        found[key] = found.get(key, frozenset()).union(more)


def subjects(view: View) -> set[str]:
    """CIs whose batches tell a value that is withheld: no raw batch of them is kept."""
    return {str(e.value["subject"]) for e in view.entries(KIND) if not e.value["lifted"]}


def without(attributes: Mapping[str, Value], names: frozenset[str]) -> dict[str, Value]:
    return {name: value for name, value in attributes.items() if name not in names}
