"""`surveymark sweep` beside `sweep list` and `sweep show`, and what it prints of itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from api.cli import parser
from cmdb.model.errors import UsageError
from tests.api.conftest import Done

Run = Callable[..., Done]


@pytest.mark.parametrize(
    ("arguments", "run"),
    [
        (["sweep", "list"], "list_all"),
        (["--json", "sweep", "list", "--limit", "3"], "list_all"),
        (["sweep", "--json", "--store", "sqlite:///x", "show", "a" * 16], "show"),
        (["sweep", "show", "a" * 16, "--all"], "show"),
        (["sweep", "10.0.0.1", "list"], "run"),
        (["sweep", "--dry-run", "list"], "run"),
        (["sweep", "--resume", "a" * 16], "run"),
    ],
)
def test_the_first_word_tells_what_is_meant(arguments: list[str], run: str) -> None:
    assert parser().parse_args(arguments).run.__name__ == run


def test_options_are_understood_before_and_behind_targets() -> None:
    words = ["sweep", "--zone", "dmz", "web", "--exclude", "db", "10.0.0.0/24", "--strict-host-keys", "list", "--json"]
    found = parser().parse_args(words)

    assert (found.targets, found.exclude) == (["web", "10.0.0.0/24", "list"], ["db"])
    assert (found.zone, found.host_keys, found.json) == ("dmz", "strict", True)
    with pytest.raises(UsageError, match="--nonsense"):
        parser().parse_args(["sweep", "web", "--nonsense", "x"])


def test_what_runs_on_a_host_is_printed_and_nothing_else_happens(surveymark: Run) -> None:
    script = surveymark("sweep", "--print-script")
    sudoers = surveymark("sweep", "--print-sudoers", "survey")

    assert (script.status, sudoers.status) == (0, 0)
    assert "/proc" in script.out
    assert "survey ALL=(root) NOPASSWD: " in sudoers.out
    assert surveymark("sweep", "--print-sudoers", "--json").json["sudoers"].count("surveymark ALL=") > 3
    assert surveymark("sweep", "--print-sudoers", "a b").status == 2
    assert "permit nopass survey as root cmd " in surveymark("sweep", "--print-doas", "survey").out
    assert "permit nopass surveymark " in surveymark("sweep", "--print-doas", "--json").json["doas"]
    assert surveymark("sweep", "--print-doas", "a b").status == 2


def test_a_sweep_that_there_is_not_is_said(surveymark: Run) -> None:
    done = surveymark("sweep", "show", "f" * 16)

    assert done.status == 2
    assert "no sweep" in done.err


def test_completion_knows_the_commands_beside(surveymark: Run) -> None:
    assert 'sweep show"' in surveymark("completion", "bash", store="").out
