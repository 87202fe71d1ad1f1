"""The resident agent looks by its schedule, hands in, and outlives what goes wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Optional

import pytest

from agent.fact import Fact
from agent.isolation import Isolation
from agent.report import Report
from agent.resident import Resident
from agent.schedule import Schedule
from agent.settings import Settings
from agent.shell import LocalShell
from agent.state import State
from tests.agent.facts_that_fail import Made, breaking, fine, hanging


class Handing:
    """Takes reports, and answers what the test says."""

    def __init__(self, *answers: tuple[float, frozenset[str]]) -> None:
        self.found: list[Report] = []
        self.digest_key: Optional[bytes] = None
        self.learned: Optional[bytes] = None
        self._answers = list(answers)

    def put(self, found: Report) -> None:
        self.found.append(found)

    def flush(self) -> tuple[float, frozenset[str]]:
        self.digest_key = self.learned
        return self._answers.pop(0) if self._answers else (1000.0, frozenset())


class Clock:
    """Goes on by a second whenever it is asked, so that nobody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def resident(tmp_path: Path, handing: Handing, facts: dict[str, Fact], settings: Optional[Settings] = None) -> Resident:
    every = {name: getattr(fact, "EVERY", 1) for name, fact in facts.items()}
    return Resident(
        State(tmp_path),
        settings or Settings(),
        facts,
        handing,
        isolation=Isolation(LocalShell),
        schedule=Schedule(every, 1.0, Clock()),
    )


def ending(after: int, do: Callable[[int], None] = lambda _: None) -> Callable[[], None]:
    """Tells this process to end after so many passes."""
    count = [0]

    def passed() -> None:
        count[0] += 1
        do(count[0])
        if count[0] >= after:
            os.kill(os.getpid(), signal.SIGTERM)

    return passed


def outcomes(found: Report) -> dict[str, str]:
    return {s.name: s.outcome for s in found.sections}


def test_it_looks_again_and_again_until_it_is_told_to_end(tmp_path: Path) -> None:
    handing = Handing()

    resident(tmp_path, handing, {"one": fine("one")}).run(ending(3))

    assert [outcomes(found) for found in handing.found] == [{"one": "collected"}] * 3
    assert [found.header.sequence for found in handing.found] == [1, 2, 3]
    assert len({found.header.id for found in handing.found}) == 3


def test_it_stays_up_whatever_a_fact_does(tmp_path: Path) -> None:
    handing = Handing()
    facts: dict[str, Fact] = {"one": fine("one"), "breaking": breaking(), "hanging": hanging(), "two": fine("two")}

    resident(tmp_path, handing, facts).run(ending(2))

    expected = {"one": "collected", "breaking": "failed", "hanging": "failed", "two": "collected"}
    assert [outcomes(found) for found in handing.found] == [expected] * 2


def test_when_the_key_of_digests_is_learned_everything_is_looked_at_again(tmp_path: Path) -> None:
    handing = Handing()
    agent = resident(tmp_path, handing, {"one": fine("one"), "rare": Made("rare", list, EVERY=1000)})

    def learn(count: int) -> None:
        handing.learned = b"k" if count == 1 else handing.learned

    agent.run(ending(2, learn))

    assert [sorted(outcomes(found)) for found in handing.found] == [["one", "rare"]] * 2


def test_a_fact_that_fails_each_time_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    resident(tmp_path, Handing(), {"breaking": breaking()}).run(ending(3))

    assert caplog.text.count("not seen: breaking") == 1


def test_a_full_report_that_the_server_wishes_is_made_at_once_and_in_full(tmp_path: Path) -> None:
    handing = Handing((1000.0, frozenset({"full_report"})))
    agent = resident(tmp_path, handing, {"one": fine("one")})

    agent.run(ending(2))

    assert all(found.sections[0].bodies == handing.found[0].sections[0].bodies for found in handing.found)
    assert handing.found[1].sections[0].bodies[0]


def test_without_space_for_its_own_things_it_says_so_and_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    handing = Handing()
    (tmp_path / "sequence").write_text("many")

    def mend(count: int) -> None:
        if count == 1:
            (tmp_path / "sequence").write_text("7")

    resident(tmp_path, handing, {"one": fine("one")}).run(ending(2, mend))

    assert [found.header.sequence for found in handing.found] == [8]
    assert "holds no number" in caplog.text


PROGRAM = """
import sys
from pathlib import Path
from agent.isolation import Isolation
from agent.resident import Resident
from agent.settings import Settings
from agent.shell import LocalShell
from agent.state import State
from tests.agent.facts_that_fail import Made, fine, hanging
class Handing:
    digest_key = None
    def put(self, found):
        print(*[f"{s.name}={s.outcome}" for s in found.sections], flush=True)
    def flush(self):
        return 3600.0, frozenset()
facts = {"one": fine("one"), "rare": fine("rare")}
facts["rare"].EVERY = 1000
if sys.argv[2:]:
    facts["hanging"] = hanging(wall_seconds=1000)
looking = Isolation(LocalShell, beginning=lambda name: print("at", name, flush=True))
Resident(State(Path(sys.argv[1])), Settings(interval_seconds=3600), facts, Handing(), isolation=looking).run()
print("down", flush=True)
"""


@pytest.fixture
def program(tmp_path: Path, root: Path) -> Callable[..., subprocess.Popen[str]]:
    def started(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", PROGRAM, str(tmp_path), *arguments]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)

    return started


def test_a_hang_up_is_a_pass_of_everything_at_once(
    program: Callable[..., subprocess.Popen[str]],
) -> None:
    with program() as running:
        assert running.stdout is not None
        said = [running.stdout.readline() for _ in range(3)]
        running.send_signal(signal.SIGHUP)
        said += [running.stdout.readline() for _ in range(3)]
        running.terminate()
        said += running.stdout.readlines()

    of_everything = ["at one\n", "at rare\n", "one=collected rare=collected\n"]
    assert said == [*of_everything, *of_everything, "down\n"]
    assert running.returncode == 0


def test_an_end_is_obeyed_in_the_middle_of_a_pass(program: Callable[..., subprocess.Popen[str]]) -> None:
    with program("hanging") as running:
        assert running.stdout is not None
        assert [running.stdout.readline() for _ in range(3)][2] == "at hanging\n"
        running.terminate()
        assert running.wait(60) == 0
