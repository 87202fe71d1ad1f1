"""EOS: outputs by hand."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb.model.classes.module import Module
from cmdb.model.classes.network_device import NetworkDevice
from collector.cli.eos import SYSTEM, parse_switching
from tests.collector.cli.told import LATE, REFUSED, interfaces, items, outcomes, relations, surveyed


def port(name: str, hardware: str = "ethernet", **more: Any) -> dict[str, Any]:
    return {
        "name": name, "hardware": hardware, "interfaceStatus": "connected", "lineProtocolStatus": "up", "mtu": 9214,
        "bandwidth": 10_000_000_000, "forwardingModel": "bridged", "interfaceAddress": [], "description": "", **more,
    }  # fmt: skip


def address(primary: str, length: int, virtual: str = "0.0.0.0") -> dict[str, Any]:
    return {
        "primaryIp": {"address": primary, "maskLen": length},
        "virtualIp": {"address": virtual, "maskLen": 24},
        "secondaryIps": {"192.0.9.1": {"maskLen": 24}} if length else {},
    }


INTERFACES = {
    "interfaces": {
        "Ethernet1": port("Ethernet1", forwardingModel="routed", physicalAddress="52:54:00:00:00:0a",
                          burnedInAddress="52:54:00:00:01:01", interfaceAddress=[address("192.0.2.1", 31)]),
        "Ethernet2": port("Ethernet2", physicalAddress="52:54:00:00:01:02", description="server1"),
        "Ethernet3": port("Ethernet3", interfaceStatus="disabled", lineProtocolStatus="down", bandwidth=0),
        "Port-Channel3": port("Port-Channel3", "portChannel", memberInterfaces={"Ethernet2": {}, "PeerEthernet2": {}}),
        "Vlan10": port("Vlan10", "vlan", forwardingModel="routed", physicalAddress="00:00:00:11:12:10",
                       interfaceAddress=[address("0.0.0.0", 0, "192.0.3.254")],
                       interfaceAddressIp6={"globalUnicastIp6s": [{"address": "2001:db8::1", "subnet": "2001:db8::/64"}]}),
    }
}  # fmt: skip
SWITCHING = {
    "switchports": {
        "Ethernet3": {"enabled": True, "switchportInfo": {"mode": "access", "accessVlanId": 20}},
        "Port-Channel3": {
            "enabled": True,
            "switchportInfo": {"mode": "trunk", "trunkingNativeVlanId": 1, "trunkAllowedVlans": "1,10-12"},
        },
        "Ethernet1": {"enabled": False, "switchportInfo": {"mode": "access", "accessVlanId": 1}},
    }
}
LLDP = {
    "lldpNeighbors": {
        "Ethernet1": {
            "lldpNeighborInfo": [
                {
                    "chassisIdType": "macAddress", "chassisId": "5254.0000.0200", "systemName": "spine1",
                    "systemCapabilities": {"bridge": True, "router": True, "telephone": False},
                    "neighborInterfaceInfo": {"interfaceIdType": "interfaceName", "interfaceId": '"Ethernet7"'},
                    "managementAddresses": [{"address": "192.0.2.9", "addressType": "ipv4"}],
                }
            ]
        },
        "Ethernet2": {"lldpNeighborInfo": []},
    }
}  # fmt: skip
TOLD = {
    "version": {
        "modelName": "DCS-7050SX3", "version": "4.30.1F", "serialNumber": "JPE0001", "systemMacAddress": "52:54:00:00:00:0a",
        "uptime": 12.5,
    },
    "hostname": {"hostname": "sw1", "fqdn": "sw1.example.com"},
    "interfaces": INTERFACES, "switching": SWITCHING, "lldp": LLDP,
    "stations": {"unicastTable": {"tableEntries": [
        {"macAddress": "52:54:00:00:03:01", "interface": "Port-Channel3", "entryType": "dynamic"},
        {"macAddress": "52:54:00:00:03:02", "interface": "Port-Channel3", "entryType": "static"},
    ]}},
    "vlans": {"vlans": {"1": {"name": "default"}, "10": {"name": "users"}, "20": {"name": "guests"}}},
    "mlag": {"systemId": "46:38:39:99:c7:9e", "peerLink": "Port-Channel1"},
    "mlag_ports": {"interfaces": {"3": {"localInterface": "Port-Channel3"}}},
    "inventory": {
        "powerSupplySlots": {"1": {"name": "PWR-500AC-F", "serialNum": "PSU0001"}, "2": {"name": "Not Inserted"}},
        "xcvrSlots": {"1": {"modelName": "SFP-10G-SR", "mfgName": "Arista", "serialNum": ""}},
    },
}  # fmt: skip


def test_the_device_and_its_marks() -> None:
    found = surveyed(SYSTEM, **TOLD)

    assert set(outcomes(found).values()) == {"Collected"}
    assert items(found, "device") == [
        NetworkDevice(name="sw1", vendor="Arista", product="DCS-7050SX3", serial="JPE0001", os="eos", os_version="4.30.1F",
                      uptime_seconds=12)
    ]  # fmt: skip
    assert found.marks == {
        "vendor": "Arista", "serials": ["JPE0001"], "chassis_id": "mac 52:54:00:00:00:0a",
        "bridge_address": "52:54:00:00:00:0a", "macs": ["52:54:00:00:01:01", "52:54:00:00:01:02"],
    }  # fmt: skip


def test_ports() -> None:
    found = interfaces(surveyed(SYSTEM, **TOLD))

    assert found["Ethernet1"].addresses == ["192.0.2.1/31", "192.0.9.1/24"]
    assert (found["Ethernet2"].master, found["Ethernet2"].alias) == ("Port-Channel3", "server1")
    assert (found["Ethernet3"].enabled, found["Ethernet3"].link, found["Ethernet3"].speed_bps) == (False, "down", None)
    bundle = found["Port-Channel3"]
    assert (bundle.kind, bundle.lower, bundle.mlag) == ("bond", ["Ethernet2"], "46:38:39:99:c7:9e 3")
    assert (bundle.access_vlan, bundle.tagged_vlans) == (1, ["10-12"])
    assert found["Vlan10"].addresses == ["192.0.3.254/24", "2001:db8::1/64"]
    assert (found["Vlan10"].vlan, found["Ethernet1"].access_vlan) == (10, None)


def test_neighbours_stations_and_vlans() -> None:
    found = surveyed(SYSTEM, **TOLD)

    [adjacency] = [i for i in items(found, "neighbours") if not isinstance(i, NetworkDevice)]
    assert adjacency.attributes() == {
        "protocol": "lldp", "local_port": "Ethernet1", "neighbour": "mac 52:54:00:00:02:00",
        "chassis": "mac 52:54:00:00:02:00", "port_id": "text Ethernet7", "system_name": "spine1",
        "capabilities": ["bridge", "router"], "addresses": ["192.0.2.9"],
    }  # fmt: skip
    readings = {i.local_key(): i.readings() for i in items(found, "forwarding")}
    assert readings["Port-Channel3"] == {"stations": ["52:54:00:00:03:01"], "station_count": 1}
    assert "Ethernet1" not in readings
    assert [(r.subject, r.object) for r in relations(found, "vlans")] == [
        (["NetworkInterface", "Ethernet3"], ["VLAN", "20"]),
        (["NetworkInterface", "Port-Channel3"], ["VLAN", "1"]),
    ]


def test_parts_and_empty_slots() -> None:
    assert [(i.unit, i.product) for i in items(surveyed(SYSTEM, **TOLD), "hardware") if isinstance(i, Module)] == [
        ("serial PSU0001", "PWR-500AC-F"),
        ("position transceiver 1", "SFP-10G-SR"),
    ]


def test_without_a_word_on_how_ports_switch_no_vlan_is_guessed() -> None:
    found = surveyed(SYSTEM, **{**TOLD, "switching": REFUSED, "mlag": REFUSED})

    assert (interfaces(found)["Ethernet3"].access_vlan, relations(found, "vlans")) == (None, [])
    assert parse_switching({}) == {}


@pytest.mark.parametrize(
    ("question", "section"),
    [("version", "device"), ("interfaces", "interfaces"), ("switching", "interfaces"), ("lldp", "neighbours"),
     ("stations", "forwarding"), ("vlans", "vlans"), ("inventory", "hardware")],
)  # fmt: skip
@pytest.mark.parametrize("answer", [LATE, REFUSED])
def test_what_did_not_answer_is_a_failed_section(question: str, section: str, answer: Any) -> None:
    if answer is REFUSED and question == "switching":
        return  # older releases tell nothing of it
    assert outcomes(surveyed(SYSTEM, **{**TOLD, question: answer}))[section] == "Failed"


@pytest.mark.parametrize("question", ["switching", "mlag", "mlag_ports"])
def test_an_answer_with_nothing_in_it_takes_no_vlan_and_no_mlag_away(question: str) -> None:
    assert outcomes(surveyed(SYSTEM, **{**TOLD, question: {}}))["interfaces"] == "Failed"
