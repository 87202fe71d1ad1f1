"""Rows that a transaction keeps back, so that all batches of a group share their statements.

Each statement costs the server far more than each of its rows. Rows wait until something is asked or written that they could
speak of, or the transaction ends; then they go out in the order of their phases, which is the order that a single batch has
to be written in. Batches that touch the same things are therefore kept apart: see `touched`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Any, Protocol

MOST_ROWS = 20_000
"""Rows of one statement."""


class Send(Protocol):
    """Sends a statement without waiting for it. The transaction fails unless it makes `expected` nodes and relationships."""

    def __call__(self, cypher: str, expected: int = 0, /, **parameters: Any) -> None: ...


class Phase(IntEnum):
    """When rows go out, of all that wait."""

    SCOPES = 0
    PAST_LINKS = 1
    LINKS_ENDED = 2
    LINKS_UPDATED = 3
    PAST = 4
    RETIRED = 5
    UPDATED = 6
    CREATED = 7
    MOVED = 8
    IDENTIFIERS = 9
    LINKS_CREATED = 10
    REVISION = 11
    HEAD = 12
    CLAIMS_REMOVED = 13
    CLAIMS = 14
    RESCOPED = 15
    RECORDS = 16
    REFERENCES_REMOVED = 17
    REFERENCES = 18


class Outbox:
    """What waits. `touched` are the ids, scopes, identifiers and the like that it speaks of."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.touched: set[str | int] = set()
        self._waiting: dict[tuple[int, int, str], list[tuple[Any, int, int]]] = {}
        self._levels: dict[str, int] = {}

    def put(self, phase: Phase, cypher: str, listed: Iterable[Any], made: int = 0) -> None:
        """Rows for a statement that has them as $rows. Each makes `made` nodes and relationships."""
        rows = [(row, 1, made) for row in listed]
        if rows:
            self._waiting.setdefault((phase, 0, cypher), []).extend(rows)

    def put_below(self, level: int, cypher: str, parent: str, parts: list[Any]) -> None:
        """New parts of a parent, as rows [parent, [properties]]; those of a higher level are created later."""
        waiting = self._waiting.setdefault((Phase.CREATED, level, cypher), [])
        for start in range(0, len(parts), MOST_ROWS):
            some = parts[start : start + MOST_ROWS]
            waiting.append(([parent, some], len(some), 2 * len(some)))

    def replace(self, phase: Phase, cypher: str, row: Any) -> None:
        """A row that stands for any before it."""
        self._waiting[(phase, 0, cypher)] = [(row, 1, 0)]

    def holds(self, cypher: str) -> bool:
        """True where rows for this statement wait."""
        return any(key[2] == cypher for key in self._waiting)

    def level(self, id_: str, parent: str) -> int:
        """How far below a CI without a parent, or one that does not wait, a new part stands."""
        found = self._levels.get(parent, 0) + 1
        self._levels[id_] = found
        return found

    def send_all(self) -> None:
        """Send what waits."""
        waiting, self._waiting = self._waiting, {}
        self.touched.clear()
        self._levels.clear()
        for key in sorted(waiting, key=lambda key: key[:2]):
            for rows, expected in _parts(waiting[key]):
                self.send(key[2], expected, rows=rows)


def _parts(rows: list[tuple[Any, int, int]]) -> Iterator[tuple[list[Any], int]]:
    """Rows of statements that are not too long, with what they make."""
    part: list[Any] = []
    size = made = 0
    for row, weight, makes in rows:
        if part and size + weight > MOST_ROWS:
            yield part, made
            part, size, made = [], 0, 0
        part.append(row)
        size += weight
        made += makes
    if part:
        yield part, made
