"""The reference of the command line."""

from __future__ import annotations

from pathlib import Path

from api.reference import reference


def test_the_page_is_what_the_command_line_says_now(root: Path) -> None:
    assert (root / "docs/cli.md").read_text() == reference(), "run: python -m api.reference > docs/cli.md"


def test_every_command_of_the_contract_is_there() -> None:
    page = reference()
    for command in (
        "up", "serve", "agent once", "ci find", "ci show", "ci history", "ci neighbours", "baseline create",
        "baseline approve", "baseline list", "baseline show", "baseline verify", "drift", "impact", "change add",
        "change show", "incident add", "incident show", "token create", "token list", "token revoke", "doctor",
    ):  # fmt: skip
        assert f"\n## surveymark {command}\n" in page, command
