"""Which material is the same as in the pass before: known by its digest, so that a process that looks anew each time needs not
have kept it."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Mapping
from typing import Any, Optional

from agent.fact import Collected
from agent.remembered import Known

SAME = Known(Collected([], []), {})
"""What stands for the outcome that the material gave before."""


class Unchanged:
    """Recognises material by the digests of the pass before, by name of fact; `found` are those of this one."""

    def __init__(self, before: Mapping[str, str]) -> None:
        self._before = before
        self.found: dict[str, str] = {}

    def get(self, key: Hashable) -> Optional[Known]:
        name = _name(key)
        self.found[name] = fingerprint(key)
        return SAME if self._before.get(name) == self.found[name] else None

    def put(self, key: Hashable, known: Known) -> None:
        """Nothing: the digest is all that is kept."""


def fingerprint(key: Hashable) -> str:
    """A digest of what an outcome follows from, `remembered.key_of`."""
    digest = hashlib.sha256()
    _update(digest, key)
    return digest.hexdigest()


def _name(key: Any) -> str:
    return str(key[0][0])


def _update(digest: Any, thing: Any) -> None:
    """Each thing with its kind and length before it, so that no two different ones read the same."""
    if isinstance(thing, bytes):
        digest.update(b"b%d:" % len(thing))
        digest.update(thing)
    elif isinstance(thing, str):
        data = thing.encode("utf-8", "surrogatepass")
        digest.update(b"s%d:" % len(data))
        digest.update(data)
    elif isinstance(thing, (tuple, list)):
        digest.update(b"t%d:" % len(thing))
        for one in thing:
            _update(digest, one)
    elif hasattr(thing, "__dataclass_fields__"):
        _update(digest, type(thing).__name__)
        _update(digest, tuple(vars(thing).values()))
    else:  # a number, a truth value, or nothing
        _update(digest, f"{type(thing).__name__} {thing!r}")
