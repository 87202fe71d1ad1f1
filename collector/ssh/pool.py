"""Sessions that stay open between two looks at the same host: a second look then costs no key exchange and no signing in."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

from collector.ssh.session import Session
from collector.target import Hop, Target

_ASK_AFTER_SECONDS = 10.0
_ANSWER_SECONDS = 5.0

Place = tuple[str, str, tuple[Hop, ...], str]


class SessionPool:
    """Open sessions by the place that they lead to. At most `most` are kept, each for `idle_seconds` at the longest; the one
    that was idle longest goes first. Safe for many threads."""

    def __init__(self, most: int = 256, idle_seconds: float = 900.0) -> None:
        self._most, self._idle_seconds = most, idle_seconds
        self._lock = threading.Lock()
        self._idle: OrderedDict[Place, tuple[float, Session]] = OrderedDict()
        self._closed = False

    def take(self, target: Target) -> Session | None:
        """The open session with a target, its total time begun anew; None where there is none that lives."""
        with self._lock:
            since, session = self._idle.pop(_place(target), (0.0, None))
        if session is None:
            return None
        idle = time.monotonic() - since
        if idle > self._idle_seconds or not (
            session.alive if idle < _ASK_AFTER_SECONDS else session.answers(_ANSWER_SECONDS)
        ):
            session.close()
            return None
        session.renew()
        return session

    def give(self, session: Session) -> None:
        """Keep a session for the next look, if it lives."""
        if not session.alive:
            session.close()
            return
        session.keep()
        now = time.monotonic()
        with self._lock:
            if not self._closed:
                place = _place(session.target)
                over = [self._idle.pop(place, None)]
                self._idle[place] = (now, session)
                while len(self._idle) > self._most or next(iter(self._idle.values()))[0] < now - self._idle_seconds:
                    over.append(self._idle.popitem(last=False)[1])
            else:
                over = [(now, session)]
        for item in over:
            if item is not None:
                item[1].close()

    def close(self) -> None:
        """End all that is kept, and whatever is given from now on."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, OrderedDict()
        for _, session in idle.values():
            session.close()


def _place(target: Target) -> Place:
    return target.endpoint, target.zone, target.jumps, target.user
