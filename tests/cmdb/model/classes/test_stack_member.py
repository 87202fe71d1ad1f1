"""StackMember as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.stack_member import StackMember
from tests.cmdb.model.classes.declared import check


def test_it_is_part_of_a_device_and_known_by_its_serial_number_or_position() -> None:
    made = StackMember(unit="serial FOC1", name="one", serial="FOC1")

    check(made)
    assert made.local_key() == "serial FOC1"
    assert CLASSES["StackMember"].parents == ("NetworkDevice",)
