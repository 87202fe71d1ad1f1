"""ChangeRecord as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.change_record import ChangeRecord
from tests.cmdb.model.classes.declared import check


def test_a_change_of_any_tool_is_known_by_instance_and_number_and_written_by_people() -> None:
    made = ChangeRecord(instance="local", number="CHG1", title="x", pins=["impact b", "impact a"])

    check(made)
    assert made.local_key() == "local/CHG1"
    assert CLASSES["ChangeRecord"].independent
    assert {a.group for a in CLASSES["ChangeRecord"].attributes.values()} == {"people"}
