"""Fields of a received document, each checked for its type and bounds; InvalidDocument names the place and the value.

Paths are JSON pointers (RFC 6901).
"""

from __future__ import annotations

import math
import reprlib
from collections.abc import Collection, Mapping
from re import Pattern
from typing import Any

from cmdb.model.errors import InvalidDocument
from cmdb.model.times import from_iso
from cmdb.model.values import NAME, problem, text

MAX_MARKS = 1_000
MAX_COSTS = 32


def shown(value: Any, limit: int = 80) -> str:
    """A value for a message: short whatever it is, and without a character that could not be printed."""
    made = reprlib.repr(value)
    return made if len(made) <= limit else made[: limit - 1] + "\u2026"


def step(name: str) -> str:
    """A member's name as a step of a JSON pointer."""
    return text(name, 128).replace("~", "~0").replace("/", "~1")


def object_at(row: Mapping[str, Any], name: str, at: str) -> dict[str, Any]:
    value = row.get(name)
    if not isinstance(value, dict):
        raise InvalidDocument(f"expected an object, found {shown(value)}", f"{at}/{name}")
    return value


def text_at(row: Mapping[str, Any], name: str, at: str, *, limit: int = 256, empty: bool = False) -> str:
    """A text of at most `limit` characters that both stores can hold."""
    value = row.get(name)
    if _plain(value, limit):
        return str(value)
    if not isinstance(value, str) or len(value) > limit or not (value or empty):
        raise InvalidDocument(
            f"expected a text of {0 if empty else 1} to {limit} characters, found {shown(value)}", f"{at}/{name}"
        )
    why = problem(value, "str")
    if why:
        raise InvalidDocument(why, f"{at}/{name}")
    return value


def texts_at(row: Mapping[str, Any], name: str, at: str, *, most: int = 1_000) -> list[str]:
    """A list of at most `most` texts."""
    value = row.get(name)
    if not isinstance(value, list) or len(value) > most:
        raise InvalidDocument(f"expected a list of at most {most} texts, found {shown(value)}", f"{at}/{name}")
    if _all_plain(value, 256):
        return value
    members = {str(number): member for number, member in enumerate(value)}
    return [text_at(members, number, f"{at}/{name}") for number in members]


def _plain(value: Any, limit: int) -> bool:
    """True for what nearly all texts are: nothing of them needs a closer look."""
    return type(value) is str and 0 < len(value) <= limit and value.isascii() and "\0" not in value


def _all_plain(values: list[Any], limit: int) -> bool:
    """The same of all of a list, without looking at each by itself."""
    try:
        joined = "".join(values)
    except TypeError:
        return False
    return joined.isascii() and "\0" not in joined and "" not in values and max(map(len, values), default=0) <= limit


def matching(row: Mapping[str, Any], name: str, at: str, pattern: Pattern[str], what: str) -> str:
    """A text of a given form; `what` says which."""
    value = row.get(name)
    if not isinstance(value, str) or not pattern.match(value):
        raise InvalidDocument(f"expected {what}, found {shown(value)}", f"{at}/{name}")
    return value


def one_of(row: Mapping[str, Any], name: str, at: str, allowed: Collection[str]) -> str:
    value = row.get(name)
    if not isinstance(value, str) or value not in allowed:
        raise InvalidDocument(f"{shown(value)} is none of {', '.join(allowed)}", f"{at}/{name}")
    return value


def integer(row: Mapping[str, Any], name: str, at: str, lowest: int, highest: int) -> int:
    value = row.get(name)
    if type(value) is not int or not lowest <= value <= highest:
        raise InvalidDocument(f"expected an integer from {lowest} to {highest}, found {shown(value)}", f"{at}/{name}")
    return value


def time_at(row: Mapping[str, Any], name: str, at: str) -> int:
    """Microseconds of an ISO 8601 time with offset, not before 1970."""
    value = row.get(name)
    try:
        found = from_iso(value) if isinstance(value, str) else -1
    except (ValueError, OverflowError):
        found = -1
    if found < 0:
        raise InvalidDocument(f"expected an ISO 8601 time with an offset, found {shown(value)}", f"{at}/{name}")
    return found


def marks_at(row: Mapping[str, Any], name: str, at: str) -> dict[str, Any]:
    """Identifying marks: texts, or lists of at most 1,000 texts."""
    value = object_at(row, name, at)
    if len(value) > MAX_MARKS:
        raise InvalidDocument(f"{len(value)} marks; at most {MAX_MARKS} are taken", f"{at}/{name}")
    for mark, held in value.items():
        place = f"{at}/{name}/{step(mark)}"
        if not NAME.match(mark):
            raise InvalidDocument(f"no name of a mark: {shown(mark)}", place)
        members = held if isinstance(held, list) else [held]
        if len(members) > MAX_MARKS:
            raise InvalidDocument(f"{len(members)} values of a mark; at most {MAX_MARKS} are taken", place)
        for member in members:
            why = problem(member, "str")
            if why:
                raise InvalidDocument(why, place)
    return value


def cost_at(row: Mapping[str, Any], name: str, at: str) -> dict[str, Any]:
    """What a section cost: a few named finite numbers."""
    value = object_at(row, name, at) if row.get(name) is not None else {}
    for key, number in value.items():
        fine = abs(number) <= 2**53 if type(number) is int else type(number) is float and math.isfinite(number)
        if not fine or len(key) > 64:
            raise InvalidDocument(f"expected a number, found {shown(number)}", f"{at}/{name}/{step(key)}")
    if len(value) > MAX_COSTS:
        raise InvalidDocument(f"{len(value)} costs; at most {MAX_COSTS} are taken", f"{at}/{name}")
    return value
