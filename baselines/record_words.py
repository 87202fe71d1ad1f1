"""What people write of a record, read and checked: its key, its link, its window, the CIs that it affects.

All raise UsageError with what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from cmdb import aliases
from cmdb.model.errors import ConflictError, NotFoundError, UsageError
from cmdb.model.query_language import ClassTerm, FieldTerm, Query
from cmdb.model.text import fold
from cmdb.model.times import from_iso, iso
from cmdb.model.values import text
from cmdb.own_attributes import query_of
from cmdb.ports import View
from cmdb.query import MAX_PAGE
from cmdb.states import Item

CLASSES = {"change": "ChangeRecord", "incident": "IncidentRecord"}
"""Class by kind of record, the word of the command line."""

LOCAL = "local"
MOST_CIS = 1000

_INSTANCE = re.compile(r"[a-z0-9](?:[a-z0-9._:-]{0,251}[a-z0-9])?\Z")
_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}\Z")


def resolved(view: View, kind: str, key: str, at: int | None = None) -> tuple[str, str, Item | None]:
    """(instance, number, record or None) that a key means; a number that nobody has is one of the local instance."""
    if kind not in CLASSES:
        raise UsageError(f"{kind!r:.40} is no kind of record; there are {', '.join(CLASSES)}.")
    written, _, number = text(key.strip()).rpartition("/")
    instance = fold(written)
    if not number or not number.isprintable() or " " in number or len(number) > 100:
        raise UsageError(f"{key!r:.120} is no key of a {kind} record: write instance/number or the number alone.")
    if ("/" in key and not instance) or (instance and not _INSTANCE.match(instance)):
        raise UsageError(f"{written!r:.120} is no instance: write the host name of the tool, or {LOCAL}.")
    found = _numbered(view, CLASSES[kind], number, at)
    if instance:
        found = [item for item in found if item.attributes["instance"] == instance]
    if len(found) > 1:
        keys = ", ".join(sorted(f"{i.attributes['instance']}/{i.attributes['number']}" for i in found))
        raise ConflictError(f"{number} is the number of several {kind} records: {keys}.", keys=keys)
    if found:
        return str(found[0].attributes["instance"]), str(found[0].attributes["number"]), found[0]
    return instance or LOCAL, number, None


def _numbered(view: View, class_name: str, number: str, at: int | None) -> list[Item]:
    query = Query((ClassTerm(class_name), FieldTerm("number", "=", number)), "")
    page = view.find(query, at, None, MAX_PAGE)
    return [item for item in page.items if fold(str(item.attributes.get("number"))) == fold(number)]


def cis_of(view: View, words: Sequence[str], at: int | None = None) -> list[str]:
    """Ids of the CIs that these ids and queries mean; records are none. Raises NotFoundError where a word means nothing,
    UsageError where it means more than 1,000."""
    found: set[str] = set()
    for word in words:
        if not word.strip():
            raise UsageError("An empty query means everything; name the configuration items.")
        id_ = word.strip().upper()
        id_ = aliases.resolve(view, id_, at) if _ID.match(id_) else id_
        items = list(view.items([id_], at).values()) if _ID.match(id_) else []
        if not items:
            page = view.find(query_of(view, word, at), at, None, MOST_CIS)
            if page.next is not None:
                raise UsageError(f"More than {MOST_CIS} configuration items match {word!r:.200}; ask more narrowly.")
            items = page.items
        ids = {item.id for item in items if item.class_name not in CLASSES.values()}
        if not ids:
            raise NotFoundError(f"No configuration item is {word!r:.200}; `ci find` shows what there is.", query=word)
        found |= ids
    return sorted(found)


def link_of(written: str) -> str:
    """An http or https address without a password; empty stays empty."""
    link = written.strip()
    if not link:
        return ""
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host or not link.isprintable() or " " in link or len(link) > 2048:
        raise UsageError(f"{link!r:.200} is no link to a record: write an https or http address.")
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            "The link holds a user name or password; leave it out, everybody who reads the record sees it."
        )
    return text(link)


def time_of(written: str) -> str:
    """A time with offset as ISO 8601 in UTC; empty stays empty."""
    if not written.strip():
        return ""
    try:
        return iso(from_iso(written.strip()))
    except (ValueError, OverflowError):
        raise UsageError(
            f"{written!r:.80} is no time of a window: write ISO 8601 with an offset, 2026-11-23T10:00:00+01:00."
        ) from None


def check_window(start: str | None, end: str | None) -> None:
    """Its end is exclusive, so it lies behind its start."""
    if start is not None and end is not None and from_iso(end) <= from_iso(start):
        raise UsageError(f"The window ends {end}, which is not after its start {start}; its end is exclusive.")
