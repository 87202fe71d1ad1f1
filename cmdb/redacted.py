"""What was erased of CIs: which attributes are withheld, and which states may differ from their digest because of it.

A redaction is a versioned entry of kind "redaction", key "ID ATTRIBUTE": {"ci", "subject", "attribute", "reason", "by",
"lifted", "states": {digest: seal}, "documents": {address: SHA-256}}. `states` has, by the digest of a state as it was written,
the seal of what is left of it under its new salt; `documents` the SHA-256 of a document without the value by its address. The
entry stays when it is lifted, so that what was erased before still verifies.
"""

from __future__ import annotations

from collections.abc import Mapping

from cmdb import aliases
from cmdb.model.values import Value
from cmdb.ports import View
from cmdb.states import Entry

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


def withheld(view: View) -> dict[str, frozenset[str]]:
    """Attributes that may not be written, by the id of their CI, and of the one that it was merged into."""
    found: dict[str, frozenset[str]] = {}
    for entry in view.entries(KIND):
        if not entry.value["lifted"]:
            ci = str(entry.value["ci"])
            found[ci] = found.get(ci, frozenset()) | {str(entry.value["attribute"])}
    for old, now in (aliases.resolved(view, found) if found else {}).items():
        found[now] = found.get(now, frozenset()) | found[old]
    return found


def subjects(view: View) -> set[str]:
    """CIs whose batches tell a value that is withheld: no raw batch of them is kept."""
    return {str(e.value["subject"]) for e in view.entries(KIND) if not e.value["lifted"]}


def without(attributes: Mapping[str, Value], names: frozenset[str]) -> dict[str, Value]:
    return {name: value for name, value in attributes.items() if name not in names}
