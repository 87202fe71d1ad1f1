"""LogicalVolume as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.logical_volume import LogicalVolume
from tests.cmdb.model.classes.declared import check


def test_it_is_part_of_a_host_and_known_by_its_key() -> None:
    made = LogicalVolume(volume_group="vg0", name="data")

    check(made)
    assert made.local_key() == "vg0/data"
    assert CLASSES["LogicalVolume"].parents == ("Host",)
