"""Plain lists of targets."""

from __future__ import annotations

import pytest

from cmdb.model.errors import UsageError
from collector.inventory import plain
from collector.inventory.plain import parse_list


def test_a_line_is_a_target_a_comment_or_an_exclusion() -> None:
    found = parse_list("# estate\n10.0.0.0/30 # office\n\nadmin@web:2222\n!10.0.0.2\n", "list.txt")

    assert [(one.name, one.user, one.port, one.origin) for one in found.hosts] == [
        ("10.0.0.1-10.0.0.2", "", None, "list.txt line 2"),
        ("web", "admin", 2222, "list.txt line 4"),
    ]
    assert [str(one) for one in found.exclusions] == ["!10.0.0.2"]


def test_a_line_that_is_neither_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"list\.txt line 2: 'a b' is neither"):
        parse_list("web\na b\n", "list.txt")
    monkeypatch.setattr(plain, "MOST_HOSTS", 1)
    with pytest.raises(UsageError, match="more than 1 targets"):
        parse_list("web\nweb2\n", "list.txt")
