"""Cursors: where the next page of a list begins, opaque to who asks.

A cursor is URL-safe base64 without padding (RFC 4648 section 5) of the canonical JSON of [class, sort_key(name), id] of
the last CI of the page, which is what lists are ordered by.
"""

from __future__ import annotations

import base64
import json
from typing import Protocol

from cmdb.model.errors import UsageError
from cmdb.model.text import sort_key
from cmdb.model.values import canonical


class Listed(Protocol):
    """What the place in a list depends on; an Item of the stores is one."""

    @property
    def id(self) -> str: ...
    @property
    def class_name(self) -> str: ...
    @property
    def name(self) -> str: ...


def cursor_of(item: Listed) -> str:
    """The cursor of the page behind this CI."""
    place = canonical([item.class_name, sort_key(item.name), item.id])
    return base64.urlsafe_b64encode(place.encode()).rstrip(b"=").decode()


def after(cursor: str) -> tuple[str, str, str]:
    """(class, sort_key(name), id) behind which the page begins. Raises UsageError where it is none of our cursors."""
    try:
        raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        place = json.loads(raw.decode())
    except (ValueError, RecursionError):
        place = None
    if not isinstance(place, list) or len(place) != 3 or not all(isinstance(part, str) for part in place):
        raise UsageError("That is no cursor; take `next` of the page before as it is, or ask from the beginning.")
    return place[0], place[1], place[2]
