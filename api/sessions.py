"""Browser sessions and the one-time codes that begin them, in the memory of one server: restarting it signs everybody out.

Codes and session ids are 256 random bits; only their SHA-256 is kept, so that memory shows none of them.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass

from api.caller import Caller
from cmdb.model.times import SECOND
from cmdb.ports import Clock

CODE_SECONDS = 15 * 60
MOST = 10_000
"""Sessions at a time; beyond, the oldest ends."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who signed in. `csrf` is what every form has to bring back. `stands` asks whether the token that it was
    begun with still holds."""

    caller: Caller
    csrf: str
    expires_at: int
    stands: Callable[[], bool]


class Sessions:
    """Safe for use by several threads."""

    def __init__(self, clock: Clock, hours: int) -> None:
        self._clock = clock
        self._span = hours * 3600 * SECOND
        self._lock = threading.Lock()
        self._codes: dict[str, tuple[Caller, int]] = {}
        self._sessions: dict[str, Session] = {}

    def code(self, caller: Caller) -> str:
        """A one-time code that signs a browser in as `caller`, good for 15 minutes."""
        code = secrets.token_urlsafe(32)
        with self._lock:
            self._codes[_hashed(code)] = (caller, self._clock() + CODE_SECONDS * SECOND)
        return code

    def redeem(self, code: str) -> str | None:
        """The id of a new session for a one-time code, None where the code is unknown, used or too old."""
        with self._lock:
            caller, until = self._codes.pop(_hashed(code), (None, 0))
        return self.begin(caller) if caller is not None and self._clock() < until else None

    def begin(self, caller: Caller, stands: Callable[[], bool] = lambda: True) -> str:
        """The id of a new session."""
        id_ = secrets.token_urlsafe(32)
        session = Session(caller, secrets.token_urlsafe(32), self._clock() + self._span, stands)
        with self._lock:
            while len(self._sessions) >= MOST:
                self._sessions.pop(next(iter(self._sessions)))
            self._sessions[_hashed(id_)] = session
        return id_

    def get(self, id_: str) -> Session | None:
        """The session with that id while it lasts."""
        with self._lock:
            session = self._sessions.get(_hashed(id_))
        if session is None:
            return None
        if self._clock() >= session.expires_at or not session.stands():
            self.end(id_)
            return None
        return session

    def end(self, id_: str) -> None:
        """Sign out."""
        with self._lock:
            self._sessions.pop(_hashed(id_), None)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
