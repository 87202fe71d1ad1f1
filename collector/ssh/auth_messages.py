"""The messages of signing in, sent and understood; the replies come on the wire's thread.

Source: RFC 4252 (publickey, password, none), RFC 4256 (keyboard-interactive). What a server counts or asks is bounded.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import paramiko
from paramiko.auth_handler import AuthOnlyHandler
from paramiko.common import (
    MSG_SERVICE_ACCEPT,
    cMSG_SERVICE_REQUEST,
    cMSG_USERAUTH_INFO_RESPONSE,
    cMSG_USERAUTH_REQUEST,
)
from paramiko.message import Message

from collector.login import KEYBOARD_INTERACTIVE, PASSWORD, PUBLIC_KEY
from collector.secret import Forgetting, Secret
from collector.ssh.signers import AgentSigner, FileSigner
from collector.ssh.wire import Wire

MOST_PROMPTS = 16
MOST_ROUNDS = 3


class Broken(Exception):
    """The connection ended in the middle."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said to one try: `methods` can go on. `expired`: the password is right, and has to be changed."""

    accepted: bool
    partly: bool = False
    methods: tuple[str, ...] = ()
    expired: bool = False


class SealedMessage(Message):
    """A message that may hold a secret: it shows nothing of itself, in a traceback with values of variables least of all."""

    def __repr__(self) -> str:
        return "Message(…)"


class AuthMessages(AuthOnlyHandler):
    """The messages. Replies come on the wire's thread."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(wire)
        self._wire = weakref.proxy(wire)
        self._ready = threading.Event()
        self._answers: list[Answer] = []
        self._secret: Secret | None = None
        self._rounds = 0
        wire._handler_table[MSG_SERVICE_ACCEPT] = lambda _: self._ready.set()  # type: ignore[attr-defined]
        wire.auth_handler = self

    def begin(self) -> None:
        """Ask for the service (RFC 4252 section 4)."""
        self.auth_event = self._ready
        message = Message()
        message.add_byte(cMSG_SERVICE_REQUEST)
        message.add_string("ssh-userauth")
        self._say(message)
        self._ready.wait()
        if not self._wire.active:
            raise Broken

    def none(self, user: str) -> Answer:
        return self._ask(user, "none", lambda _: None)

    def key(self, user: str, signer: FileSigner | AgentSigner, algorithm: str) -> Answer:
        signed = Message()
        signed.add_string(self._wire.session_id)
        self._request(signed, user, PUBLIC_KEY)
        signed.add_boolean(True)
        signed.add_string(algorithm)
        signed.add_string(signer.blob)
        signature = signer.sign(signed.asbytes(), algorithm)

        def finish(message: Message) -> None:
            message.add_boolean(True)
            message.add_string(algorithm)
            message.add_string(signer.blob)
            message.add_string(signature)

        return self._ask(user, PUBLIC_KEY, finish)

    def by_password(self, user: str, secret: Secret) -> Answer:
        def finish(message: Message) -> None:
            message.add_boolean(False)
            message.add_string(secret.reveal())

        return self._ask(user, PASSWORD, finish)

    def keyboard_interactive(self, user: str, secret: Secret) -> Answer:
        def finish(message: Message) -> None:
            message.add_string("")
            message.add_string("")

        self._secret, self._rounds = secret, 0
        try:
            return self._ask(user, KEYBOARD_INTERACTIVE, finish)
        finally:
            self._secret = None

    def _ask(self, user: str, method: str, finish: Callable[[Message], None]) -> Answer:
        message = SealedMessage()
        self._request(message, user, method)
        finish(message)
        event = threading.Event()
        self.auth_method, self.username = method, user
        self._answers.clear()
        self.auth_event = event
        self._say(message)
        event.wait()
        if not self._answers:
            raise Broken
        return self._answers[0]

    def _request(self, message: Message, user: str, method: str) -> None:
        message.add_byte(cMSG_USERAUTH_REQUEST)
        message.add_string(user)
        message.add_string("ssh-connection")
        message.add_string(method)

    def _say(self, message: Message) -> None:
        try:
            self._wire._send_message(message)
        except (EOFError, OSError, paramiko.SSHException):
            raise Broken from None
        if not self._wire.active:
            raise Broken

    def _parse_userauth_success(self, m: Any) -> None:  # noqa: ARG002 - has no content
        self.authenticated = True
        self._wire._auth_trigger()
        self._end(Answer(True))

    def _parse_userauth_failure(self, m: Any) -> None:
        methods = tuple(m.get_list())[:16]
        self._end(Answer(False, m.get_boolean(), methods))

    def _parse_userauth_banner(self, m: Any) -> None:
        """Words for people (RFC 4252 section 5.4)."""

    def _parse_userauth_info_request(self, m: Any) -> None:
        """Only one hidden prompt is answered; what else is asked gets empty answers, which fail.

        After a password the same message number asks for a new one (RFC 4252 section 8), which is nobody's here to choose.
        """
        if self.auth_method != KEYBOARD_INTERACTIVE:
            self._end(Answer(False, methods=(PASSWORD,), expired=self.auth_method == PASSWORD))
            return
        m.get_text()
        m.get_text()
        m.get_binary()
        prompts = m.get_int()
        self._rounds += 1
        if prompts > MOST_PROMPTS or self._rounds > MOST_ROUNDS:
            raise paramiko.SSHException("more questions than anybody answers")
        hidden = [(m.get_text(), not m.get_boolean()) for _ in range(prompts)]
        message = SealedMessage()
        message.add_byte(cMSG_USERAUTH_INFO_RESPONSE)
        message.add_int(prompts)
        if len(hidden) == 1 and hidden[0][1] and self._secret is not None:
            message.add_string(self._secret.reveal())
            self._secret = None
        else:
            for _ in range(prompts):
                message.add_string("")
        with Forgetting():
            self._wire._send_message(message)

    def _end(self, answer: Answer) -> None:
        self._answers.append(answer)
        if self.auth_event is not None:
            self.auth_event.set()
