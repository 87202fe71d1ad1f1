"""A Neo4j store of an older schema brought forward, one schema at a time.

Each step is one transaction together with the number of the schema that it leads to: a process or server that dies in the
middle leaves the store as it was, and the next opening begins that step again. Constraints and indexes are no part of it:
each opening makes those that are missing. A step only adds; what is in the chain of revisions is never rewritten.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cmdb.stores.neo4j_records import Run
from cmdb.stores.neo4j_schema import PRODUCT, VERSION

Tell = Callable[[str], None]
"""Says one sentence to whoever opened the store."""

STEPS: dict[int, Sequence[str]] = {
    2: ("MATCH (s:Scope) WHERE s.collected_at IS NOT NULL SET s.collected_sequence = s.sequence",),
}
"""Statements by the schema that they lead to."""


def step(run: Run) -> int:
    """One step, in the transaction of `run`; returns the schema that the store then has."""
    # The property is set so that two processes that open the store at once do this one after the other.
    version: int = run("MATCH (m:Meta {product: $product}) SET m.migrating = true RETURN m.version", product=PRODUCT)[
        0
    ][0]
    if version < VERSION:
        version += 1
        for statement in STEPS.get(version, ()):
            run(statement)
    run("MATCH (m:Meta {product: $product}) SET m.version = $to REMOVE m.migrating", product=PRODUCT, to=version)
    return version


def migrate(url: str, version: int, alone: Callable[[Callable[[Run], int]], int], tell: Tell) -> None:
    """Bring the store at `url` from schema `version` to the present one; `alone` runs a step in a transaction of its own."""
    while version < VERSION:
        tell(
            f"{url} has schema {version}; bringing it to schema {version + 1}. This is done once, and may be interrupted."
        )
        version = alone(step)
