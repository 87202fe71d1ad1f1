"""Every fact ends as exactly one of three outcomes, whatever it does."""

from __future__ import annotations

import logging
import os
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.fact import (
    Collected,
    Content,
    Context,
    Failed,
    File,
    Inapplicable,
    Material,
    Need,
    NotApplicable,
    Supplied,
    Unavailable,
)
from agent.facts import FACTS
from agent.recording import RecordedShell
from agent.run import collect_pass, needs_of, observe_pass
from agent.shell import LocalShell
from cmdb.model.classes import CLASSES
from cmdb.model.classes.local_group import LocalGroup
from cmdb.model.declaration import CI
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from tests.agent.supplied import KEY, made, recorded


@dataclass
class Made:
    """A fact that does what the test says."""

    does: Callable[[Material], Iterable[CI]]
    NAME: str = "made"
    VERSION: int = 3
    CLASSES: tuple[str, ...] = ("LocalGroup",)
    RELATIONS: tuple[str, ...] = ()
    NEEDS: tuple[Need, ...] = (File("/a"),)
    LIMITED: bool = False

    def collect(self, material: Material, context: Context) -> Iterable[CI]:
        return self.does(material)


class Counting(RecordedShell):
    """Counts how often each need is supplied."""

    def supply(self, needs: Iterable[Need]) -> dict[Need, Supplied]:
        wanted = list(needs)
        self.asked = [*getattr(self, "asked", []), *wanted]
        return super().supply(wanted)


def outcome(does: Callable[[Material], Iterable[CI]]) -> Any:
    [result] = collect_pass(made({"/a": "x"}), Context(), [Made(does)])
    return result.outcome


def broken(material: Material) -> Iterator[CI]:
    yield LocalGroup(name="one")
    raise ZeroDivisionError("in the middle")


def refusing(error: Exception) -> Callable[[Material], Iterable[CI]]:
    def does(material: Material) -> Iterable[CI]:
        raise error

    return does


def test_what_a_fact_yields_is_collected() -> None:
    found = outcome(lambda m: [LocalGroup(name=m.file("/a").text)])

    assert found == Collected([LocalGroup(name="x")], [])


def test_nothing_at_all_is_collected_as_nothing_only_when_the_fact_says_so() -> None:
    assert outcome(lambda m: []) == Collected([], [])


def test_the_two_ways_to_give_up_keep_their_reasons() -> None:
    assert outcome(refusing(Unavailable("no"))) == Failed("no")
    assert outcome(refusing(Inapplicable("none"))) == NotApplicable("none")
    assert outcome(lambda m: [LocalGroup(name=m.file("/b").text)]) == Failed(
        "File(path='/b', limit=4194304) was not supplied"
    )


def test_a_fact_that_breaks_in_the_middle_has_failed_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert outcome(broken) == Failed("ZeroDivisionError: in the middle")

    [record] = caplog.records
    assert "made" in record.getMessage()
    assert "in broken" in record.getMessage()


def test_a_reason_that_quotes_a_secret_shows_and_logs_none(caplog: pytest.LogCaptureFixture) -> None:
    quoting = "/etc/x:3: not understood: 'SetEnv DB_PASSWORD=Tr0ub4dor'"
    masked = "/etc/x:3: not understood: 'SetEnv DB_PASSWORD=***'"

    assert outcome(refusing(Unavailable(quoting))) == Failed(masked)
    assert outcome(refusing(Inapplicable(quoting))) == NotApplicable(masked)
    assert outcome(refusing(ValueError(quoting))) == Failed(f"ValueError: {masked}")
    assert len(caplog.records) == 1
    assert "Tr0ub4dor" not in caplog.text


def test_a_shell_that_breaks_fails_the_section() -> None:
    class Broken(RecordedShell):
        def supply(self, needs: Iterable[Need]) -> dict[Need, Supplied]:
            raise OSError("connection lost")

    results = collect_pass(Broken({}), Context(), [Made(lambda m: []), Made(lambda m: [])])

    assert [r.outcome for r in results] == [Failed("OSError: connection lost")] * 2


def test_a_value_that_cannot_be_made_valid_fails_the_section(caplog: pytest.LogCaptureFixture) -> None:
    found = outcome(lambda m: [LocalGroup(name="a", gid=2**60)])

    assert isinstance(found, Failed)
    assert "LocalGroup.gid" in found.reason


def test_a_reason_from_a_hostile_host_is_valid_text() -> None:
    found = outcome(refusing(Unavailable("\udcff\x00" * 5000)))

    assert isinstance(found, Failed)
    assert len(found.reason.encode()) <= 4096


def test_privilege_is_full_unless_a_limited_fact_runs_as_a_user() -> None:
    limited, open_ = Made(lambda m: [], LIMITED=True), Made(lambda m: [])

    assert [r.privilege for r in collect_pass(made({}, "user"), Context(), [limited, open_])] == ["user", "full"]
    assert [r.privilege for r in collect_pass(made({}), Context(), [limited, open_])] == ["full", "full"]


def test_what_two_facts_need_is_supplied_once_and_costs_the_first() -> None:
    shell = Counting({File("/a"): Content(b"12345")})

    results = collect_pass(shell, Context(), [Made(lambda m: []), Made(lambda m: [])])

    assert shell.asked == [File("/a")]
    assert [r.cost.bytes for r in results] == [5, 0]
    assert all(r.cost.wall_seconds >= 0 and r.cost.cpu_seconds >= 0 for r in results)


def test_needs_that_show_in_needs_are_supplied_until_nothing_new_comes() -> None:
    class Following(Made):
        def further(self, material: Material, context: Context) -> Iterator[Need]:
            for path in ("/a", "/b", "/c"):
                if not material.missing(File(path)):
                    yield File(material.file(path).text)

    shell = made({"/a": "/b", "/b": "/c", "/c": "/a"})
    fact = Following(lambda m: [LocalGroup(name=m.file("/c").text)])

    assert collect_pass(shell, Context(), [fact])[0].outcome == Collected([LocalGroup(name="/a")], [])
    assert needs_of(shell, [fact], Context()) == [File("/a"), File("/b"), File("/c")]


def test_every_fact_declares_what_the_model_knows() -> None:
    for name, fact in FACTS.items():
        assert name == fact.NAME
        assert fact.VERSION >= 1
        assert set(fact.CLASSES) <= set(CLASSES)
        assert set(fact.RELATIONS) <= set(RELATIONSHIP_TYPES)
        assert isinstance(fact.LIMITED, bool)
        assert fact.NEEDS


@pytest.mark.parametrize("name", list(FACTS))
def test_every_fact_yields_the_same_locally_and_from_a_recording_of_the_same_moment(name: str) -> None:
    live = LocalShell()
    fact = FACTS[name]
    context = Context(privilege=live.privilege, own_pids=live.own_pids, digest_key=KEY, observed_at_us=1)
    frozen = RecordedShell(live.supply(needs_of(live, [fact], context)), live.privilege)
    [local] = collect_pass(live, context, [fact])

    [replayed] = collect_pass(frozen, context, [fact])

    assert type(replayed.outcome) is type(local.outcome)
    assert replayed.privilege == local.privilege
    if isinstance(local.outcome, Collected) and isinstance(replayed.outcome, Collected):
        classes = {type(i).__name__ for i in local.outcome.items}
        assert classes <= set(fact.CLASSES)
        assert {r.type for r in local.outcome.relations} <= set(fact.RELATIONS)
        assert {type(i).__name__ for i in replayed.outcome.items} == classes


def test_a_mark_that_the_model_does_not_know_fails_the_section_and_no_other(caplog: pytest.LogCaptureFixture) -> None:
    class Marking(Made):
        def marks(self, material: Material, context: Context) -> dict[str, Any]:
            return {"shoe_size": 43}

    results, marks = observe_pass(made({}), Context(), [Marking(lambda m: []), Made(lambda m: [])])

    assert isinstance(results[0].outcome, Failed)
    assert results[1].outcome == Collected([], [])
    assert marks == {}


def test_the_shell_says_what_its_privilege_is() -> None:
    class Asking(Made):
        def collect(self, material: Material, context: Context) -> Iterable[CI]:
            yield LocalGroup(name=context.privilege)

    [result] = collect_pass(made({}, "user"), Context(privilege="full"), [Asking(lambda m: [])])

    assert result.outcome == Collected([LocalGroup(name="user")], [])


def test_no_program_is_run_whose_path_a_process_or_the_search_path_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proof = tmp_path / "proof"
    for name in ("postgres", "nginx", "mysqld", "dpkg-query", "systemctl", "ip", "passwd", "sshd"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {name} >> {proof}\necho ready\nread line\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with ExitStack() as running:
        for name in ("postgres", "nginx", "mysqld"):
            argv = [str(tmp_path / name), "-D", str(tmp_path)]
            process = running.enter_context(subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
        collect_pass(LocalShell(), Context(digest_key=KEY), FACTS.values())

    assert sorted(proof.read_text().split()) == ["mysqld", "nginx", "postgres"]


def test_marks_of_a_recorded_host_come_from_its_facts() -> None:
    names = ("hardware_identity", "identity", "platform", "ssh_host_keys")

    _, marks = observe_pass(recorded("debian12-root"), Context(), [FACTS[n] for n in names])

    assert marks["machine_id"] == "8f4c2a1e6b7d4930a5c8e2f1d0b39764"
    assert marks["host_name"] == "host1"
    assert marks["fqdn"] == "host1.example.org"
    assert len(marks["ssh_host_keys"]) == 3  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "garbage", [b"", b"\x00" * 100, b"\xff\xfe" * 1000, b"a" * 1_000_000, b"\n" * 1000, "ä: ö\n".encode() * 50]
)
def test_no_fact_collects_from_garbage_or_breaks_on_it(garbage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    class Garbage(RecordedShell):
        def supply(self, needs: Iterable[Need]) -> dict[Need, Supplied]:
            return {n: Content(garbage) if isinstance(n, File) else f for n, f in super().supply(needs).items()}

    results = collect_pass(Garbage({}), Context(digest_key=KEY), FACTS.values())

    assert not caplog.records
    assert all(isinstance(r.outcome, (Collected, Failed, NotApplicable)) for r in results)


def test_where_rights_are_lent_a_fact_that_needs_root_itself_is_told_as_an_ordinary_users() -> None:
    told: list[str] = []

    @dataclass
    class Itself(Made):
        LIMITED: bool = True
        ROOT_ITSELF: bool = True

        def collect(self, material: Material, context: Context) -> Iterable[CI]:
            told.append(context.privilege)
            return []

    root, lent = made({}), made({})
    lent.lent = True  # type: ignore[attr-defined]

    sections = [collect_pass(shell, Context(), [Itself(lambda _: [])])[0] for shell in (root, lent)]

    assert [s.privilege for s in sections] == told == ["full", "user"]
