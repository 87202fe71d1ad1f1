"""Where a sweep may go: permitted ranges, and what is left out in any case.

Where no settings say otherwise the addresses that are nobody's on the Internet are permitted: private ones (RFC 1918,
RFC 4193), loopback (RFC 1122, RFC 4291) and link-local ones (RFC 3927, RFC 4291). Everything else needs a `permit`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cmdb.model.checked import shown
from cmdb.model.errors import UsageError
from collector.spans import Address, Span, SpanSet
from collector.targets import Expression, matches, parse

DEFAULT_RANGES = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "::1",
    "fc00::/7",
    "fe80::/10",
)
MOST_EXPRESSIONS = 100_000


class Permitted:
    """The ranges and names that may be swept: those of the settings (None: DEFAULT_RANGES) and of `permit`.

    A range is written as a target is, a network as a whole. A name, or a pattern of names with * and ?, permits what
    only a jump host can resolve, so that its address can not be looked at.
    Raises UsageError for a range that is none.
    """

    def __init__(self, ranges: Sequence[str] | None = None, permit: Sequence[str] = ()) -> None:
        read = [_range(text) for text in (*(DEFAULT_RANGES if ranges is None else ranges), *permit)]
        self._spans = SpanSet(one.span for one in read if one.span is not None)
        self._names = [one.name for one in read if one.span is None]

    def has(self, address: Address) -> bool:
        """Whether a sweep may go to an address. Never to one that is no single host's: 0.0.0.0, ::, multicast."""
        return self._spans.has(address) and not _NOBODY.has(address)

    def has_name(self, name: str) -> bool:
        """Whether a sweep may have a jump host connect to a name."""
        return any(matches(name, pattern) for pattern in self._names)

    def split(self, span: Span) -> tuple[list[Span], int]:
        """The parts of a span that a sweep may go to, and how many addresses are in none of them."""
        within, _ = self._spans.split(span)
        parts = [part for one in within for part in _NOBODY.split(one)[1]]
        return parts, span.count - sum(part.count for part in parts)


class Excluded:
    """What is left out whatever else names it: what `expressions` say, and `addresses` to which their names resolved."""

    def __init__(self, expressions: Iterable[Expression] = (), addresses: Iterable[Span] = ()) -> None:
        read = list(expressions)
        if len(read) > MOST_EXPRESSIONS:
            raise UsageError(f"{len(read)} exclusions; at most {MOST_EXPRESSIONS} are taken: write ranges.")
        self._spans = SpanSet([*(one.span for one in read if one.span is not None), *addresses])
        self._names = {one.name for one in read if one.span is None}
        self._patterns = [name for name in sorted(self._names) if "*" in name or "?" in name]

    def has(self, address: Address) -> bool:
        """Whether an address is left out."""
        return self._spans.has(address)

    def has_name(self, name: str) -> bool:
        """Whether a host of that name is left out."""
        folded = name.lower().rstrip(".")
        return folded in self._names or any(matches(folded, pattern) for pattern in self._patterns)

    def split(self, span: Span) -> tuple[list[Span], int]:
        """The parts of a span that are not left out, and how many addresses are."""
        parts = self._spans.split(span)[1]
        return parts, span.count - sum(part.count for part in parts)


def _range(text: str) -> Expression:
    found = parse(text, excludes=True)
    if text.strip().startswith("!"):
        raise UsageError(f"{shown(text)} leaves out, where a permitted range was asked for: write it without the !.")
    return found


_NOBODY = SpanSet(
    one.span
    for one in (
        parse(text, excludes=True) for text in ("0.0.0.0/32", "::", "224.0.0.0/4", "255.255.255.255", "ff00::/8")
    )
    if one.span is not None
)
