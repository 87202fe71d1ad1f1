"""Devices that are known by their neighbours' words, and the one of which it is proved that they mean it."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb.impact import impact
from cmdb.physical_topology import Wanted, topology
from tests.cmdb.building import Receiver
from tests.cmdb.wired import Site, neighbours, ports

A, B, C = "00:1c:73:00:00:0a", "00:1c:73:00:00:0b", "00:1c:73:00:00:0c"


@pytest.fixture
def site(cmdb: Receiver) -> Site:
    return Site(cmdb)


def by_name(local: str, name: str, port: str) -> dict[str, Any]:
    """A word that identifies nobody, with the device that it brings by reference."""
    told = {"local_port": local, "neighbour": name, "system_name": name, "port_id": f"text {port}"}
    return {**told, "protocol": "cdp", "seen_as": f"port {local}"}


def sightings(site: Site) -> dict[str, str]:
    """Names of devices by the identifiers of what is seen of them."""
    with site.cmdb.view() as view:
        items = {i.id: i for i in view.scan(["NetworkDevice"])}
        return {
            items[k.object].identifiers[0].partition("/")[2]: items[k.subject].name
            for k in view.scan_links(["SEEN_AS"])
        }


def named_pair(site: Site) -> None:
    """Two that tell each other's name and ports, and nothing that identifies."""
    site.switch("a", A, ports("Eth1", "Eth3"), neighbours(by_name("Eth1", "b", "Eth2")))
    site.switch("b", B, ports("Eth2", "Eth4"), neighbours(by_name("Eth2", "a", "Eth1")))


def test_a_device_seen_by_reference_meets_the_one_that_its_words_are_proved_to_mean(site: Site) -> None:
    named_pair(site)
    site.derive()
    with site.cmdb.view() as view:
        found = topology(view, Wanted())
        (reference, *_) = [i.id for i in view.scan(["NetworkDevice"]) if i.attributes.get("discovered") is False]
        (itself,) = [link.subject for link in view.scan_links(["SEEN_AS"]) if link.object == reference]
        assert topology(view, Wanted((reference,)))["roots"][0]["id"] == itself
        assert impact(view, [reference]).seeds[0]["starts"] == [itself]

    assert site.links() == {("a/Eth1", "CONNECTS_TO", "b/Eth2", "confirmed")}
    assert sightings(site) == {"Eth1": "b", "Eth2": "a"}
    assert sorted(node["name"] for node in found["nodes"]) == ["a", "b"]
    assert site.derive()["revisions"] == []
    site.cmdb.sound()


def test_a_reference_is_its_own_again_when_the_proof_ends(site: Site) -> None:
    named_pair(site)
    site.derive()
    site.switch("b", B, ports("Eth2", "Eth4"), neighbours())
    site.derive()

    assert sightings(site) == {}
    assert site.links() == {("a/Eth1", "CONNECTS_TO", "b", "one-sided")}
    with site.cmdb.view() as view:
        assert len(topology(view, Wanted())["nodes"]) == 3
    site.cmdb.sound()


def test_a_reference_of_which_one_word_means_nobody_that_is_known_stays_its_own(site: Site) -> None:
    number = {"seen_as": "device cisco/FDO1234X0AB", "serial": "FDO1234X0AB"}
    site.switch("a", A, ports("Eth1", "Eth3"), neighbours({**by_name("Eth1", "b", "Eth2"), **number}))
    site.switch("b", B, ports("Eth2", "Eth4"), neighbours(by_name("Eth2", "a", "Eth1")))
    site.derive()
    assert set(sightings(site).values()) == {"a", "b"}

    site.switch("c", C, ports("Eth9"), neighbours({**by_name("Eth9", "b", "Eth4"), **number}))
    site.derive()
    assert set(sightings(site).values()) == {"a"}
