"""Which configuration item a person means: by its id, or by a query that exactly one matches."""

from __future__ import annotations

import re

from api.encoders import visible
from api.estate import Estate
from cmdb.model.errors import NotFoundError, UsageError

_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}\Z")


def the_one(estate: Estate, text: str, at: str | None = None) -> str:
    """The id of the item that `text` means. Raises UsageError where several match, NotFoundError where none does."""
    if _ID.match(text):
        return text
    found = estate.find(text, at, limit=6)["items"]
    if len(found) == 1:
        return str(found[0]["id"])
    if not found:
        raise NotFoundError(f"Nothing matches {text!r:.200}; `ci find` searches.")
    named = ", ".join(f"{ci['class']} {visible(ci['name'], 60)} ({ci['id']})" for ci in found[:5])
    raise UsageError(
        f"{text!r:.200} matches several: {named}{' and more' if len(found) > 5 else ''}. Name one by its id."
    )
