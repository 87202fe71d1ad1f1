"""The budget of tries of an account, and what worked last."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cmdb.model.errors import SurveymarkError
from cmdb.model.times import SECOND
from collector import attempts as module
from collector.attempts import Attempt, Attempts
from collector.credentials import Credential
from collector.scope import Scope
from collector.target import Target

WEB = Target("web", "10.0.0.1")
DB = Target("db", "fd00::1", port=2222, zone="branch")
DAY = 86400 * SECOND


class Time:
    def __init__(self) -> None:
        self.now = 1_800_000_000 * SECOND

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def memory(tmp_path: Path, time: Time) -> Callable[[], Attempts]:
    """The memory of this installation, as a further process opens it."""
    return lambda: Attempts(tmp_path, clock=time)


def refused(memory: Attempts, target: Target = WEB, user: str = "root") -> bool:
    attempt = memory.take(target, user)
    if attempt is not None:
        memory.failed(attempt)
    return attempt is not None


def entry(name: str) -> Credential:
    return Credential(name, Scope(("default",)), "u", use_agent=True)


def test_after_three_tries_in_vain_an_account_is_left_alone_for_a_day_across_sweeps(
    memory: Callable[[], Attempts], time: Time
) -> None:
    first_at = time.now
    for _ in range(3):
        assert refused(memory())
        time.now += SECOND
    assert not refused(memory())
    assert memory().left(WEB, "root") == 0
    assert memory().free_at(WEB, "root") == first_at + DAY
    assert refused(memory(), WEB, "other")
    assert refused(memory(), DB, "root")
    time.now = first_at + DAY
    assert refused(memory())
    assert not refused(memory())


def test_a_try_counts_from_its_beginning_and_one_that_was_cut_off_as_refused(memory: Callable[[], Attempts]) -> None:
    taken = [memory().take(WEB, "root") for _ in range(4)]
    assert [t is not None for t in taken] == [True, True, True, False]
    assert not refused(memory())


def test_a_try_that_was_none_gives_its_place_back(memory: Callable[[], Attempts]) -> None:
    attempt = memory().take(WEB, "root")
    assert attempt is not None
    memory().undone(attempt)
    assert memory().left(WEB, "root") == 3
    assert memory().free_at(WEB, "root") is None


def test_success_forgets_what_was_refused_but_not_what_others_are_trying(memory: Callable[[], Attempts]) -> None:
    assert refused(memory())
    under_way = memory().take(WEB, "root")
    mine = memory().take(WEB, "root")
    assert under_way is not None
    assert mine is not None
    memory().worked(mine, "fleet")
    assert memory().left(WEB, "root") == 2
    memory().failed(under_way)
    assert memory().left(WEB, "root") == 2


def test_what_worked_last_is_tried_first(memory: Callable[[], Attempts]) -> None:
    entries = [entry("a"), entry("b"), entry("c")]
    assert [c.name for c in memory().order(WEB, entries)] == ["a", "b", "c"]
    memory().worked_with(WEB, "c")
    assert [c.name for c in memory().order(WEB, entries)] == ["c", "a", "b"]
    attempt = memory().take(WEB, "u")
    assert attempt is not None
    memory().worked(attempt, "b")
    assert [c.name for c in memory().order(WEB, entries)] == ["b", "a", "c"]
    assert [c.name for c in memory().order(DB, entries)] == ["a", "b", "c"]


def test_the_same_credential_that_works_again_writes_nothing(memory: Callable[[], Attempts], tmp_path: Path) -> None:
    memory().worked_with(WEB, "a")
    before = (tmp_path / "attempts.log").read_bytes()
    memory().worked_with(WEB, "a")
    assert (tmp_path / "attempts.log").read_bytes() == before


def test_what_is_spent_can_be_looked_at_and_forgotten(memory: Callable[[], Attempts]) -> None:
    refused(memory())
    refused(memory())
    refused(memory(), DB, "postgres")
    memory().worked_with(WEB, "a")
    assert memory().spent() == [("branch [fd00::1]:2222", "postgres", 1), ("default 10.0.0.1:22", "root", 2)]
    assert memory().forget("10.0.0.1") == 1
    assert memory().spent() == [("branch [fd00::1]:2222", "postgres", 1)]
    assert memory().forget() == 1
    assert memory().spent() == []
    assert [c.name for c in memory().order(WEB, [entry("b"), entry("a")])] == ["a", "b"]


def test_a_clock_that_was_wrong_neither_frees_a_spent_account_nor_blocks_it_for_ever(
    memory: Callable[[], Attempts], time: Time
) -> None:
    right = time.now
    time.now += 10 * 365 * DAY
    for _ in range(3):
        refused(memory())
    time.now = right
    held = memory()
    assert not refused(held)
    time.now += DAY
    assert refused(held)


def test_the_file_is_ours_alone_and_is_written_anew_when_it_grows(
    tmp_path: Path, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_COMPACT_BYTES", 4000)
    path = tmp_path / "attempts.log"
    one, other = Attempts(tmp_path, clock=time), Attempts(tmp_path, clock=time)
    assert path.stat().st_mode & 0o777 == 0o600
    sizes = []
    for number in range(300):
        refused(one if number % 2 else other, Target("x", f"10.0.{number % 256}.1"))
        time.now += DAY // 10
        sizes.append(path.stat().st_size)
    assert max(sizes) < 12000
    assert one.spent() == other.spent() == Attempts(tmp_path, clock=time).spent()
    assert len(one.spent()) == 10 - 1
    path.chmod(0o644)
    with pytest.raises(SurveymarkError, match="chmod 600"):
        Attempts(tmp_path, clock=time)


def test_no_more_accounts_are_tried_than_can_be_remembered(
    tmp_path: Path, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_ACCOUNTS", 2)
    memory = Attempts(tmp_path, clock=time)
    assert [refused(memory, WEB, user) for user in ("a", "b", "c", "a")] == [True, True, False, True]
    time.now += DAY
    assert refused(memory, WEB, "c")


def test_a_line_that_was_torn_by_a_crash_is_taken_off(memory: Callable[[], Attempts], tmp_path: Path) -> None:
    refused(memory())
    with (tmp_path / "attempts.log").open("ab") as file:
        file.write(b'["take",18000')
    assert memory().left(WEB, "root") == 2
    assert refused(memory())
    assert memory().left(WEB, "root") == 1


def test_a_damaged_file_is_told_with_what_to_do(memory: Callable[[], Attempts], tmp_path: Path) -> None:
    refused(memory())
    path = tmp_path / "attempts.log"
    whole = path.read_bytes()
    for wrong in (b"\n", b"[]\n", b'["take"]\n', b"{}\n", b'["take","x","a","b","c"]\n', b"[" * 50000 + b"\n"):
        path.write_bytes(whole + wrong)
        with pytest.raises(SurveymarkError, match=r"is damaged: a line .* Move it away"):
            memory()
    path.write_bytes(b"something else\n")
    with pytest.raises(SurveymarkError, match="is damaged: its first line is another"):
        memory()
    path.unlink()
    (tmp_path / "elsewhere").write_bytes(whole)
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SurveymarkError, match="can not be read"):
        memory()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(content=st.binary(max_size=200), keep=st.integers(0, 200))
def test_any_content_is_taken_or_told_to_be_damaged(
    memory: Callable[[], Attempts], tmp_path: Path, content: bytes, keep: int
) -> None:
    path = tmp_path / "attempts.log"
    path.unlink(missing_ok=True)
    refused(memory())
    path.write_bytes(path.read_bytes()[:keep] + content)
    try:
        memory().left(WEB, "root")
    except SurveymarkError as error:
        told = error.message
        assert "is damaged" in told


class Interleaving(RuleBasedStateMachine):
    """Two processes' memories over one file, acted on in any order, beside what a server would count."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(os.environ["PYTEST_TMP"]) / os.urandom(6).hex()
        self.time = Time()
        self.memories = [Attempts(self.folder, clock=self.time), Attempts(self.folder, clock=self.time)]
        self.under_way: list[Attempt] = []
        self.counted: list[int] = []
        """Times at which the server counted a wrong password since the last right one."""

    @rule(which=st.integers(0, 1))
    def take(self, which: int) -> None:
        attempt = self.memories[which].take(WEB, "root")
        if attempt is not None:
            self.under_way.append(attempt)

    @rule(which=st.integers(0, 1), number=st.integers(0, 9), how=st.sampled_from(["failed", "worked", "undone"]))
    def end(self, which: int, number: int, how: str) -> None:
        if not self.under_way:
            return
        attempt = self.under_way.pop(number % len(self.under_way))
        if how == "worked":
            self.memories[which].worked(attempt, "a")
            self.counted = []
        elif how == "failed":
            self.memories[which].failed(attempt)
            self.counted.append(self.time.now)
        else:
            self.memories[which].undone(attempt)

    @rule(which=st.integers(0, 1))
    def open_again(self, which: int) -> None:
        self.memories[which] = Attempts(self.folder, clock=self.time)

    @rule()
    def write_anew(self) -> None:
        self.memories[0].forget("192.0.2.1")

    @rule(hours=st.integers(1, 30))
    def pass_time(self, hours: int) -> None:
        # What is under way ends before long, as tries do: their deadline is far below an hour.
        while self.under_way:
            self.memories[0].failed(self.under_way.pop())
            self.counted.append(self.time.now)
        self.time.now += hours * 3600 * SECOND

    @invariant()
    def the_server_never_counts_more_than_the_budget(self) -> None:
        if hasattr(self, "counted"):
            recent = [t for t in self.counted if t > self.time.now - DAY]
            assert len(recent) + len(self.under_way) <= 3


@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
def test_no_interleaving_exceeds_the_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    monkeypatch.setenv("PYTEST_TMP", str(tmp_path))
    run_state_machine_as_test(Interleaving, settings=settings(max_examples=40, stateful_step_count=30, deadline=None))


def test_threads_together_never_exceed_the_budget(memory: Callable[[], Attempts]) -> None:
    shared = memory()
    taken: list[Attempt | None] = []
    threads = [
        threading.Thread(target=lambda: taken.extend(shared.take(WEB, "root") for _ in range(20))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(attempt is not None for attempt in taken) == 3


_PROCESS = """
import sys
from pathlib import Path
from collector import attempts
from collector.target import Target
attempts._COMPACT_BYTES = 2000
memory = attempts.Attempts(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
taken = 0
for number in range(100):
    attempt = memory.take(Target("x", f"10.0.0.{number}"), "root")
    if attempt is not None:
        taken += 1
        memory.failed(attempt)
print(taken)
"""


def test_processes_together_never_exceed_the_budget(tmp_path: Path, root: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _PROCESS, str(tmp_path)],
            cwd=root,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    told = [process.communicate("go\n", timeout=120)[0] for process in processes]
    assert [p.returncode for p in processes] == [0] * 4
    assert sum(map(int, told)) == 100 * 3
    assert sum(count for _, _, count in Attempts(tmp_path).spent()) == 100 * 3
