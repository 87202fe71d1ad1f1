"""The reference of the model."""

from __future__ import annotations

from pathlib import Path

from cmdb.model.classes import CLASSES
from cmdb.model.reference import reference
from cmdb.model.relationship_types import RELATIONSHIP_TYPES


def test_the_page_is_what_is_declared_now(root: Path) -> None:
    page = (root / "docs/model.md").read_text(encoding="utf-8")
    assert page == reference(), "run: python -m cmdb.model.reference > docs/model.md"


def test_every_attribute_reading_and_relationship_type_has_a_row() -> None:
    page = reference()
    for declaration in CLASSES.values():
        section = page.partition(f"\n## {declaration.name}\n")[2].partition("\n## ")[0]
        rows = [line.split("`")[1] for line in section.splitlines() if line.startswith("| `")]
        assert rows == [*declaration.attributes, *declaration.readings]
    for name in RELATIONSHIP_TYPES:
        assert f"\n| `{name}` | " in page
