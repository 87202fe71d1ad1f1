"""Signed requests of an enrolled agent, and what the server's answers mean for it.

A clock that the server does not take is told by 401 `clock` with the server's Date: signatures then follow the server's clock,
and the header Date says this host's own, so that the difference stays known. A new secret is used as soon as it is there; where
the server does not know it, the one before is good still. Everything that may be otherwise later is `Later`, whatever it was
that was answered; what will never be taken is `Refused`.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Callable, Optional

from agent import enrolment
from agent.enrolment import Enrolled
from agent.signature import Signed, sign
from agent.state import State
from agent.transport import Answer, Transport
from cmdb.model.dataclass import dataclass
from cmdb.model.errors import SurveymarkError

BATCHES = "/api/v1/batches"
WISHES = "/api/v1/agent/wishes"
ROTATIONS = "/api/v1/agent/rotations"
DIGEST_KEY = "/api/v1/agent/digest-key"
_NEVER = (400, 409, 413, 415, 422)
"""Not 404 and 405: what has no such address is no server of this kind, or not the one that it was, and may be again."""

_log = logging.getLogger(__name__)

Document = dict[str, Any]


class Later(SurveymarkError):
    """Not now. `retry_after` in seconds, where the server asked for it; `kind` what it said, in a word."""

    def __init__(self, message: str, retry_after: Optional[float] = None, kind: str = "") -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.kind = kind


class Refused(SurveymarkError):
    """The server will not take this request, whenever it is sent. `answered` is the status."""

    def __init__(self, message: str, answered: int, kind: str) -> None:
        super().__init__(message)
        self.answered = answered
        self.kind = kind


@dataclass
class Exchange:
    """One request after the other, signed with the key of `enrolled`, which is kept in `state` when it changes."""

    state: State
    enrolled: Enrolled
    transport: Transport
    clock: Callable[[], float] = time.time
    offset: int = 0
    """Seconds by which the server's clock is ahead of this host's, where that is more than it takes."""

    def ask(self, method: str, path: str, content: bytes = b"", fields: Optional[Mapping[str, str]] = None) -> Document:
        """The document that the server answers. Raises Later and Refused."""
        answer = self._signed(method, path, content, fields or {})
        if answer.status == 401 and _kind(answer) == "clock" and self._follow(answer):
            answer = self._signed(method, path, content, fields or {})
        if answer.status == 401 and _kind(answer) == "signature" and self.enrolled.previous:
            _log.warning(
                "the server does not know the new secret of the key %s: the one before is used", self.enrolled.key
            )
            self._keep(replace(self.enrolled, secret=self.enrolled.previous, previous=b""))
            answer = self._signed(method, path, content, fields or {})
        elif self.enrolled.previous and 200 <= answer.status < 300:
            self._keep(replace(self.enrolled, previous=b""))
        return self._meant(answer)

    def renew(self) -> None:
        """Take a new secret, and use it at once, by which the one before ends. Raises Later and Refused."""
        said = self.ask("POST", ROTATIONS)
        try:
            new = enrolment.renewed(self.enrolled, said)
        except (ValueError, KeyError, TypeError):
            raise self._strange(201) from None
        enrolment.keep_secrets(self.state, new)
        self.enrolled = new
        self.ask("GET", WISHES)

    def learn_digest_key(self) -> None:
        """Have the server tell the key of keyed digests. Raises Later and Refused."""
        key = self.ask("GET", DIGEST_KEY).get("key")
        if not isinstance(key, str) or len(key) < 32 or set(key) - set("0123456789abcdef"):
            raise self._strange(200)
        self._keep(replace(self.enrolled, digest_key=key))

    def _signed(self, method: str, path: str, content: bytes, fields: Mapping[str, str]) -> Answer:
        prefix = self.transport.server.prefix
        own = dict(fields)
        now = self.clock()
        if self.offset:
            own["Date"] = _http_date(now)
        request = Signed(method, prefix + path, {name.lower(): value for name, value in own.items()}, content)
        own.update(sign(request, self.enrolled.key, self.enrolled.secret, int(now) + self.offset))
        try:
            return self.transport.request(method, path, own, content)
        except SurveymarkError as error:
            raise Later(error.message, kind=error.kind) from error

    def _follow(self, answer: Answer) -> bool:
        """Take over the server's time; False where that changes nothing."""
        theirs = _seconds(answer.fields.get("date", ""))
        if theirs is None:
            return False
        offset = int(theirs - self.clock())
        if offset == self.offset:
            return False
        _log.warning("this host's clock differs from the server's by %+d s; signatures follow the server's", offset)
        self.offset = offset
        return True

    def _keep(self, enrolled: Enrolled) -> None:
        """What changed of the enrolment; where the disk is full it is used nevertheless."""
        self.enrolled = enrolled
        try:
            enrolment.keep_secrets(self.state, enrolled)
        except SurveymarkError as error:
            _log.error("%s", error.message)

    def _meant(self, answer: Answer) -> Document:
        found = _document(answer)
        if 200 <= answer.status < 300:
            if found is None:
                raise self._strange(answer.status)
            return found
        if found is None or not isinstance(found.get("detail"), str):
            raise self._strange(answer.status, _retry_after(answer, self.clock()))
        message = f"The server answered {answer.status}: {' '.join(found['detail'].split())[:500]}"
        kind = _kind(answer)
        if answer.status in _NEVER:
            raise Refused(message, answer.status, kind)
        raise Later(message, _retry_after(answer, self.clock()), kind)

    def _strange(self, status: int, retry_after: Optional[float] = None) -> Later:
        at = self.transport.server.url
        return Later(f"The server {at} answered {status}, not as a Surveymark server does.", retry_after, "strange")


def _document(answer: Answer) -> Optional[Document]:
    try:
        found = json.loads(answer.content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _kind(answer: Answer) -> str:
    """The last word of a problem's type (RFC 9457)."""
    found = _document(answer) or {}
    return str(found.get("type", "")).rpartition(":")[2][:64]


def _retry_after(answer: Answer, now: float) -> Optional[float]:
    """Seconds of Retry-After (RFC 9110 section 10.2.3), as a number or a date; None where there is none."""
    text = answer.fields.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    at = _seconds(text)
    return None if at is None else max(0.0, at - (_seconds(answer.fields.get("date", "")) or now))


def _seconds(text: str) -> Optional[float]:
    """Seconds since 1970 of an HTTP date."""
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _http_date(seconds: float) -> str:
    from email.utils import formatdate

    return formatdate(seconds, usegmt=True)
