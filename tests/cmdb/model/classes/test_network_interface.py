"""NetworkInterface as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.network_interface import NetworkInterface
from tests.cmdb.model.classes.declared import check


def test_an_interface_is_known_by_its_name_its_index_and_counters_are_readings() -> None:
    made = NetworkInterface(name="eth0", mac="02:00:00:00:00:01", rx_bytes=5)

    check(made)
    assert made.local_key() == "eth0"
    assert made.readings() == {"rx_bytes": 5}
    assert "index" in CLASSES["NetworkInterface"].readings
    assert CLASSES["NetworkInterface"].topology
