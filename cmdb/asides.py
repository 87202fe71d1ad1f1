"""What is set aside outside the chain when a CI is retired by hand or merged (by_hand.py, merging.py), without what is erased.

A restoration or a split brings claims and references of it back, so a value in them would outlive its redaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from cmdb import by_hand, merging
from cmdb.model.values import Value
from cmdb.ports import View

KINDS = (by_hand.NOTE, merging.NOTE)
PAGE = 100

Document = dict[str, Any]
Attributes = dict[str, Any]


def of(view: View, ci: str, attribute: str) -> list[Value]:
    """Values of an attribute of a CI that claims set aside tell."""
    claims = (claim for _, _, note in _kept(view) for claim in note["claims"])
    return [told[attribute] for _, target, told, _ in claims if target == ci and attribute in told]


def without(
    view: View,
    ci: str,
    attribute: str,
    family: Collection[str],
    names: Callable[[Attributes], Collection[str]],
) -> list[tuple[str, str, Document]]:
    """By kind and key what tells a value, as it is without it: an attribute of a CI, and attributes `names` of the relations
    and references of its family."""
    found = []
    for kind, key, note in _kept(view):
        claims = []
        for scope, target, told, identifiers in note["claims"]:
            if isinstance(target, str):
                gone: Collection[str] = {attribute} if target == ci else ()
            else:
                gone = names(told) if target[0] in family or target[2] in family else ()
            claims.append([scope, target, _less(told, gone), identifiers])
        pending = [
            {**row, "attributes": _less(row["attributes"], names(row["attributes"]) if row["near"] in family else ())}
            for row in note["pending"]
        ]
        if claims != note["claims"] or pending != note["pending"]:
            found.append((kind, key, {**note, "claims": claims, "pending": pending}))
    return found


def _kept(view: View) -> Iterator[tuple[str, str, Document]]:
    for kind in KINDS:
        after = ""
        while page := view.unversioned_of(kind, after, PAGE):
            yield from ((kind, key, note) for key, note in page)
            after = page[-1][0]


def _less(attributes: Attributes, names: Collection[str]) -> Attributes:
    return {name: value for name, value in attributes.items() if name not in names}
