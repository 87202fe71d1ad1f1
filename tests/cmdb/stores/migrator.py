"""A process of its own that opens a SQLite store of an older schema and dies in the middle of bringing it forward.

`python -m tests.cmdb.stores.migrator STORE AFTER` kills itself before the statement of number AFTER that the migration runs.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from pathlib import Path

from cmdb.stores import sqlite_store_migrations as migrations


class Dying:
    """The connection, with so many statements to live."""

    def __init__(self, connection: sqlite3.Connection, left: int) -> None:
        self._connection = connection
        self._left = left

    def execute(self, sql: str) -> sqlite3.Cursor:
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1
        return self._connection.execute(sql)

    def rollback(self) -> None:
        self._connection.rollback()


def main(path: Path, after: int) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    migrations.migrate(Dying(connection, after), path, print)  # type: ignore[arg-type]
    connection.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
