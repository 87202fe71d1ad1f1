"""Junos: outputs by hand."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb.model.classes.module import Module
from cmdb.model.classes.network_device import NetworkDevice
from collector.cli.junos import SYSTEM
from tests.collector.cli.told import LATE, REFUSED, interfaces, items, outcomes, relations, surveyed


def data(**told: Any) -> dict[str, Any]:
    return {name.replace("_", "-"): [{"data": v}] if isinstance(v, str) else v for name, v in told.items()}


INTERFACES = {
    "interface-information": [
        {
            "physical-interface": [
                {
                    **data(name="xe-0/0/0", admin_status="up", oper_status="up", mtu="9192", speed="10Gbps", snmp_index="516",
                           description="to spine", current_physical_address="52:54:00:00:01:01",
                           hardware_physical_address="52:54:00:00:01:01"),
                    "logical-interface": [
                        {
                            **data(name="xe-0/0/0.0"),
                            "address-family": [
                                {
                                    **data(address_family_name="inet", mtu="9170"),
                                    "interface-address": [data(ifa_local="192.0.2.1", ifa_destination="192.0.2/24")],
                                }
                            ],
                        },
                        {**data(name="xe-0/0/0.20", link_address="0x8100.20"), "address-family": []},
                    ],
                },
                {
                    **data(name="xe-0/0/1", admin_status="up", oper_status="down", speed="Auto",
                           current_physical_address="52:54:00:00:01:09", hardware_physical_address="52:54:00:00:01:02"),
                    "logical-interface": [
                        {
                            **data(name="xe-0/0/1.0"),
                            "address-family": [data(address_family_name="aenet", ae_bundle_name="ae1.0")],
                        }
                    ],
                },
                data(name="ae1", admin_status="up", oper_status="up", speed="10Gbps"),
                data(name="irb", admin_status="up", oper_status="up", hardware_physical_address="52:54:00:00:01:00"),
                {
                    **data(name="em1", admin_status="up", oper_status="up", hardware_physical_address="52:54:00:00:09:01"),
                    "logical-interface": [
                        {
                            **data(name="em1.32768"),
                            "address-family": [
                                {
                                    **data(address_family_name="inet"),
                                    "interface-address": [data(ifa_local="128.0.0.1", ifa_destination="128/2")],
                                }
                            ],
                        }
                    ],
                },
            ]
        }
    ]
}  # fmt: skip
LLDP = {
    "lldp-neighbors-information": [
        {
            "lldp-neighbor-information": [
                {
                    **data(lldp_local_interface="xe-0/0/0.0", lldp_remote_chassis_id_subtype="Mac address",
                           lldp_remote_chassis_id="52:54:00:00:02:00", lldp_remote_port_id_subtype="Locally assigned",
                           lldp_remote_port_id="516", lldp_remote_port_description="xe-0/0/7",
                           lldp_remote_system_name="spine1", lldp_remote_system_capabilities_enabled="Bridge Router ",
                           lldp_remote_management_address="192.0.2.9"),
                    "lldp-system-description": [data(lldp_remote_system_description="Juniper")],
                }
            ]
        }
    ]
}  # fmt: skip
VLANS = {
    "l2ng-l2ald-vlan-instance-group": [
        {
            **data(l2ng_l2rtb_vlan_name="users", l2ng_l2rtb_vlan_tag="10"),
            "l2ng-l2rtb-vlan-member": [
                data(l2ng_l2rtb_vlan_member_interface="ae1.0*", l2ng_l2rtb_vlan_member_tagness="untagged")
            ],
        }
    ]
}
TOLD = {
    "system": {
        "system-information": [
            data(hardware_model="qfx5120-48y-8c", os_name="junos-qfx", os_version="21.2R3", serial_number="XH0001",
                 host_name="sw1")
        ]
    },
    "uptime": {
        "system-booted-time": [{"time-length": [{"data": "1d", "attributes": {"junos:seconds": "86400"}}]}],
    },
    "interfaces": INTERFACES,
    "lldp": LLDP,
    "chassis_id": {"lldp-local-chassis-id": [{"data": "52:54:00:00:01:00"}]},
    "stations": {"l2ng-mac-entry": [
        data(l2ng_l2_mac_address="52:54:00:00:03:01", l2ng_l2_mac_logical_interface="ae1.0", l2ng_l2_mac_flags="D")
    ]},
    "vlans": VLANS,
    "hardware": {
        "chassis-inventory": [
            {
                "chassis": [
                    {
                        **data(name="Chassis", serial_number="XH0001", description="QFX5120"),
                        "chassis-module": [
                            {
                                **data(name="FPC 0", serial_number="BUILTIN", description="QFX5120"),
                                "chassis-sub-module": [data(name="PIC 0", serial_number="BUILTIN")],
                            },
                            data(name="Power Supply 0", serial_number="PSU1", version="REV 04"),
                        ],
                    }
                ]
            }
        ]
    },
}  # fmt: skip


def test_the_device_and_its_marks() -> None:
    found = surveyed(SYSTEM, **TOLD)

    assert set(outcomes(found).values()) == {"Collected"}
    assert items(found, "device") == [
        NetworkDevice(name="sw1", vendor="Juniper", product="qfx5120-48y-8c", serial="XH0001", os="junos", os_version="21.2R3",
                      uptime_seconds=86_400)
    ]  # fmt: skip
    assert found.marks == {
        "vendor": "Juniper", "serials": ["XH0001"], "chassis_id": "mac 52:54:00:00:01:00",
        "macs": ["52:54:00:00:01:00", "52:54:00:00:01:01", "52:54:00:00:01:02", "52:54:00:00:09:01"],
    }  # fmt: skip


def test_an_older_release_tells_of_itself_by_another_command() -> None:
    version = {
        "software-information": [
            {
                **data(host_name="sw1", product_model="ex2200"),
                "package-information": [data(name="junos", comment="JUNOS Base OS boot [12.3R12.4]")],
            }
        ]
    }

    [device] = items(surveyed(SYSTEM, **{**TOLD, "system": version}), "device")

    assert isinstance(device, NetworkDevice)
    assert (device.os_version, device.product, device.serial) == ("12.3R12.4", "ex2200", "XH0001")


def test_ports_units_and_bundles() -> None:
    found = interfaces(surveyed(SYSTEM, **TOLD))

    port = found["xe-0/0/0"]
    assert (port.speed_bps, port.mtu, port.index, port.alias) == (10_000_000_000, 9192, 516, "to spine")
    assert (found["xe-0/0/0.0"].addresses, found["xe-0/0/0.0"].lower) == (["192.0.2.1/24"], ["xe-0/0/0"])
    assert (found["xe-0/0/0.20"].kind, found["xe-0/0/0.20"].vlan) == ("vlan", 20)
    assert (found["xe-0/0/1"].master, found["xe-0/0/1"].link, found["xe-0/0/1"].speed_bps) == ("ae1", "down", None)
    assert (found["ae1"].kind, found["ae1"].lower, found["ae1"].access_vlan) == ("bond", ["xe-0/0/1"], 10)


def test_addresses_between_the_parts_of_a_device_are_no_items() -> None:
    keys = [i.local_key() for i in items(surveyed(SYSTEM, **TOLD), "interfaces")]

    assert "em1.32768" in keys
    assert "192.0.2.0/24" in keys
    assert not [key for key in keys if key.startswith("128.")]


def test_neighbours_stations_vlans_and_parts() -> None:
    found = surveyed(SYSTEM, **TOLD)

    [adjacency] = [i for i in items(found, "neighbours") if not isinstance(i, NetworkDevice)]
    told = adjacency.attributes()
    assert (told["local_port"], told["chassis"], told["port_id"]) == ("xe-0/0/0", "mac 52:54:00:00:02:00", "text 516")
    assert (told["system_description"], told["capabilities"]) == ("Juniper", ["bridge", "router"])
    assert {i.local_key(): i.readings() for i in items(found, "forwarding")} == {
        "ae1": {"stations": ["52:54:00:00:03:01"], "station_count": 1}
    }
    assert [(r.subject, r.object) for r in relations(found, "vlans")] == [(["NetworkInterface", "ae1"], ["VLAN", "10"])]
    assert [(i.unit, i.kind) for i in items(found, "hardware") if isinstance(i, Module)] == [
        ("serial XH0001", "chassis"), ("position Chassis/FPC 0", "module"), ("position FPC 0/PIC 0", "module"),
        ("serial PSU1", "power supply"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("question", "section"),
    [("system", "device"), ("interfaces", "interfaces"), ("lldp", "neighbours"), ("stations", "forwarding"), ("vlans", "vlans"),
     ("hardware", "hardware")],
)  # fmt: skip
def test_what_did_not_answer_is_a_failed_section(question: str, section: str) -> None:
    assert outcomes(surveyed(SYSTEM, **{**TOLD, question: LATE}))[section] == "Failed"


@pytest.mark.parametrize(
    ("question", "section"),
    [
        ("interfaces", "interfaces"),
        ("lldp", "neighbours"),
        ("stations", "forwarding"),
        ("vlans", "vlans"),
        ("hardware", "hardware"),
    ],
)
def test_an_answer_of_another_kind_is_a_failed_section(question: str, section: str) -> None:
    assert outcomes(surveyed(SYSTEM, **{**TOLD, question: {"rpc-error": [{"data": "busy"}]}}))[section] == "Failed"


@pytest.mark.parametrize("empty", [{}, ""])
@pytest.mark.parametrize(
    ("question", "section"),
    [
        ("lldp", "neighbours"),
        ("stations", "forwarding"),
        ("vlans", "vlans"),
        ("vlans", "interfaces"),
        ("hardware", "hardware"),
    ],
)
def test_a_table_always_has_its_element(question: str, section: str, empty: object) -> None:
    assert outcomes(surveyed(SYSTEM, **{**TOLD, question: empty}))[section] == "Failed"


def test_a_device_without_lldp_has_no_neighbours_to_tell() -> None:
    assert outcomes(surveyed(SYSTEM, **{**TOLD, "lldp": REFUSED}))["neighbours"] == "NotApplicable"


def test_a_long_comment_of_a_package_is_read_once() -> None:
    """It would take hours with a release that may begin anywhere in another."""
    package = {"name": [{"data": "junos"}], "comment": [{"data": "[1.1" * 250_000}]}

    assert outcomes(surveyed(SYSTEM, **{**TOLD, "system": {"package-information": [package]}}))["device"] == "Failed"
