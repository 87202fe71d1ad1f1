"""Freezing a site and asking for its drift, for tests that read as sentences."""

from __future__ import annotations

from typing import Any

from baselines import baseline
from baselines.documents import Document
from baselines.drift import drift
from tests.baselines.site import Site


def freeze(site: Site, name: str = "base", scope: str = "", at: int | None = None) -> Document:
    return baseline.create(site.store, name, scope, "ann", at, site.clock, site.randomness)


def ask(site: Site, name: str = "base", at: int | None = None, against: str | None = None) -> Document:
    with site.store.view() as view:
        return drift(view, name, at, against)


def told(report: Document) -> list[tuple[Any, ...]]:
    """Deviations as (kind, class, name, attribute or relation type or section, before, after), without what is None."""
    found = []
    for row in report["deviations"]:
        what = row["attribute"], (row["relation"] or {}).get("type"), row["section"], row["before"], row["after"]
        found.append((row["kind"], row["class"], row["name"], *(each for each in what if each is not None)))
    return found
