"""NetworkDevice as the model declares it."""

from __future__ import annotations

import pytest

from cmdb.model.classes import CLASSES
from cmdb.model.classes.network_device import NetworkDevice
from cmdb.model.identity import compose, neighbour_key, neighbour_key_problem, neighbour_serial_key
from tests.cmdb.model.classes.declared import check


def test_a_device_is_known_by_its_marks_and_by_no_key() -> None:
    check(NetworkDevice(name="sw1", discovered=True, serial="FOC1"))
    assert CLASSES["NetworkDevice"].key == ()
    assert CLASSES["NetworkDevice"].independent


def test_every_mark_counts_in_some_identifier() -> None:
    some = {
        "vendor": "Cisco",
        "serials": ["FOC1"],
        "chassis_id": "mac 00:1c:73:00:00:01",
        "bridge_address": "00:1c:73:00:00:02",
        "engine_id": "8000000903001c73000001",
        "macs": ["00:1c:73:00:00:03"],
        "sys_name": "sw1",
        "sys_object_id": "1.3.6.1.4.1.9.1.1",
    }
    assert {*some, "context"} == set(CLASSES["NetworkDevice"].marks)
    whole = compose("NetworkDevice", some)

    for mark in some:
        assert compose("NetworkDevice", {n: v for n, v in some.items() if n != mark}) != whole, mark
    assert compose("NetworkDevice", {**some, "context": "vdc2"}) != whole


@pytest.mark.parametrize(
    ("chassis", "key"),
    [
        ("00:1c:73:00:00:01", "mac 00:1c:73:00:00:01"),
        ("00-1C-73-00-00-01", "mac 00:1c:73:00:00:01"),
        ("00:00:5e:00:01:01", "port eth0"),
        ("01:80:c2:00:00:0e", "port eth0"),
        (None, "port eth0"),
        ("sw1", "port eth0"),
    ],
)
def test_a_device_that_is_told_of_is_keyed_by_a_chassis_id_that_identifies_else_by_the_port(
    chassis: str | None, key: str
) -> None:
    seen = NetworkDevice(seen_as=neighbour_key(chassis, "eth0"), name="phone")

    assert seen.ref() == ["NetworkDevice", key]
    assert not neighbour_key_problem(key)
    assert seen.attributes() == {"name": "phone"}


def test_its_key_is_valid_whatever_the_port_is_called() -> None:
    key = NetworkDevice(seen_as=neighbour_key(None, "a\0\udc80" + "x" * 9000)).local_key()

    assert len(key.encode()) <= 2000


def test_it_is_keyed_by_maker_and_serial_number_as_its_own_identifier_has_them() -> None:
    key = neighbour_serial_key(" Cisco  Systems", "S/N foc1/a")

    assert key == compose("NetworkDevice", {"vendor": "Cisco Systems", "serials": ["FOC1/a"]})[0][0]
    assert not neighbour_key_problem(key)
    assert neighbour_serial_key("Cisco", "To be filled by O.E.M.") is None
    for wrong in ("device cisco", "device Cisco/FOC1", "device cisco/foc1", "device /FOC1", "device cisco/none"):
        assert neighbour_key_problem(wrong)
