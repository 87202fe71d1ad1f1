"""Documents without a value that is erased: rows of baselines, and whatever reports tell of it.

A document keeps its address. A row of a baseline keeps its digest and gets the salt and content of what is left of the state;
other documents that tell of the CI have "[redacted]" in the value's place.
"""

from __future__ import annotations

import json
from typing import Any

from baselines.documents import content_id
from cmdb.commit import SALT_BYTES
from cmdb.model.values import Value, canonical
from cmdb.ports import Randomness, View
from cmdb.reconcile import item_content, seal
from cmdb.redacted import MARK
from cmdb.redaction import Left


def rewritten(
    view: View, ci: str, attribute: str, values: list[Value], left: Left, randomness: Randomness
) -> tuple[dict[str, bytes], dict[str, str]]:
    """Documents that tell a value, as they are without it, by address; and seals of rows whose state is not in `left`."""
    found: dict[str, bytes] = {}
    seals: dict[str, str] = {}
    wanted = ci.encode()
    for address in list(view.document_addresses()):
        data = view.documents([address])[address]
        if wanted not in data:
            continue
        try:
            document = json.loads(data)
        except ValueError:  # a permanent document in words: the report beside it is what is compared
            document = None
        if not isinstance(document, dict):
            continue
        if document.get("document") == "baseline-chunk":
            changed = [_row(row, ci, attribute, left, seals, randomness) for row in document["rows"]]
            if any(changed):
                found[address] = canonical(document).encode()
        elif (cleaned := _cleaned(document, attribute, values)) != document:
            found[address] = canonical(cleaned).encode()
    return found, seals


def _row(row: Any, ci: str, attribute: str, left: Left, seals: dict[str, str], randomness: Randomness) -> bool:
    """Take the value out of a row; True where it had it."""
    content = row["content"]
    if content_id(content) != ci or attribute not in content.get("attributes", {}):
        return False
    state = left.get(row["digest"])
    if state is not None:
        row["content"], row["salt"] = json.loads(item_content(state)), state.salt.hex()
        return True
    salt = randomness(SALT_BYTES)
    del content["attributes"][attribute]
    row["salt"] = salt.hex()
    seals[row["digest"]] = seal(salt, canonical(content)).hex()
    return True


def _cleaned(value: Any, attribute: str, values: list[Value]) -> Any:
    """The same with the mark in place of each value that stands beside or under the attribute's name."""
    if isinstance(value, list):
        return [_cleaned(each, attribute, values) for each in value]
    if not isinstance(value, dict):
        return value
    beside = value.get("attribute") == attribute
    return {
        name: MARK
        if (beside or name == attribute) and name != "attribute" and each in values
        else _cleaned(each, attribute, values)
        for name, each in value.items()
    }
