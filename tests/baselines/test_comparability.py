"""What can be told of a section, by how both sides looked."""

from __future__ import annotations

import pytest

from baselines.comparability import Standing, standing
from cmdb.states import Coverage


def row(outcome: str = "collected", privilege: str = "full", version: int = 1, source: str = "agent:1") -> Coverage:
    reason = "" if outcome == "collected" else f"why {outcome}"
    return Coverage("host", source, "packages", outcome, reason, privilege, version, ["SoftwarePackage"], [], 0)


def told(before: list[Coverage], after: list[Coverage]) -> str:
    """The directions of which something can be told, and "!" where the pair itself is reported."""
    found = standing("packages", before, after)
    words = [word for word in ("added", "removed", "changed") if not found.why_not(word)]
    return " ".join(words) + ("!" if found.notice else "")


def test_two_equal_looks_tell_everything() -> None:
    assert standing("packages", [row()], [row()]) == Standing()
    assert standing("packages", [row(privilege="user")], [row(privilege="user")]) == Standing()
    assert standing("packages", [row("not_applicable")], [row("not_applicable")]) == Standing()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], [row()]),
        ([row()], []),
        ([row("failed")], [row()]),
        ([row()], [row("failed")]),
        ([row("failed")], [row("failed")]),
        ([row("not_applicable")], [row()]),
        ([row()], [row("not_applicable")]),
    ],
)
def test_where_a_side_did_not_look_nothing_can_be_told_and_that_is_said(
    before: list[Coverage], after: list[Coverage]
) -> None:
    assert told(before, after) == "!"


def test_a_failure_is_told_with_its_side_and_reason() -> None:
    found = standing("packages", [row()], [row("failed")])

    assert found.failed
    assert found.notice == "section packages failed now: why failed"


def test_another_version_of_the_fact_tells_nothing_but_is_no_blindness() -> None:
    assert told([row(version=1)], [row(version=2)]) == ""


def test_what_only_root_sees_is_not_added_but_what_is_gone_is_gone() -> None:
    assert told([row(privilege="user")], [row()]) == "removed changed"


def test_what_an_ordinary_user_does_not_see_is_not_gone_and_that_is_said() -> None:
    assert told([row()], [row(privilege="user")]) == "added changed!"


def test_of_several_sources_the_one_that_looked_best_counts() -> None:
    worse = [row("failed", source="ssh:1"), row(privilege="user", source="agent:0"), row(version=0, source="agent:2")]

    assert standing("packages", [row()], [*worse, row()]) == Standing()
