"""LocalGroup as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.local_group import LocalGroup
from tests.cmdb.model.classes.declared import check


def test_a_group_is_known_by_its_name() -> None:
    made = LocalGroup(name="sudo", gid=27, members=["bob", "ann"])

    check(made)
    assert made.local_key() == "sudo"
    assert made.attributes()["members"] == ["ann", "bob"]
    assert CLASSES["LocalGroup"].attributes["members"].security
