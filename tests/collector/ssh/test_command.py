from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import pytest

from collector.outcome import Stopped
from collector.secret import Secret
from collector.ssh.command import LARGEST_STDERR
from collector.ssh.known_hosts import KnownHosts
from collector.ssh.session import Session, connect
from tests.collector.ssh.conftest import Site

# Asks as a script with sudo does: each prompt has its number, a wrong answer brings the same number again.
ASKING = r"""
ask() { printf 'GIVE%s:' "$1" >&2; read -r answer || { echo "closed at $1"; return 1; }; [ "$answer" = open ] && echo "ok $1"; }
ask 1; ask 2; ask 3 || ask 3; echo end
"""


@pytest.fixture
def session(at_site: Site, known: KnownHosts) -> Iterator[Session]:
    with connect(at_site.target(), [at_site.by_key()], known) as session:
        yield session


def test_status_output_and_errors_come_back_of_one_command_after_the_other(session: Session) -> None:
    for status in (0, 3, 255):
        done = session.execute(f"cat; echo sorry >&2; exit {status}", b"in\0put", limit=100, seconds=20)
        assert (done.stdout, done.stderr, done.status, done.cut) == (b"in\0put", b"sorry\n", status, False)


def test_there_is_no_terminal_no_agent_and_no_foreign_environment(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_SURVEYMARK", "leaked")

    done = session.execute("tty; env", b"", limit=10_000, seconds=20)

    assert done.stdout.startswith(b"not a tty\n")
    assert not re.search(rb"leaked|SSH_AUTH_SOCK|DISPLAY|SSH_TTY", done.stdout)


def test_much_goes_in_and_out_at_once(session: Session) -> None:
    data = bytes(range(256)) * 40_000

    done = session.execute("cat", data, limit=len(data), seconds=60)

    assert done.stdout == data
    assert not done.cut


def test_output_is_cut_at_its_limit_and_the_session_goes_on(session: Session) -> None:
    done = session.execute("yes", b"", limit=100_000, seconds=20)

    assert (len(done.stdout), done.cut, done.status) == (100_000, True, None)
    assert session.execute("echo on", b"", limit=100, seconds=20).stdout == b"on\n"
    assert not session.execute("printf 12345", b"", limit=5, seconds=20).cut


def test_errors_are_bounded_and_do_not_hold_up_the_output(session: Session) -> None:
    done = session.execute("head -c 9000000 /dev/zero >&2; echo out", b"", limit=100, seconds=60)

    assert done.stdout == b"out\n"
    assert len(done.stderr) == LARGEST_STDERR


def test_a_command_that_reads_nothing_takes_no_input(session: Session) -> None:
    assert session.execute("echo early", b"x" * 5_000_000, limit=100, seconds=20).stdout == b"early\n"


def test_each_prompt_is_answered_once(session: Session) -> None:
    done = session.execute(
        ASKING, b"", limit=1000, seconds=20, prompt=b"GIVE", answer=Secret("open")
    )  # fmt: skip

    assert done.stdout == b"ok 1\nok 2\nok 3\nend\n"


def test_a_prompt_that_comes_again_closes_the_input(session: Session) -> None:
    done = session.execute(ASKING, b"", limit=1000, seconds=20, prompt=b"GIVE", answer=Secret("wrong"))

    assert done.stdout == b"closed at 3\nend\n"


def test_a_prompt_is_found_behind_noise_and_in_pieces(session: Session) -> None:
    pieces = "printf GI >&2; sleep 0.2; printf 'VE12' >&2; sleep 0.2; printf : >&2"
    script = f"head -c 700000 /dev/zero >&2; {pieces}; read -r a; echo $a"

    done = session.execute(script, b"", limit=100, seconds=30, prompt=b"GIVE", answer=Secret("open"))

    assert done.stdout == b"open\n"


def test_input_comes_before_the_answers(session: Session) -> None:
    script = "read -r first; printf 'P1:' >&2; read -r second; echo $first $second"

    done = session.execute(script, b"line\n", limit=100, seconds=20, prompt=b"P", answer=Secret("open"))

    assert done.stdout == b"line open\n"


def test_a_child_that_stays_behind_does_not_hold_the_command(session: Session) -> None:
    start = time.monotonic()

    done = session.execute("sleep 120 & echo left", b"", limit=100, seconds=60)

    assert (done.stdout, done.status) == (b"left\n", 0)
    assert time.monotonic() - start < 30


def test_a_command_without_end_is_ended(session: Session) -> None:
    start = time.monotonic()

    with pytest.raises(Stopped) as caught:
        session.execute("while :; do echo still; sleep 0.1; done", b"", limit=10_000_000, seconds=1.5)

    assert time.monotonic() - start < 10
    assert (caught.value.outcome, caught.value.phase) == ("timed_out", "command")
    assert not session.alive


def test_input_that_nobody_reads_is_no_trap(session: Session) -> None:
    start = time.monotonic()

    with pytest.raises(Stopped) as caught:
        session.execute("sleep 60", b"x" * 20_000_000, limit=100, seconds=1.5)

    assert time.monotonic() - start < 10
    assert caught.value.outcome == "timed_out"


def test_a_lost_connection_is_said(session: Session) -> None:
    with pytest.raises(Stopped) as caught:
        session.execute("kill -9 $PPID; sleep 20", b"", limit=100, seconds=30)

    assert (caught.value.outcome, caught.value.phase) == ("failed", "command")
    assert "lost" in caught.value.reason


def test_a_command_that_dies_by_a_signal_has_no_status(session: Session) -> None:
    done = session.execute("echo before; kill -9 $$", b"", limit=100, seconds=30)

    assert (done.stdout, done.status) == (b"before\n", None)


def test_a_host_that_opens_no_session_is_no_host(
    at_site: Site, known: KnownHosts, free_port: Callable[[], int]
) -> None:
    server = at_site.far.sshd(free_port(), options={"MaxSessions": "0"})

    with connect(at_site.target(server), [at_site.by_key()], known) as session, pytest.raises(Stopped) as caught:
        session.execute("true", b"", limit=100, seconds=20)

    assert (caught.value.outcome, caught.value.phase) == ("not_a_host", "command")


def test_a_forced_command_runs_in_the_place_of_ours(
    at_site: Site, known: KnownHosts, free_port: Callable[[], int]
) -> None:
    server = at_site.far.sshd(free_port(), options={"ForceCommand": "echo forced", "Banner": "/etc/hostname"})

    with connect(at_site.target(server), [at_site.by_key()], known) as session:
        assert session.execute("true", b"script", limit=100, seconds=20).stdout == b"forced\n"
