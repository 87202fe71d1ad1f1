"""One machine that its agent, SSH and SNMP tell of is one host, in whatever order they come."""

from __future__ import annotations

import itertools

import pytest

from cmdb.model.classes.host import Host
from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.times import SECOND
from cmdb.model.values import digest
from collector.device.surveyed import batch
from collector.snmp.device import survey
from tests.cmdb.building import START, Receiver, Reporter, collected, receiver
from tests.collector.snmp.answers import ports, recording

OWN, LOCAL = "001c73000001", "5254000000aa"
"""MAC of a machine, and of a virtual one that SNMP can not tell from a device."""


def told(route: str, mac: str, at: int) -> bytes:
    return _snmp(mac, at) if route == "snmp" else _facts(route, mac, at)


@pytest.mark.parametrize("mac", [OWN, LOCAL])
@pytest.mark.parametrize("order", list(itertools.permutations(("agent", "ssh", "snmp"))))
def test_it_is_one_host_with_the_parts_of_all(order: tuple[str, ...], mac: str) -> None:
    with receiver() as cmdb:
        _looked(cmdb, order, mac)
        cmdb.sound()


def _looked(cmdb: Receiver, order: tuple[str, ...], mac: str) -> None:
    for begin in (0, 10):
        for place, route in enumerate(order, 1):
            cmdb.now = begin + place
            receipt = cmdb.take(told(route, mac, cmdb.now))
            assert (receipt["conflicts"], receipt["quarantined"]) == ([], [])
            assert all(s["outcome"] not in {"quarantined", "refused"} for s in receipt["sections"]), receipt["sections"]
    steady = cmdb.head()
    for route in order:
        cmdb.now += 1
        cmdb.take(told(route, mac, cmdb.now))

    assert cmdb.head() == steady
    assert cmdb.found("class:NetworkDevice") == []
    host = cmdb.one("class:Host")
    assert (host.attributes["os"], host.attributes["memory_bytes"], host.attributes["cpu_count"]) == (
        "debian",
        1024**2,
        1,
    )
    with cmdb.view() as view:
        parts = {(p.class_name, p.key): p.attributes for p in view.parts(host.id)}
    assert set(parts) == {("NetworkInterface", "eth0"), ("FileSystem", "/")}
    assert parts[("NetworkInterface", "eth0")]["kind"] == "bond"  # as the machine itself has it
    assert parts[("NetworkInterface", "eth0")]["alias"] == "uplink"  # which SNMP alone tells


def _snmp(mac: str, at: int) -> bytes:
    rows = {
        "1.3.6.1.2.1.1.1.0": "Linux web 5.14.0 #1 SMP x86_64",
        "1.3.6.1.2.1.1.2.0": "oid 1.3.6.1.4.1.8072.3.2.10",
        "1.3.6.1.2.1.1.5.0": "web",
        "1.3.6.1.2.1.2.2.1.6.1": bytes.fromhex(mac),
        "1.3.6.1.2.1.31.1.1.1.18.1": "uplink",
        "1.3.6.1.2.1.25.2.2.0": 1024,
        "1.3.6.1.2.1.25.3.3.1.2.6": 1,
        "1.3.6.1.2.1.25.2.3.1.2.1": "oid 1.3.6.1.2.1.25.2.1.4",
        "1.3.6.1.2.1.25.2.3.1.3.1": "/",
        "1.3.6.1.2.1.25.2.3.1.4.1": 4096,
        "1.3.6.1.2.1.25.2.3.1.5.1": 100,
    }
    surveyed = survey(recording(rows, ports("eth0")))
    assert surveyed.subject_class == ("Host" if mac == OWN else "NetworkDevice")
    return batch(
        surveyed, id=f"snmp {at}", source="sweep:snmp", route="snmp", sequence=at, observed_at=START + at * SECOND
    )


def _facts(route: str, mac: str, at: int) -> bytes:
    address = bytes.fromhex(mac).hex(":")
    marks = {"machine_id": digest("web")[:32], "host_name": "web", "macs": [address]}
    if mac == OWN:
        marks["permanent_macs"] = [address]
    if route == "agent":
        marks["agent_key"] = "k1"
    reporter = Reporter("web", source=f"{route}:web", route=route, marks=marks, sequence=at)
    return reporter.batch(
        collected("os", ["Host"], [Host(name="web", os="debian", kernel="Linux")]),
        collected("network", ["NetworkInterface"], [NetworkInterface(name="eth0", mac=address, mtu=1500, kind="bond")]),
        at=at,
    )
