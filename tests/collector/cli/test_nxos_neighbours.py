"""Neighbours of NX-OS and its short names."""

from __future__ import annotations

import pytest

from collector.cli.nxos_neighbours import full, parse_neighbours


@pytest.mark.parametrize(
    ("short", "name"),
    [("Eth1/1", "Ethernet1/1"), ("Po3", "port-channel3"), ("mgmt0", "mgmt0"), ("nve1", "nve1"), ("", "")],
)
def test_short_names(short: str, name: str) -> None:
    assert full(short) == name


def test_a_chassis_id_assigned_locally_is_a_name_and_no_mac() -> None:
    row = {"chassis_type": "Locally Assigned", "chassis_id": "spine01", "l_port_id": "Eth1/1", "port_type": "Interface Name",
           "port_id": "Ethernet1/1", "enabled_capability": "BR"}  # fmt: skip

    [heard] = parse_neighbours({"TABLE_nbor": {"ROW_nbor": [row]}}, {})

    assert (heard.chassis, heard.system_name, heard.port_id) == ("text spine01", "spine01", "text Ethernet1/1")
    assert heard.capabilities == ("bridge", "router")


def test_a_device_of_cdp_in_detail() -> None:
    row = {"device_id": "sw2.example.com(SAL1819S6LU)", "sysname": "sw2", "intf_id": "Ethernet1/2", "port_id": "Gi0/1",
           "version": "IOS", "v4mgmtaddr": "192.0.2.2", "v4addr": "0.0.0.0", "platform_id": "C9300"}  # fmt: skip

    [heard] = parse_neighbours({}, {"TABLE_cdp_neighbor_detail_info": {"ROW_cdp_neighbor_detail_info": row}})

    assert (heard.protocol, heard.system_name, heard.serial, heard.addresses) == (
        "cdp",
        "sw2",
        "SAL1819S6LU",
        ("192.0.2.2",),
    )
