from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.identification import Greeting, Identification, visible
from collector.outcome import Stopped


def stopped(*chunks: bytes) -> Stopped:
    greeting = Greeting()
    with pytest.raises(Stopped) as caught:
        [greeting.take(chunk) for chunk in chunks]
    return caught.value


@given(st.integers(1, 60))
def test_the_identification_is_found_however_it_is_cut(size: int) -> None:
    text = b"Authorised use only\r\nSSH-none of yours? no, this is a notice\n".replace(b"SSH-", b"SsH-")
    text += b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\nrest"
    greeting, found = Greeting(), None
    for at in range(0, len(text), size):
        found = greeting.take(text[at : at + size])
        if found is not None:
            break

    assert found is not None
    assert found.line == b"SSH-2.0-OpenSSH_9.2p1 Debian-2"
    assert b"rest".startswith(found.rest)


def test_a_line_may_end_without_a_carriage_return_and_version_199_is_2() -> None:
    assert Greeting().take(b"SSH-1.99-Cisco-1.25\n") == Identification(b"SSH-1.99-Cisco-1.25", b"")


def test_what_speaks_something_else_is_shown_safely() -> None:
    stop = stopped(b"\x1b]0;owned\x07 220 mail\xff\n" + b"x" * 9000)

    assert (stop.outcome, stop.phase) == ("no_ssh", "banner")
    assert r"\x1b]0;owned\x07 220 mail\xff\x0a" in stop.reason
    assert len(stop.reason) < 300


@pytest.mark.parametrize(
    "line", [b"SSH-2.0-" + b"a" * 250 + b"\r\n", b"SSH-2.0-a" * 40, b"SSH-2.0-\x1b[2J\r\n", b"SSH-2.0\r\n"]
)
def test_a_malformed_identification_is_no_ssh(line: bytes) -> None:
    assert stopped(line).outcome == "no_ssh"


def test_a_greeting_without_end_is_cut_off() -> None:
    assert stopped(*[b"0123456789\n" * 10] * 80).outcome == "no_ssh"


def test_ssh_1_is_not_spoken() -> None:
    stop = stopped(b"SSH-1.5-OpenSSH_2.9\n")

    assert stop.outcome == "algorithms"
    assert stop.evidence.ssh_version == "SSH-1.5-OpenSSH_2.9"


def test_an_end_says_what_had_been_said() -> None:
    full, silent, cut, slow = Greeting(), Greeting(), Greeting(), Greeting()
    full.take(b"Exceeded MaxStartups\r\n")
    cut.take(b"HTTP/1.0 400 Bad Request\r\n")
    slow.take(b"SSH-2.0-")

    assert full.ended().outcome == "refused"
    assert silent.ended().outcome == "no_ssh"
    assert "HTTP/1.0 400" in cut.ended().reason
    assert cut.timed_out(5).outcome == "no_ssh"
    assert silent.timed_out(5).outcome == slow.timed_out(5).outcome == "timed_out"
    assert silent.timed_out(5).phase == "banner"


@given(st.binary(max_size=200))
def test_what_is_visible_is_printable_ascii(text: bytes) -> None:
    shown = visible(text).removesuffix("…")

    assert shown.isascii()
    assert shown == "" or shown.isprintable()
