"""What the server's answers mean for an agent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

import pytest

from agent.enrolment import Enrolled
from agent.exchange import Exchange, Later, Refused
from agent.signature import Signed, fields_of, parse, verify
from agent.state import State
from agent.transport import Answer, Transport, Unreachable, server

NOW = 1_764_000_000
SECRET = b"s" * 32


@dataclass
class Answering(Transport):
    """A transport that gives the answers that it was given, and keeps what it was asked."""

    answers: list[Any] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    def request(self, method: str, target: str, fields: Mapping[str, str], content: bytes = b"") -> Answer:
        self.asked.append((method, target, dict(fields), content))
        found = self.answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


def answer(status: int, said: Any = None, **named: str) -> Answer:
    content = said if isinstance(said, bytes) else json.dumps(said if said is not None else {"detail": "no"}).encode()
    return Answer(status, {name.replace("_", "-"): value for name, value in named.items()}, content)


def exchange(
    tmp_path: Path, *answers: Any, url: str = "https://x", previous: bytes = b""
) -> tuple[Exchange, Answering]:
    transport = Answering(server(url), "1", {}, answers=list(answers))
    enrolled = Enrolled(url, "k1", SECRET, previous=previous)
    return Exchange(State(tmp_path), enrolled, transport, lambda: float(NOW)), transport


def failure(tmp_path: Path, found: Any) -> Exception:
    with pytest.raises((Later, Refused)) as error:
        exchange(tmp_path, found)[0].ask("GET", "/x")
    return error.value


def test_what_is_asked_is_signed_with_the_path_that_the_server_sees(tmp_path: Path) -> None:
    talk, transport = exchange(tmp_path, answer(200, {"said": 1}), url="https://x/behind")

    assert talk.ask("POST", "/api?a=b", b"content", {"Content-Type": "text/plain"}) == {"said": 1}
    method, target, fields, content = transport.asked[0]
    signed = Signed(method, f"/behind{target}", fields_of(fields.items()), content)
    assert verify(signed, parse(signed.fields), [SECRET], NOW) == 0


@pytest.mark.parametrize("status", [400, 409, 413, 415, 422])
def test_what_will_never_be_taken_is_refused(tmp_path: Path, status: int) -> None:
    error = failure(tmp_path, answer(status, {"detail": "why\nnot", "type": "urn:surveymark:lines-wanted"}))

    assert isinstance(error, Refused)
    assert (error.answered, error.kind) == (status, "lines-wanted")
    assert error.message.endswith("why not")


@pytest.mark.parametrize(
    "status", [301, 302, 401, 402, 403, 404, 405, 407, 408, 425, 429, 451, 500, 501, 502, 503, 504, 599]
)
def test_all_else_may_be_otherwise_later(tmp_path: Path, status: int) -> None:
    assert isinstance(failure(tmp_path, answer(status)), Later)


@pytest.mark.parametrize("status", [200, 404, 422, 500])
@pytest.mark.parametrize("said", [b"<html>", b"", b"[]", b"\xff", b"[" * 100_000])
def test_who_does_not_answer_as_a_server_of_ours_refuses_nothing(tmp_path: Path, status: int, said: bytes) -> None:
    error = failure(tmp_path, answer(status, said))

    assert isinstance(error, Later)
    assert error.kind == "strange"


def test_who_is_not_reached_may_be_later(tmp_path: Path) -> None:
    assert isinstance(failure(tmp_path, Unreachable("away")), Later)


@pytest.mark.parametrize(
    ("named", "seconds"),
    [
        ({}, None),
        ({"retry_after": "120"}, 120.0),
        ({"retry_after": "0"}, 0.0),
        ({"retry_after": "-5"}, None),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "9" * 400}, 999999999.0),
        ({"retry_after": "Wed, 21 Oct 2015 07:29:00 GMT", "date": "Wed, 21 Oct 2015 07:28:00 GMT"}, 60.0),
        ({"retry_after": "Wed, 21 Oct 2015 07:27:00 GMT", "date": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(tmp_path: Path, named: dict[str, str], seconds: Optional[float]) -> None:
    error = failure(tmp_path, answer(503, None, **named))

    assert isinstance(error, Later)
    assert error.retry_after == seconds


@pytest.mark.parametrize("date", ["", "yesterday", "Wed, 99 Oct 2015 07:28:00 GMT"])
def test_a_clock_is_not_followed_without_a_date(tmp_path: Path, date: str) -> None:
    talk, transport = exchange(tmp_path, answer(401, {"detail": "no", "type": "urn:surveymark:clock"}, date=date))

    with pytest.raises(Later):
        talk.ask("GET", "/x")
    assert len(transport.asked) == 1
    assert talk.offset == 0


def test_a_clock_that_is_refused_still_is_not_followed_for_ever(tmp_path: Path) -> None:
    clock = answer(401, {"detail": "no", "type": "urn:surveymark:clock"}, date="Wed, 21 Oct 2015 07:28:00 GMT")
    talk, transport = exchange(tmp_path, clock, clock, clock)

    for asked in (2, 3):
        with pytest.raises(Later):
            talk.ask("GET", "/x")
        assert len(transport.asked) == asked


def test_a_secret_without_one_before_is_not_given_up(tmp_path: Path) -> None:
    talk, _ = exchange(tmp_path, answer(401, {"detail": "no", "type": "urn:surveymark:signature"}))

    with pytest.raises(Later):
        talk.ask("GET", "/x")
    assert talk.enrolled.secret == SECRET


@pytest.mark.parametrize("said", [{}, {"secret": "x"}, {"secret": 7}, {"secret": "AAAA"}])
def test_a_new_secret_that_is_none_changes_nothing(tmp_path: Path, said: dict) -> None:
    talk, _ = exchange(tmp_path, answer(201, said))

    with pytest.raises(Later):
        talk.renew()
    assert talk.enrolled.secret == SECRET


@pytest.mark.parametrize("key", [None, "", "short", "Z" * 64, 7])
def test_a_key_of_digests_that_is_none_is_not_taken(tmp_path: Path, key: Any) -> None:
    talk, _ = exchange(tmp_path, answer(200, {"key": key}))

    with pytest.raises(Later):
        talk.learn_digest_key()
    assert talk.enrolled.digest_key == ""
