from __future__ import annotations

from typing import Any

import paramiko
import pytest
from paramiko.message import Message

from collector.secret import Secret
from collector.ssh.auth_messages import AuthMessages

PASSWORD = "correct horse battery staple"


class _Silent:
    """Of a wire what a handler needs before anything is sent."""

    active = True
    _handler_table: dict[int, Any] = {}
    sent: list[bytes]

    def __init__(self) -> None:
        self.sent = []

    def _send_message(self, message: Message) -> None:
        self.sent.append(message.asbytes())


def question(*prompts: tuple[str, bool], count: int | None = None) -> Message:
    message = Message()
    for text in ("title", "instructions", ""):
        message.add_string(text)
    message.add_int(len(prompts) if count is None else count)
    for text, echo in prompts:
        message.add_string(text)
        message.add_boolean(echo)
    return Message(message.asbytes())


def test_questions_that_are_no_single_hidden_prompt_get_no_secret() -> None:
    wire = _Silent()
    handler = AuthMessages(wire)  # type: ignore[arg-type]

    for asked in (question(("Name: ", True)), question(("Password: ", False), ("Code: ", False)), question()):
        handler.auth_method, handler._secret, handler._rounds = "keyboard-interactive", Secret(PASSWORD), 0
        handler._parse_userauth_info_request(asked)

    assert not any(PASSWORD.encode() in sent for sent in wire.sent)
    handler._parse_userauth_info_request(question(("Password: ", False)))
    assert PASSWORD.encode() in wire.sent[-1]
    handler._parse_userauth_info_request(question(("Again: ", False)))
    assert PASSWORD.encode() not in wire.sent[-1]


def test_endless_questions_end_the_connection() -> None:
    wire = _Silent()
    handler = AuthMessages(wire)  # type: ignore[arg-type]
    handler.auth_method = "keyboard-interactive"

    with pytest.raises(paramiko.SSHException, match="more questions"):
        handler._parse_userauth_info_request(question(count=4_000_000_000))
    handler._rounds = 0
    for _ in range(3):
        handler._parse_userauth_info_request(question())
    with pytest.raises(paramiko.SSHException, match="more questions"):
        handler._parse_userauth_info_request(question())


def test_a_password_that_has_to_be_changed_is_said_and_nothing_is_answered() -> None:
    wire = _Silent()
    handler = AuthMessages(wire)  # type: ignore[arg-type]
    handler.auth_method = "password"
    change = Message()
    change.add_string("Your password has expired")
    change.add_string("")

    handler._parse_userauth_info_request(Message(change.asbytes()))

    assert handler._answers[0].expired
    assert not handler._answers[0].accepted
    assert wire.sent == []
