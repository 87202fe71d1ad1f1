"""Stations behind a host's bridges."""

from __future__ import annotations

from agent.fact import Collected, Failed, Missing, NotApplicable
from agent.facts import forwarding
from cmdb.model.classes.network_interface import NetworkInterface
from tests.agent.facts.test_network import CONTAINERS
from tests.agent.supplied import made, run

BRIDGE = """\
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq master br0 state UP group default
    link/ether 52:54:00:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 1
    bridge_slave state forwarding
3: br0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default
    link/ether 52:54:00:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 0
    bridge forward_delay 1500
    inet 192.0.2.5/24 scope global br0
4: vnet0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noop master br0 state UP group default
    link/ether fe:54:00:00:00:02 brd ff:ff:ff:ff:ff:ff promiscuity 1
    tun type tap pi off
    bridge_slave state forwarding
"""
TABLE = """\
52:54:00:00:00:01 dev eth0 master br0 permanent
52:54:00:00:00:aa dev eth0 master br0
52:54:00:00:00:02 dev vnet0 master br0
33:33:00:00:00:01 dev eth0 self permanent
"""


def test_stations_behind_ports_of_the_hosts_own() -> None:
    outcome = run(forwarding, made({forwarding._ADDRESSES: BRIDGE, forwarding._TABLE: TABLE}))

    assert outcome == Collected([NetworkInterface(name="eth0", stations=["52:54:00:00:00:aa"], station_count=1)], [])


def test_a_host_whose_bridges_are_of_containers_is_asked_for_no_table() -> None:
    found = run(forwarding, made({forwarding._ADDRESSES: CONTAINERS, forwarding._TABLE: "not asked"}))

    assert isinstance(found, NotApplicable)


def test_a_table_that_could_not_be_read_is_a_failure() -> None:
    told = {forwarding._ADDRESSES: BRIDGE, forwarding._TABLE: Missing("absent", "/usr/sbin/bridge is not installed")}

    assert run(forwarding, made(told)) == Failed("/usr/sbin/bridge is not installed")
