"""Reads tables from an agent that may be slow, wrong or hostile: bounded, paced, and never in a circle.

Columns are walked by GETBULK, side by side where the session can. One question asks for few values at first, for twice as many
as long as answers are whole and quick, for half as many where the agent does not answer or can not answer so much, and never
again for so many then. Rows have to come in rising order (RFC 3416 section 4.2.3): an OID that comes twice, or goes back, ends
the table with a reason, for the same question would go round for ever. A table of which a column failed has failed as a whole,
for what is not in it would be taken for gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from collector.snmp.pace import Pace
from collector.snmp.session import Answer, Denied, Garbled, Session, Silent, TooBig
from collector.snmp.syntax import Value
from collector.snmp.table import Answers, Row, Scalars, columns, index_of

_Answer = TypeVar("_Answer")

VALUES = 25
"""Values for which the first question to an agent asks, and which one that is slow is still asked for."""
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
    aside: Callable[[int], Session] | None = None
    """Opens a session that sees the tables of one VLAN, where the device keeps some for each."""
    _rows: int = 0
    _bytes: int = 0
    _began: float | None = None
    _broken_off: bool = False
    _silent: int = 0
    _quick: bool = True
    _values: int = VALUES
    _most: int = 1 << 16
    _side_by_side: int = 1 << 16

    def table(self, declared: type[Row]) -> Answers:
        """All columns of a table. Raises Failed."""
        cost = self.costs.setdefault(declared.oid, Cost())
        began = self.clock()
        wanted = columns(declared)
        try:
            if len(wanted) > MOST_UNASKED and self._lacks(declared.oid, cost):
                return {oid: {} for oid in wanted}
            found: dict[str, dict[str, Value]] = {}
            while rest := wanted[len(found) :]:
                found.update(self._columns(rest[: min(self._side_by_side, self.session.side_by_side)], cost))
            return found
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
                        self._count([(oid, value)], cost)
                        found[oid.rpartition(".")[0]] = {"0": value}
        finally:
            cost.seconds += self.clock() - began
        return found

    def in_vlan(self, vlan: int, tables: Iterable[type[Row]]) -> Answers:
        """All columns of tables as the device gives them of one VLAN. Raises Failed; a device that gives none so is not
        taken for silent by what is asked next."""
        if self.aside is None:
            raise Failed("denied", "there is no way to ask of one VLAN")
        own, silent = self.session, self._silent
        try:
            self.session = self.aside(vlan)
        except (Denied, Silent, Garbled) as error:
            raise Failed("denied", str(error)) from error
        try:
            found: dict[str, Mapping[str, Value]] = {}
            for declared in tables:
                found.update(self.table(declared))
            return found
        except Failed:
            self._silent = silent
            raise
        finally:
            self.session.close()
            self.session = own

    def break_off(self) -> None:
        """Let no further question go out; may be called from any thread."""
        self._broken_off = True

    def _lacks(self, oid: str, cost: Cost) -> bool:
        """True where the agent has nothing below a table's entry: half of the tables that devices are asked for they have not,
        and one question says so in the place of one a column."""
        try:
            asked = self.session.columns((oid,))
            return not self._asked(partial(asked.next, 1), cost)[0]
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

    def _columns(self, oids: list[str], cost: Cost) -> dict[str, dict[str, Value]]:
        before = cost.rows, self._rows, self._bytes
        try:
            return self._side(oids, cost)
        except Failed as error:
            if error.outcome != "invalid" or len(oids) == 1:
                raise
        # An agent that goes wrong with several columns at once may be right with each alone.
        self._side_by_side = 1
        cost.rows, self._rows, self._bytes = before
        return self._side(oids[:1], cost)

    def _side(self, oids: list[str], cost: Cost) -> dict[str, dict[str, Value]]:
        """Columns side by side."""
        found: dict[str, dict[str, Value]] = {oid: {} for oid in oids}
        kept = [(oid, values, Last()) for oid, values in found.items()]
        columns, silent = self.session.columns(oids), 0
        while not columns.ended:
            most = self._values = min(self._values, self._most, self.session.most_values)
            try:
                answers = self._asked(partial(columns.next, most), cost)
            except (Silent, TooBig) as error:
                silent += isinstance(error, Silent)
                if silent == ATTEMPTS:
                    self._silent += 1
                    reason = (
                        f"{oids[0]}: no answer to {ATTEMPTS} questions after {sum(map(len, found.values()))} values"
                    )
                    raise Failed("timeout", reason) from None
                if isinstance(error, TooBig) and most == 1:
                    self._values = self._most = VALUES  # What other tables hold may be small.
                    raise Failed("invalid", f"{oids[0]}: one row is too big for the agent") from None
                self._values = self._most = max(most // 2, 1)
                continue
            silent = 0
            for (oid, values, last), answer in zip(kept, answers, strict=True):
                last.take(oid, answer)
                values.update(answer)
                self._count(answer, cost)
            if not self._quick:
                self._values = min(most, max(most // 2, VALUES))
            elif sum(map(len, answers)) * 2 > most:
                self._values = most * 2
        return found

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
        self._quick = self.pace.answered(self.clock() - asked)
        self._silent = 0
        cost.responses += 1
        return found

    def _count(self, values: Iterable[tuple[str, Value]], cost: Cost) -> None:
        number = size = 0
        for _, value in values:
            number += 1
            if isinstance(value, (bytes, str)):
                size += len(value)
        cost.rows += number
        self._rows += number
        self._bytes += 16 * number + size
        if self._rows > self.limits.rows or self._bytes > self.limits.bytes:
            raise Failed(
                "too_much", f"more than {self.limits.rows:,} values or {self.limits.bytes // 1024**2} MiB of one device"
            )


class Last:
    """The instance that came last of a column."""

    def __init__(self) -> None:
        self._index: tuple[int, ...] = ()

    def take(self, oid: str, answer: Answer) -> None:
        """Raises Failed where one of these does not come after the one before it."""
        last = self._index
        for instance, _ in answer:
            index = index_of(instance)
            if index <= last:
                raise Failed("invalid", _wrong(oid, instance, index, last))
            last = index
        self._index = last


def _wrong(oid: str, instance: str, index: tuple[int, ...], last: tuple[int, ...]) -> str:
    if not index:
        return f"{oid}: the agent answered with {instance[:80]!r}, which is no instance of it"
    again = "twice" if index == last else "after a later one"
    return f"{oid}: the agent gives instance {instance} {again}, a walk would never end"
