"""What a device's command line answered, by question.

A question is one thing that is asked of a system, with the commands that ask it: the first that the device knows is the one that
counts. An answer is JSON where the device has that, else text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from agent.fact import ParseError, Unavailable

MOST_BYTES = 32 * 1024 * 1024
"""Of one answer."""

MOST_DEPTH = 100
"""Of JSON within JSON."""


@dataclass(frozen=True, slots=True)
class Question:
    """`commands` ask the same thing, the best first; none of them changes anything. `also` are other spellings that recordings
    have, up to their first "|"; what begins with "*" need only be part of it. `may_be_blank` is true of a table without rows
    for which the system prints nothing: of all else that is no answer."""

    name: str
    commands: tuple[str, ...]
    also: tuple[str, ...] = ()
    may_be_blank: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `refused` says that the device knows no such command, or has not the feature; `failure` why there is no
    answer, empty where there is one. `data` is the JSON of a device that was asked by other means than text."""

    text: str = ""
    data: Any = None
    failure: str = ""
    refused: bool = False


class Answers:
    """Replies by question. `name` is what whoever asked knows the device by; `privilege` as in agent.fact."""

    def __init__(self, replies: Mapping[str, Reply], name: str = "", privilege: str = "full") -> None:
        self._replies = dict(replies)
        self.name, self.privilege = name, privilege

    def size(self, names: Iterable[str]) -> int:
        """Bytes of the answers to these questions."""
        return sum(len(self._replies[name].text) for name in names if name in self._replies)

    def text(self, name: str) -> str:
        """Raises Unavailable where there is no answer."""
        reply = self._reply(name)
        return reply.text if reply.data is None else json.dumps(reply.data)

    def json(self, name: str) -> Any:
        """Raises Unavailable where there is no answer, ParseError where it is no JSON."""
        reply = self._reply(name)
        return reply.data if reply.data is not None else decoded(reply.text, name)

    def has(self, name: str) -> bool:
        """False where the device knows no such thing or was not asked; raises Unavailable where the answer failed otherwise."""
        reply = self._replies.get(name)
        if reply is None or reply.refused:
            return False
        if reply.failure:
            raise Unavailable(reply.failure)
        return True

    def refused(self, *names: str) -> bool:
        """True where the device said of all of them that it knows no such thing."""
        return all(name in self._replies and self._replies[name].refused for name in names)

    def _reply(self, name: str) -> Reply:
        reply = self._replies.get(name)
        if reply is None:
            raise Unavailable(f"the device was not asked for: {name}")
        if reply.failure:
            raise Unavailable(reply.failure)
        return reply


def decoded(text: str, name: str = "answer") -> Any:
    """JSON of a text; what a device prints before it (warnings) is passed over. Raises ParseError."""
    start = min((at for at in (text.find("{"), text.find("[")) if at >= 0), default=-1)
    if start < 0:
        if not text.strip():
            return {}  # NX-OS prints nothing for a table without rows
        raise ParseError(f"{name}: no JSON: {text.strip()[:200]!r}")
    try:
        found, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"{name}: broken JSON ({error}): {text[start : start + 100]!r}") from None
    if text[end:].strip() and text[:start].strip():
        raise ParseError(f"{name}: JSON amid other text: {text[:100]!r}")
    if not isinstance(found, dict | list):
        raise ParseError(f"{name}: JSON that is neither object nor array")
    return found


def objects(found: Any) -> list[dict[str, Any]]:
    """Rows of a table: an object alone is a table of one row, as several systems print it."""
    rows = found if isinstance(found, list) else [found]
    return [row for row in rows if isinstance(row, dict)]


def within(found: Any, key: str) -> list[Any]:
    """All values of a key, at whatever depth, in order; what lies within such a value is not looked into. Bounded in depth."""
    return list(_within(found, key, MOST_DEPTH))


def _within(found: Any, key: str, depth: int) -> Iterable[Any]:
    if depth <= 0:
        raise ParseError(f"more than {MOST_DEPTH} levels of JSON")
    if isinstance(found, list):
        for each in found:
            yield from _within(each, key, depth - 1)
    elif isinstance(found, dict):
        for name, value in found.items():
            if name == key:
                yield value
            else:
                yield from _within(value, key, depth - 1)


def expected(document: Any, name: str, *keys: str, empty: bool = False) -> Any:
    """The document, where it has one of the elements that make it a table; raises ParseError for anything else, which would
    otherwise be taken for an empty table. With `empty` a document without anything in it is a table without rows."""
    if not document and empty:
        return document
    if not any(within(document, key) for key in keys):
        raise ParseError(f"{name}: none of {', '.join(keys)} in it: {str(document)[:200]!r}")
    return document


def number(value: Any) -> int | None:
    """A whole number as devices write it: 10, "10"; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def word(value: Any) -> str:
    """A text without blanks around it; empty for anything that is none."""
    return value.strip() if isinstance(value, str) else str(value) if type(value) is int else ""
