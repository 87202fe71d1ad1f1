"""What was altered behind the store's back shows, and where."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cmdb.chain import verify_chain
from cmdb.commit import entry_revision
from cmdb.states import Entry
from tests.cmdb.building import START, Receiver, Reporter, depends, network, open_store, packages, software, system


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A store with states, relations and entries, current, superseded, retired and back again."""
    path = tmp_path / "cmdb.db"
    with closing(open_store(path)) as store:
        cmdb = Receiver(store)
        web, db = Reporter("web"), Reporter("db")
        for number, names in enumerate((["a", "b"], ["a"], ["a", "b"])):
            cmdb.now = number
            cmdb.take(web.batch(system("web", os=f"os {number}"), packages(*names), depends(("10.0.0.2", 5432))))
            cmdb.take(db.batch(system("db"), network("10.0.0.2"), software(f"pg:{5432 + number % 2}")))
        cmdb.take(Reporter("x", marks={"host_name": "x"}).batch())
        for value in (1, 2):
            with store.transaction() as tx:
                entry_revision(
                    tx,
                    "approval",
                    [Entry("baseline", "web 1", {"n": value}, 0, b"", b"")],
                    "me",
                    "test",
                    lambda: START,
                    cmdb.random,
                )
        cmdb.sound()
    return path


def problems(path: Path) -> list[str]:
    with closing(open_store(path)) as store, store.view() as view:
        return list(map(str, verify_chain(view)))


def alter(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute(statement).rowcount > 0
        connection.commit()


def test_a_store_that_nobody_touched_is_sound(file: Path) -> None:
    assert problems(file) == []


def test_an_empty_store_is_sound(tmp_path: Path) -> None:
    assert problems(tmp_path / "new.db") == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE ci SET attributes = replace(attributes, 'os 2', 'os 3')", "revision 5: ci .* not what was written"),
        ("UPDATE past SET attributes = replace(attributes, 'os 0', 'os 9')", "revision 1: ci .* not what was written"),
        ("UPDATE ci SET salt = x'00' WHERE since = 5", "revision 5: ci .* not what was written"),
        ("UPDATE ci SET key = 'dpkg/c/amd64' WHERE key = 'dpkg/a/amd64'", "revision 1: ci .* not what was written"),
        ('UPDATE link SET attributes = \'{"why":"x"}\' WHERE since = 6', "revision 6: link .* not what was written"),
        ('UPDATE past_link SET attributes = \'{"why":"x"}\'', "revision 2: link .* not what was written"),
        ("UPDATE entry SET value = '{\"n\":3}' WHERE kind = 'baseline'", "revision 9: entry baseline web 1"),
        ("UPDATE past_entry SET value = '{\"n\":3}'", "revision 8: entry baseline web 1"),
        ("UPDATE ci SET digest = x'00' WHERE since = 5", "revision 5"),
        ("DELETE FROM ci WHERE key = 'dpkg/a/amd64'", "revision 1: made .* changes"),
        ("DELETE FROM past WHERE retired", "revision 1: made .* changes"),
        ("DELETE FROM link", "revision 2: made .* changes"),
        ("UPDATE ci SET since = 2 WHERE since = 1", "revision 1: made .* changes"),
        ("UPDATE ci SET since = 0 WHERE since = 5", "ci .* before the first revision"),
        ("UPDATE ci SET since = 99 WHERE since = 5", "revision 5: made"),
        ("UPDATE past SET until = until + 1 WHERE retired", "revision 3: made .* changes"),
        ("UPDATE past SET retired = 0 WHERE retired", "revision 3: made .* changes"),
        ("UPDATE revision SET actor = 'somebody' WHERE number = 4", "revision 4: its digest"),
        ("UPDATE revision SET cause = 'other' WHERE number = 8", "revision 8: its digest"),
        ("UPDATE revision SET committed_at = committed_at + 1 WHERE number = 9", "revision 9: its digest"),
        ("UPDATE revision SET digest = 'ff' WHERE number = 4", "revision 4: its digest"),
        ("UPDATE revision SET previous = 'ff' WHERE number = 4", "revision 4: was made on ff"),
        ("DELETE FROM revision WHERE number = 4", "revision 5: follows on revision 3"),
        ("DELETE FROM revision WHERE number = 9", "the head is revision 9"),
        ("UPDATE head SET number = 8", "the head is revision 8"),
        ("UPDATE head SET digest = 'ff'", "the head is revision 9"),
    ],
)
def test_whatever_is_altered_shows_where_it_is(file: Path, statement: str, said: str) -> None:
    alter(file, statement)

    found = problems(file)

    assert found
    assert re.search(said, found[0] if "head" not in said else found[-1]), found


def test_a_state_that_no_revision_brought_shows(file: Path) -> None:
    alter(
        file,
        "INSERT INTO ci SELECT 9999, substr(id, 1, 25) || '!', class, parent, 'dpkg/evil/amd64', listed, attributes, NULL, "
        "salt, digest, 99, 99, NULL, scope FROM ci WHERE key = 'dpkg/a/amd64'",
    )

    (found,) = problems(file)

    assert "is said to be created after revision 9, the last one" in found


def test_times_that_do_not_grow_show(file: Path) -> None:
    alter(file, "UPDATE revision SET committed_at = 1 WHERE number = 4")

    assert "revision 4: was committed at 1, not after the one before it" in problems(file)
