"""Edits on the command line: shown, asked for, done."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from tests.api.conftest import Done
from tests.baselines.site import Site

Run = Callable[..., Done]
SET = ("ci", "set", "class:Host", "owner=web team", "lifecycle=in use", "--reason", "handed over")


def test_an_edit_is_shown_and_done_with_yes(surveymark: Run, site: Site) -> None:
    done = surveymark(*SET, "--yes")

    assert done.status == 0, done.err
    assert [line.split()[2:5] for line in done.out.splitlines()[1:]] == [
        ["lifecycle", "(absent)", "in"],
        ["owner", "(absent)", "web"],
    ]
    assert "1 matched, 1 changed, 0 as they are, in revision 2." in done.err
    assert site.item("web").attributes["owner"] == "web team"
    past = surveymark("ci", "history", "class:Host")
    assert "(absent) -> web team" in past.out
    assert "people" in past.out


def test_a_dry_run_changes_nothing(surveymark: Run, site: Site) -> None:
    done = surveymark(*SET, "--dry-run")

    assert (done.status, site.head()) == (0, 1)
    assert "1 would change" in done.err


def test_nobody_to_ask_is_said_with_the_remedy(surveymark: Run, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)

    done = surveymark(*SET)

    assert (done.status, site.head()) == (2, 1)
    assert "--yes does it" in done.err


@pytest.mark.parametrize(("answer", "status", "head"), [("y", 0, 2), ("", 2, 1), ("no", 2, 1)])
def test_a_person_is_asked(
    surveymark: Run, site: Site, monkeypatch: pytest.MonkeyPatch, answer: str, status: int, head: int
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: answer)

    done = surveymark(*SET)

    assert (done.status, site.head()) == (status, head)
    assert "owner" in done.out


def test_an_attribute_is_taken_back(surveymark: Run, site: Site) -> None:
    surveymark(*SET, "--yes")

    done = surveymark("ci", "set", "owner:web*", "--unset", "owner", "--reason", "left", "--yes", "--json")

    assert done.json["items"][0]["changes"] == [{"attribute": "owner", "before": "web team", "after": None}]
    assert "owner" not in site.item("web").attributes


@pytest.mark.parametrize("word", ["owner", "=x"])
def test_a_value_is_written_name_and_value(surveymark: Run, word: str) -> None:
    done = surveymark("ci", "set", "class:Host", word, "--reason", "why", "--yes")

    assert done.status == 2
    assert "NAME=VALUE" in done.err


def test_a_hostile_value_is_made_visible(surveymark: Run) -> None:
    done = surveymark("ci", "set", "class:Host", "owner=\x1b[31mred\u202e", "--reason", "\x1b]0;x", "--yes")

    assert done.status == 0
    assert "\x1b" not in done.out + done.err
    assert "\u202e" not in done.out
