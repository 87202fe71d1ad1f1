"""A small network, told link by link: hosts, switches, ports, bonds; what they are called is enough to name them."""

from __future__ import annotations

from typing import Any

from cmdb.impact import ImpactReport, impact
from cmdb.model.values import Value
from tests.cmdb.estate import Estate, id_of


def switch(estate: Estate, *names: str) -> None:
    for name in names:
        estate.add("NetworkDevice", name, name=name)


def host(estate: Estate, name: str, *software: str) -> None:
    estate.add("Host", name, name=name)
    for each in software:
        estate.add("SoftwareInstance", each, id_of(name), name=each)


def port(estate: Estate, name: str, **attributes: Value) -> str:
    """`leaf1 swp1` is port swp1 of leaf1."""
    whole, _, short = name.partition(" ")
    return estate.add("NetworkInterface", name, id_of(whole), name=short, **attributes)


def linked(estate: Estate, interface: str, *ports: str, subnet: str = "", **attributes: Value) -> None:
    """An interface of a host, with the ports that it is plugged into."""
    if subnet:
        attributes["addresses"] = [subnet]
    port(estate, interface, **attributes)
    for each in ports:
        end = id_of(each) if " " not in each else port(estate, each)
        estate.link(id_of(interface), "LINKED_VIA", end, proof="confirmed")


def joined(estate: Estate, one: str, other: str) -> None:
    """Two ports of devices."""
    estate.link(port(estate, one), "CONNECTS_TO", port(estate, other), proof="confirmed")


def ask(estate: Estate, *seeds: str, **more: Any) -> ImpactReport:
    with estate.store.view() as view:
        return impact(view, [id_of(seed) for seed in seeds], **more)


def levels(estate: Estate, *seeds: str, **more: Any) -> dict[str, str]:
    """Levels by name of the hosts and the software that are hit."""
    rows = ask(estate, *seeds, **more).impacted
    return {row["name"]: row["level"] for row in rows if row["class"] in ("Host", "SoftwareInstance")}


def path(report: ImpactReport, estate: Estate, name: str) -> list[str]:
    """The way to a CI: name of the start, then "TYPE name" of each hop."""
    row = next(row for row in report.impacted if row["name"] == name)
    hops = [(step["type"], estate.items[step["id"]].key) for step in row["path"]]
    return [f"{type_} {key}" if type_ else key for type_, key in hops]
