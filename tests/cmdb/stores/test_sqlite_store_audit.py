"""Whatever is altered in any table of the SQLite store shows, and is named."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baselines.verification import verify_documents
from cmdb.chain import verify
from cmdb.model.errors import StoreError
from tests.cmdb.building import open_store
from tests.cmdb.stores.tampered import filled


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("original") / "cmdb.db"
    with closing(open_store(path)) as store:
        filled(store).sound()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def file(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(original, tmp_path / "cmdb.db"))


def problems(path: Path) -> list[str]:
    """What is said of a store; that it can not be opened or read is also said."""
    try:
        with closing(open_store(path)) as store, store.view() as view:
            return [*map(str, verify(view)), *map(str, verify_documents(view)), *store.check()]
    except StoreError as error:
        return [error.message]


def alter(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            assert connection.execute(statement).rowcount > 0, statement
        connection.commit()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE ci SET attributes = replace(attributes, 'os 2', 'os 3')", "revision 5: ci .*: attribute os: the state"),
        ("UPDATE ci SET listed = 'evil' WHERE key = 'dpkg/a/amd64'", "search .* is listed as 'evil'"),
        ("UPDATE ci SET parent = 99999 WHERE key = 'dpkg/a/amd64'", "revision 1: ci .* not what was written"),
        ("UPDATE ci SET num = 5000 WHERE key = 'dpkg/a/amd64'", "its number 5000 is not"),
        ("UPDATE ci SET scope = 999 WHERE key = 'dpkg/a/amd64'", "ci: .*section 999 is not there|ci .*: section 999"),
        ("UPDATE ci SET born = 2 WHERE key = 'dpkg/a/amd64'", "revision 1: ci"),
        ("UPDATE ci SET not_before = 1 WHERE not_before IS NOT NULL", "its digest is"),
        ("UPDATE past SET witness = 'mallory' WHERE retired", "its digest is"),
        ("UPDATE past SET num = 9999", "its number .* is not the store's own"),
        ("UPDATE past SET ended_not_before = 1 WHERE ended_not_before IS NOT NULL", "its digest is"),
        ("UPDATE past_link SET witness = 'mallory' WHERE retired", "its digest is"),
        ("UPDATE revision SET observed_at = observed_at + 1 WHERE number = 2", "revision 2: its digest is"),
        ("UPDATE revision SET received_at = received_at + 1 WHERE number = 2", "revision 2: its digest is"),
        ("UPDATE revision SET receipt = replace(receipt, '\"revision\": 2', '\"revision\": 3')", "receipt 2: its receipt"),
        ("UPDATE key SET value = 'os 3' WHERE value = 'os 2'", "search .*: attribute os: search finds it by other"),
        ("DELETE FROM key WHERE value = 'os 2'", "search .*: attribute os: search finds it by other values"),
        ("INSERT INTO key SELECT field, value, 7777 FROM key LIMIT 1", "search number 7777.* a CI that is not there"),
        ("INSERT INTO text (rowid, tokens) VALUES (1, 'evil')", "free text finds it by other words"),
        ("DELETE FROM identifier WHERE value LIKE 'agent%'", "does not lead to it, though it has"),
        ("INSERT INTO identifier SELECT 'agent evil', id FROM ci LIMIT 1", "'agent evil' leads to it, though it never had"),
        ("UPDATE link SET object = 99999", "an end of this relation .* is not there"),
        ("UPDATE link SET scope = 999 WHERE scope IS NOT NULL", "section 999 is not there"),
        ("UPDATE claim SET ci = 99999 WHERE scope = (SELECT min(scope) FROM claim)", "claim 99999"),
        ("UPDATE claim SET scope = 999 WHERE scope = (SELECT min(scope) FROM claim)", "claim .*section 999"),
        ("UPDATE claim SET attributes = '{'", "claim .*can not be read"),
        ("INSERT INTO link_claim VALUES (1, 1, 1, 1, '{}')", "the relation of this claim"),
        ("UPDATE scope SET outcome = 'fine'", "scope .*its outcome is 'fine'"),
        ("UPDATE scope SET privilege = 'user'", "its coverage is not what its standing says"),
        ("UPDATE scope SET subject = 'X' WHERE number = 1", "its CI was never there"),
        ("DELETE FROM scope WHERE number = 1", "section 1 is not there"),
        ("UPDATE coverage SET reason = 'all well'", "its coverage is not what its standing says"),
        ("UPDATE coverage SET classes = '['", "coverage .*"),
        ("UPDATE pending SET near = 'X'", "pending X.*its CI was never there"),
        ("UPDATE pending SET far = 'X' WHERE far IS NULL", "resolved to X"),
        ("UPDATE pending SET scope = scope + 900", "pending .*section 9"),
        ("UPDATE reading SET value = '[]'", "reading .*no JSON object"),
        ("UPDATE reading SET subject = 'X'", "reading X.*never there"),
        ("UPDATE same SET digest = 'x'", "same .*it is no digest"),
        ("UPDATE note SET value = '{'", "note tour me.*can not be read"),
        ("UPDATE meta SET value = 'x' WHERE key = 'genesis'", "meta genesis"),
        ("UPDATE meta SET value = 'x' WHERE key = 'digest_key'", "meta digest_key"),
        ("UPDATE word SET word = 'Evil' WHERE word = 'Host'", "Evil|KeyError|can not be read"),
        ("UPDATE entry SET value = '{\"n\":3}'", "entry setting web 1: the state since then"),
        ("UPDATE past_entry SET retired = 1", "its digest is|changes"),
        ("UPDATE document SET data = x'00'", "document .*can not be read"),
        ("UPDATE head SET next_num = 1", "its number .* is not the store's own"),
    ],
)  # fmt: skip
def test_whatever_is_altered_is_named(file: Path, statement: str, said: str) -> None:
    alter(file, statement)

    found = problems(file)

    assert any(re.search(said, line) for line in found), found


def test_the_first_place_that_was_tampered_with_comes_first(file: Path) -> None:
    alter(file, "UPDATE ci SET attributes = replace(attributes, 'os 2', 'os 3')", "UPDATE head SET digest = 'x'")

    found = problems(file)

    assert found[0].startswith("revision 5: ci ")
    assert ": attribute os: " in found[0]
    assert "head" in found[1] or any("head" in line for line in found)


CHAINED = ("ci", "past", "link", "past_link", "entry", "past_entry", "revision", "head")
_FREE = {
    ("ci", "scope"),
    ("past", "scope"),
    ("link", "scope"),
    ("past_link", "scope"),
    ("revision", "receipt"),
    ("past", "num"),
}
"""Who claims a state, what was answered to its batch, and the store's own number of a CI are outside the chain."""


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_single_value_of_a_state_that_is_changed_or_row_that_is_gone_is_found(
    original: Path, tmp_path: Path, data: st.DataObject
) -> None:
    path = Path(shutil.copy(original, tmp_path / "changed.db"))
    with closing(sqlite3.connect(path)) as connection:
        table = data.draw(st.sampled_from(CHAINED))
        names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        found = connection.execute(f"SELECT * FROM {table}").fetchall()
        row = data.draw(st.sampled_from(found))
        where = " AND ".join(f"{name} IS ?" for name in names)
        column = data.draw(st.sampled_from([None, *(n for n in names if (table, n) not in _FREE and n != "next_num")]))
        if column is None:
            connection.execute(f"DELETE FROM {table} WHERE {where}", row)
        else:
            was = row[names.index(column)]
            value = 1 - was if column == "retired" else _other(was, data)  # any other number means the same as 1
            try:
                connection.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (value, *row))
            except sqlite3.IntegrityError:
                return  # the schema does not let it be
        connection.commit()

    assert problems(path), (table, column, row)


def _other(value: object, data: st.DataObject) -> object:
    """The value with one byte of it changed."""
    if isinstance(value, int):
        return value + data.draw(st.sampled_from((-1, 1)))
    if value is None:
        return 1
    if not value:
        return "x" if isinstance(value, str) else b"x"
    place = data.draw(st.integers(0, len(value) - 1))  # type: ignore[arg-type]
    if isinstance(value, bytes):
        return value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :]
    text = str(value)
    return text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
