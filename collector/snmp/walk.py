"""Reads tables from an agent that may be slow, wrong or hostile: bounded, paced, and never in a circle.

Each column is walked by GETBULK. Where the agent does not answer or can not answer so much, the column is begun again with half
as many repetitions. Rows have to come in rising order (RFC 3416 section 4.2.3): an OID that comes twice, or goes back, ends the
table with a reason, for the same question would go round for ever. A table of which a column failed has failed as a whole, for
what is not in it would be taken for gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from collector.snmp.pace import Pace
from collector.snmp.session import Denied, Garbled, Session, Silent, TooBig
from collector.snmp.syntax import Value
from collector.snmp.table import Answers, Row, Scalars, columns, index_of

_Answer = TypeVar("_Answer")

REPETITIONS = 25
ATTEMPTS = 3
"""Questions that are asked before an agent counts as silent."""
MOST_UNASKED = 2
"""Columns of a table that are asked for without a question before whether there is such a table."""
GET_AT_ONCE = 20
"""OIDs of one GET."""
GONE = 3
"""After so many tables in a row without an answer the agent is not asked any more."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one device may cost. `rows` and `bytes` bound what is kept, `seconds` all of it."""

    rows: int = 500_000
    bytes: int = 64 * 1024 * 1024
    seconds: float = 300.0


@dataclass(slots=True)
class Cost:
    """What a table took: responses, rows, and seconds with the time that was waited."""

    responses: int = 0
    rows: int = 0
    seconds: float = 0.0


class Failed(Exception):
    """A table could not be read; the message says why. `outcome` is "timeout", "denied", "invalid" or "too_much"."""

    def __init__(self, outcome: str, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome


@dataclass
class Walk:
    """Reads tables of one agent, one after the other."""

    session: Session
    pace: Pace = field(default_factory=Pace)
    limits: Limits = field(default_factory=Limits)
    clock: Callable[[], float] = time.monotonic
    costs: dict[str, Cost] = field(default_factory=dict)
    _rows: int = 0
    _bytes: int = 0
    _began: float | None = None
    _broken_off: bool = False
    _silent: int = 0

    def table(self, declared: type[Row]) -> Answers:
        """All columns of a table. Raises Failed."""
        cost = self.costs.setdefault(declared.oid, Cost())
        began = self.clock()
        wanted = columns(declared)
        try:
            if len(wanted) > MOST_UNASKED and self._lacks(declared.oid, cost):
                return {oid: {} for oid in wanted}
            return {oid: self._column(oid, cost) for oid in wanted}
        finally:
            cost.seconds += self.clock() - began

    def scalars(self, *groups: type[Scalars]) -> Answers:
        """The values of groups. Raises Failed."""
        wanted = [f"{oid}.0" for group in groups for oid in columns(group)]
        cost = self.costs.setdefault(groups[0].oid, Cost())
        found: dict[str, dict[str, Value]] = {}
        began = self.clock()
        try:
            for start in range(0, len(wanted), GET_AT_ONCE):
                for oid, value in self._get(wanted[start : start + GET_AT_ONCE], cost).items():
                    if value is not None:
                        self._count(value, cost)
                        found[oid.rpartition(".")[0]] = {"0": value}
        finally:
            cost.seconds += self.clock() - began
        return found

    def break_off(self) -> None:
        """Let no further question go out; may be called from any thread."""
        self._broken_off = True

    def _lacks(self, oid: str, cost: Cost) -> bool:
        """True where the agent has nothing below a table's entry: half of the tables that devices are asked for they have not,
        and one question says so in the place of one a column."""
        try:
            return not self._asked(self.session.column(oid, 1).next, cost)
        except (Silent, TooBig):
            return False  # its columns are asked then, and say what is wrong

    def _get(self, oids: list[str], cost: Cost) -> dict[str, Value]:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._asked(lambda: self.session.get(oids), cost)
            except Silent:
                if attempt == ATTEMPTS:
                    self._silent += 1
                    raise Failed("timeout", f"no answer to {ATTEMPTS} questions") from None
            except TooBig:
                if len(oids) == 1:
                    raise Failed("invalid", f"{oids[0]}: one value is too big for the agent") from None
                half = len(oids) // 2
                return {**self._get(oids[:half], cost), **self._get(oids[half:], cost)}
        raise AssertionError("not reached")

    def _column(self, oid: str, cost: Cost) -> dict[str, Value]:
        repetitions, silent = REPETITIONS, 0
        found: dict[str, Value] = {}
        column, last = self.session.column(oid, repetitions), Last()
        while True:
            try:
                rows = self._asked(column.next, cost)
            except (Silent, TooBig) as error:
                silent += isinstance(error, Silent)
                if silent == ATTEMPTS:
                    self._silent += 1
                    reason = f"{oid}: no answer to {ATTEMPTS} questions after {len(found)} rows"
                    raise Failed("timeout", reason) from None
                if isinstance(error, TooBig) and repetitions == 1:
                    raise Failed("invalid", f"{oid}: one row is too big for the agent") from None
                repetitions = max(repetitions // 2, 1)
                column, last = self.session.column(oid, repetitions), Last()
                continue
            silent = 0
            if not rows:
                return found
            for instance, value in rows:
                last.take(oid, instance)
                if instance not in found:
                    self._count(value, cost)
                    found[instance] = value

    def _asked(self, ask: Callable[[], _Answer], cost: Cost) -> _Answer:
        """One question at the device's pace."""
        if self._broken_off:
            raise Failed("timeout", "it was broken off")
        if self._silent >= GONE:
            raise Failed("timeout", f"no answer any more: {GONE} tables before it had none")
        now = self.clock()
        if self._began is None:
            self._began = now
        if now - self._began > self.limits.seconds:
            raise Failed("timeout", f"the device took longer than {self.limits.seconds:.0f} s in all")
        self.pace.wait()
        asked = self.clock()
        try:
            found = ask()
        except Silent:
            self.pace.silent()
            raise
        except Garbled as error:
            raise Failed("invalid", str(error)) from error
        except Denied as error:
            raise Failed("denied", str(error)) from error
        self.pace.answered(self.clock() - asked)
        self._silent = 0
        cost.responses += 1
        return found

    def _count(self, value: Value, cost: Cost) -> None:
        cost.rows += 1
        self._rows += 1
        self._bytes += 16 + (len(value) if isinstance(value, (bytes, str)) else 0)
        if self._rows > self.limits.rows or self._bytes > self.limits.bytes:
            raise Failed(
                "too_much", f"more than {self.limits.rows:,} values or {self.limits.bytes // 1024**2} MiB of one device"
            )


class Last:
    """The instance that came last of a column."""

    def __init__(self) -> None:
        self._index: tuple[int, ...] = ()

    def take(self, oid: str, instance: str) -> None:
        """Raises Failed where this one does not come after it."""
        index = index_of(instance)
        if not index:
            raise Failed("invalid", f"{oid}: the agent answered with {instance[:80]!r}, which is no instance of it")
        if index <= self._index:
            again = "twice" if index == self._index else "after a later one"
            raise Failed("invalid", f"{oid}: the agent gives instance {instance} {again}, a walk would never end")
        self._index = index
