"""Lists of hosts as CSV."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model.errors import UsageError
from collector.inventory import table
from collector.inventory.table import parse_table

FULL = """Name;Address;Port;User;Zone;Credential;Key;Jump;Notes
web;10.0.0.1;2222;admin;dmz;lab, old;~/.ssh/id;"root@j1:22, j2";"first, and best"
"db";fd00::1;;;;;;;

db.example.org;;;;;;;;
"""


def test_a_row_says_how_a_host_is_reached() -> None:
    found = parse_table(FULL, "hosts.csv")

    web, db, name = found.hosts
    assert (web.name, str(web.host), web.port, web.user, web.zone) == ("web", "10.0.0.1", 2222, "admin", "dmz")
    assert (web.credentials, web.identity_files, web.jumps) == (("lab", "old"), ("~/.ssh/id",), ("root@j1:22", "j2"))
    assert web.origin == "hosts.csv line 2"
    assert (str(db.host), db.port, db.user, db.credentials, db.jumps) == ("fd00::1", None, "", (), None)
    assert (name.name, str(name.host), name.origin) == ("db.example.org", "db.example.org", "hosts.csv line 5")
    assert found.ignored == ("hosts.csv line 1: column 'notes' means nothing to a sweep.",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("port,user\n22,root\n", "no table of hosts"),
        ("address,ip\n10.0.0.1,10.0.0.1\n", "column address stands twice"),
        ("address,port\n10.0.0.1\n", "line 2 has 1 cells, and the first row names 2"),
        ("address,port\n10.0.0.1,x\n", "line 2: 'x' in"),
        ("address,name\n,\nx y,\n", "line 3: 'x y' is neither"),
        ("address,port\n!10.0.0.1,22\n", "use --exclude"),
        ("address,user\n10.0.0.1,a b\n", "'a b' is no user's name"),
        ("address,jump\n10.0.0.1,10.0.0.0/8\n", "no jump host"),
        ('address,name\n"10.0.0.1\n', "is no CSV"),
    ],
)
def test_what_is_no_such_row_is_refused_with_its_line(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_table(text, "hosts.csv")


def test_rows_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MOST_HOSTS", 1)
    with pytest.raises(UsageError, match="more than 1 hosts"):
        parse_table("address\n10.0.0.1\n10.0.0.2\n", "hosts.csv")


@given(st.text(max_size=40) | st.text(alphabet='a1.,;"\n', max_size=40))
def test_any_text_is_a_table_or_refused(text: str) -> None:
    for head in ("", "address,port\n"):
        with suppress(UsageError):
            parse_table(head + text, "hosts.csv")
