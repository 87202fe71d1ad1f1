"""Addresses as runs of numbers: what lies within a set of ranges and what does not, without a look at each address."""

from __future__ import annotations

import ipaddress
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Span:
    """The addresses from `first` to `last`, both included, as numbers. `zone_id` is that of link-local ones, or empty."""

    version: int
    first: int
    last: int
    zone_id: str = ""

    @property
    def count(self) -> int:
        """How many addresses there are."""
        return self.last - self.first + 1

    def addresses(self) -> Iterator[str]:
        """Each address in order, in its canonical text (RFC 5952)."""
        kind = ipaddress.IPv4Address if self.version == 4 else ipaddress.IPv6Address
        zone = f"%{self.zone_id}" if self.zone_id else ""
        for number in range(self.first, self.last + 1):
            yield f"{kind(number)}{zone}"

    def __str__(self) -> str:
        """The span as an expression of targets."""
        kind = ipaddress.IPv4Address if self.version == 4 else ipaddress.IPv6Address
        first = f"{kind(self.first)}%{self.zone_id}" if self.zone_id else str(kind(self.first))
        return first if self.first == self.last else f"{first}-{kind(self.last)}"


def span_of(first: Address, last: Address | None = None) -> Span:
    """The span of one address, or of all from one to another."""
    return Span(first.version, int(first), int(first if last is None else last), zone_id_of(first))


def zone_id_of(address: Address) -> str:
    """The zone id of an address, empty where it has none."""
    return getattr(address, "scope_id", None) or ""


class SpanSet:
    """Addresses that lie in any of several spans. A span without a zone id has the addresses of every zone."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._runs: dict[tuple[int, str], list[tuple[int, int]]] = {}
        for span in spans:
            self._runs.setdefault((span.version, span.zone_id), []).append((span.first, span.last))
        for key, runs in self._runs.items():
            self._runs[key] = _joined(runs)

    def __bool__(self) -> bool:
        return bool(self._runs)

    def has(self, address: Address) -> bool:
        """Whether the address is among them."""
        number, zone_id = int(address), zone_id_of(address)
        for key in {(address.version, ""), (address.version, zone_id)}:
            runs = self._runs.get(key, [])
            place = bisect_right(runs, (number, 1 << 128)) - 1
            if place >= 0 and runs[place][1] >= number:
                return True
        return False

    def split(self, span: Span) -> tuple[list[Span], list[Span]]:
        """The parts of a span that are among them, and those that are not, each in order."""
        runs = self._runs.get((span.version, ""), [])
        if span.zone_id:
            runs = _joined(chain(runs, self._runs.get((span.version, span.zone_id), [])))
        inside: list[Span] = []
        outside: list[Span] = []
        at = span.first
        for first, last in runs[max(bisect_right(runs, (at, 1 << 128)) - 1, 0) :]:
            if first > span.last:
                break
            if last < at:
                continue
            if first > at:
                outside.append(replace(span, first=at, last=first - 1))
            end = min(last, span.last)
            inside.append(replace(span, first=max(first, at), last=end))
            at = end + 1
        if at <= span.last:
            outside.append(replace(span, first=at))
        return inside, outside


def _joined(runs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Runs in order, those that touch as one."""
    made: list[tuple[int, int]] = []
    for first, last in sorted(runs):
        if made and first <= made[-1][1] + 1:
            made[-1] = (made[-1][0], max(made[-1][1], last))
        else:
            made.append((first, last))
    return made
