"""Hosts that bring MACs of devices: which of them are one."""

from __future__ import annotations

from tests.cmdb.building import Receiver
from tests.cmdb.wired import Site, ports

A, B = "00:1c:73:00:00:0a", "00:1c:73:00:00:0b"
A1, A2, B1, B2, OWN = (
    "00:1c:73:00:00:a1",
    "00:1c:73:00:00:a2",
    "00:1c:73:00:00:b1",
    "00:1c:73:00:00:b2",
    "52:54:00:00:00:01",
)


def switches(cmdb: Receiver) -> Site:
    site = Site(cmdb)
    site.switch("a", A, ports("Eth1"), macs=[A1, A2])
    site.switch("b", B, ports("Eth1"), macs=[B1, B2])
    return site


def conflicts(cmdb: Receiver) -> list[list[str]]:
    """Names of the items that each conflict is about."""
    with cmdb.view() as view:
        entries = [entry.value for entry in view.entries("conflict")]
        items = view.items({id_ for value in entries for id_ in value["cis"]})
        return sorted(sorted(items[id_].name for id_ in value["cis"]) for value in entries)


def test_a_host_that_brings_macs_of_two_switches_is_a_conflict_that_names_both(cmdb: Receiver) -> None:
    site = switches(cmdb)
    receipt = site.host("liar", ports("eth0"), macs=[A1, B1])

    assert receipt["conflicts"]
    assert conflicts(cmdb) == [["a", "b", "liar"]]
    assert sorted(cmdb.names("class:NetworkDevice")) == ["a", "b"]
    cmdb.sound()


def test_a_known_host_that_begins_to_bring_a_switchs_mac_is_a_conflict(cmdb: Receiver) -> None:
    site = switches(cmdb)
    assert site.host("liar", ports("eth0"), macs=[OWN])["conflicts"] == []
    receipt = site.host("liar", ports("eth0"), macs=[OWN, B1])

    assert receipt["conflicts"]
    assert conflicts(cmdb) == [["b", "liar"]]
    cmdb.sound()


def test_a_switch_with_an_agent_is_itself_though_it_has_a_mac_in_common_with_its_peer(cmdb: Receiver) -> None:
    site = switches(cmdb)
    site.host("c", ports("swp1"), macs=[A, A1, A2, B1])

    assert cmdb.names("class:NetworkDevice") == ["b"]
    assert cmdb.names("class:Host") == ["c"]
    cmdb.sound()


def test_hosts_that_have_a_mac_in_common_are_no_conflict(cmdb: Receiver) -> None:
    site = Site(cmdb)
    site.host("one", ports("eth0"), macs=["52:54:00:00:00:01", "52:54:00:00:00:02"])
    assert site.host("two", ports("eth0"), macs=["52:54:00:00:00:02", "52:54:00:00:00:03"])["conflicts"] == []
