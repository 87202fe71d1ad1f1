"""Documents without a value that is erased: rows of baselines, and whatever reports tell of it.

A document keeps its address. A row of a baseline keeps its digest and gets the salt and content of what is left of the state;
other documents that tell of the CI have "[redacted]" in the value's place.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from baselines.documents import content_id
from cmdb.commit import SALT_BYTES
from cmdb.model.values import canonical
from cmdb.observation import RELATION_ATTRIBUTES
from cmdb.ports import Randomness, View
from cmdb.reconcile import item_content, link_content, seal
from cmdb.redacted import MARK
from cmdb.redaction import Left
from cmdb.states import Item
from cmdb.traces import Told


def rewritten(
    view: View, among: Collection[str], ci: str, subject: str, told: Told, left: Left, randomness: Randomness
) -> tuple[dict[str, bytes], dict[str, str]]:
    """Documents that tell a value, as they are without it, by address, of those at the addresses `among`; and seals of rows whose
    state is not in `left`."""
    found: dict[str, bytes] = {}
    rows = _Rows(ci, subject, told, left, randomness)
    for address in sorted(among):
        data = view.documents([address])[address]
        try:
            document = json.loads(data)
        except ValueError:  # a permanent document in words: the report beside it is what is compared
            document = None
        if not isinstance(document, dict):
            continue
        if document.get("document") == "baseline-chunk":
            changed = [rows.rid(row) for row in document["rows"]]
            if any(changed):
                found[address] = canonical(document).encode()
        elif (cleaned := _cleaned(document, rows.names, told)) != document:
            found[address] = canonical(cleaned).encode()
    return found, rows.seals


class _Rows:
    """Takes the value out of rows. `names` are the attributes that may tell it: the CI's own, and those of relations."""

    def __init__(self, ci: str, subject: str, told: Told, left: Left, randomness: Randomness) -> None:
        self._ci = ci
        self._ends = {ci, subject}
        self._told = told
        self._left = left
        self._randomness = randomness
        self.names = {told.name, *RELATION_ATTRIBUTES}
        self.seals: dict[str, str] = {}

    def rid(self, row: Any) -> bool:
        """Take the value out of a row; True where it had it."""
        content = row["content"]
        names = self._telling(content)
        state = self._left.get(row["digest"])
        if state is None and not names:
            return False
        if state is not None:
            text = item_content(state) if isinstance(state, Item) else link_content(state)
            row["content"], row["salt"] = json.loads(text), state.salt.hex()
            return True
        salt = self._randomness(SALT_BYTES)
        content["attributes"] = {n: v for n, v in content["attributes"].items() if n not in names}
        row["salt"] = salt.hex()
        self.seals[row["digest"]] = seal(salt, canonical(content)).hex()
        return True

    def _telling(self, content: Any) -> Collection[str]:
        """Names of the attributes of a row that tell the value."""
        attributes = content.get("attributes", {})
        if "id" in content:
            return {self._told.name} & attributes.keys() if content_id(content) == self._ci else ()
        return self._told.names(attributes) if self._ends & {content["subject"], content["object"]} else ()


def _cleaned(value: Any, names: Collection[str], told: Told) -> Any:
    """The same with the mark in place of each value that stands beside or under one of the names, or among the words of why
    a section was not collected or two sides can not be compared."""
    if isinstance(value, list):
        return [_cleaned(each, names, told) for each in value]
    if not isinstance(value, dict):
        return value
    beside = value.get("attribute") in names
    return {
        name: MARK
        if (beside or name in names) and name != "attribute" and told.by(told.name, each)
        else told.blotted(each)
        if name == "reason" and isinstance(each, str)
        else _cleaned(each, names, told)
        for name, each in value.items()
    }
