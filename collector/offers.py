"""What one sweep may offer each target: its credentials with their secrets in hand, and the leave to try them.

Only passwords and keyboard-interactive answers need leave: they are what accounts are locked for. Keys are tried without.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from cmdb.model.times import iso
from collector.attempts import Attempt, Attempts
from collector.credentials import Credentials
from collector.login import Login
from collector.outcome import ATTEMPTS_SPENT, NO_CREDENTIAL, Stopped
from collector.secret_refs import Secrets
from collector.suspension import Suspensions
from collector.target import Target

PATIENCE_SECONDS = 15.0
"""How long a try waits for others of the same password, which have to show first that it is right."""


class Offers:
    """One sweep's. Safe to be used by several threads at once."""

    def __init__(
        self, credentials: Credentials, attempts: Attempts, secrets: Secrets, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        self.credentials, self._attempts, self._secrets = credentials, attempts, secrets
        self._suspensions = Suspensions()
        self.budget = Budget(attempts, self._suspensions, self._limit, patience_seconds)

    def logins(self, target: Target) -> list[Login]:
        """What to try, the credential that worked here last first. A password whose account has no try left, or that is
        suspended in this sweep, is left out.

        Raises Stopped: no_credential where no entry covers the target or leads to a secret, attempts_spent where all that
        is left out is what could be tried.
        """
        covering = self.credentials.covering(target)
        if not covering:
            raise Stopped(NO_CREDENTIAL, "authentication", self.credentials.why_none(target), _WRITE)
        found, problems, spent = [], [], []
        for credential in self._attempts.order(target, covering):
            login, wrong = credential.resolve(target, self._secrets)
            problems += wrong
            if login is None:
                continue
            why = self._why_not(target, login)
            if why and _has_password(login):
                spent.append(why)
                login = replace(login, password=None, keyboard_interactive=None)
            if login.methods:
                found.append(login)
        if found:
            return found
        if spent:
            raise Stopped(ATTEMPTS_SPENT, "authentication", "; ".join(spent), _SPENT)
        raise Stopped(NO_CREDENTIAL, "authentication", "; ".join(problems), _RESOLVE)

    def _limit(self, credential: str) -> int:
        found = self.credentials.named(credential)
        return found.failures_in_a_row if found else 0

    def _why_not(self, target: Target, login: Login) -> str | None:
        if self._suspensions.suspended(login.credential_name):
            return (
                f"the password of {login.credential_name} was refused by {self._limit(login.credential_name)} targets in a "
                "row, so it is not tried again in this sweep"
            )
        free = self._attempts.free_at(target, login.user)
        if free is None:
            return None
        return (
            f"{login.user} was refused {self._attempts.limit} times within {self._attempts.window_seconds // 3600} h; "
            f"a try is free at {iso(free)}"
        )


_WRITE = "write an entry into the file of credentials, or widen the scope of one"
_RESOLVE = "mend what is named; `surveymark credential check` tries every reference"
_SPENT = (
    "correct the secret; `surveymark credential attempts --forget ADDRESS` gives the tries back, once you know that the "
    "account is not near to being locked"
)


@dataclass(frozen=True, slots=True)
class Try:
    """One try of a password that has its leave; it counts until one of the ways of `Budget` says what became of it."""

    attempt: Attempt
    credential: str
    limit: int


class Budget:
    """The leave to try passwords, for all targets of a sweep (collector.ssh.authentication.Budget)."""

    def __init__(
        self, attempts: Attempts, suspensions: Suspensions, limit: Callable[[str], int], patience_seconds: float
    ) -> None:
        self._attempts, self._suspensions = attempts, suspensions
        self._limit, self._patience = limit, patience_seconds

    def take(self, target: Target, user: str, credential: str) -> Try | None:
        """Leave for a password of an account to go out now; None where there is none."""
        limit = self._limit(credential)
        if not self._suspensions.enter(credential, limit, self._patience):
            return None
        attempt = None
        try:
            attempt = self._attempts.take(target, user)
        finally:
            if attempt is None:
                self._suspensions.leave(credential, limit, "", None)
        return Try(attempt, credential, limit) if attempt else None

    def failed(self, made: Try) -> None:
        """It was refused, or nobody knows."""
        self._end(made, self._attempts.failed, ok=False)

    def undone(self, made: Try) -> None:
        """The password was not judged."""
        self._end(made, self._attempts.undone, ok=None)

    def worked(self, made: Try, credential: str) -> None:
        self._end(made, lambda attempt: self._attempts.worked(attempt, credential), ok=True)

    def worked_with(self, target: Target, credential: str) -> None:
        """A credential worked by a key: it is tried first the next time."""
        self._attempts.worked_with(target, credential)

    def _end(self, made: Try, note: Callable[[Attempt], None], *, ok: bool | None) -> None:
        try:
            note(made.attempt)
        finally:
            self._suspensions.leave(made.credential, made.limit, made.attempt.endpoint, ok)


def _has_password(login: Login) -> bool:
    return login.password is not None or login.keyboard_interactive is not None
