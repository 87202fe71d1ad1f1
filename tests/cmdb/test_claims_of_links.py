"""Hosts that claim what is a switch's, its MACs or its links: neither is theirs for the asking."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb.taking import Sender
from tests.cmdb.building import Receiver, Reporter, raw
from tests.cmdb.identity_cases import machine
from tests.cmdb.wired import Site, neighbours, ports

A, B = "00:1c:73:00:00:0a", "00:1c:73:00:00:0b"
NIC = "52:54:00:00:00:01"
B1, B2, B3 = (f"00:1c:73:00:00:b{n}" for n in (1, 2, 3))


@pytest.fixture
def site(cmdb: Receiver) -> Site:
    return Site(cmdb)


def hears(local: str, chassis: str, port: str) -> dict[str, Any]:
    return {"local_port": local, "chassis": f"mac {chassis}", "port_id": f"text {port}"}


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(("brought", "has"), [([B, B1], [B1, B2, B3]), ([B1], [B1]), ([B, B1], [B1, B2])])
def test_a_host_that_brings_macs_of_a_switch_does_not_become_one_with_it(
    site: Site, first: bool, brought: list[str], has: list[str]
) -> None:
    def lie() -> None:
        site.host("liar", ports("eth0", eth0={"mac": brought[0]}), macs=brought)

    if first:
        lie()
    site.switch("a", A, ports("Eth1"), neighbours(hears("Eth1", B, "Eth2")))
    site.switch("b", B, ports("Eth2"), macs=has)
    lie()
    receipts = [site.switch("b", B, ports("Eth2", "Eth3"), macs=has) for _ in range(2)]

    assert all(r["quarantined"] == [] and r["sections"][1]["outcome"] != "refused" for r in receipts)
    assert site.cmdb.names("class:Host") == ["liar"]
    assert sorted(site.cmdb.names("class:NetworkDevice")) == ["a", "b"]
    with site.cmdb.view() as view:
        assert "shared" in {entry.value["kind"] for entry in view.entries("conflict")}
    site.cmdb.sound()


def test_a_host_that_has_most_of_a_devices_macs_is_that_device(site: Site) -> None:
    site.switch("b", B, ports("Eth2"), macs=[B1, B2, B3])
    receipt = site.host("c", ports("swp1", swp1={"mac": B1}), macs=[B, B1, B2])

    assert receipt["conflicts"] == []
    assert site.cmdb.names("class:NetworkDevice") == []
    assert site.cmdb.names("class:Host") == ["c"]


@pytest.mark.parametrize("route", ["agent", "manual"])
def test_nobodys_own_list_of_links_ends_what_was_derived(site: Site, route: str) -> None:
    site.switch("sw", A, ports("Eth1", "Eth2"), neighbours(hears("Eth1", NIC, "eth0")))
    site.host("db", ports("eth0", eth0={"mac": NIC}), macs=[NIC])
    site.derive()
    before = site.links()
    liar = Reporter("db", "liar", route, marks={**machine("db"), "macs": [NIC]})
    site.cmdb.now += 60
    empty = raw("links", {"items": [], "relations": []}, [], ["CONNECTS_TO", "LINKED_VIA"])
    receipt = site.cmdb.take(liar.batch(empty, at=site.cmdb.now), Sender("test", route=route))

    assert len(before) == 1
    assert receipt["sections"][0]["outcome"] == ("refused" if route == "agent" else "collected")
    assert site.links() == before
    assert (site.derive()["revisions"], site.links()) == ([], before)
