"""The reference of the facts."""

from __future__ import annotations

from pathlib import Path

from agent.facts import FACTS
from agent.reference import reference


def test_the_page_is_what_the_facts_say_now(root: Path) -> None:
    assert (root / "docs/facts.md").read_text(encoding="utf-8") == reference(), (
        "run: python -m agent.reference > docs/facts.md"
    )


def test_every_fact_has_a_row_and_a_section() -> None:
    page = reference()
    for name in FACTS:
        assert f"\n| [{name}](#{name}) | " in page
        assert f"\n## {name}\n" in page
