"""What the cells of an imported row say: attributes and marks, each checked and in its one writing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cmdb.model.checked import MAX_MARKS, shown
from cmdb.model.declaration import Declaration
from cmdb.model.given import given
from cmdb.model.identity import MAX_MARK
from cmdb.model.people import said
from cmdb.model.precedence import rank
from cmdb.model.values import Value
from cmdb.model.vocabulary import Vocabulary

ROUTE = "import"
SPECIAL = ("id", "class", "domain")
MARK = "mark."
"""Before a column's name: it is a mark and no attribute."""


class Refused(Exception):
    """Why a row can not be applied."""


def values(
    cells: Mapping[str, Any], declared: Declaration, known: Vocabulary
) -> tuple[dict[str, Value], dict[str, Any]]:
    """A row's attributes and marks."""
    attributes: dict[str, Value] = {}
    marks: dict[str, Any] = {}
    for name, written in cells.items():
        if name in SPECIAL:
            continue
        mark = name.removeprefix(MARK)
        if mark in declared.marks:
            marks[mark] = _mark(mark, declared.marks[mark], written)
            if name != mark or mark not in declared.attributes:
                continue
        attribute = known.attribute(declared.name, name)
        if attribute is None:
            raise Refused(f"a {declared.name} has no attribute {shown(name)}")
        if rank(attribute.group, ROUTE) is None:
            raise Refused(f"an import may not say {declared.name}.{name}")
        attributes[name] = given(attribute, written)
    return attributes, marks


def _mark(name: str, type_name: str, written: Any) -> Value:
    """A mark as it is compared, whole: two that are equal only where they were cut would be one CI."""
    made = given(said(name, type_name, ""), written)
    members = made if isinstance(made, list) else [made]
    long = next((m for m in members if isinstance(m, str) and len(m) > MAX_MARK), None)
    if long is not None:
        raise Refused(f"{name} has {len(long)} characters; a mark of at most {MAX_MARK} is compared")
    if len(members) > MAX_MARKS:
        raise Refused(f"{name} has {len(members)} values; at most {MAX_MARKS} are taken")
    return made
