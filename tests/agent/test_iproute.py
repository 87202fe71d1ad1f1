"""Text of ip(8)."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from agent.fact import ParseError
from agent.iproute import Route, parse_addresses, parse_routes

HARDWARE = """\
2: bond0: <BROADCAST,MULTICAST,MASTER,UP,LOWER_UP> mtu 9000 qdisc noqueue state UP group default qlen 1000
    link/ether 3c:fd:fe:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 0 minmtu 68 maxmtu 65535
    bond mode 802.3ad miimon 100 updelay 0 numtxqueues 16 numrxqueues 16
3: eno1: <BROADCAST,MULTICAST,SLAVE,UP,LOWER_UP> mtu 9000 qdisc mq master bond0 state UP group default qlen 1000
    link/ether 3c:fd:fe:00:00:01 brd ff:ff:ff:ff:ff:ff permaddr 3c:fd:fe:00:00:02 promiscuity 0 minmtu 68 maxmtu 9702
    bond_slave state ACTIVE mii_status UP link_failure_count 0 perm_hwaddr 3c:fd:fe:00:00:02 numtxqueues 64
    altname enp3s0f0
4: bond0.100@bond0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 9000 qdisc noqueue state UP group default qlen 1000
    link/ether 3c:fd:fe:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 0 minmtu 0 maxmtu 65535
    vlan protocol 802.1Q id 100 <REORDER_HDR> numtxqueues 1 numrxqueues 1
    alias veth of the old days
    inet 10.100.0.5/24 metric 100 brd 10.100.0.255 scope global secondary dynamic noprefixroute bond0.100
       valid_lft 84872sec preferred_lft 84872sec
    inet6 2001:0db8::5054:ff/64 scope global temporary deprecated dynamic
       valid_lft 500sec preferred_lft 0sec
    inet6 2001:db8::1/64 scope global dynamic mngtmpaddr noprefixroute
       valid_lft 500sec preferred_lft 400sec
5: tun0: <POINTOPOINT,MULTICAST,NOARP,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast state UNKNOWN group default qlen 500
    link/none promiscuity 0 minmtu 68 maxmtu 65535
    tun type tun pi off vnet_hdr off persist on numtxqueues 1
    inet 10.8.0.1 peer 10.8.0.2/32 scope global tun0
       valid_lft forever preferred_lft forever
"""


def test_bonds_vlans_and_what_stands_beside_them() -> None:
    bond, slave, vlan, tun = parse_addresses(HARDWARE)

    assert (bond.kind, bond.mtu, bond.state) == ("bond", 9000, "up")
    assert (slave.kind, slave.master, slave.permanent_mac) == ("", "bond0", "3c:fd:fe:00:00:02")
    assert (vlan.name, vlan.peer, vlan.kind, vlan.vlan) == ("bond0.100", "bond0", "vlan", 100)
    assert [(a.text, a.temporary, a.network) for a in vlan.addresses] == [
        ("10.100.0.5/24", False, "10.100.0.0/24"),
        ("2001:db8::5054:ff/64", True, "2001:db8::/64"),
        ("2001:db8::1/64", False, "2001:db8::/64"),
    ]
    assert (tun.mac, tun.link_type) == ("", "none")
    assert [(a.text, a.network) for a in tun.addresses] == [("10.8.0.1/32", None)]


OLD_BOND = """\
3: eth1: <BROADCAST,MULTICAST,SLAVE,UP,LOWER_UP> mtu 9000 qdisc mq master bond0 state UP group default qlen 1000
    link/ether 52:54:00:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 1
    bond_slave state ACTIVE mii_status UP perm_hwaddr 52:54:00:00:00:02 queue_id 0 ad_aggregator_id 1 ad_actor_oper_port_state 63
ad_partner_oper_port_state 63

5: bond0: <BROADCAST,MULTICAST,MASTER,UP,LOWER_UP> mtu 9000 qdisc noqueue state UP group default qlen 1000
    link/ether 52:54:00:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 0
    bond mode 802.3ad miimon 100 ad_aggregator 1 ad_num_ports 1 ad_partner_key 9 ad_partner_mac 44:39:39:ff:40:94 tlb_dynamic_lb 1
    inet 192.0.2.5/24 brd 192.0.2.255 scope global bond0
"""


def test_a_bond_of_an_older_iproute2_whose_lines_are_torn() -> None:
    port, bond = parse_addresses(OLD_BOND)

    assert (port.master, port.permanent_mac, port.aggregator) == ("bond0", "52:54:00:00:00:02", "1")
    assert (bond.kind, bond.partner, bond.aggregator) == ("bond", "44:39:39:ff:40:94", "1")


@pytest.mark.parametrize(
    "text",
    [
        "eth0: no number\n",
        "2: eth0: <UP> mtu 1500 qdisc mq\n",
        "2: eth0: <UP> mtu 1500\n    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n    inet 10.0.0.999/24 scope global\n",
        "2: eth0: <UP> mtu 1500\n    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n    inet 10.0.0.1/24\n",
        "2: eth0: <UP> mtu 1500\n    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n    inet 10.0.0.1/33 scope global\n",
    ],
)
def test_an_interface_that_is_not_understood_is_an_error(text: str) -> None:
    with pytest.raises(ParseError, match="ip address"):
        parse_addresses(text)


def test_routes_with_their_next_hops() -> None:
    found = parse_routes(
        "default via 10.0.0.1 dev eth0 proto dhcp src 10.0.0.5 metric 100 linkdown\n"
        "10.50.0.0/16 proto static metric 20\n"
        "\tnexthop via 10.0.0.2 dev eth0 weight 1\n"
        "\tnexthop via 10.1.0.2 dev eth1 weight 1 onlink\n"
        "blackhole 10.66.0.0/16\n"
        "unreachable default dev lo metric 4294967295 error -101 pref medium\n"
        "10.78.0.1 via inet6 fe80::1 dev eth0 mtu lock 1400\n"
        "2001:db8::/64 dev eth0 proto ra metric 100 expires 300sec hoplimit 64 pref medium\n"
    )
    assert found == [
        Route("default", "10.0.0.1", "eth0", 100, "dhcp"),
        Route("10.50.0.0/16", "10.0.0.2", "eth0", 20, "static"),
        Route("10.50.0.0/16", "10.1.0.2", "eth1", 20, "static"),
        Route("10.78.0.1/32", "fe80::1", "eth0", None, ""),
        Route("2001:db8::/64", "", "eth0", 100, "ra"),
    ]


@pytest.mark.parametrize(
    "text", ["10.0.0.0/99 dev eth0\n", "default via dev\n", "default via nowhere dev eth0\n", "blackhole\n"]
)
def test_a_route_that_is_not_understood_is_an_error(text: str) -> None:
    with pytest.raises(ParseError, match="ip route"):
        parse_routes(text)


def test_this_machine_is_read_as_the_json_of_ip_tells() -> None:
    text = subprocess.run(["/usr/sbin/ip", "-d", "address"], check=True, capture_output=True, text=True).stdout
    told = json.loads(subprocess.run(["/usr/sbin/ip", "-j", "addr"], check=True, capture_output=True).stdout)

    found = {i.name: i for i in parse_addresses(text)}
    assert {t["ifname"] for t in told} == set(found)
    for row in told:
        here = found[row["ifname"]]
        assert (here.index, here.mtu, here.state) == (row["ifindex"], row["mtu"], row["operstate"].lower())
        assert here.mac == (row["address"] if row["address"].count(":") == 5 else "")
        assert {a.text for a in here.addresses} == {f"{a['local']}/{a['prefixlen']}" for a in row["addr_info"]}


@pytest.mark.shared
@pytest.mark.parametrize("host", ["ubuntu-20.04-k8s-worker", "ubuntu-20.04-rabbitmq"])
def test_foreign_addresses_are_those_that_a_second_command_gave(recordings: Path, host: str) -> None:
    folder = recordings / "ssh" / host
    judged = json.loads((folder / "index.json").read_text())["facts"]["addresses_by_ip_o_addr"]

    found = parse_addresses((folder / "ip_-d_address.out").read_text())

    # `ip -o addr` was not recorded for every interface, but each that was must be there with the same addresses.
    here = {i.name: {a.text for a in i.addresses} for i in found}
    told: dict[str, set[str]] = {}
    for row in judged:
        told.setdefault(row["interface"].partition("@")[0], set()).add(row["address"])
    assert {name: here[name] for name in told} == told


@pytest.mark.shared
def test_foreign_routes_are_all_read(recordings: Path) -> None:
    for host in ("ubuntu-20.04-k8s-worker", "ubuntu-20.04-rabbitmq"):
        folder = recordings / "ssh" / host
        text = (folder / "ip_route_show_table_all.out").read_text()
        unicast = [line for line in text.splitlines() if not line.startswith(("local", "broadcast", "multicast"))]
        assert len(parse_routes(text)) == len(unicast)
    centos = parse_routes((recordings / "ssh" / "centos-7.7" / "ip_route.out").read_text())
    assert centos[0] == Route("default", "10.0.2.2", "enp0s3", 100, "dhcp")
    assert len(centos) == 4


def test_the_head_of_a_long_line_is_read_once() -> None:
    """It would take hours with a name that may be parted anywhere."""
    with pytest.raises(ParseError):
        parse_addresses(f"1: {'a@' * 500_000}: mtu 1500\n")
