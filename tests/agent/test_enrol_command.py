"""`agent enrol`, and what `agent once` does once that is done."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.command_line import main
from agent.facts import FACTS
from tests.servers import certificates
from tests.servers.agent_server import KEY, SECRET, TOKEN, AgentServer
from tests.servers.https_server import HttpsServer


@pytest.fixture
def model() -> AgentServer:
    return AgentServer()


@pytest.fixture
def arguments(model: AgentServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What enrols this host at a server of the test."""
    monkeypatch.setenv("SURVEYMARK_AGENT_STATE", str(tmp_path / "state"))
    monkeypatch.delenv("SURVEYMARK_AGENT_CONFIG", raising=False)
    token = tmp_path / "token"
    token.write_text(f"{TOKEN}\n")
    token.chmod(0o600)
    own = certificates.issue(tmp_path, "own", "IP:127.0.0.1")
    with HttpsServer(own.context(), model) as at:
        yield ["enrol", "--server", at.url, "--token-file", str(token), "--fingerprint", own.fingerprint]


def test_a_host_that_is_enrolled_hands_in_what_it_sees(
    arguments: list[str], model: AgentServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 0
    assert KEY in capsys.readouterr().out
    assert main(["once", "--json"]) == 0

    said = json.loads(capsys.readouterr().out)
    assert (said["waiting"], said["problem"]) == (0, "")
    assert [section.name for section in model.batches[0].sections] == list(FACTS)
    assert not any("store's key" in section.reason for section in model.batches[0].sections), (
        "the key was there in time"
    )


def test_what_can_not_be_handed_in_is_kept_and_said(
    arguments: list[str], model: AgentServer, capsys: pytest.CaptureFixture[str]
) -> None:
    main(arguments)
    model.faults = [500, 500]  # of what it asks first, and of the report

    assert main(["once"]) == 4
    assert "kept" in capsys.readouterr().err


def test_one_that_waits_for_people_says_why(
    arguments: list[str], model: AgentServer, capsys: pytest.CaptureFixture[str]
) -> None:
    model.state, model.reason = "pending", "its machine id is known \x1b[31m"

    assert main(arguments) == 0
    said = capsys.readouterr().out
    assert f"approve {KEY}" in said
    assert "\x1b" not in said


def test_the_answer_as_json_has_no_secret(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*arguments, "--json"]) == 0

    said = capsys.readouterr()
    assert json.loads(said.out)["key"] == KEY
    assert SECRET.decode() not in said.out + said.err


def test_a_token_that_others_may_read_is_refused(arguments: list[str], model: AgentServer) -> None:
    Path(arguments[4]).chmod(0o644)

    assert main(arguments) == 2
    assert not model.said


@pytest.mark.parametrize("wrong", [["--server", "http://cmdb.example"], ["--fingerprint", "12"], ["--ca-file", "x"]])
def test_wrong_usage_says_so(arguments: list[str], wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*arguments, *wrong]) == 2
    assert capsys.readouterr().err


def test_a_token_may_come_over_standard_input(
    arguments: list[str], model: AgentServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{TOKEN}\n"))

    assert main([*arguments[:4], "-", *arguments[5:]]) == 0
    assert len(model.said) == 1


def test_without_a_terminal_nobody_is_asked_for_it(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{TOKEN}\n"))

    assert main([*arguments[:3], *arguments[5:]]) == 2
    assert "--token-file" in capsys.readouterr().err


def test_a_certificate_that_is_renewed_is_trusted_beside_the_old_one(
    arguments: list[str], model: AgentServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(arguments)
    url, old = arguments[2], arguments[6]
    new = certificates.issue(tmp_path, "new", "IP:127.0.0.1")

    assert main(["trust", "--fingerprint", f"{new.fingerprint},{old}"]) == 0
    assert f"{url} is verified by its fingerprint" in capsys.readouterr().out
    assert main(["once"]) == 0
    assert len(model.batches) == 1

    main(["trust", "--fingerprint", new.fingerprint])
    assert main(["once"]) == 4
    assert "another server, or a new one" in capsys.readouterr().err


def test_there_is_nothing_to_trust_before_it_is_enrolled(arguments: list[str]) -> None:
    assert main(["trust", "--fingerprint", arguments[6]]) == 2
