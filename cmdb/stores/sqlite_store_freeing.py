"""The part of the SQLite store that retention asks and writes: past states by age, and freeing them of their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cmdb.states import Item, Link
from cmdb.stores import sqlite_rows as rows
from cmdb.stores.sqlite_store_records import SqliteRecords
from cmdb.stores.sqlite_store_sweeps import SqliteSweeps


class SqliteFreeing(SqliteSweeps, SqliteRecords):
    """Their part of a View and a Transaction (ports.py)."""

    def past_states(self, until: Mapping[str, int], after: tuple[str, int], limit: int) -> list[Item]:
        if not until:
            return []
        by_class = " OR ".join(["(class = ? AND until <= ?)"] * len(until))
        sql = (
            f"SELECT {rows.PAST_ITEM} FROM past WHERE (id, until) > (?, ?) AND length(salt) > 0 AND ({by_class}) "
            "ORDER BY id, until LIMIT ?"
        )
        given = [value for name, number in until.items() for value in (self._codes[name], number)]
        return [rows.item(row, self._words) for row in self._db.execute(sql, (*after, *given, limit))]

    def past_links(self, until: int, after: str, limit: int) -> list[Link]:
        sql = f"SELECT {rows.PAST_LINK} WHERE {{}} AND until <= ? AND length(salt) > 0"
        behind = f"{sql.format('subject > ?')} ORDER BY subject LIMIT ?"
        found = [rows.link(row, self._words) for row in self._db.execute(behind, (after, until, limit + 1))]
        if len(found) > limit:
            first, last = found[0].subject, found[-1].subject
            if first == last:
                one = self._db.execute(sql.format("subject = ?"), (first, until))
                found = [rows.link(row, self._words) for row in one]
            else:
                found = [k for k in found if k.subject != last]
        return sorted(found, key=lambda k: (k.subject, k.type, k.object, k.until or 0))

    def free(self, states: Sequence[Item], links: Sequence[Link]) -> None:
        self._db.executemany(
            "UPDATE past SET attributes = '{}', salt = x'', identifiers = CASE WHEN retired THEN identifiers END "
            "WHERE id = ? AND until = ?",
            [(state.id, state.until) for state in states],
        )
        self._db.executemany(
            "UPDATE past_link SET attributes = '{}', salt = x'' WHERE subject = ? AND type = ? AND object = ? AND until = ?",
            [(k.subject, self._codes[k.type], k.object, k.until) for k in links],
        )
