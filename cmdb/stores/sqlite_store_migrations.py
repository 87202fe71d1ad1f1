"""A SQLite store of an older schema brought forward, one schema at a time.

Each step is one transaction together with the number of the schema that it leads to (pragma user_version is part of the
file): a process that dies in the middle leaves the store as it was, and the next opening begins that step again. A step only
adds; what is in the chain of revisions is never rewritten.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from cmdb.model.errors import StoreError
from cmdb.stores.sqlite_schema import ADDED, VERSION, statements

Tell = Callable[[str], None]
"""Says one sentence to whoever opened the store."""

Step = Callable[[sqlite3.Connection], None]
"""What a schema changes beside tables and indexes that it adds (sqlite_schema.ADDED)."""


def _second(connection: sqlite3.Connection) -> None:
    # Which batch last collected a section was not kept: at most the last one that told of it.
    connection.execute("UPDATE scope SET collected_sequence = sequence WHERE collected_at IS NOT NULL")


STEPS: dict[int, Step] = {2: _second}
"""By the schema that a step leads to."""


def migrate(connection: sqlite3.Connection, file: Path, tell: Tell) -> None:
    """Bring the store in `file` to the present schema; nothing where it is there already.

    Raises StoreError where the store may only be read.
    """
    while (version := _version(connection)) < VERSION:
        tell(
            f"{file} has schema {version}; bringing it to schema {version + 1}. This is done once, and may be interrupted."
        )
        try:
            connection.execute("BEGIN IMMEDIATE")
            _step(connection, version + 1)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_READONLY:
                raise StoreError(
                    f"{file} has schema {version} and is brought to schema {VERSION} when it is first opened, but it may only "
                    "be read: open it once as its owner, on a file system mounted for writing."
                ) from error
            raise
        finally:
            connection.rollback()


def _step(connection: sqlite3.Connection, to: int) -> None:
    if _version(connection) != to - 1:
        return  # Another process was first.
    for statement in statements(ADDED[to]):
        connection.execute(statement)
    if to in STEPS:
        STEPS[to](connection)
    connection.execute(f"PRAGMA user_version = {to}")


def _version(connection: sqlite3.Connection) -> int:
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return found
