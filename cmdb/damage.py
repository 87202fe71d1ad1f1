"""A place of a store that is not as it was written, and what is wrong there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Progress = Callable[[str], None]
"""Told how far a long look has come, in words for a person."""


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong, and where: the revision that wrote it, the kind of thing, its id, the attribute; None where it can
    not be told or does not apply.

    `kind` is "revision", "head", "ci", "link" or "entry" for what the chain covers, "anchor" for what was kept outside the
    store, else what is kept beside the chain: "search", "identifier", "containment", "claim", "scope", "coverage", "pending",
    "reading", "note", "document", "sweep", "meta", "graph".
    """

    problem: str
    kind: str
    id: str | None = None
    attribute: str | None = None
    revision: int | None = None

    def __str__(self) -> str:
        place = " ".join(filter(None, (self.kind if self.kind not in ("revision", "head") else "", self.id)))
        named = [
            f"revision {self.revision}" if self.revision is not None else "",
            place,
            f"attribute {self.attribute}" if self.attribute else "",
        ]
        return ": ".join([*filter(None, named), self.problem])

    def place(self) -> dict[str, Any]:
        """{"revision", "kind", "id", "attribute"}"""
        return {"revision": self.revision, "kind": self.kind, "id": self.id, "attribute": self.attribute}
