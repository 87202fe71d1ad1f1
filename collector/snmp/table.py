"""Tables of a MIB, declared: a dataclass is a row, its fields are columns.

    @dataclass(frozen=True, slots=True)
    class Storage(Row):
        oid: ClassVar[str] = "1.3.6.1.2.1.25.2.3.1"       the table's entry
        description: str | None = column(3, text)          its column and the reader of its convention (syntax.py)

What a device answered is an `Answers`: by the OID of a column the values by instance, the rest of the OID behind it. So a
recording, a session and a test give the same rows. `Scalars` is a group of single values, read the same way.
"""

from __future__ import annotations

import dataclasses
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import chain, repeat
from operator import attrgetter
from typing import Any, ClassVar, TypeVar

from collector.snmp.syntax import Value

Answers = Mapping[str, Mapping[str, Value]]
"""{OID of a column or of a scalar without its ".0": {instance: value}}."""

_INSTANCE = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,10}){0,127}")
"""At most 128 sub-identifiers (RFC 2578 section 3.5)."""
_KEPT = 2048
"""Instances whose numbers are kept: they come again in each column, and in each device."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table. `index` is what follows the column in its OIDs. A table of a maker's own is asked only of devices whose
    sysObjectID is below one of `makers`."""

    oid: ClassVar[str]
    makers: ClassVar[tuple[str, ...]] = ()
    index: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Scalars:
    """A group of single values; `makers` as of a Row."""

    oid: ClassVar[str]
    makers: ClassVar[tuple[str, ...]] = ()


_Row = TypeVar("_Row", bound=Row)
_Scalars = TypeVar("_Scalars", bound=Scalars)


def column(number: int, read: Callable[[Value], Any]) -> Any:
    """A field that is column `number` of the table's entry, or scalar `number` of the group.

    Write `syntax.mac`, not `mac`: a field of that name above would stand for it.
    """
    if not callable(read):
        raise TypeError(f"column {number}: {read!r} reads nothing")
    return field(default=None, metadata={"number": number, "read": read})


def may_have(declared: type[Row | Scalars], object_id: str) -> bool:
    """Whether a device of this sysObjectID is asked for it: all are, but for what a maker has for itself."""
    return not declared.makers or any(f"{object_id}.".startswith(f"{maker}.") for maker in declared.makers)


def columns(declared: type[Row | Scalars]) -> list[str]:
    """OIDs of the columns of a table, or of the scalars of a group without their ".0"."""
    return [oid for _, oid, _ in _declared(declared)]


def rows(declared: type[_Row], answers: Answers) -> list[_Row]:
    """The rows of a table in the order of their index; one of which no cell was understood is left out."""
    columns = _declared(declared)
    given = [answers.get(oid, {}) for _, oid, _ in columns]
    indices = {each: index for each in dict.fromkeys(chain.from_iterable(given)) if (index := index_of(each))}
    # Column by column into the slots, so that no cell is a turn of the interpreter: it is half of what __init__ costs.
    new: Any = declared
    made: list[_Row] = list(map(object.__new__, repeat(new, len(indices))))
    put = _slots(new)
    _each(put["index"], made, indices.values())
    understood = []
    for (name, _, read), values in zip(columns, given, strict=True):
        cells = list(map(read, map(values.get, indices)))
        _each(put[name], made, cells)
        understood.append(cells)
    if all(None in cells for cells in understood):
        made = [
            row
            for row, cells in zip(made, zip(*understood, strict=True), strict=True)
            if cells.count(None) < len(cells)
        ]
    made.sort(key=attrgetter("index"))
    return made


def _each(put: Callable[[Any, Any], None], made: Iterable[Row], cells: Iterable[Any]) -> None:
    deque(map(put, made, cells), maxlen=0)


def scalars(declared: type[_Scalars], answers: Answers) -> _Scalars:
    """The values of a group; what is not there is None."""
    cells = {name: read(answers.get(oid, {}).get("0")) for name, oid, read in _declared(declared)}
    return declared(**cells)


@lru_cache(_KEPT)
def index_of(instance: str) -> tuple[int, ...]:
    """Sub-identifiers of an instance, empty where it is none."""
    return tuple(map(int, instance.split("."))) if _INSTANCE.fullmatch(instance) else ()


def octets_at(index: tuple[int, ...], start: int, length: int | None = None) -> bytes | None:
    """The octets that stand in an index from `start` on: `length` of them, or as many as the sub-identifier there says
    (RFC 2578 section 7.7). None where the index is too short or holds what is no octet."""
    if length is None:
        if start >= len(index):
            return None
        length = index[start]
        start += 1
    part = index[start : start + length]
    if len(part) != length or any(each > 255 for each in part):
        return None
    return bytes(part)


def _declared(declared: type[Row | Scalars]) -> list[tuple[str, str, Callable[[Value], Any]]]:
    key: Any = declared
    return _fields(key)


@cache
def _fields(declared: Any) -> list[tuple[str, str, Callable[[Value], Any]]]:
    fields = [each for each in dataclasses.fields(declared) if each.name != "index"]
    return [(each.name, f"{declared.oid}.{each.metadata['number']}", each.metadata["read"]) for each in fields]


@cache
def _slots(declared: Any) -> dict[str, Callable[[Any, Any], None]]:
    """What sets the fields of a row that is new; a row is frozen, and declared with slots."""
    return {each.name: getattr(declared, each.name).__set__ for each in dataclasses.fields(declared)}
