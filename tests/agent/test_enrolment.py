"""Enrolment over real TLS: once, kept for the owner alone, and no half of it."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.enrolment import Enrolled, enrol, host_marks, keep_secrets, load, renewed, save, trust
from agent.state import State
from agent.transport import Server, server
from agent.version import VERSION
from cmdb.model.errors import SurveymarkError, UsageError
from tests.servers import certificates
from tests.servers.agent_server import KEY, SECRET, TOKEN, AgentServer
from tests.servers.https_server import HttpsServer, answer, raw

ENROLLED = Enrolled("https://x", KEY, SECRET, "/etc/ca.pem", "", b"p" * 32, "2099-01-01T00:00:00Z", "ab" * 32)


@pytest.fixture
def model() -> AgentServer:
    return AgentServer()


@pytest.fixture
def at(model: AgentServer, tmp_path: Path) -> Iterator[Server]:
    own = certificates.issue(tmp_path, "own", "IP:127.0.0.1")
    with HttpsServer(own.context(), model) as listening:
        yield server(listening.url, fingerprint=own.fingerprint)


def test_a_host_is_enrolled_with_its_marks(at: Server, model: AgentServer, tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    enrolled, said = enrol(state, at, TOKEN, {})

    assert (enrolled.key, enrolled.secret, enrolled.url, said["state"]) == (KEY, SECRET, at.url, "active")
    assert load(state) == enrolled
    told = model.enrolled[0]
    assert (told["agent_key"], told["version"], told["marks"]) == (state.agent_key(), VERSION, host_marks())
    assert told["marks"]["host_name"]


def test_only_the_owner_may_read_what_is_kept(tmp_path: Path) -> None:
    save(State(tmp_path / "state"), ENROLLED)
    path = tmp_path / "state" / "enrolment.json"

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load(State(tmp_path / "state")) == ENROLLED
    path.chmod(0o644)
    with pytest.raises(UsageError, match="chmod 600"):
        load(State(tmp_path / "state"))


def test_an_agent_that_is_enrolled_is_not_enrolled_again(at: Server, model: AgentServer, tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    enrol(state, at, TOKEN, {})

    with pytest.raises(UsageError, match=KEY):
        enrol(state, at, TOKEN, {})
    assert len(model.enrolled) == 1


@pytest.mark.parametrize(
    "said",
    [
        raw(200, b"<html>", {}),
        answer(201, {"key": "a/b", "secret": "c3M="}),
        answer(201, {"key": KEY, "secret": "short"}),
        answer(201, {"key": KEY}),
        answer(201, []),
        answer(403, {"detail": "The token has\nexpired."}),
        b"",
    ],
)
def test_whatever_else_is_answered_enrols_nobody(tmp_path: Path, said: bytes) -> None:
    own = certificates.issue(tmp_path, "own", "IP:127.0.0.1")
    with HttpsServer(own.context(), said) as listening:
        to = server(listening.url, fingerprint=own.fingerprint)
        with pytest.raises(SurveymarkError) as error:
            enrol(State(tmp_path / "state"), to, TOKEN, {})

    assert "\n" not in error.value.message
    assert TOKEN not in error.value.message
    assert load(State(tmp_path / "state")) is None


@pytest.mark.parametrize("token", ["", "with space", "\u00e9", "line\nend"])
def test_what_is_no_token_is_not_sent(at: Server, model: AgentServer, tmp_path: Path, token: str) -> None:
    with pytest.raises(UsageError, match="token"):
        enrol(State(tmp_path / "state"), at, token, {})
    assert not model.said


@pytest.mark.parametrize(
    "change", [{"secret": "x"}, {"key": 7}, {"digest_key": "xyz"}, {"previous": "AAAA"}, {"url": None}]
)
def test_a_spoilt_file_is_said(tmp_path: Path, change: dict[str, Any]) -> None:
    state = State(tmp_path / "state")
    save(state, ENROLLED)
    path = state.folder / "enrolment.json"
    said = {**json.loads(path.read_text()), **change}
    if change == {"url": None}:
        del said["url"]
    path.write_text(json.dumps(said))

    with pytest.raises(SurveymarkError, match="enrol this agent anew"):
        load(state)


def test_a_file_that_can_not_be_written_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = State(tmp_path / "state")
    save(state, ENROLLED)
    (state.folder / ".enrolment.json.new").mkdir()

    with pytest.raises(SurveymarkError, match="can not be written"):
        save(state, renewed(ENROLLED, {"secret": "bm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5u"}))
    assert load(state) == ENROLLED


def test_secrets_are_kept_beside_what_others_changed(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    save(state, ENROLLED)
    trust(state, fingerprint="cd" * 32)
    keep_secrets(state, replace(ENROLLED, secret=b"n" * 32))
    assert load(state) == replace(ENROLLED, secret=b"n" * 32, ca_file="", fingerprint="cd" * 32)

    save(state, replace(ENROLLED, key="another"))
    keep_secrets(state, replace(ENROLLED, secret=b"n" * 32))
    assert load(state) == replace(ENROLLED, key="another")


def test_a_new_secret_keeps_the_one_before() -> None:
    new = renewed(ENROLLED, {"secret": "bm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5u", "secret_ends_at": "2100-01-01T00:00:00Z"})

    assert (new.secret, new.previous, new.ends_at) == (b"n" * 24, SECRET, "2100-01-01T00:00:00Z")
    assert "nnnn" not in repr(new)
