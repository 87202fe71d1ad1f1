"""VolumeGroup as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.volume_group import VolumeGroup
from tests.cmdb.model.classes.declared import check


def test_it_is_part_of_a_host_and_known_by_its_key() -> None:
    made = VolumeGroup(name="vg0", uuid="u")

    check(made)
    assert made.local_key() == "vg0"
    assert CLASSES["VolumeGroup"].parents == ("Host",)
