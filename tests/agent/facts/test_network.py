"""Interfaces, addresses, routes and gateways."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.fact import Collected, Failed, Missing, Output
from agent.facts import network
from agent.facts.network import Network, identifying, observe, parse_counters
from agent.iproute import parse_addresses, parse_routes
from agent.shell import LocalShell
from cmdb.model.declaration import CI, Relation
from tests.agent.supplied import made, pass_over, recorded, run
from tests.agent.test_iproute import HARDWARE

CONTAINERS = """\
2: eth0@if27: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 00:16:3e:93:76:28 brd ff:ff:ff:ff:ff:ff link-netnsid 0 promiscuity 0
    veth numtxqueues 1
    inet 10.0.0.116/24 brd 10.0.0.255 scope global eth0
3: vethc0@if9: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master docker0 state UP group default
    link/ether 5a:f8:4f:47:16:f6 brd ff:ff:ff:ff:ff:ff link-netnsid 1 promiscuity 1
    veth
    bridge_slave state forwarding priority 32
4: vnet0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noop master br0 state UP group default qlen 1000
    link/ether fe:54:00:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 1
    tun type tap pi off
5: docker0: <BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state UP group default
    link/ether 02:42:b1:9a:ea:02 brd ff:ff:ff:ff:ff:ff promiscuity 0
    bridge forward_delay 1500
    inet 172.17.0.1/16 scope global docker0
6: br0: <BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state UP group default
    link/ether 52:54:00:00:00:09 brd ff:ff:ff:ff:ff:ff promiscuity 0
    bridge forward_delay 1500
    inet 10.9.0.1/24 scope global br0
"""


def items(found: list[CI | Relation], name: str) -> dict[str, dict]:
    return {i.local_key(): {**i.attributes()} for i in found if isinstance(i, CI) and type(i).__name__ == name}


def test_the_recorded_host() -> None:
    outcome, marks = pass_over(network, recorded("debian12-lab"))

    assert isinstance(outcome, Collected)
    interfaces = items([*outcome.items], "NetworkInterface")
    assert sorted(interfaces) == ["docker0", "eth0", "lo"]
    assert interfaces["eth0"]["kind"] == "veth"
    assert interfaces["eth0"]["addresses"] == ["10.77.0.2/24", "2001:db8:77::2/64", "fe80::1436:a8ff:fe40:77/64"]
    assert interfaces["eth0"]["routes"] == [
        "10.77.0.0/24",
        "2001:db8:77::/64 metric 256",
        "default via 10.77.0.1",
        "default via 2001:db8:77::1 metric 1024",
    ]
    assert sorted(items([*outcome.items], "IPAddress")) == ["10.77.0.2", "2001:db8:77::2"]
    assert sorted(items([*outcome.items], "Subnet")) == ["10.77.0.0/24", "2001:db8:77::/64"]
    edges = [(r.type, r.subject, r.object) for r in outcome.relations]
    assert ("HAS_ADDRESS", ["NetworkInterface", "eth0"], ["IPAddress", "10.77.0.2"]) in edges
    assert ("IN_SUBNET", ["IPAddress", "10.77.0.2"], ["Subnet", "10.77.0.0/24"]) in edges
    assert ("DEPENDS_ON", ".", {"address": "10.77.0.1"}) in edges
    mac = "16:36:a8:40:00:77"
    assert marks == {"macs": [mac], "permanent_macs": [], "own_macs": [mac]}


def test_ports_of_containers_and_machines_are_left_out_and_their_networks_stay_in_the_interface() -> None:
    found = list(observe(Network(parse_addresses(CONTAINERS), [])))

    interfaces = items(found, "NetworkInterface")
    assert sorted(interfaces) == ["br0", "docker0", "eth0"]
    assert interfaces["docker0"]["addresses"] == ["172.17.0.1/16"]
    assert "link" not in interfaces["docker0"]
    assert sorted(items(found, "IPAddress")) == ["10.0.0.116", "10.9.0.1"]


def test_macs_of_bridges_and_container_networks_are_no_marks() -> None:
    found = identifying(Network(parse_addresses(CONTAINERS), []))

    mac = "00:16:3e:93:76:28"  # of a container, whose other end is outside
    assert found == {"macs": [mac], "permanent_macs": [], "own_macs": [mac]}


def test_hardware_is_known_by_its_permanent_mac_unless_it_hangs_on_a_usb_bus() -> None:
    interfaces = parse_addresses(HARDWARE)

    assert identifying(Network(interfaces, [])) == {
        "macs": ["3c:fd:fe:00:00:01"],
        "permanent_macs": ["3c:fd:fe:00:00:02"],
    }
    assert identifying(Network(interfaces, [], buses={"eno1": "usb"}))["permanent_macs"] == []


def test_bond_members_vlans_and_temporary_addresses() -> None:
    found = list(observe(Network(parse_addresses(HARDWARE), [], speeds={"eno1": 25000, "bond0": -1})))

    interfaces = items(found, "NetworkInterface")
    assert interfaces["bond0"]["lower"] == ["eno1"]
    assert interfaces["bond0.100"]["lower"] == ["bond0"]
    assert interfaces["bond0.100"]["vlan"] == 100
    assert interfaces["bond0.100"]["addresses"] == ["10.100.0.5/24", "2001:db8::1/64"]
    assert interfaces["eno1"]["speed_bps"] == 25_000_000_000
    assert interfaces["eno1"]["permanent_mac"] == "3c:fd:fe:00:00:02"
    readings = next(i for i in found if isinstance(i, CI) and getattr(i, "name", "") == "bond0.100").readings()
    assert readings["temporary_addresses"] == ["2001:db8::5054:ff/64"]


def test_routes_of_routing_daemons_are_left_out_and_link_local_gateways_are_no_dependency() -> None:
    routes = parse_routes(
        "default via fe80::1 dev bond0.100 proto ra metric 1024 expires 1500sec pref medium\n"
        "10.77.0.0/16 via 10.100.0.3 dev bond0.100 proto bird\n"
        "10.78.0.0/16 via 10.100.0.3 dev bond0.100 proto static\n"
    )
    found = list(observe(Network(parse_addresses(HARDWARE), routes)))

    assert items(found, "NetworkInterface")["bond0.100"]["routes"] == [
        "10.78.0.0/16 via 10.100.0.3",
        "default via fe80::1 metric 1024",
    ]
    assert next(i for i in found if type(i).__name__ == "Host").gateways == ["fe80::1 dev bond0.100"]  # type: ignore[union-attr]
    assert not [r for r in found if isinstance(r, Relation) and r.type == "DEPENDS_ON"]


def test_without_ip_the_section_fails() -> None:
    outcome = run(network, made({network._ADDRESSES: Missing("absent", "/usr/sbin/ip is not installed")}))

    assert outcome == Failed("/usr/sbin/ip is not installed")


def test_without_ipv6_in_the_kernel_there_are_no_such_routes() -> None:
    content = {
        network._ADDRESSES: CONTAINERS,
        network._ROUTES: "default via 10.0.0.1 dev eth0\n",
        network._ROUTES6: Output(b"", b"RTNETLINK answers: Operation not supported\n", 2),
    }
    outcome = run(network, made(content))
    assert isinstance(outcome, Collected)

    content[network._ROUTES6] = Output(b"", b"Cannot open netlink socket: Permission denied\n", 1)
    failed = run(network, made(content))
    assert isinstance(failed, Failed)
    assert "Permission denied" in failed.reason


def test_counters_that_are_not_understood_are_an_error() -> None:
    with pytest.raises(Exception, match="/proc/net/dev"):
        parse_counters("Inter-|\n face |\n  lo: 1 2 3\n")


def test_a_host_observed_twice_has_the_same_attributes() -> None:
    first, second = (run(network, LocalShell()) for _ in range(2))  # type: ignore[arg-type]

    assert isinstance(first, Collected)
    assert isinstance(second, Collected)
    assert [i.attributes() for i in first.items] == [i.attributes() for i in second.items]
    assert [(r.object, r.attributes) for r in first.relations] == [(r.object, r.attributes) for r in second.relations]


@pytest.mark.shared
def test_overlay_networks_of_a_foreign_cluster_stay_on_their_host(recordings: Path) -> None:
    folder = recordings / "ssh" / "ubuntu-20.04-k8s-worker"
    found = Network(
        parse_addresses((folder / "ip_-d_address.out").read_text()),
        parse_routes((folder / "ip_route_show_table_all.out").read_text()),
    )

    observed = list(observe(found))
    assert sorted(items(observed, "IPAddress")) == ["10.6.3.201"]
    assert items(observed, "NetworkInterface")["flannel.1"]["addresses"] == [
        "10.1.84.0/32",
        "fe80::98e0:6bff:fec3:cee3/64",
    ]
    assert identifying(found)["macs"] == ["fa:16:3e:1f:96:bd"]


def test_the_address_of_a_gateway_that_routers_share_identifies_none_of_them() -> None:
    text = """\
2: vlan13: <BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state UP group default
    link/ether 52:54:00:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 0
    inet 10.0.13.2/24 scope global vlan13
3: vlan13-v0@vlan13: <BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state UP group default
    link/ether 44:39:39:ff:00:13 brd ff:ff:ff:ff:ff:ff promiscuity 0
    macvlan mode private
    inet 10.0.13.1/24 scope global vlan13-v0
4: eth0@if7: <BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state UP group default
    link/ether 52:54:00:00:00:02 brd ff:ff:ff:ff:ff:ff link-netnsid 0 promiscuity 0
    macvlan mode bridge
    inet 10.0.14.2/24 scope global eth0
"""

    found = identifying(Network(parse_addresses(text), []))

    assert found["macs"] == ["52:54:00:00:00:01", "52:54:00:00:00:02"]
