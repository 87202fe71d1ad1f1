"""A view of the Neo4j store: answers from one revision, over a database that shows each committed row as soon as it can.

Neo4j reads what is committed row by row, and a commit reaches its records and indexes one after another, :Head in no certain
place among them; so reading :Head.number before and after does not tell whether a commit was half visible. A writer
therefore announces its commit on :Gate in a transaction of its own, and says there that it is settled once its locks are
released. An answer is sound where nothing was under way before it and nothing has been announced since. Else the question is
repeated, and after three tries asked while holding the lock on :Head, when nobody commits.

Once something was committed the view goes on with the states as of its own revision: current states that are old enough, and
past ones that ended later. What is outside the chain of revisions (readings, scopes, claims, pending, notes) is that of now.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from cmdb.states import Head
from cmdb.stores.neo4j_find import Finding
from cmdb.stores.neo4j_records import Run

TRIES = 3

GATE = "MATCH (g:Gate) RETURN g.announced, g.settled"

T = TypeVar("T")


class SteadyView(Finding):
    """A View (ports.py). `locked` runs statements while holding the lock on :Head."""

    def __init__(self, run: Run, locked: Callable[[], AbstractContextManager[Run]]) -> None:
        super().__init__(run)
        self._locked = locked
        self._asking = False
        self._opened: int | None = None
        self._calm: int | None = None
        self._head = Head(0, 0, "")
        self._head = self._steady(super().head)
        self._opened = self._calm

    def head(self) -> Head:
        return self._head

    def _at(self, at: int | None) -> int | None:
        newest = self._head.number
        if self._calm == self._opened:
            return None if at is None or at >= newest else at
        return newest if at is None else min(at, newest)

    @property
    def _until(self) -> int:
        return self._head.number

    def _steady(self, ask: Callable[[], T]) -> T:
        if self._asking:
            return ask()
        self._asking = True
        try:
            for _ in range(TRIES):
                found = self._try(ask)
                if found is not None:
                    return found[0]
            with self._locked() as run:
                free, self._run = self._run, run
                try:
                    self._calm = self._gate()[0]
                    return ask()
                finally:
                    self._run = free
        finally:
            self._asking = False

    def _try(self, ask: Callable[[], T]) -> tuple[T] | None:
        """The answer, None where a commit came between. `_calm` is the last announcement while nothing was under way."""
        if self._calm is None:
            announced, settled = self._gate()
            if announced != settled:
                return None
            self._calm = announced
        try:
            answer = ask()
        except Exception:  # half a commit may not even decode: only an error that stands is one
            if self._gate()[0] == self._calm:
                raise
            self._calm = None
            return None
        if self._gate()[0] == self._calm:
            return (answer,)
        self._calm = None
        return None

    def _gate(self) -> tuple[int, int]:
        announced, settled = self._run(GATE)[0]
        return announced, settled
