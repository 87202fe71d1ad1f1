"""What the same material gave before: many hosts of a fleet have the same packages, accounts and configuration, and a host
that is looked at again has them still. A collector then parses, checks and encodes them once.

Only facts that say `STEADY = True` are remembered: what they tell follows from their own needs, the privilege, the key of digests
and the watched patterns, and from nothing else.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import field
from typing import Any, Optional, Protocol

from agent.fact import Context, Fact, Need, Outcome, Supplied
from cmdb.model.dataclass import dataclass
from cmdb.model.values import Value

MOST = 4096
"""Outcomes that are kept, those that were asked for last."""


@dataclass
class Known:
    """An outcome with its marks; `encoded` is what the section was made of it, once it was."""

    outcome: Outcome
    marks: Mapping[str, Value]
    encoded: Optional[Any] = field(default=None, compare=False)


class Remembers(Protocol):
    """Whoever knows what some material gave before."""

    def get(self, key: Hashable) -> Optional[Known]: ...

    def put(self, key: Hashable, known: Known) -> None: ...


class Memory:
    """Outcomes by what they follow from. May be used by several threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[Hashable, Known] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Optional[Known]:
        """What is known of a key."""
        with self._lock:
            found = self._known.get(key)
            if found is not None:
                self._known.move_to_end(key)
            return found

    def put(self, key: Hashable, known: Known) -> None:
        """Remember it, and forget what was not asked for the longest."""
        with self._lock:
            self._known[key] = known
            while len(self._known) > self._most:
                self._known.popitem(last=False)


def key_of(fact: Fact, needs: Iterable[Need], supplied: Mapping[Need, Supplied], context: Context) -> Hashable:
    """What a steady fact's outcome follows from."""
    return (
        (fact.NAME, fact.VERSION, context.privilege, context.digest_key, context.watched),
        tuple((need, _hashable(supplied[need])) for need in needs),
    )


def _hashable(found: Supplied) -> Hashable:
    return tuple(found.items()) if isinstance(found, Mapping) else found
