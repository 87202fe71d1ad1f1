"""Linux and Cumulus: outputs by hand."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb.model.classes.adjacency import Adjacency
from cmdb.model.classes.host import Host
from collector.cli.linux import SYSTEM, parse_clag
from tests.agent.test_bridge import FDB
from tests.agent.test_lldpd import TEXT as LLDP
from tests.collector.cli.told import LATE, interfaces, items, outcomes, relations, surveyed

HOST = """\
51.35 46.38
   Static hostname: leaf01.example.com
        Machine ID: 5cd6639c7006470494ecfb19476b8810
    Virtualization: kvm
  Operating System: Cumulus Linux
       CPE OS Name: cpe:/o:cumulusnetworks:cumulus_linux:3.7.12
            Kernel: Linux 4.1.0-cl-7-amd64
      Architecture: x86-64
"""
ADDRESSES = """\
Interface swp1 is up, line protocol is up
  index 3 metric 0 mtu 1500 speed 1000
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00 promiscuity 0
    inet 198.51.100.11/32 scope global lo
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default
    link/ether 52:54:00:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 0
    inet 192.0.2.11/24 brd 192.0.2.255 scope global eth0
3: swp1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq master bridge state UP group default
    link/ether 52:54:00:00:00:0a brd ff:ff:ff:ff:ff:ff promiscuity 0
    bridge_slave state forwarding
4: swp5: <BROADCAST,MULTICAST,SLAVE,UP,LOWER_UP> mtu 1500 qdisc mq master bond01 state UP group default
    link/ether 52:54:00:00:00:05 brd ff:ff:ff:ff:ff:ff promiscuity 1
    bond_slave state ACTIVE mii_status UP perm_hwaddr 52:54:00:00:00:05 queue_id 0 ad_aggregator_id 2
5: swp6: <BROADCAST,MULTICAST,SLAVE,UP,LOWER_UP> mtu 1500 qdisc mq master bond01 state UP group default
    link/ether 52:54:00:00:00:05 brd ff:ff:ff:ff:ff:ff promiscuity 1
    bond_slave state BACKUP mii_status UP perm_hwaddr 52:54:00:00:00:06 queue_id 0 ad_aggregator_id 7
6: bond01: <BROADCAST,MULTICAST,MASTER,UP,LOWER_UP> mtu 1500 qdisc noqueue master bridge state UP group default
    link/ether 52:54:00:00:00:05 brd ff:ff:ff:ff:ff:ff promiscuity 1
    bond mode 802.3ad miimon 100 ad_aggregator 2 ad_num_ports 1 ad_partner_mac 52:54:00:00:09:01
    bridge_slave state forwarding
7: bridge: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default
    link/ether 52:54:00:00:00:0a brd ff:ff:ff:ff:ff:ff promiscuity 0
    bridge forward_delay 1500
8: vni10: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 9000 qdisc noqueue master bridge state UP group default
    link/ether 3a:0f:c3:11:44:b0 brd ff:ff:ff:ff:ff:ff promiscuity 1
    vxlan id 10 local 198.51.100.11
    bridge_slave state forwarding
"""
CLAG = {
    "clagIntfs": {"bond01": {"clagId": 1}, "vni10": {"clagId": 0}},
    "status": {"sysMac": "44:39:39:ff:40:94", "peerIf": "peerlink.4094"},
}
TOLD: dict[str, Any] = {
    "host": HOST,
    "addresses": ADDRESSES,
    "routes": "default via 192.0.2.1 dev eth0\nlocal 192.0.2.11 dev eth0 table local proto kernel scope host\n",
    "lldp": LLDP,
    "stations": FDB,
    "vlans": "port\tvlan ids\nswp1\t 10 PVID Egress Untagged\n\nbond01\t 1 PVID Egress Untagged\n\t 13-15\n\nbridge\t 13\n",
    "clag": CLAG,
}


def test_a_host_and_its_marks() -> None:
    found = surveyed(SYSTEM, **TOLD)

    assert found.subject_class == "Host"
    assert set(outcomes(found).values()) == {"Collected"}
    assert items(found, "device") == [
        Host(
            name="leaf01", os="cumulus-linux", os_name="Cumulus Linux", os_version="3.7.12", kernel="Linux",
            kernel_release="4.1.0-cl-7-amd64", architecture="x86_64", machine_id="5cd6639c7006470494ecfb19476b8810",
            virtualization="kvm",
        )
    ]  # fmt: skip
    assert found.marks == {
        "machine_id": "5cd6639c7006470494ecfb19476b8810", "host_name": "leaf01.example.com", "macs": ["52:54:00:00:00:01"],
    }  # fmt: skip


def test_ports_with_their_vlans_and_bundles() -> None:
    found = interfaces(surveyed(SYSTEM, **TOLD))

    bond = found["bond01"]
    assert (bond.kind, bond.lower, bond.mlag) == ("bond", ["swp5", "swp6"], "44:39:39:ff:40:94 1")
    assert (bond.access_vlan, bond.tagged_vlans) == (1, ["13-15"])
    assert (found["swp6"].master, found["swp6"].permanent_mac) == ("bond01", "52:54:00:00:00:06")
    assert (found["swp1"].access_vlan, found["swp1"].tagged_vlans) == (10, None)
    assert found["eth0"].routes == ["default via 192.0.2.1"]


def test_neighbours_by_lldp_and_the_partner_of_the_aggregator_in_use() -> None:
    found = [i for i in items(surveyed(SYSTEM, **TOLD), "neighbours") if isinstance(i, Adjacency)]

    assert [(i.protocol, i.local_port, i.chassis) for i in found] == [
        ("lldp", "eth1", "mac 52:54:00:00:00:01"),
        ("lacp", "swp5", "mac 52:54:00:00:09:01"),
    ]


def test_stations_are_behind_ports_and_not_behind_tunnels() -> None:
    found = {i.local_key(): i.readings() for i in items(surveyed(SYSTEM, **TOLD), "forwarding")}

    assert found == {
        "bond01": {"stations": [], "station_count": 0},
        "swp1": {"stations": [], "station_count": 0},
    }
    another = surveyed(SYSTEM, **{**TOLD, "stations": FDB.replace("00:00:00:01", "00:00:03:01")})
    learnt = {i.local_key(): i.readings() for i in items(another, "forwarding")}
    assert learnt["swp1"] == {"stations": ["52:54:00:00:03:01"], "station_count": 1}


def test_untagged_vlans() -> None:
    assert [(r.subject, r.object) for r in relations(surveyed(SYSTEM, **TOLD), "vlans")] == [
        (["NetworkInterface", "bond01"], ["VLAN", "1"]),
        (["NetworkInterface", "swp1"], ["VLAN", "10"]),
    ]


def test_a_plain_server_has_no_bridge_and_no_lldpd() -> None:
    plain = ADDRESSES[ADDRESSES.index("2: eth0") : ADDRESSES.index("3: swp1")]

    found = surveyed(SYSTEM, **{**TOLD, "addresses": plain, "lldp": "\n", "vlans": "port\tvlan ids\n", "clag": {}})

    assert outcomes(found) == {
        "device": "Collected", "forwarding": "NotApplicable", "interfaces": "Collected", "neighbours": "NotApplicable",
        "vlans": "NotApplicable",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("question", "section"),
    [
        ("host", "device"),
        ("addresses", "interfaces"),
        ("lldp", "neighbours"),
        ("stations", "forwarding"),
        ("vlans", "vlans"),
    ],
)
@pytest.mark.parametrize("answer", [LATE, "of another kind"])
def test_what_did_not_answer_is_a_failed_section(question: str, section: str, answer: Any) -> None:
    assert outcomes(surveyed(SYSTEM, **{**TOLD, question: answer}))[section] == "Failed"


def test_what_other_commands_of_the_line_print_is_passed_over() -> None:
    found = surveyed(SYSTEM, **{**TOLD, "addresses": ADDRESSES + "swp1  up  1G\n1: eth9: this is no interface\n"})

    assert sorted(interfaces(found)) == ["bond01", "bridge", "eth0", "lo", "swp1", "swp5", "swp6", "vni10"]


def test_a_switch_without_clag_has_none() -> None:
    assert parse_clag({}) == parse_clag([]) == parse_clag({"status": {}}) == {}
