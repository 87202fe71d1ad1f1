"""BlockDevice as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.block_device import BlockDevice
from tests.cmdb.model.classes.declared import check


def test_it_is_known_by_its_numbers_and_the_kernels_name_is_a_reading() -> None:
    made = BlockDevice(device="wwn naa.5000c500a1b2c3d4", size_bytes=1024, kernel_names=["sda"])

    check(made)
    assert made.local_key() == "wwn naa.5000c500a1b2c3d4"
    assert "kernel_names" in CLASSES["BlockDevice"].readings
