"""What tests of facts share: recordings of this project, and shells with made-up content."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from agent.fact import Command, Content, Context, Fact, File, Missing, Need, Outcome, Output, Supplied
from agent.recording import RecordedShell
from agent.run import observe_pass
from cmdb.model.values import Value

RECORDINGS = Path(__file__).resolve().parent.parent / "recordings"
KEY = b"k" * 32


def recorded(name: str) -> RecordedShell:
    """A shell that replays tests/recordings/<name>.json."""
    return RecordedShell.load(RECORDINGS / f"{name}.json")


def made(content: Mapping[Any, Any], privilege: str = "full") -> RecordedShell:
    """A shell with files by path, or other needs; a text stands for a readable file, for a command for its output.

    Files that are not named are absent.
    """
    supplied: dict[Need, Supplied] = {}
    for key, value in content.items():
        need: Need = File(key) if isinstance(key, str) else key
        if isinstance(value, (str, bytes)):
            data = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
            supplied[need] = Output(data) if isinstance(need, Command) else Content(data)
        else:
            supplied[need] = value
    return _Absent(supplied, privilege)


class _Absent(RecordedShell):
    """Says of what it does not hold that it is not there."""

    def supply(self, needs: Any) -> dict[Need, Supplied]:
        found = super().supply(needs)
        return {n: _absent(n) if isinstance(f, Missing) and f.kind == "unsupported" else f for n, f in found.items()}


def _absent(need: Need) -> Supplied:
    return Missing("absent", f"{need} does not exist") if isinstance(need, (File, Command)) else {}


def run(fact: Any, shell: RecordedShell, **context: Any) -> Outcome:
    """The outcome of one fact."""
    return pass_over(fact, shell, **context)[0]


def pass_over(fact: Any, shell: RecordedShell, **context: Any) -> tuple[Outcome, dict[str, Value]]:
    """The outcome of one fact, and the marks that it knows the host by."""
    results, marks = observe_pass(shell, Context(**{"digest_key": KEY, **context}), [cast(Fact, fact)])
    return results[0].outcome, marks


def attributes(outcome: Outcome) -> dict[str, Value]:
    """Attributes of the one item of a collected section."""
    [item] = getattr(outcome, "items")  # noqa: B009 - an outcome that is not collected fails here with its reason shown
    return cast("dict[str, Value]", item.attributes())
