"""The tags that are in use, and on how many CIs. They are put on and off by edits (edit.py)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from cmdb.model.query_language import HasTerm, Query
from cmdb.ports import View
from cmdb.query import every, listed

MOST = 100_000
"""CIs whose tags are counted."""


def in_use(view: View, at: int | None = None) -> dict[str, Any]:
    """{"items": [{"tag", "count"}], ..} by tag, as of a revision. Raises UsageError where too many CIs have any."""
    counts: Counter[str] = Counter()
    for item in every(view, Query((HasTerm("tags"),), ""), at, MOST):
        tags = item.attributes["tags"]
        assert isinstance(tags, list), "tags are declared as a list"
        counts.update(map(str, tags))
    rows = [{"tag": tag, "count": counts[tag]} for tag in sorted(counts)]
    return listed(view, at, rows, len(rows), None)
