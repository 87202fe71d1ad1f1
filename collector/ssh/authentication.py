"""Signing in: which credential is tried by which method, and what the server answered.

Source: RFC 4252 (publickey, password, none), RFC 4256 (keyboard-interactive). A server may want several methods one after
the other (partial success). A connection has one account and takes few tries (sshd: MaxAuthTries 6, one account), so what
is left over goes on in another connection, of which there are few.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from collector.login import KEYBOARD_INTERACTIVE, PASSWORD, PUBLIC_KEY, KeyFile, Login
from collector.secret import Forgetting
from collector.ssh.auth_messages import Answer, AuthMessages, Broken
from collector.ssh.signers import AgentSigner, FileSigner, Keys, Unusable, agent_signers, algorithm_for
from collector.ssh.wire import Wire
from collector.target import Target

TRIES_A_CONNECTION = 5


class Budget(Protocol):
    """How often an account of a target may be tried by a secret (collector.attempts has it)."""

    def take(self, target: Target, user: str, credential: str) -> Any | None:
        """Begin a try; None where the budget is spent. The try is handed to one of the others at its end."""

    def failed(self, attempt: Any) -> None: ...
    def undone(self, attempt: Any) -> None: ...
    def worked(self, attempt: Any, credential: str) -> None: ...
    def worked_with(self, target: Target, credential: str) -> None: ...


class Boundless:
    """Counts nothing: for tests and hops that nobody counts."""

    def take(self, target: Target, user: str, credential: str) -> Any | None:  # noqa: ARG002 - counts nothing
        return True

    def failed(self, attempt: Any) -> None: ...
    def undone(self, attempt: Any) -> None: ...
    def worked(self, attempt: Any, credential: str) -> None: ...
    def worked_with(self, target: Target, credential: str) -> None: ...


@dataclass(slots=True)
class Step:
    """One way of one login that is still to be tried."""

    login: Login
    method: str
    key: KeyFile | None = None


def steps_of(logins: Sequence[Login]) -> list[Step]:
    """All ways in, in order. The keys of an agent are one step."""
    steps = []
    for login in logins:
        steps += [Step(login, PUBLIC_KEY, key) for key in login.keys]
        if login.use_agent:
            steps.append(Step(login, PUBLIC_KEY))
        if login.password is not None:
            steps.append(Step(login, PASSWORD))
        if login.keyboard_interactive is not None:
            steps.append(Step(login, KEYBOARD_INTERACTIVE))
    return steps


@dataclass(slots=True)
class Ledger:
    """What became of the tries at one target, over all of its connections."""

    target: Target
    budget: Budget
    keys: Keys
    told: dict[str, list[str]] = field(default_factory=dict)
    tries: int = 0
    spent: bool = False

    def tell(self, step: Step, what: str) -> None:
        told = self.told.setdefault(step.login.credential_name, [])
        sentence = f"{step.method} {what}"
        if sentence not in told:
            told.append(sentence)

    def __str__(self) -> str:
        return "; ".join(f"{name}: {', '.join(told)}" for name, told in self.told.items())


class SignIn:
    """The tries of one account over one connection."""

    def __init__(self, wire: Wire, user: str, ledger: Ledger, known_before: bool) -> None:
        self._wire, self._user, self._ledger, self._known_before = wire, user, ledger, known_before
        self._handler = AuthMessages(wire)
        self._allowed: tuple[str, ...] | None = None
        self._left = TRIES_A_CONNECTION

    def run(self, steps: deque[Step]) -> Login | None:
        """The login that was accepted. None where none was, or where the connection takes no more tries: what could not be
        tried stays in `steps`. Raises Broken where the connection ended."""
        self._handler.begin()
        others: deque[Step] = deque()
        passed: list[Step] = []
        partial = 0
        try:
            if steps and steps[0].method != PUBLIC_KEY and self._answered(self._handler.none(self._user), steps[0]):
                return steps[0].login
            while steps:
                step = steps.popleft()
                if step.login.user != self._user:
                    others.append(step)
                    continue
                if self._left <= 0:
                    steps.appendleft(step)
                    return None
                answer = self._try(step)
                if answer is None:
                    passed.append(step)
                elif answer.accepted:
                    return step.login
                elif answer.partly and partial < 3:
                    # What was not wanted before may be wanted now: the rest of the way is the same login's.
                    partial += 1
                    self._ledger.tell(step, "accepted, and more is wanted")
                    again = [old for old in passed if old.login is step.login]
                    passed = [old for old in passed if old.login is not step.login]
                    steps.extendleft(reversed(again))
                elif step.method not in answer.methods:
                    passed.append(step)
            return None
        finally:
            steps.extend(others)

    def _answered(self, answer: Answer, step: Step) -> bool:
        self._allowed = answer.methods
        if answer.accepted:
            self._ledger.tell(step, "not asked for: the server lets everybody in")
        return answer.accepted

    def _try(self, step: Step) -> Answer | None:
        """One step; None where nothing was sent."""
        if self._allowed is not None and step.method not in self._allowed:
            self._ledger.tell(step, f"not offered by the server ({', '.join(self._allowed[:6])[:80]})")
            return None
        if step.method == PUBLIC_KEY:
            return self._by_key(step)
        if not self._known_before and not step.login.names_range:
            self._ledger.tell(
                step, "withheld, as nobody knew the host key before and its scope does not name this range"
            )
            return None
        return self._by_secret(step)

    def _by_key(self, step: Step) -> Answer | None:
        if step.key is None:
            with agent_signers() as signers:
                if not signers:
                    self._ledger.tell(step, "without a key: no agent answers at SSH_AUTH_SOCK, or it holds none")
                    return None
                return self._by_signers(step, signers)
        try:
            signer = self._ledger.keys.signer(step.key)
        except Unusable as error:
            self._ledger.tell(step, f"not tried: {error}")
            return None
        return self._by_signers(step, [signer])

    def _by_signers(self, step: Step, signers: Sequence[FileSigner | AgentSigner]) -> Answer | None:
        answer = None
        for signer in signers:
            if self._left <= 0:
                break
            try:
                taken = self._wire.server_extensions.get("server-sig-algs", b"").decode("ascii", "replace").split(",")
                algorithm = algorithm_for(signer, [name for name in taken if name])
                answer = self._count(step, lambda s=signer, a=algorithm: self._handler.key(self._user, s, a))  # type: ignore[misc]
            except Unusable as error:
                self._ledger.tell(step, f"not tried: {error}")
                continue
            if answer.accepted:
                self._ledger.budget.worked_with(self._ledger.target, step.login.credential_name)
            if answer.accepted or answer.partly:
                return answer
        return answer

    def _by_secret(self, step: Step) -> Answer | None:
        budget = self._ledger.budget
        attempt = budget.take(self._ledger.target, self._user, step.login.credential_name)
        if attempt is None:
            self._ledger.spent = True
            self._ledger.tell(step, "not tried: the budget of attempts is spent")
            return None
        secret = step.login.password if step.method == PASSWORD else step.login.keyboard_interactive
        assert secret is not None
        send = self._handler.by_password if step.method == PASSWORD else self._handler.keyboard_interactive
        try:
            with Forgetting():
                answer = self._count(step, lambda: send(self._user, secret))
        except BaseException:
            budget.failed(attempt)  # it may have been counted over there
            raise
        if answer.accepted:
            budget.worked(attempt, step.login.credential_name)
        elif answer.partly or step.method not in answer.methods:
            budget.undone(attempt)
        else:
            budget.failed(attempt)
        return answer

    def _count(self, step: Step, send: Callable[[], Answer]) -> Answer:
        self._left -= 1
        self._ledger.tries += 1
        try:
            answer = send()
        except Broken:
            self._ledger.tell(step, "tried, and the server ended the connection")
            raise
        self._allowed = answer.methods
        if not answer.accepted and not answer.partly:
            offered = step.method in answer.methods
            told = "refused" if offered else "not offered by the server"
            self._ledger.tell(
                step, "not enough: the password has expired, and has to be changed" if answer.expired else told
            )
            if not offered:
                self._left += 1
        return answer
