"""What goes with delivery: wishes, secrets, the one process that hands in, settings, and what is said of it."""

from __future__ import annotations

import logging
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent import enrolment
from agent.delivery import ask_seconds, limits
from agent.enrolment import Enrolled
from agent.spool import Limits
from cmdb.model.errors import UsageError
from tests.agent.delivering import Host, hosted
from tests.agent.reports import section
from tests.servers import certificates
from tests.servers.agent_server import DIGEST_KEY, KEY, SECRET
from tests.servers.certificates import Certificate
from tests.servers.https_server import content


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificates.issue(tmp_path_factory.mktemp("certificate"), "own", "IP:127.0.0.1")


@pytest.fixture
def host(tmp_path: Path, certificate: Certificate) -> Iterator[Host]:
    with hosted(tmp_path / "state", certificate) as made:
        yield made


def test_wishes_come_with_receipts_and_only_the_two_are_heard(host: Host) -> None:
    host.model.wishes = ["pass_now", "run", "full_report", 7]  # type: ignore[list-item]

    assert host.tell(section("cpu", "A"))[1] == {"pass_now", "full_report"}
    assert host.tell(section("cpu", "A"))[1] == frozenset()


def test_a_full_report_tells_everything_again(host: Host) -> None:
    host.tell(section("cpu", "A"))
    host.model.wishes = ["full_report"]
    host.tell(section("cpu", "A"))
    host.tell(section("cpu", "A"))

    assert b'"name":"A"' in zlib.decompress(content(host.at.requests[-1]), 31)
    assert host.model.texts == [("cpu", "A")]


def test_without_anything_to_send_wishes_are_asked_for_now_and_then(host: Host) -> None:
    host.tell(section("cpu", "A"))
    assert host.later(299)[0] == 300
    host.model.wishes = ["pass_now"]
    assert host.later(1)[1] == {"pass_now"}

    assert [line.split()[0].rpartition("/")[2] for line in host.model.said] == ["batches", "wishes"]
    assert len(host.at.requests[-1]) < 500


def test_a_secret_that_ends_soon_is_renewed_and_used(host: Host) -> None:
    host.model.ends_at = "2025-11-25T00:00:00Z"
    host.tell(section("cpu", "A"))
    host.tell(section("cpu", "B"))
    host.restart()
    host.tell(section("cpu", "C"))

    assert len(host.model.secrets) == 1
    assert host.model.secrets != [SECRET]
    kept = enrolment.load(host.state)
    assert kept is not None
    assert (kept.secret, kept.previous) == (host.model.secrets[0], b"")
    assert [line.split()[0].rpartition("/")[2] for line in host.model.said].count("rotations") == 1
    assert host.model.texts == [("cpu", text) for text in "ABC"]


@pytest.mark.parametrize("fault", ["lost", 500, "half"])
def test_a_new_secret_that_got_lost_costs_nothing(host: Host, fault: Any) -> None:
    host.model.ends_at = "2025-11-25T00:00:00Z"
    host.model.faults = [None, fault]
    host.tell(section("cpu", "A"))
    host.pass_by(601)
    host.tell(section("cpu", "B"))

    assert host.model.texts == [("cpu", "A"), ("cpu", "B")]
    assert [line.split()[0].rpartition("/")[2] for line in host.model.said].count("rotations") == 2
    assert len(host.model.secrets) == 1


def test_a_new_secret_that_the_server_lost_falls_back_to_the_one_before(host: Host) -> None:
    host.enrolled = Enrolled(
        host.at.url, KEY, b"n" * 32, fingerprint=host.enrolled.fingerprint, previous=SECRET, digest_key=DIGEST_KEY
    )
    enrolment.save(host.state, host.enrolled)
    host.restart()
    host.tell(section("cpu", "A"))

    assert host.model.texts == [("cpu", "A")]
    kept = enrolment.load(host.state)
    assert kept is not None
    assert (kept.secret, kept.previous) == (SECRET, b"")


def test_the_key_of_digests_is_learnt_once(host: Host) -> None:
    host.enrolled = Enrolled(host.at.url, KEY, SECRET, fingerprint=host.enrolled.fingerprint)
    host.restart()
    known = [host.delivery.digest_key]
    host.tell(section("cpu", "A"))
    host.tell(section("cpu", "A"))
    host.restart()
    known.append(host.delivery.digest_key)

    assert known == [None, bytes.fromhex(DIGEST_KEY)]
    assert len(host.model.said) == 3


def test_one_process_at_a_time_hands_in(host: Host) -> None:
    with pytest.raises(UsageError, match="runs already"):
        lock_in_another_process(host.state.folder)


def lock_in_another_process(folder: Path) -> None:
    """A lock of fcntl(2) is the process's own, so it takes another one to meet it."""

    script = (
        "import sys; from pathlib import Path; from agent.state import State; from agent.delivery import _locked\n"
        "try: _locked(State(Path(sys.argv[1])))\nexcept Exception as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    if done.stdout:
        raise UsageError(done.stdout)


def test_a_problem_is_said_once_and_when_it_is_over(host: Host, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    host.model.faults = [500, 500, 500]
    host.put(section("cpu", "A"))
    for _ in range(4):
        host.later(1000)

    said = [record.message for record in caplog.records if record.name == "agent.delivery"]
    assert len(said) == 2
    assert "500" in said[0]
    assert said[1] == "the server takes reports again"


def test_no_secret_is_in_what_is_said_or_shown(host: Host, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    host.model.faults = [500, "html"]
    for _ in range(3):
        host.tell(section("cpu", "A"))
        host.pass_by(1000)

    for shown in (caplog.text, repr(host.enrolled), repr(host.delivery._exchange)):
        assert SECRET.decode() not in shown
        assert DIGEST_KEY not in shown


def test_settings_bound_the_spool() -> None:
    assert limits({}) == Limits()
    assert limits({"spool": {"bytes": "1000000", "reports": "7"}}) == Limits(bytes=1_000_000, reports=7)
    assert ask_seconds({"server": {"ask": "60"}}) == 60


@pytest.mark.parametrize(
    "sections",
    [{"spool": {"bytes": "much"}}, {"spool": {"bytes": "1"}}, {"spool": {"reports": "-1"}}, {"server": {"ask": "1"}}],
)
def test_settings_that_can_not_be_are_refused(sections: Any) -> None:
    with pytest.raises(UsageError, match="write a number"):
        (limits(sections), ask_seconds(sections))
