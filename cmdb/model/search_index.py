"""What the stores index of a CI and queries are compared with: folded values by field, and tokens of free text."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from cmdb.model.classes import CLASSES
from cmdb.model.text import fold, tokens
from cmdb.model.values import MAX_INDEXED_BYTES, Value, bounded

KEPT_BYTES = MAX_INDEXED_BYTES - 100
"""A longer value keeps this much of itself in the index, so a longer prefix can not be asked for."""


def index_value(value: str | bool | int) -> str | int:
    """What a value is compared and indexed by: a number as it is, a boolean as "true" or "false", text folded.

    Text of more than 2,000 bytes of UTF-8 when folded: its first 1,900, cut at a character, and the SHA-256 of
    all of it.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return value
    return bounded(fold(value))


def indexed(class_name: str, name: str, attributes: Mapping[str, Value]) -> dict[str, list[str | int]]:
    """What the fields of a CI are compared by: distinct values by field, one for each member of a list.

    Fields are "name" (Item.name, whatever attribute it is made from), the attributes that the class declares searched, and
    those that it does not declare, which are somebody's own. A list without members is present (`has:` holds) and has no value.
    """
    return index_of(class_name, name, attributes)[0]


def text_of(class_name: str, name: str, attributes: Mapping[str, Value]) -> list[str]:
    """Tokens of a CI's free text, distinct and in order: of its name and of every searched text or list of text."""
    return index_of(class_name, name, attributes)[1]


def index_of(
    class_name: str, name: str, attributes: Mapping[str, Value]
) -> tuple[dict[str, list[str | int]], list[str]]:
    """`indexed` and `text_of` in one go, for stores that write both."""
    folded, words = _seen(name)
    fields: dict[str, list[str | int]] = {}
    found = set(words)
    unsearched = _UNSEARCHED.get(class_name, ())
    for field, value in attributes.items():
        if field in unsearched:
            continue
        if isinstance(value, str):
            folded_value, words = _seen(value)
            fields[field] = [folded_value]
            found.update(words)
        elif isinstance(value, list):
            members: dict[str | int, None] = {}
            for member in value:
                if isinstance(member, str):
                    folded_value, words = _seen(member)
                    members[folded_value] = None
                    found.update(words)
                else:
                    members[member] = None
            fields[field] = list(members)
        else:
            fields[field] = [index_value(value)]
    fields["name"] = [folded]
    return fields, sorted(found)


def _seen(value: str) -> tuple[str | int, tuple[str, ...]]:
    """Index value and tokens of a text. An estate repeats its names and versions, so short ones are remembered."""
    return _remembered(value) if len(value) <= 128 else (index_value(value), tuple(tokens(value)))


@lru_cache(maxsize=1 << 16)
def _remembered(value: str) -> tuple[str | int, tuple[str, ...]]:
    return index_value(value), tuple(tokens(value))


_UNSEARCHED: dict[str, frozenset[str]] = {n: frozenset(c.attributes) - c.searched for n, c in CLASSES.items()}
