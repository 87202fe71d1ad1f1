"""Stations that a switch or bridge has learnt on its ports, as readings of its interfaces.

An entry ages out within minutes, so that none of it is an attribute. Left out are the bridge's own addresses, those of groups,
and those of VRRP, HSRP and kin, which are at several devices at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.declaration import CI, Relation
from cmdb.model.identity import mac

MOST_NAMED = 64
"""Addresses of a port that are named; the others are counted."""


def observe(learnt: Iterable[tuple[str, str]], ports: Collection[str], own: Collection[str]) -> Iterator[CI | Relation]:
    """`learnt` are (port, MAC); of `ports` it is told too that nothing was learnt on them; other ports are left out."""
    found: dict[str, set[str]] = {port: set() for port in ports}
    for port, address in learnt:
        station = mac(address)
        if station and station not in own and port in found:
            found[port].add(station)
    for port, macs in sorted(found.items()):
        yield NetworkInterface(name=port, stations=sorted(macs)[:MOST_NAMED], station_count=len(macs))
