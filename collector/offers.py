"""What one sweep may offer each target: its credentials with their secrets in hand, and the leave to try them.

Only passwords and keyboard-interactive answers need leave: they are what accounts are locked for. Keys are tried without.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from cmdb.model.times import iso
from collector.attempts import Attempt, Attempts, endpoint
from collector.credentials import Credentials
from collector.login import Login
from collector.outcome import ATTEMPTS_SPENT, NO_CREDENTIAL, Stopped
from collector.secret_refs import Secrets
from collector.suspension import Suspensions
from collector.target import Target

PATIENCE_SECONDS = 60.0
"""How long a try waits for others of the same password, which have to show first that it is right."""


class Offers:
    """One sweep's. Safe to be used by several threads at once."""

    def __init__(
        self, credentials: Credentials, attempts: Attempts, secrets: Secrets, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        self.credentials, self._attempts, self._secrets = credentials, attempts, secrets
        self._patience = patience_seconds
        self._suspensions = Suspensions()

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

    def leave(self, target: Target) -> Leave:
        """The leave to try passwords on this target."""
        return Leave(self._attempts, self._suspensions, target, self._limit, self._patience)

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


class Leave:
    """The tries of one target: `begin` before a password goes out, `end` once it is known what became of it."""

    def __init__(
        self,
        attempts: Attempts,
        suspensions: Suspensions,
        target: Target,
        limit: Callable[[str], int],
        patience_seconds: float,
    ) -> None:
        self._attempts, self._suspensions, self._target = attempts, suspensions, target
        self._limit, self._patience = limit, patience_seconds
        self._lock = threading.Lock()
        self._under_way: dict[str, list[Attempt]] = {}

    def begin(self, login: Login) -> bool:
        """True where a password of this login may go out now; it then counts, until `end` says what became of it."""
        name = login.credential_name
        if not self._suspensions.enter(name, self._limit(name), self._patience):
            return False
        attempt = self._attempts.take(self._target, login.user)
        if attempt is None:
            self._suspensions.leave(name, self._limit(name), endpoint(self._target), None)
            return False
        with self._lock:
            self._under_way.setdefault(name, []).append(attempt)
        return True

    def end(self, login: Login, ok: bool | None) -> None:
        """What became of a try: True accepted, False refused or not to be known, None where nothing was sent."""
        name = login.credential_name
        with self._lock:
            attempt = self._under_way[name].pop()
        if ok:
            self._attempts.worked(attempt, name)
        elif ok is False:
            self._attempts.failed(attempt)
        else:
            self._attempts.undone(attempt)
        self._suspensions.leave(name, self._limit(name), endpoint(self._target), ok)

    def worked(self, login: Login) -> None:
        """The login worked by a key: it is tried first the next time."""
        self._attempts.worked_with(self._target, login.credential_name)


def _has_password(login: Login) -> bool:
    return login.password is not None or login.keyboard_interactive is not None
