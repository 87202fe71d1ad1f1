"""Handing in what was seen: kept on disk first, then sent, one report after the other, until the server has confirmed it.

A report whose answer was lost is sent again under the same id, signed anew, and gets the receipt that it got first. After a
failure the agent waits, longer each time, or as long as the server asks. What the server wishes comes with its receipts; where
there is nothing to send it is asked now and then.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Callable, Optional

from agent import delta
from agent.backoff import Backoff
from agent.enrolment import Enrolled
from agent.exchange import BATCHES, WISHES, Exchange, Later, Refused
from agent.report import Report
from agent.spool import Limits, Spool, Waiting
from agent.state import State
from agent.transport import Transport
from agent.version import VERSION
from cmdb.model.batch import Batch
from cmdb.model.dataclass import dataclass
from cmdb.model.errors import InvalidDocument, SurveymarkError, UsageError
from cmdb.model.times import SECOND, from_iso

WISHES_KNOWN = frozenset({"full_report", "pass_now"})
"""All that a server can ask for; anything else is not heard."""
ASK_SECONDS = 300
_RENEW_SECONDS = 30 * 86_400
_RENEW_EVERY = 600
_FULL_EVERY = 3600
_SPOOL, _SERVER = "spool", "server"
"""Sections of the settings: `[spool]` with `bytes` and `reports`, `[server]` with `ask`, in seconds."""
_MOST_AT_ONCE = 1000
"""Reports that are handed in by one call, so that the agent gets to look again."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Clocks:
    """The time of day, which may jump, and one that only goes on, both in seconds."""

    wall: Callable[[], float] = time.time
    steady: Callable[[], float] = time.monotonic


class Delivery:
    """What waits to be handed in, in a folder that one process at a time uses."""

    def __init__(
        self,
        state: State,
        enrolled: Enrolled,
        limits: Optional[Limits] = None,
        environment: Optional[Mapping[str, str]] = None,
        clocks: Optional[Clocks] = None,
        backoff: Optional[Backoff] = None,
        ask_seconds: float = ASK_SECONDS,
    ) -> None:
        """Raises UsageError where another process hands in already, SurveymarkError where the folder can not be used."""
        self._clocks = clocks or Clocks()
        self._backoff = backoff or Backoff()
        self._folder = state.made("spool")
        self._lock = _locked(state)
        self._spool = Spool(self._folder, limits)
        self._held_at = state.folder
        self._held = delta.load(state.folder, enrolled.key)
        transport = Transport(enrolled.server, VERSION, os.environ if environment is None else environment)
        self._exchange = Exchange(state, enrolled, transport, self._clocks.wall)
        self._ask_seconds = ask_seconds
        now = self._clocks.steady()
        self._next = now
        self._asked = now
        self._renewed: Optional[float] = None
        self._full: Optional[float] = None
        self._said = ""
        self._not_taken = ""
        self._ends_at = enrolled.ends_at
        self._no_key: Optional[float] = None

    def close(self) -> None:
        os.close(self._lock)

    @property
    def waiting(self) -> int:
        """Reports that the server does not have yet."""
        return len(self._spool)

    @property
    def problem(self) -> str:
        """Why the last try failed, or the server did not take what came; empty where all is well."""
        return self._said or (
            f"The server did not take what this host told: {self._not_taken}." if self._not_taken else ""
        )

    @property
    def digest_key(self) -> Optional[bytes]:
        """The key of keyed digests of files, once the server has told it."""
        return bytes.fromhex(self._exchange.enrolled.digest_key) or None

    def prepare(self) -> None:
        """Have the server tell what a look needs and is not known yet: the key of keyed digests. Where it does not, the look
        says what it could not compare."""
        if not self._exchange.enrolled.digest_key:
            self._learn_digest_key()

    def put(self, found: Report) -> None:
        """Keep a report until it has been handed in."""
        self._spool.put(found.header, found.sections, self._held.bodies)

    def flush(self) -> tuple[float, frozenset[str]]:
        """Hand in what can be handed in now; returns the seconds until that should be tried again, and what the server
        wishes: `full_report`, `pass_now`."""
        now = self._clocks.steady()
        if now < self._next:
            return self._next - now, frozenset()
        wishes: set[str] = set()
        try:
            self._hand_in(wishes)
            self._renew()
            wait = self._ask_seconds if not self._spool else 0.0
        except Later as error:
            wait = self._backoff.failed(error.retry_after)
            self._say(error.message)
        except Refused as error:  # of what is asked; what a report is refused for was heard where it was sent
            wait = self._backoff.failed()
            self._say(error.message)
        except OSError as error:
            wait = self._backoff.failed()
            self._say(f"{error.filename or 'The agent'}: {error.strerror or error}.")
        else:
            self._backoff.succeeded()
            self._say("")
        self._next = self._clocks.steady() + (wait if self._spool or self._said else 0.0)
        return wait, frozenset(wishes)

    # -- reports ---------------------------------------------------------------------------------------------------------

    def _hand_in(self, wishes: set[str]) -> None:
        self._spool.settle()
        for _ in range(_MOST_AT_ONCE):
            first = self._spool.first()
            if first is None:
                break
            try:
                self._heard(self._sent(first, wishes), wishes)
            except InvalidDocument as error:
                _log.error("%s: it is left out", error.message)
                self._spool.done(first)
                self._wish_all(wishes)
        if self._clocks.steady() - self._asked >= self._ask_seconds:
            self._heard(self._exchange.ask("GET", WISHES), wishes)
        self.prepare()

    def _sent(self, first: Waiting, wishes: set[str]) -> Mapping[str, Any]:
        """The receipt of a report, which is taken out of the spool then. Raises InvalidDocument where it was spoilt."""
        batch, sending = self._prepared(first)
        self._spool.sending()
        try:
            try:
                receipt = self._posted(sending.packed)
            except Refused as error:
                if error.kind != "lines-wanted" or not sending.in_short:
                    raise
                self._held.lines.clear()
                batch, sending = self._prepared(first)
                receipt = self._posted(sending.packed)
        except Refused as error:
            self._left_out(first, batch, error, wishes)
            return {}
        if receipt.get("batch") != batch.header.id or not isinstance(receipt.get("sections"), list):
            raise Later("The server answered a report with something that is no receipt of it.", kind="strange")
        missing = delta.received(batch, sending, receipt, self._held, int(self._clocks.wall()))
        self._say_of(receipt)
        self._save()
        if missing:
            whole = self._spool.read(first)
            again = [s for s in whole.sections if s.name in missing and None not in s.bodies]
            if again:
                self._spool.again(whole.header, os.urandom(16).hex(), again)
            if len(again) < len(missing):
                self._wish_all(wishes)
        self._spool.done(first)
        return receipt

    def _prepared(self, first: Waiting) -> tuple[Batch, delta.Sending]:
        """A report, without its bodies, and how it is sent: those are not in memory while the server takes its time."""
        batch = self._spool.read(first)
        sending = delta.sending(batch, self._held, int(self._clocks.wall()))
        return replace(batch, sections=[replace(s, bodies=[None] * len(s.bodies)) for s in batch.sections]), sending

    def _posted(self, packed: bytes) -> dict[str, Any]:
        fields = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
        return self._exchange.ask("POST", BATCHES, packed, fields)

    def _left_out(self, first: Waiting, batch: Batch, error: Refused, wishes: set[str]) -> None:
        """A report that the server will never take as it is: in two where it is too large, else not at all, and all is looked
        at anew. A conflict is for people to settle, and waits for them."""
        if error.answered == 409:
            raise Later(error.message, kind=error.kind)
        if error.answered == 413 and len(batch.sections) > 1:
            self._spool.divided(first, (os.urandom(16).hex(), os.urandom(16).hex()))
            return
        _log.error("a report of %d sections is left out: %s", len(batch.sections), error.message)
        self._held.forget()
        self._save()
        self._spool.done(first)
        self._wish_all(wishes)

    def _wish_all(self, wishes: set[str]) -> None:
        """Have all looked at and sent anew, not more often than hourly: what is refused for good would be so again."""
        now = self._clocks.steady()
        if self._full is None or now - self._full >= _FULL_EVERY:
            self._full = now
            self._held.forget()
            wishes.add("full_report")

    def _save(self) -> None:
        try:
            delta.save(self._held_at, self._held)
        except OSError as error:
            _log.error("what the server holds can not be kept, it is sent again after a restart: %s", error.strerror)

    # -- what the server says --------------------------------------------------------------------------------------------

    def _heard(self, said: Mapping[str, Any], wishes: set[str]) -> None:
        """What came with a receipt, or was asked for."""
        if not said:
            return
        self._asked = self._clocks.steady()
        given = said.get("wishes")
        new = WISHES_KNOWN.intersection(w for w in given if isinstance(w, str)) if isinstance(given, list) else set()
        if "full_report" in new:
            self._held.forget()
        wishes |= new
        ends = said.get("secret_ends_at")
        if isinstance(ends, str) and ends:
            self._ends_at = ends

    def _renew(self) -> None:
        """Take a new secret long before the present one ends."""
        now = self._clocks.steady()
        try:
            ends = from_iso(self._ends_at) / SECOND
        except (ValueError, OverflowError):
            return
        left = ends - self._clocks.wall() - self._exchange.offset
        if left > _RENEW_SECONDS or (self._renewed is not None and now - self._renewed < _RENEW_EVERY):
            return
        self._renewed = now
        try:
            self._exchange.renew()
            self._ends_at = self._exchange.enrolled.ends_at
        except (Later, Refused, SurveymarkError) as error:
            _log.error("the agent's secret ends in %d days and could not be renewed: %s", left // 86_400, error.message)

    def _learn_digest_key(self) -> None:
        now = self._clocks.steady()
        if self._no_key is None or now - self._no_key >= _FULL_EVERY:
            self._no_key = now
            try:
                self._exchange.learn_digest_key()
            except (Later, Refused) as error:
                _log.warning("files that not everybody may read can not be compared: %s", error.message)

    def _say_of(self, receipt: Mapping[str, Any]) -> None:
        """Once for each new reason."""
        why = "; ".join(str(row.get("reason", ""))[:500] for row in receipt.get("quarantined") or ())
        if why and why != self._not_taken:
            _log.error("the server did not take what this host told: %s", why)
        self._not_taken = why

    def _say(self, problem: str) -> None:
        """Once for each new problem, and when it is over."""
        if problem and problem != self._said:
            _log.warning("%s What was seen is kept (%d reports).", problem, len(self._spool))
        elif self._said and not problem:
            _log.info("the server takes reports again")
        self._said = problem


def limits(sections: Mapping[str, Mapping[str, str]]) -> Limits:
    """How much may wait, by the host's settings. Raises UsageError."""
    given, usual = sections.get(_SPOOL, {}), Limits()
    return Limits(
        bytes=_number(given, _SPOOL, "bytes", usual.bytes, 64 * 1024, 1024**4),
        reports=_number(given, _SPOOL, "reports", usual.reports, 2, 100_000),
    )


def ask_seconds(sections: Mapping[str, Mapping[str, str]]) -> int:
    """After how long without a word the server is asked what it wishes, by the host's settings. Raises UsageError."""
    return _number(sections.get(_SERVER, {}), _SERVER, "ask", ASK_SECONDS, 10, 86_400)


def _number(given: Mapping[str, str], section: str, name: str, usual: int, least: int, most: int) -> int:
    text = given.get(name, str(usual))
    if not (text.isascii() and text.isdigit() and len(text) < 16 and least <= int(text) <= most):
        raise UsageError(f"The agent's settings: [{section}] {name} = {text!r:.40}: write a number, {least} to {most}.")
    return int(text)


def _locked(state: State) -> int:
    """The lock of the folder, held as long as it is open."""
    path = state.made("delivery.lock")
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)  # unlike flock(2) it is not held by a child that hangs
    except OSError:
        os.close(fd)
        raise UsageError(
            "The agent of this host runs already and hands in what it sees; systemctl reload surveymark-agent has it look now."
        ) from None
    return fd
