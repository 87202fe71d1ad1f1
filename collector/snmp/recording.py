"""A recorded walk as a device: lines "OID|tag|value" of a .snmprec file, as snmpsim's documentation has them.

Tags are the numbers of ASN.1 types (RFC 2578, RFC 3416) that stand for a value in clear, with "x" behind them in hex.
Tags that compute a value (":numeric") are not played: their line is left out and counted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from collector.snmp.syntax import Value
from collector.snmp.table import Answers, Row, Scalars, columns, index_of

MOST_BYTES = 256 * 1024 * 1024
MOST_LINES = 4_000_000

_NUMBERS = frozenset({"2", "65", "66", "67", "70"})
_OCTETS = frozenset({"4", "68"})
_NAMES = frozenset({"6", "64"})


class Unreadable(ValueError):
    """A file is no recording; the message says where."""


class Recording:
    """What a device answered. `left_out` counts lines that can not be played."""

    def __init__(self, lines: Iterable[str], name: str = "recording") -> None:
        self.name = name
        self.left_out = 0
        self._values: dict[tuple[int, ...], Value] = {}
        for number, line in enumerate(lines, 1):
            if number > MOST_LINES:
                raise Unreadable(f"{name}: more than {MOST_LINES:,} lines")
            self._take(line.rstrip("\r\n"), number)
        self._order = sorted(self._values)

    @classmethod
    def read(cls, path: Path) -> Recording:
        """The recording in a file. Raises OSError, Unreadable."""
        if path.stat().st_size > MOST_BYTES:
            raise Unreadable(f"{path}: larger than {MOST_BYTES // 1024**2} MiB")
        with path.open(encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            return cls(file, str(path))

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[tuple[tuple[int, ...], Value]]:
        """(OID, value), in the order of a walk."""
        return ((oid, self._values[oid]) for oid in self._order)

    def answers(self, wanted: Iterable[str]) -> Answers:
        """What the device says of these columns and scalars (`table.columns`)."""
        found: dict[str, dict[str, Value]] = {}
        prefixes = {index_of(oid): oid for oid in wanted}
        lengths = sorted({len(prefix) for prefix in prefixes})
        for oid in self._order:
            for length in lengths:
                column = prefixes.get(oid[:length])
                if column is not None and len(oid) > length:
                    found.setdefault(column, {})[".".join(map(str, oid[length:]))] = self._values[oid]
        return found

    def table(self, declared: type[Row]) -> Answers:
        """All columns of a table, as walk.Walk.table gives them."""
        return {oid: self._below(oid) for oid in columns(declared)}

    def scalars(self, *groups: type[Scalars]) -> Answers:
        """The values of groups, as walk.Walk.scalars gives them."""
        found: dict[str, dict[str, Value]] = {}
        for oid in (oid for group in groups for oid in columns(group)):
            value = self._values.get((*index_of(oid), 0))
            if value is not None:
                found[oid] = {"0": value}
        return found

    def _below(self, oid: str) -> dict[str, Value]:
        prefix = index_of(oid)
        start = bisect_left(self._order, prefix)
        found: dict[str, Value] = {}
        for each in islice(self._order, start, None):
            if each[: len(prefix)] != prefix:
                break
            if len(each) > len(prefix):
                found[".".join(map(str, each[len(prefix) :]))] = self._values[each]
        return found

    def _take(self, line: str, number: int) -> None:
        if not line or line.startswith("#"):
            return
        oid, _, rest = line.partition("|")
        tag, bar, value = rest.partition("|")
        index = index_of(oid.lstrip("."))
        if not index or not bar:
            raise Unreadable(f"{self.name}: line {number} is not OID|tag|value")
        if ":" in tag:
            self.left_out += 1
            return
        try:
            self._values.setdefault(index, _value(tag, value))
        except ValueError as error:
            raise Unreadable(f"{self.name}: line {number}: {error}") from None


def _value(tag: str, value: str) -> Value:
    kind, in_hex = tag.rstrip("x"), tag.endswith("x")
    if kind in _OCTETS:
        return bytes.fromhex(value) if in_hex else value.encode("utf-8", "surrogateescape")
    if kind in _NUMBERS:
        return int(value, 16) if in_hex else int(value or "0")
    if kind in _NAMES:
        if in_hex:
            octets = bytes.fromhex(value)
            if kind == "64" and len(octets) == 4:
                return ".".join(map(str, octets))
            raise ValueError(f"{value[:80]!r} is no address")
        return value.lstrip(".")
    if kind in {"5", "128", "129", "130"}:
        return None
    raise ValueError(f"tag {tag[:20]!r} is not known")
