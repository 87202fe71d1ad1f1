"""Making the constraints and indexes of a Neo4j store that are missing, also while others make them at the same moment.

Neo4j makes a uniqueness constraint in steps: the index of the constraint, which is committed by itself, and then the constraint.
Meanwhile it lets go of its locks, so two that make one at once can end each other by a deadlock, and what was ended, or killed,
leaves the index behind: nothing is unique by it, and it never comes online. So each is made in a transaction of its own, one that
could not be made is looked for again, and an index that still belongs to no constraint after a while is dropped and made anew.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping

from neo4j import Session
from neo4j.exceptions import ClientError, DatabaseError, TransientError

from cmdb.model.errors import StoreError

ORPHAN_SECONDS = 3.0
"""How long an index of a constraint may be there without it before it counts as left behind."""
PATIENCE_SECONDS = 120.0


def make_schema(session: Session, statements: Mapping[str, str]) -> None:
    """Make what is missing of `statements` (by name), and wait until all of it is in use. Raises StoreError where that takes
    longer than two minutes."""
    until = time.monotonic() + PATIENCE_SECONDS
    since: dict[str, float] = {}
    failure: Exception | None = None
    while missing := _missing(session, statements):
        now = time.monotonic()
        if now > until:
            raise StoreError(f"The schema could not be made: {', '.join(sorted(missing))}: {failure}.") from failure
        for name in missing:
            try:
                if missing[name] and now - since.setdefault(name, now) > ORPHAN_SECONDS:
                    session.run(f"DROP INDEX {name} IF EXISTS").consume()
                    since.pop(name)
                session.run(statements[name]).consume()
            except (TransientError, ClientError, DatabaseError) as error:
                failure = error
        if failure is not None:
            time.sleep(random.uniform(0.05, 0.2))
    session.run("CALL db.awaitIndexes(300)").consume()


def _missing(session: Session, statements: Mapping[str, str]) -> dict[str, bool]:
    """Names of what is not there; true where the index of a constraint is, without it."""
    indexes = set(session.run("SHOW INDEXES YIELD name").value())
    constraints = set(session.run("SHOW CONSTRAINTS YIELD name").value())
    return {
        name: name in indexes
        for name, statement in statements.items()
        if name not in (constraints if statement.startswith("CREATE CONSTRAINT") else indexes)
    }
