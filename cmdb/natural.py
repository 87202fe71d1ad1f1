"""The natural digest of a graph: equal where two stores, or two orders of the same batches, hold the same things.

It leaves out ids, salts, revisions and times. A CI is named by its class, identifiers, local key and its parent's name; its
attributes and all relations count (architecture.md section 2).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from cmdb.model.values import canonical
from cmdb.neighbours import reporter_of
from cmdb.ports import View
from cmdb.states import Item


def natural_digest(view: View, at: int | None = None) -> str:
    """SHA-256 as 64 hex digits of the graph as of a revision, None for the newest of the view."""
    names: dict[str, bytes] = {}
    rows: list[bytes] = []
    waiting: list[tuple[Item, bytes]] = []
    for item in view.scan(None, at):
        content = _hash(item.attributes)
        whole = _whole(item)
        if not whole:
            _take(item, b"", content, names, rows)
        elif whole in names:
            _take(item, names[whole], content, names, rows)
        else:
            item.attributes, item.text = {}, ""  # the digest of them is all that is needed while it waits
            waiting.append((item, content))
    while waiting:
        left = [(item, content) for item, content in waiting if _whole(item) not in names]
        for item, content in waiting:
            if _whole(item) in names:
                _take(item, names[_whole(item)], content, names, rows)
        if len(left) == len(waiting):
            if left[0][0].parent is None:  # Who told of it is gone.
                names[_whole(left[0][0])] = b""
                continue
            raise ValueError(f"{left[0][0].id} is a part of {left[0][0].parent}, which is not there")
        waiting = left
    rows.extend(
        _hash([link.type, names[link.subject].hex(), names[link.object].hex(), link.attributes])
        for link in view.scan_links(None, at)
    )
    return _of(rows)


def _whole(item: Item) -> str:
    """The CI by whose name this one is named, empty where it has a name of its own."""
    return item.parent or reporter_of(item)


def _take(item: Item, parent: bytes, content: bytes, names: dict[str, bytes], rows: list[bytes]) -> None:
    known_by = [] if item.parent is None and parent else item.identifiers
    name = _hash([item.class_name, known_by, item.key, parent.hex()])
    names[item.id] = name
    rows.append(hashlib.sha256(name + content).digest())


def _hash(value: Any) -> bytes:
    return hashlib.sha256(canonical(value).encode()).digest()


def _of(rows: Iterable[bytes]) -> str:
    whole = hashlib.sha256()
    for row in sorted(rows):
        whole.update(row)
    return whole.hexdigest()
