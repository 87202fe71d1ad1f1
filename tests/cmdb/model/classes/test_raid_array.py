"""RaidArray as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.raid_array import RaidArray
from tests.cmdb.model.classes.declared import check


def test_it_is_part_of_a_host_and_known_by_its_key() -> None:
    made = RaidArray(array="uuid_2f1b", level="raid1")

    check(made)
    assert made.local_key() == "uuid_2f1b"
    assert CLASSES["RaidArray"].parents == ("Host",)
