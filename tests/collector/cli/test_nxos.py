"""NX-OS: outputs by hand in both forms of JSON, and ports as text."""

from __future__ import annotations

import pytest

from cmdb.model.classes.module import Module
from cmdb.model.classes.network_device import NetworkDevice
from collector.cli.nxos import SYSTEM, parse_interfaces, parse_stations, parse_vlans
from tests.collector.cli.told import LATE, REFUSED, answers, interfaces, items, outcomes, relations, surveyed

VERSION = {
    "nxos_ver_str": "10.2(3)", "chassis_id": "Nexus9000 C93180YC-EX chassis", "proc_board_id": "FDO0001", "host_name": "sw1",
    "kern_uptm_days": 1, "kern_uptm_hrs": 2, "kern_uptm_mins": 3, "kern_uptm_secs": 4,
}  # fmt: skip
BRIEF = {
    "TABLE_interface": {
        "ROW_interface": [
            {"interface": "Ethernet1/1", "vlan": "--", "portmode": "routed"},
            {"interface": "Ethernet1/1.5", "vlan": "5", "portmode": "routed"},
            {"interface": "Ethernet1/2", "vlan": "10", "portmode": "access", "portchan": 3},
            {"interface": "Ethernet1/3", "vlan": "1", "portmode": "trunk"},
            {"interface": "port-channel3", "vlan": "10", "portmode": "access"},
            {"interface": "Vlan10", "svi_admin_state": "up"},
        ]
    }
}
TEXT = """\
Ethernet1/1 is up
admin state is up, Dedicated Interface
  Hardware: 100/1000/10000 Ethernet, address: 5254.0000.0b08 (bia 5254.0000.0101)
  Description: to spine
  MTU 9216 bytes, BW 10000000 Kbit , DLY 10 usec
Ethernet1/2 is up
admin state is up, Dedicated Interface
  Belongs to Po3
  Hardware: Ethernet, address: 5254.0000.0102 (bia 5254.0000.0102)
  MTU 1500 bytes, BW 1000000 Kbit , DLY 10 usec
Ethernet1/3 is down (Link not connected)
admin state is up, Dedicated Interface
  Hardware: Ethernet, address: 5254.0000.0103 (bia 5254.0000.0103)
port-channel3 is up
admin state is up,
  Hardware: Port-Channel, address: 5254.0000.0102 (bia 5254.0000.0102)
Vlan10 is down (Administratively down), line protocol is down
  Hardware is EtherSVI, address is  5254.0000.0b08
"""
ADDRESSES = {
    "TABLE_intf": {
        "ROW_intf": [
            {"intf-name": "loopback0", "prefix": "198.51.100.1", "masklen": 32},
            {"intf-name": "Ethernet1/1", "unnum-intf": "loopback0"},
            {
                "intf-name": "Vlan10", "prefix": "192.0.2.1", "masklen": "24",
                "TABLE_secondary_address": {"ROW_secondary_address": {"prefix1": "192.0.3.1", "masklen1": "24"}},
            },
        ]
    }
}  # fmt: skip
VLANS = {
    "TABLE_vlanbriefxbrief": {
        "ROW_vlanbriefxbrief": [
            {"vlanshowbr-vlanid": "1", "vlanshowbr-vlanname": "default", "vlanshowplist-ifidx": "Ethernet1/3"},
            {"vlanshowbr-vlanid": "10", "vlanshowbr-vlanname": "users",
             "vlanshowplist-ifidx": ["port-channel3,Ethernet1/2", "Ethernet1/3"]},
        ]
    }
}  # fmt: skip
VPC = {
    "TABLE_peerlink": {"ROW_peerlink": {"peerlink-ifindex": "Po1"}},
    "TABLE_vpc": {"ROW_vpc": {"vpc-id": "3", "vpc-ifindex": "Po3"}},
}
LLDP = {
    "TABLE_nbor_detail": {
        "ROW_nbor_detail": {
            "chassis_type": "4", "chassis_id": "5254.0000.0200", "l_port_id": "Eth1/1", "port_type": "5", "port_id": "swp1",
            "port_desc": "null", "sys_name": "spine1", "sys_desc": "Cumulus", "enabled_capability": "B, R",
            "mgmt_addr": "192.0.2.9",
        }
    }
}  # fmt: skip
CDP = {
    "TABLE_cdp_neighbor_brief_info": {
        "ROW_cdp_neighbor_brief_info": [
            {
                "device_id": "leaf2(FDO21120002)",
                "intf_id": "mgmt0",
                "capability": ["switch"],
                "platform_id": "N9K",
                "port_id": "mgmt0",
            }
        ]
    }
}
STATIONS = {
    "TABLE_mac_address": {
        "ROW_mac_address": [
            {"disp_mac_addr": "5254.0000.0301", "disp_type": "dynamic", "disp_port": "Po3"},
            {"disp_mac_addr": "5254.0000.0302", "disp_type": "dynamic", "disp_port": "nve1(192.0.2.7)"},
            {"disp_mac_addr": "5254.0000.0b08", "disp_type": "static", "disp_port": "sup-eth1(R)"},
        ]
    }
}
INVENTORY = {
    "TABLE_inv": {
        "ROW_inv": [
            {"name": '"Chassis"', "desc": '"Nexus chassis"', "productid": "N9K-C93180YC-EX", "serialnum": "FDO0001"},
            {"name": '"Power Supply 1"', "desc": "PSU", "productid": "NXA-PAC", "vendorid": "", "serialnum": "N/A"},
        ]
    }
}  # fmt: skip
TOLD = {
    "version": VERSION, "brief": BRIEF, "interfaces": TEXT, "addresses": ADDRESSES, "addresses6": {}, "lldp": LLDP, "cdp": CDP,
    "stations": STATIONS, "vlans": VLANS, "vpc": VPC, "vpc_role": {"vpc-system-mac": "00:23:04:ee:be:0c"},
    "inventory": INVENTORY,
}  # fmt: skip


def test_the_device_and_its_marks() -> None:
    found = surveyed(SYSTEM, **TOLD)

    assert set(outcomes(found).values()) == {"Collected"}
    assert items(found, "device") == [
        NetworkDevice(
            name="sw1", vendor="Cisco", product="Nexus9000 C93180YC-EX chassis", serial="FDO0001", os="nxos",
            os_version="10.2(3)", uptime_seconds=93_784,
        )
    ]  # fmt: skip
    assert found.marks == {
        "vendor": "Cisco",
        "serials": ["FDO0001"],
        "macs": ["52:54:00:00:01:01", "52:54:00:00:01:02", "52:54:00:00:01:03"],
    }


def test_ports_bundles_and_what_borrows_an_address() -> None:
    found = interfaces(surveyed(SYSTEM, **TOLD))

    routed, member, trunk, bundle = (found[n] for n in ("Ethernet1/1", "Ethernet1/2", "Ethernet1/3", "port-channel3"))
    assert (routed.addresses, routed.permanent_mac, routed.alias) == (
        ["198.51.100.1/32"],
        "52:54:00:00:01:01",
        "to spine",
    )
    assert (routed.speed_bps, routed.mtu, routed.access_vlan) == (10_000_000_000, 9216, None)
    assert (member.master, member.access_vlan, member.tagged_vlans) == ("port-channel3", 10, None)
    assert (trunk.link, trunk.enabled, trunk.access_vlan, trunk.tagged_vlans) == ("down", True, 1, ["10"])
    assert (bundle.kind, bundle.lower, bundle.mlag) == ("bond", ["Ethernet1/2"], "00:23:04:ee:be:0c 3")
    assert (found["Vlan10"].vlan, found["Vlan10"].enabled) == (10, False)
    assert found["Vlan10"].addresses == ["192.0.2.1/24", "192.0.3.1/24"]
    assert (found["Ethernet1/1.5"].vlan, found["Ethernet1/1.5"].lower) == (5, ["Ethernet1/1"])


def test_ports_in_json_are_the_same_as_in_text() -> None:
    rows = [
        {
            "interface": "Ethernet1/1", "state": "up", "admin_state": "up", "eth_hw_addr": "5254.0000.0b08",
            "eth_bia_addr": "5254.0000.0101", "eth_mtu": "9216", "eth_bw": "10000000", "desc": "to spine",
        }
    ]  # fmt: skip

    [port] = parse_interfaces({"TABLE_interface": {"ROW_interface": rows}}).values()

    assert port == parse_interfaces(TEXT)["Ethernet1/1"]


def test_neighbours_by_both_protocols() -> None:
    found = {i.local_key(): i.attributes() for i in items(surveyed(SYSTEM, **TOLD), "neighbours")}

    assert found["lldp/Ethernet1%2F1/mac 52:54:00:00:02:00"]["capabilities"] == ["bridge", "router"]
    assert found["cdp/mgmt0/leaf2"]["serial"] == "FDO21120002"
    assert found["mac 52:54:00:00:02:00"]["name"] == "spine1"
    assert found["device cisco/FDO21120002"]["product"] == "N9K"


def test_stations_vlans_and_parts() -> None:
    found = surveyed(SYSTEM, **TOLD)

    readings = {i.local_key(): i.readings() for i in items(found, "forwarding")}
    assert readings["port-channel3"] == {"stations": ["52:54:00:00:03:01"], "station_count": 1}
    assert readings["Ethernet1/3"] == {"stations": [], "station_count": 0}
    assert "Ethernet1/1" not in readings
    assert next((r.subject, r.object) for r in relations(found, "vlans")) == (
        ["NetworkInterface", "Ethernet1/2"],
        ["VLAN", "10"],
    )
    assert [(i.unit, i.kind) for i in items(found, "hardware") if isinstance(i, Module)] == [
        ("serial FDO0001", "chassis"),
        ("position Power Supply 1", "power supply"),
    ]


def test_a_device_without_vpc_and_neighbour_protocols() -> None:
    found = surveyed(SYSTEM, **{**TOLD, "vpc": REFUSED, "vpc_role": REFUSED, "lldp": REFUSED, "cdp": REFUSED})

    assert interfaces(found)["port-channel3"].mlag is None
    assert outcomes(found)["neighbours"] == "NotApplicable"


@pytest.mark.parametrize(
    ("question", "section"),
    [("version", "device"), ("brief", "interfaces"), ("vpc", "interfaces"), ("cdp", "neighbours"), ("stations", "forwarding"),
     ("vlans", "vlans"), ("inventory", "hardware")],
)  # fmt: skip
def test_what_did_not_answer_is_a_failed_section(question: str, section: str) -> None:
    assert outcomes(surveyed(SYSTEM, **{**TOLD, question: LATE}))[section] == "Failed"


@pytest.mark.parametrize(
    ("question", "section"),
    [("brief", "interfaces"), ("addresses", "interfaces"), ("lldp", "neighbours"), ("stations", "forwarding"), ("vlans", "vlans"),
     ("inventory", "hardware")],
)  # fmt: skip
def test_an_answer_of_another_kind_is_a_failed_section(question: str, section: str) -> None:
    assert outcomes(surveyed(SYSTEM, **{**TOLD, question: {"error": "busy"}}))[section] == "Failed"


@pytest.mark.parametrize("empty", [{}, [], ""])
@pytest.mark.parametrize(
    ("question", "section"),
    [("brief", "interfaces"), ("addresses", "interfaces"), ("vlans", "vlans"), ("vlans", "interfaces"), ("vpc", "interfaces"),
     ("vpc_role", "interfaces"), ("inventory", "hardware")],
)  # fmt: skip
def test_a_table_that_has_rows_in_every_device_is_never_empty(question: str, section: str, empty: object) -> None:
    assert outcomes(surveyed(SYSTEM, **{**TOLD, question: empty}))[section] == "Failed"


def test_a_device_whose_vpc_is_not_set_up_has_none() -> None:
    found = surveyed(SYSTEM, **{**TOLD, "vpc": {"vpc-domain-id": "not configured"}, "vpc_role": ""})

    assert interfaces(found)["port-channel3"].mlag is None


def test_empty_tables_are_told_as_such() -> None:
    assert parse_stations({}) == []
    assert parse_vlans({}) == {}
    assert outcomes(surveyed(SYSTEM, **{**TOLD, "lldp": "", "cdp": ""}))["neighbours"] == "Collected"
    assert answers(lldp="").json("lldp") == {}


def test_a_long_text_of_little_takes_no_longer_than_its_length() -> None:
    """Each of them would take hours with a pattern that goes back over lines."""
    blank = "\n" * 1_000_000
    text = f"Ethernet1/1 is up\nadmin state is up\n{blank}  Hardware: Ethernet, address:{' ' * 1_000_000}\n  Description: far\n"

    assert parse_interfaces(text)["Ethernet1/1"].alias == "far"
    assert parse_interfaces(f"Ethernet1/1 is up\n{blank}")["Ethernet1/1"].alias == ""


def chassis(serial: str, *, name: str = '"Chassis"') -> dict[str, object]:
    rows = [
        {"name": name, "productid": "N9K-C9504", "serialnum": serial},
        {"name": '"Slot 27"', "productid": "N9K-SUP-A", "serialnum": "SAL1819AAAA"},
    ]
    return {"TABLE_inv": {"ROW_inv": rows}}


MODULAR = {**TOLD, "version": {**VERSION, "proc_board_id": "SAL1819AAAA"}, "inventory": chassis("FGE18200001")}


def serial(**told: object) -> tuple[object, object]:
    """Of the device's section, None where that failed, and in its marks."""
    found = surveyed(SYSTEM, **told)
    known = outcomes(found)["device"] == "Collected"
    return items(found, "device")[0].attributes().get("serial") if known else None, found.marks.get("serials")


def test_the_serial_number_of_a_modular_device_is_that_of_its_chassis() -> None:
    other = {**MODULAR, "version": {**VERSION, "proc_board_id": "SAL1819BBBB"}}  # the other supervisor took over

    assert serial(**MODULAR) == serial(**other) == ("FGE18200001", ["FGE18200001"])


@pytest.mark.parametrize(
    "inventory", [REFUSED, chassis("N/A"), chassis(""), chassis("FGE18200009", name='"FEX 101 CHASSIS"')]
)
def test_without_a_chassis_in_the_inventory_it_is_that_of_the_board(inventory: object) -> None:
    assert serial(**{**MODULAR, "inventory": inventory}) == ("SAL1819AAAA", ["SAL1819AAAA"])


def test_where_the_inventory_was_not_recorded_it_is_that_of_the_board() -> None:
    told = {name: answer for name, answer in MODULAR.items() if name != "inventory"}

    assert serial(**told) == ("SAL1819AAAA", ["SAL1819AAAA"])


@pytest.mark.parametrize("inventory", [LATE, {}, {"error": "busy"}, "no JSON"])
def test_a_failed_inventory_gives_the_device_no_other_serial_number(inventory: object) -> None:
    found = surveyed(SYSTEM, **{**MODULAR, "inventory": inventory})

    assert outcomes(found)["device"] == "Failed"
    assert found.marks == {"vendor": "Cisco", "macs": surveyed(SYSTEM, **MODULAR).marks["macs"]}


def test_a_device_with_no_other_mark_is_known_by_its_board() -> None:
    found = surveyed(SYSTEM, **{**MODULAR, "inventory": LATE, "interfaces": REFUSED})

    assert found.marks == {"vendor": "Cisco", "serials": ["SAL1819AAAA"]}


def test_ports_of_a_fabric_extender_identify_none_of_the_switches_that_it_hangs_on() -> None:
    port = "Ethernet101/1/1 is up\n  Hardware: Ethernet, address: 5254.0000.0999 (bia 5254.0000.0999)\n"

    found = surveyed(SYSTEM, **{**TOLD, "interfaces": TEXT + port})

    assert found.marks["macs"] == ["52:54:00:00:01:01", "52:54:00:00:01:02", "52:54:00:00:01:03"]
