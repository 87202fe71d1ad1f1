"""What a person sees of a sweep: a bar on a terminal, lines elsewhere, a table at the end; nothing of a host acts on it."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from agent.terminal import Terminal
from api import sweep_terminal
from api.sweep_terminal import Watching, read, summary
from collector.outcome import TargetOutcome
from collector.runner import Standing
from tests.api.test_hostile import ESCAPES, SCRIPT, harmless

ENDS = [
    (1, TargetOutcome("web", "10.0.0.1", "done", seconds=1.25)),
    (2, TargetOutcome(ESCAPES + SCRIPT, "10.0.0.2", "no_ssh", "banner", ESCAPES, ESCAPES)),
]
STANDING = Standing(4, {"done": 1, "host_key_changed": 1}, 2)


def row(target: str, outcome: str, **more: Any) -> dict[str, Any]:
    found = {
        "address": target,
        "phase": "connect",
        "ci": None,
        "seconds": 1.0,
        "reason": "no way",
        "remedy": "",
        **more,
    }
    return {"target": target, "outcome": outcome, **found}


def found(**more: Any) -> dict[str, Any]:
    counts = {"refused": 1, "done": 2, "no_ssh": 3}
    return {"sweep": "a" * 16, "state": "done", "total": 7, "counts": counts, "waiting": 1, **more}


def test_elsewhere_than_on_a_terminal_each_end_is_a_line_and_counts_come_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    watching = Watching(Terminal())
    watching.ended(ENDS)
    watching.stands(STANDING)
    lines = capsys.readouterr().err.splitlines()
    monkeypatch.setattr(Watching, "EVERY_SECONDS", 0.0)
    watching.stands(STANDING)

    assert lines[0] == "web (10.0.0.1): done, 1.2 s"
    assert "no ssh in banner" in lines[1]
    assert len(lines) == 2
    assert capsys.readouterr().err == "2 of 4, 2 under way: 1 done, 1 host key changed\n"
    harmless("\n".join(lines))


def test_on_a_terminal_there_is_a_bar_and_no_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "200")
    watching = Watching(Terminal())
    watching.ended(ENDS)
    watching.stands(STANDING)

    assert "[############............] 2 of 4, 2 under way: 1 done, 1 host key changed" in capsys.readouterr().err


def test_the_table_has_what_was_not_looked_at_and_the_counts_stand_below(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [row("web", "done"), row("db", "refused", remedy="start sshd"), row(ESCAPES, "no_ssh", reason=ESCAPES)]
    summary(found(events=[{"target": "db", "reason": "another key"}]), rows, Terminal())
    out = capsys.readouterr().out

    assert "web" not in out
    assert "no way; remedy: start sshd" in out
    assert "7 targets, 2 done, 3 no ssh, 1 refused, 1 not begun." in out
    assert "Host key changed at db: another key" in out
    harmless(out)


def test_many_that_ended_alike_are_one_row(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [row(f"10.0.0.{n}", "unreachable") for n in range(1, 200)]
    rows += [row("db", "refused"), row("web", "refused")]
    summary(found(), rows, Terminal())
    few = capsys.readouterr().out
    summary(found(), rows, Terminal(), every=True)
    each = capsys.readouterr().out

    assert "10.0.0.1 and 198 more" in few
    assert "10.0.0.7" not in few
    assert few.count("refused") == 3
    assert "10.0.0.7 " in each


def test_what_is_in_conflict_is_listed_and_counted_with_the_way_to_look_at_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [row("web", "done"), row("clone", "done", conflicts=1, reason="in conflict: two machines of one id")]
    one, listed, more = read([{**found(), "targets": rows, "next": None}])
    summary(one, listed, Terminal(), more=more)
    told = capsys.readouterr().out

    assert [each["target"] for each in listed] == ["clone"]
    assert "in conflict: two machines of one id" in told
    assert "1 target is in conflict: `surveymark conflict list` names what is open" in told


def test_of_a_very_large_sweep_no_more_is_read_than_is_shown_and_that_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_terminal, "READ", 2)
    rows = [row(name, "quarantined", conflicts=1) for name in ("a", "b")]
    one, listed, more = read([{**found(), "targets": rows, "next": "2"}, {"targets": rows, "next": None}])
    summary(one, listed, Terminal(), more=more)

    assert (len(listed), more) == (2, True)
    assert "At least 2 targets are in conflict: " in capsys.readouterr().out


def test_all_are_shown_where_that_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    summary(found(), [row("web", "done", ci="C" * 26)], Terminal(), every=True)

    assert "C" * 26 in capsys.readouterr().out


def test_a_sweep_of_nothing_has_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    summary(found(total=0, counts={}, waiting=0), [], Terminal())

    assert "0 targets, none of them." in capsys.readouterr().out
