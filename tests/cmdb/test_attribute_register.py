"""Declaring own attributes; what that does to a store is proved on both stores (tests/cmdb/stores/conformance_people.py)."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb import attribute_register as register
from cmdb.attribute_register import declare, registered, remove
from cmdb.model.errors import ConflictError, NotFoundError, UsageError
from tests.cmdb.building import receiver


def test_a_declaration_is_a_revision_and_listed() -> None:
    with receiver() as one:
        made = declare(one.store, "host", "cost_center", "integer", "", "ann", "needed")

        assert made == {"class": "Host", "name": "cost_center", "type": "integer", "text": "Cost center.", "since": 1}
        with one.view() as view:
            assert registered(view)["items"] == [made]
            assert registered(view, 0)["items"] == []
            revision = view.revision(1)
        assert revision is not None
        assert (revision.kind, revision.actor, revision.cause) == ("attribute", "ann", "needed")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"class_name": "Nothing"}, "no class"),
        ({"class_name": "ChangeRecord"}, "no class"),
        ({"name": "Cost"}, "small letters"),
        ({"name": "a`b"}, "small letters"),
        ({"name": "owner"}, "a meaning already"),
        ({"name": "digest"}, "a meaning already"),
        ({"name": "tag"}, "a meaning already"),
        ({"type_name": "float"}, "string, integer, boolean, list"),
        ({"text": "x" * 501}, "500 characters"),
        ({"reason": ""}, "reason"),
    ],
)
def test_what_can_not_be_declared_is_refused(change: dict[str, Any], words: str) -> None:
    wanted = {"class_name": "Host", "name": "cost", "type_name": "string", "text": "", "actor": "a", "reason": "r"}
    with receiver() as one:
        with pytest.raises(UsageError, match=words):
            declare(one.store, **{**wanted, **change})
        assert one.head() == 0


def test_one_name_has_one_type_and_is_declared_once_a_class() -> None:
    with receiver() as one:
        declare(one.store, "Host", "cost", "integer", "", "ann", "r")
        with pytest.raises(ConflictError, match="declared already"):
            declare(one.store, "Host", "cost", "integer", "", "ann", "r")
        with pytest.raises(ConflictError, match="Host: integer"):
            declare(one.store, "Subnet", "cost", "string", "", "ann", "r")
        declare(one.store, "Subnet", "cost", "integer", "", "ann", "r")


def test_there_are_so_many_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "MOST", 1)
    with receiver() as one:
        declare(one.store, "Host", "a", "integer", "", "ann", "r")
        with pytest.raises(UsageError, match="the most"):
            declare(one.store, "Host", "b", "integer", "", "ann", "r")


def test_what_is_not_declared_is_not_taken_back() -> None:
    with receiver() as one, pytest.raises(NotFoundError, match=r"Host\.cost"):
        remove(one.store, "Host", "cost", "ann", "r")
