"""Whether a path is one that a glob of the agent's gives (agent/files.py), without the host's file system at hand."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable
from functools import lru_cache

WILD = re.compile(r"[*?[]")


@lru_cache(maxsize=1024)
def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a path is one that a glob of agent/files.py gives."""
    parts = pattern.strip("/").split("/")
    first = next((n for n, part in enumerate(parts) if WILD.search(part)), len(parts))
    start = "".join(f"/{part}" for part in parts[:first])
    tests = [(re.compile(fnmatch.translate(part)).match, part.startswith(".")) for part in parts[first:]]

    if not tests:
        return start.__eq__
    if not any(WILD.search(part) for part in parts[first + 1 :]):
        return _between(f"{start}/", *tests[0], "".join(f"/{part}" for part in parts[first + 1 :]))

    def matches(path: str) -> bool:
        if not path.startswith(start) or path.count("/") != len(parts):
            return False
        names = path[len(start) + 1 :].split("/")
        return len(names) == len(tests) and all(
            match(name) and (hidden or not name.startswith("."))
            for (match, hidden), name in zip(tests, names, strict=True)
        )

    return matches


def _between(start: str, match: Callable[[str], object], hidden: bool, end: str) -> Callable[[str], bool]:
    """The same where one component alone has wildcards: most patterns, and most paths are held against them."""
    begin, cut = len(start), -len(end) or None

    def matches(path: str) -> bool:
        if not (path.startswith(start) and path.endswith(end)):
            return False
        name = path[begin:cut]
        return bool(name and "/" not in name and match(name) and (hidden or not name.startswith(".")))

    return matches
