"""The page of the physical map: what is drawn, the members of an opened box, the links as a table."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from api.ui import cabling
from api.ui.drawing import Drawing

LINKS = 200
MEMBERS = 200
Document = dict[str, Any]
Link = Callable[..., str]
"""The address of this page with some words of its question said anew; None takes one back."""


@dataclass(slots=True)
class Opened:
    """One page of what the opened boxes stand for."""

    rows: list[Document]
    total: int
    left: int
    next: str | None


@dataclass(slots=True)
class Told:
    """All that the template shows."""

    found: Document
    drawing: Drawing
    counts: dict[str, int]
    boxes: Document | None
    close: str | None
    opened: Opened | None
    rows: list[Document]
    next: str | None


def told(
    found: Document, opened: Collection[str], start: int, first: int, link: Link, ci: Callable[[str], str]
) -> Told:
    """The page of a document. `start` is the first link of the table, `first` the first member of the opened boxes."""
    plain = cabling.folded(found)
    shown = cabling.folded(found, opened=opened) if opened else plain
    drawing = cabling.picture(
        found, opened=opened, address=ci, open_address=lambda box: link(open=[*opened, box], first=None)
    )
    names = {node["id"]: node for node in found["nodes"]}
    rows = sorted(
        found["links"], key=lambda k: (names[k["a"]["id"]]["name"], k["a"]["port"] or "", names[k["b"]["id"]]["name"])
    )
    page = [
        {**row, **{end: {**row[end], "name": names[row[end]["id"]]["name"]} for end in ("a", "b")}}
        for row in rows[start : start + LINKS]
    ]
    members = [names[i] for box in opened for i in plain.members.get(box, shown.members.get(box, []))]
    left = max(len(members) - first - MEMBERS, 0)
    inside = Opened(
        rows=members[first : first + MEMBERS],
        total=len(members),
        left=min(left, MEMBERS),
        next=link(first=first + MEMBERS) + "#opened" if left else None,
    )
    return Told(
        found=found,
        drawing=drawing,
        counts=_counts(found),
        boxes=shown.collapsed if shown.collapsed["boxes"] else None,
        close=link(open=None, first=None) if opened else None,
        opened=inside if members else None,
        rows=page,
        next=link(start=start + LINKS) + "#links" if len(rows) > start + LINKS else None,
    )


def _counts(found: Document) -> dict[str, int]:
    """How many there are of what, and of links by proof."""
    nodes: dict[str, int] = {"devices": 0, "hosts": 0}
    for node in found["nodes"]:
        name = (
            "hosts"
            if node["role"] == "host"
            else "seen by neighbours only"
            if node["discovered"] is False
            else "devices"
        )
        nodes[name] = nodes.get(name, 0) + node["count"]
    proofs: dict[str, int] = {}
    for link in found["links"]:
        for proof, count in (link.get("proofs") or {link["proof"] or "of unknown proof": link["count"]}).items():
            proofs[proof] = proofs.get(proof, 0) + count
    return {**nodes, **{f"links {name}": proofs[name] for name in sorted(proofs)}}
