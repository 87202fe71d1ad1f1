"""What a process that looks tells the one that started it: which fact it begins, and each finished section.

A message is the length of its head and of its bodies (two 32-bit numbers, big-endian), the head as JSON, and the packed bodies.
JSON and not pickle, so that whatever a host's files made of the one process can do nothing in the other.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from typing import Any, Optional, Union

from cmdb.model.batch import Section
from cmdb.model.dataclass import dataclass

_LENGTHS = struct.Struct(">II")
HEAD_LIMIT = 64 * 1024 * 1024
"""Readings stand in the head."""


class TooMuch(Exception):
    """A message is longer than was agreed."""


@dataclass(frozen=True)
class Begins:
    """The next message is of this fact."""

    name: str


@dataclass(frozen=True)
class Told:
    """A finished section, its bodies packed; `key` stands for the material that it follows from, empty where it is not
    remembered. What the receiver has already is left out: with `same` "bodies" the bodies, with "all" everything but the cost."""

    section: Section
    marks: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    same: str = ""

    def unpacked(self) -> Section:
        """The section with its bodies."""
        bodies = [None if body is None else zlib.decompress(body) for body in self.section.bodies]
        return replace(self.section, bodies=bodies)


def pack(section: Section, level: int = 1) -> Section:
    """The section with its bodies packed; at level 0 they only look packed."""
    return replace(section, bodies=[None if body is None else zlib.compress(body, level) for body in section.bodies])


def encode(message: Union[Begins, Told]) -> bytes:
    """A message as it goes through the pipe."""
    if isinstance(message, Begins):
        return _frame({"begins": message.name}, b"")
    head = {name: value for name, value in vars(message.section).items() if name != "bodies"}
    bodies = [body or b"" for body in message.section.bodies]
    sizes = [len(body) for body in bodies]
    return _frame(
        {"section": head, "marks": dict(message.marks), "key": message.key, "same": message.same, "sizes": sizes},
        b"".join(bodies),
    )


class Reader:
    """Messages from bytes as they come. `most` bounds the bodies of a message in bytes."""

    def __init__(self) -> None:
        self.most = 0
        self._data = bytearray()

    def feed(self, data: bytes) -> Iterator[Union[Begins, Told]]:
        """The messages that are whole now; raises TooMuch."""
        self._data += data
        while len(self._data) >= _LENGTHS.size:
            head, bodies = _LENGTHS.unpack_from(self._data)
            if head > HEAD_LIMIT or bodies > self.most:
                raise TooMuch
            begin = _LENGTHS.size
            end = begin + head + bodies
            if len(self._data) < end:
                return
            message = _decode(bytes(self._data[begin : begin + head]), bytes(self._data[begin + head : end]))
            del self._data[:end]
            yield message


def _frame(head: Mapping[str, Any], bodies: bytes) -> bytes:
    text = json.dumps(head, separators=(",", ":")).encode()
    return _LENGTHS.pack(len(text), len(bodies)) + text + bodies


def _decode(head: bytes, bodies: bytes) -> Union[Begins, Told]:
    row = json.loads(head)
    if "begins" in row:
        return Begins(row["begins"])
    parts: list[Optional[bytes]] = []
    place = 0
    for size in row["sizes"]:
        parts.append(bodies[place : place + size])
        place += size
    return Told(Section(**row["section"], bodies=parts), row["marks"], row["key"], row["same"])
