"""What a source says again, in short: the same header and section lines as last time need not be sent once more.

A batch that says again opens with one line in the place of its header,
{"again": 1, "id", "observed_at", "sequence", "interval_seconds", "same": SHA-256, "sections": [names]}, which stands for the
header and the section lines of these sections as the receiver remembers them from this sender. "all_but" in the place of
"sections" names those of the remembered ones that are not meant. A line {"costs": {section: cost}} may follow, then further
sections as in any batch (cmdb.model.batch).

The receiver writes it out as a batch without bodies before anything else looks at it, so nothing is accepted in this form that
would not be in the long one. What it remembers is no more than an aid: `same` is the digest of all that is written out, and
where the memory does not give that, the receiver asks for the lines.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, Optional

from cmdb.model import batch
from cmdb.model.checked import shown
from cmdb.model.dataclass import dataclass
from cmdb.model.errors import InvalidDocument, UsageError
from cmdb.model.values import canonical, digest

VERSION = 1
MOST_PACKED = 1024 * 1024
"""Bytes of what is remembered of one sender."""
_BEGIN = b'{"again":'
_OWN = ("id", "observed_at", "sequence", "interval_seconds")
"""What each batch says anew of itself."""
_NOT_COMPARED = ("cost", "bytes")

Row = dict[str, Any]


class LinesWanted(UsageError):
    """What was said again in short is not remembered here: it has to be sent at length."""

    kind = "lines-wanted"
    http_status = 409


@dataclass(frozen=True)
class Remembered:
    """What a sender said last: its header, without what each batch says anew, and the lines of each section."""

    header: Row = field(default_factory=dict)
    lines: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    def packed(self) -> bytes:
        """As bytes, small enough to be kept for thousands of senders; empty where it is too much to be kept."""
        text = canonical({"header": self.header, "lines": {name: list(rows) for name, rows in self.lines.items()}})
        return zlib.compress(text.encode(), 6) if len(text) <= MOST_PACKED else b""

    @staticmethod
    def unpacked(data: bytes) -> Remembered:
        """From `packed`; nothing where it is not whole."""
        try:
            found = json.loads(zlib.decompressobj().decompress(data, 4 * MOST_PACKED))
            return Remembered(found["header"], found["lines"])
        except (zlib.error, ValueError, KeyError, TypeError):
            return Remembered()


def remembered(before: Optional[Remembered], data: bytes) -> Remembered:
    """What is known of a sender after a batch of it, given at length; `before` is not changed."""
    lines = dict(before.lines) if before else {}
    new: dict[str, list[Row]] = {}
    header: Row = {}
    for number, line in enumerate(data.split(b"\n")):
        if not line or line.startswith(b'{"items":'):
            continue
        row = json.loads(line)
        if number == 0:
            header = header_row(row)
        elif "section" in row:
            new.setdefault(row["section"], []).append(row)
    lines.update(new)
    return Remembered(header, new if len(lines) > batch.MAX_SECTIONS else lines)


def header_row(row: Mapping[str, Any]) -> Row:
    """A header's line without what each batch says anew."""
    return {name: value for name, value in row.items() if name not in _OWN}


def same(header: Mapping[str, Any], lines: Iterable[Sequence[Mapping[str, Any]]]) -> str:
    """The digest of a header (`header_row`) and the lines of sections in order, without what they cost."""
    rows = [header]
    for section in lines:
        rows += [{name: value for name, value in row.items() if name not in _NOT_COMPARED} for row in section]
    return digest("\n".join(map(canonical, rows)))


def encode(
    header: batch.Header,
    sections: Sequence[batch.Section],
    again: Collection[str],
    known: Collection[str],
    held: Optional[Mapping[str, str]] = None,
    costs: bool = False,
) -> Iterator[bytes]:
    """The batch's lines, each with its line end: sections named in `again` in short, the others at length, without the bodies
    that are `held`. `known` names all sections that the receiver remembers. With `costs`, those of the former are said too."""
    row = json.loads(next(iter(batch.encode(header, []))))
    meant = {s.name: s for s in sections if s.name in again}
    line: Row = {
        "again": VERSION,
        "same": same(header_row(row), [batch.section_lines(meant[n]) for n in sorted(meant)]),
    }
    line.update({name: row[name] for name in _OWN})
    others = sorted(set(known) - set(meant))
    if len(others) < len(meant):
        line["all_but"] = others
    else:
        line["sections"] = sorted(meant)
    yield canonical(line).encode() + b"\n"
    if costs:
        yield canonical({"costs": {name: one.cost for name, one in sorted(meant.items())}}).encode() + b"\n"
    rest = [s for s in sections if s.name not in again]
    told = iter(batch.encode(header, rest, held))
    next(told)
    yield from told
    for one in meant.values():
        if one.readings:
            yield canonical({"of": one.name, "readings": one.readings}).encode() + b"\n"


def is_again(data: bytes) -> bool:
    """True of a batch that says again in short."""
    return data.startswith(_BEGIN)


def expand(memory: Optional[Remembered], data: bytes) -> bytes:
    """The batch at length; one that is so already stays as it is.

    Raises LinesWanted where the memory does not give what was meant, InvalidDocument where the line is not valid. What the
    header and further lines say is checked when the batch is decoded.
    """
    if not is_again(data):
        return data
    end = data.find(b"\n") + 1 or len(data)
    first = _row(data[:end], 0)
    if first.get("again") != VERSION:
        raise InvalidDocument(f"a batch that says again in another form: {shown(first.get('again'))}", "/0/again")
    memory = memory or Remembered()
    names = _names(first, memory)
    if not memory.header or any(name not in memory.lines for name in names):
        raise LinesWanted("Not all that this batch says again in short is remembered here: send the lines.")
    if same(memory.header, [memory.lines[name] for name in names]) != first.get("same"):
        raise LinesWanted("What this batch says again in short is not what is remembered here: send the lines.")
    costs: Mapping[str, Any] = {}
    if data.startswith(b'{"costs":', end):
        stop = data.find(b"\n", end) + 1 or len(data)
        costs, end = _row(data[end:stop], 1)["costs"], stop
        if not isinstance(costs, dict):
            raise InvalidDocument("expected an object", "/1/costs")
    header = {**memory.header, **{name: first[name] for name in _OWN if name in first}}
    rows = [dict(row, cost=costs.get(name, row.get("cost", {}))) for name in names for row in memory.lines[name]]
    return b"".join([canonical(row).encode() + b"\n" for row in [header, *rows]]) + data[end:]


def _names(first: Row, memory: Remembered) -> list[str]:
    """The sections that are meant, in order."""
    member = "all_but" if "all_but" in first else "sections"
    given = first.get(member)
    if not isinstance(given, list) or not all(type(name) is str for name in given) or len(given) > batch.MAX_SECTIONS:
        raise InvalidDocument(f"expected a list of at most {batch.MAX_SECTIONS} names of sections", f"/0/{member}")
    if sorted(set(given)) != given:
        raise InvalidDocument("names of sections are told in order, each once", f"/0/{member}")
    return given if member == "sections" else sorted(set(memory.lines) - set(given))


def _row(line: bytes, number: int) -> Row:
    try:
        row = json.loads(line) if len(line) <= MOST_PACKED else None
    except (ValueError, RecursionError) as error:
        raise InvalidDocument(f"line {number + 1} is no JSON: {error}", f"/{number}") from None
    if not isinstance(row, dict):
        raise InvalidDocument(f"a line must be an object of at most {MOST_PACKED} bytes", f"/{number}")
    return row
