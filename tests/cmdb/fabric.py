"""Fabrics of switches and hosts in a store: devices, hosts and ports as batches, links told by a person by id.

Links are given to the store as relations between ports, so that what draws them is tested apart from what derives them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cmdb.ingest import Ingest
from cmdb.model.query_language import parse
from cmdb.ports import Store
from cmdb.states import Item
from cmdb.taking import Sender
from tests.cmdb.building import START, Reporter, raw
from tests.cmdb.identity_cases import machine

Cable = tuple[str, str, str, str, str]
"""Node and port, node and port, proof; the port of a device that only a neighbour tells of is empty."""


@dataclass
class Fabric:
    """What is to be wired: `devices` and `hosts` with their attributes, `seen` are devices by a neighbour's words only, and
    `bonds` a bond by (host, port)."""

    devices: dict[str, dict[str, Any]] = field(default_factory=dict)
    hosts: dict[str, dict[str, Any]] = field(default_factory=dict)
    cables: list[Cable] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)
    bonds: dict[tuple[str, str], str] = field(default_factory=dict)
    kind: str = "bond"


def leaf_spine(spines: int, leaves: int, per_pair: int, border: bool = False) -> Fabric:
    """Leaves in pairs, hosts bonded to both of their pair; with `border` a router and a firewall behind the spines."""
    found = Fabric()
    for n in range(1, spines + 1):
        found.devices[f"spine{n:02}"] = {"roles": ["bridge", "router"], "product": "SP-32"}
    for n in range(1, leaves + 1):
        found.devices[f"leaf{n:02}"] = {"roles": ["bridge"], "product": "LF-48"}
        found.cables += [
            (f"leaf{n:02}", f"swp{50 + s}", f"spine{s:02}", f"swp{n}", "confirmed") for s in range(1, spines + 1)
        ]
    for n in range(1, leaves + 1, 2):
        a, b = f"leaf{n:02}", f"leaf{n + 1:02}"
        found.cables += [(a, "swp47", b, "swp47", "confirmed"), (a, "swp48", b, "swp48", "confirmed")]
        for k in range(1, per_pair + 1):
            host = f"srv{n // 2 + 1:02}-{k:02}"
            found.hosts[host] = {"os": "debian"}
            for port, leaf in (("eth0", a), ("eth1", b)):
                found.bonds[host, port] = "bond0"
                found.cables.append((host, port, leaf, f"swp{k}", "inferred"))
    if border:
        found.devices["edge01"] = {"roles": ["router"], "product": "RT-4"}
        found.devices["fw01"] = {"roles": ["firewall"]}
        found.seen["isp-router"] = "edge01"
        found.cables += [("edge01", f"et{s}", f"spine{s:02}", "swp32", "confirmed") for s in range(1, spines + 1)]
        found.cables += [
            ("fw01", "port1", "edge01", "et9", "one-sided"),
            ("edge01", "et10", "isp-router", "", "one-sided"),
        ]
    return found


def campus(access: int, per_switch: int) -> Fabric:
    """Two cores, two distribution switches, access switches with hosts on them that are attached once."""
    found = Fabric()
    for name in ("core1", "core2"):
        found.devices[name] = {"roles": ["bridge", "router"], "location": "main building"}
    found.cables.append(("core1", "et1", "core2", "et1", "confirmed"))
    for d in (1, 2):
        found.devices[f"dist{d}"] = {"roles": ["bridge"], "location": f"building {d}"}
        found.cables += [(f"dist{d}", f"up{c}", f"core{c}", f"et1{d}", "confirmed") for c in (1, 2)]
    for n in range(1, access + 1):
        switch = f"acc{n:03}"
        found.devices[switch] = {"roles": ["bridge"], "location": f"building {2 - n % 2}"}
        found.cables.append((switch, "up1", f"dist{2 - n % 2}", f"ge{n}", "confirmed"))
        for k in range(1, per_switch + 1):
            found.hosts[f"pc{n:03}-{k:03}"] = {}
            found.cables.append((f"pc{n:03}-{k:03}", "eth0", switch, f"ge0/{k}", "inferred"))
    return found


def wire(store: Store, fabric: Fabric, ingest: Ingest | None = None, now: int = START) -> None:
    """Reports all of it to a store."""
    ingest = ingest or Ingest(store, lambda: now)
    for receipt in ingest.submit_many(list(_nodes(fabric, now)), Sender("collector")):
        assert all(section["outcome"] == "collected" for section in receipt["sections"]), receipt
    with store.view() as view:
        ids = {(i.parent, i.name): i.id for i in view.scan(["NetworkInterface"])}
        nodes = {i.name: i.id for i in view.scan(["Host", "NetworkDevice"])}
    rows = []
    for a, port_a, b, port_b, proof in fabric.cables:
        kind = "LINKED_VIA" if a in fabric.hosts else "CONNECTS_TO"
        ends = [ids[nodes[n], p] if p else nodes[n] for n, p in ((a, port_a), (b, port_b))]
        told = {"proof": proof, "evidence": "lldp" if proof != "inferred" else "forwarding table"}
        rows.append({"type": kind, "subject": {"id": ends[0]}, "object": {"id": ends[1]}, "attributes": told})
    first_one = next(iter(fabric.hosts), "")
    for first in range(0, len(rows), 2000):
        row = {"items": [], "relations": sorted(rows[first : first + 2000], key=lambda r: str(r))}
        reporter = _person(first_one or next(iter(fabric.devices)), not first_one, f"people{first}")
        section = raw("cabling", row, [], ["CONNECTS_TO", "LINKED_VIA"])
        receipt = ingest.submit(reporter.batch(section, observed_at=now), Sender("me", route="manual"))
        assert not receipt["quarantined"], receipt["quarantined"][:2]
        assert receipt["sections"][0]["outcome"] == "collected", receipt["sections"]


def one(store: Store, text: str) -> Item:
    with store.view() as view:
        (item,) = view.find(parse(text)).items
    return item


def _person(name: str, device: bool, source: str) -> Reporter:
    """Somebody who tells of a host or device that is there already."""
    if device:
        return Reporter(name, source, "manual", marks=_marks(name), header={"subject_class": "NetworkDevice"})
    return Reporter(name, source, "manual", marks=machine(name))


def _marks(name: str) -> dict[str, Any]:
    return {"vendor": "Example", "serials": [f"SN-{name}"], "sys_name": name[:60]}


def _nodes(fabric: Fabric, now: int) -> Iterator[bytes]:
    reported = _ports_of(fabric)
    for name, attributes in fabric.devices.items():
        reporter = Reporter(name, f"snmp@{name}", "snmp", marks=_marks(name), header={"subject_class": "NetworkDevice"})
        sections = [raw("device", _items("NetworkDevice", {"name": name, **attributes}), ["NetworkDevice"])]
        sections.append(_interfaces(fabric, name, reported.get(name, ())))
        seen = [far for far, near in fabric.seen.items() if near == name]
        if seen:
            body = {
                "items": [
                    {"class": "NetworkDevice", "key": f"port {far}", "attributes": {"name": far}}
                    for far in sorted(seen)
                ],
                "relations": [],
            }
            sections.append(raw("neighbours", body, ["NetworkDevice"]))
        yield reporter.batch(*sections, observed_at=now)
    for name, attributes in fabric.hosts.items():
        reporter = Reporter(name, marks=machine(name))
        yield reporter.batch(
            raw("os", _items("Host", {"name": name, **attributes}), ["Host"]),
            _interfaces(fabric, name, reported.get(name, ())),
            observed_at=now,
        )


def _ports_of(fabric: Fabric) -> Mapping[str, list[str]]:
    found: dict[str, set[str]] = {}
    for a, port_a, b, port_b, _ in fabric.cables:
        for node, port in ((a, port_a), (b, port_b)):
            if port:
                found.setdefault(node, set()).add(port)
    return {node: sorted(ports) for node, ports in found.items()}


def _interfaces(fabric: Fabric, node: str, ports: Sequence[str]) -> Any:
    rows = []
    for port in ports:
        master = fabric.bonds.get((node, port))
        attributes = {"name": port, **({"master": master} if master else {})}
        rows.append({"class": "NetworkInterface", "key": port, "attributes": attributes})
    bonds = sorted({bond for (name, _), bond in fabric.bonds.items() if name == node})
    rows += [{"class": "NetworkInterface", "key": b, "attributes": {"kind": fabric.kind, "name": b}} for b in bonds]
    return raw("interfaces", {"items": sorted(rows, key=lambda r: r["key"]), "relations": []}, ["NetworkInterface"])


def _items(class_name: str, attributes: dict[str, Any]) -> dict[str, Any]:
    return {"items": [{"class": class_name, "attributes": attributes}], "relations": []}
