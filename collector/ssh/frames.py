"""Decodes what the script of a sweep prints (script.py has the format), from a host that may send anything.

What is not whole is missing, never empty: a section counts once its end was seen.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field, replace
from itertools import pairwise

_LONGEST_MARK = 4096


class NoAnswer(Exception):
    """What came has no mark of ours in it, or is no gzip where it says so: no shell of a host that we know ran it."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its data, the status as the script told it, seconds until the next one began (None where there is no
    clock), and what was printed on standard error meanwhile."""

    data: bytes
    status: str
    seconds: float | None
    errors: bytes = b""


@dataclass(frozen=True, slots=True)
class Frames:
    """Sections by key. `whole` is false where the answer was cut, was too big or lacks sections that it counted."""

    sections: dict[str, Section] = field(default_factory=dict)
    whole: bool = False
    too_big: bool = False
    size: int = 0
    """Bytes of the answer, unpacked."""


def decode(stdout: bytes, nonce: str, limit: int) -> Frames:
    """The sections of an answer of which at most `limit` bytes are taken, after unpacking too; raises NoAnswer."""
    mark = nonce.encode()
    data, too_big = _unpacked(stdout, mark, limit)
    found: dict[str, Section] = {}
    opened: tuple[str, int] | None = None
    count = counted = -1
    ended = seen = False
    sections = 0
    began: list[tuple[str, float | None]] = []
    for start, end, words in _marks(data, mark):
        seen = True
        verb = words[0] if words else ""
        if verb == "begin" and len(words) > 1:
            opened = (words[1], end)
            began.append((words[1], _seconds(words[2:])))
        elif verb == "end" and len(words) > 1 and opened:
            key, at = opened
            if key != "errors" and key not in found:
                sections += 1
            found.setdefault(key, Section(data[at:start], " ".join(words[1:]), None))
            opened = None
        elif verb == "count" and len(words) == 2 and words[1].isascii() and words[1].isdecimal():
            count, counted = int(words[1][:9]), sections
        elif verb == "done":
            ended = True
            break
    if not seen:
        raise NoAnswer("no shell ran the script: what came back has none of its marks")
    errors = found.pop("errors", None)
    whole = ended and errors is not None and count == counted >= 0 and not too_big
    for (key, at_first), (_, after) in pairwise(began):
        if key in found and at_first is not None and after is not None:
            found[key] = replace(found[key], seconds=round(after - at_first, 2))
    for key, text in _errors(errors.data, mark) if errors else ():
        if key in found:
            found[key] = replace(found[key], errors=found[key].errors + text)
    return Frames(found, whole, too_big, len(data))


def raised_errors(stderr: bytes, nonce: str) -> dict[str, bytes]:
    """What commands with the rights of root printed, by key, from the channel's own standard error."""
    return dict(_errors(stderr, nonce.encode()))


def _unpacked(stdout: bytes, mark: bytes, limit: int) -> tuple[bytes, bool]:
    if len(stdout) > limit:
        stdout, cut = stdout[:limit], True
    else:
        cut = False
    match = re.search(rb"(?:\A|\n)" + mark + rb" packed\r?\n", stdout)
    if not match:
        if re.search(mark + rb" (?:begin|end) [^\n]*\r\n", stdout):
            stdout = stdout.replace(b"\r\n", b"\n")  # a terminal in between that could not be told otherwise
        return stdout, cut
    inflate = zlib.decompressobj(wbits=31)
    try:
        data = inflate.decompress(stdout[match.end() :], limit + 1)
    except zlib.error as error:
        raise NoAnswer(f"the answer could not be unpacked: {error}") from None
    if len(data) > limit:
        return data[:limit], True
    # The check sum of gzip stands at its end; what was cut before has no end of sections either.
    return (data, cut) if inflate.eof else (data, True)


def _marks(data: bytes, mark: bytes) -> list[tuple[int, int, list[str]]]:
    """(where the data before it ends, where that behind it begins, words) of each mark."""
    found = []
    at = 0
    while (at := data.find(mark, at)) >= 0:
        line_end = data.find(b"\n", at, at + _LONGEST_MARK)
        if line_end < 0:
            break
        if at == 0 or data[at - 1] == 10:
            words = data[at + len(mark) : line_end].decode("utf-8", "replace").split()
            found.append((max(at - 1, 0), line_end + 1, words))
            at = line_end
        else:
            at += 1
    return found


def _errors(data: bytes, mark: bytes) -> list[tuple[str, bytes]]:
    marks = [m for m in _marks(data, mark) if m[2]]
    ends = [*(start for start, _, _ in marks[1:]), len(data)][: len(marks)]
    return [(words[0], data[begin:end]) for (_, begin, words), end in zip(marks, ends, strict=True)]


def _seconds(words: list[str]) -> float | None:
    return float(words[0]) if words and re.fullmatch(r"\d{1,12}\.\d{1,6}", words[0], re.ASCII) else None
