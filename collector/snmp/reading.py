"""The tables of one device, each asked for once however many sections need it, with what each has cost.

A table that could not be read stays so: whoever needs it learns the reason, and the others go on. Where several tables in a row
bring no answer the device is not asked any more, since each further question would wait as long.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, TypeVar, runtime_checkable

from agent.fact import Cost, Unavailable
from collector.snmp.syntax import Value
from collector.snmp.table import Answers, Row, Scalars, may_have, rows, scalars
from collector.snmp.walk import Failed

Declared = type[Row] | type[Scalars]

_Row = TypeVar("_Row", bound=Row)
_Scalars = TypeVar("_Scalars", bound=Scalars)

MOST_SILENT = 3
"""Tables in a row that may bring no answer."""


class Asked(Protocol):
    """A device that answers: walk.Walk, or a recording in its place (recording.Recording). Both raise walk.Failed."""

    def table(self, declared: type[Row]) -> Answers: ...

    def scalars(self, *groups: type[Scalars]) -> Answers: ...


@runtime_checkable
class ByVlan(Protocol):
    """A device that can be asked for tables as it keeps them for one VLAN: walk.Walk. Raises walk.Failed."""

    def in_vlan(self, vlan: int, tables: Iterable[type[Row]]) -> Answers: ...


@dataclass
class Reading:
    """Reads tables of one device as they are needed. `failed` has the reason of each that could not be read, by its OID."""

    asked: Asked
    clock: Callable[[], float] = time.monotonic
    failed: dict[str, Failed] = field(default_factory=dict)
    object_id: str = ""
    """sysObjectID as far as it is known: tables of another maker are not asked for."""
    _answers: dict[str, Answers] = field(default_factory=dict)
    _costs: dict[str, Cost] = field(default_factory=dict)
    _silent: int = 0

    def rows(self, table: type[_Row]) -> list[_Row]:
        """The rows of a table. Raises agent.fact.Unavailable where it could not be read."""
        return rows(table, self._read(table))

    def scalars(self, group: type[_Scalars]) -> _Scalars:
        """The values of a group. Raises agent.fact.Unavailable where it could not be read."""
        return scalars(group, self._read(group))

    def answers(self, declared: Iterable[Declared]) -> Answers:
        """What the device says to all of these. Raises agent.fact.Unavailable where one could not be read."""
        found: dict[str, object] = {}
        for each in declared:
            found.update(self._read(each))
        return found  # type: ignore[return-value]

    def in_vlans(self, vlans: Iterable[int], tables: tuple[type[Row], ...]) -> Iterator[Answers]:
        """What the device says to these of each VLAN, where it keeps them so; nothing where it does not let itself be asked so.
        Raises agent.fact.Unavailable where it stops in the middle. The cost is that of the last of the tables."""
        first = True
        for vlan in vlans:
            if not isinstance(self.asked, ByVlan):
                return
            began = self.clock()
            found: Answers = {}
            try:
                found = self.asked.in_vlan(vlan, tables)
            except Failed as error:
                if first:
                    return
                raise Unavailable(f"VLAN {vlan}: {error}") from error
            finally:
                known = self._costs.get(tables[-1].oid, Cost())
                size = known.bytes + sum(_size(v) for column in found.values() for v in column.values())
                self._costs[tables[-1].oid] = Cost(known.wall_seconds + self.clock() - began, 0.0, size)
            first = False
            yield found

    def cost(self, declared: Iterable[Declared]) -> Cost:
        """What these took in all."""
        spent = [self._costs[each.oid] for each in declared if each.oid in self._costs]
        return Cost(round(sum(c.wall_seconds for c in spent), 6), 0.0, sum(c.bytes for c in spent))

    def told(self) -> dict[str, Cost]:
        """What each table took, by its OID."""
        return dict(self._costs)

    def read(self, declared: Declared) -> bool:
        """Ask for a table; False where it could not be read."""
        try:
            self._read(declared)
        except Unavailable:
            return False
        return True

    def _read(self, declared: Declared) -> Answers:
        oid = declared.oid
        if oid in self.failed:
            raise _unavailable(declared, self.failed[oid])
        if oid not in self._answers and not may_have(declared, self.object_id):
            self._answers[oid] = {}
        if oid not in self._answers:
            began = self.clock()
            try:
                self._answers[oid] = self._ask(declared)
                self._silent = 0
            except Failed as error:
                self._silent += error.outcome == "timeout"
                self.failed[oid] = error
                raise _unavailable(declared, error) from error
            finally:
                size = sum(_size(value) for column in self._answers.get(oid, {}).values() for value in column.values())
                self._costs[oid] = Cost(self.clock() - began, 0.0, size)
        return self._answers[oid]

    def _ask(self, declared: Declared) -> Answers:
        if self._silent >= MOST_SILENT:
            raise Failed("timeout", f"not asked: {MOST_SILENT} tables before it had no answer")
        if issubclass(declared, Row):
            return self.asked.table(declared)
        return self.asked.scalars(declared)


def _unavailable(declared: Declared, error: Failed) -> Unavailable:
    return Unavailable(f"{_name(declared)} ({declared.oid}): {error}")


def _name(declared: Declared) -> str:
    """What the MIB calls it: the first word of the declaration's text."""
    return (declared.__doc__ or declared.__name__).split()[0].rstrip(".:,")


def _size(value: Value) -> int:
    return len(value) if isinstance(value, (bytes, str)) else 4
