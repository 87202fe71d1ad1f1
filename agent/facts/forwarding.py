"""Stations that a host's bridges have learnt on their ports.

Sources: `bridge fdb show`, bridge(8), where `ip -d address` shows a bridge with ports. Yields the readings `stations` and
`station_count` of NetworkInterface and nothing else: an entry ages out within minutes.

Left out: ports of containers and virtual machines, which are no interfaces of the host, and tunnels (VXLAN), behind which are
other switches' ports.
"""

from __future__ import annotations

from collections.abc import Iterator

from agent.bridge import parse_fdb
from agent.fact import Command, Context, Inapplicable, Material, Unavailable, Usual
from agent.facts.network import Network
from agent.facts.network import observe as observe_network
from agent.iproute import Interface, parse_addresses
from agent.stations import observe
from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.declaration import CI, Relation

NAME = "forwarding"
VERSION = 1
CLASSES: tuple[str, ...] = ()
RELATIONS: tuple[str, ...] = ()
LIMITED = False
EVERY = 3

_ADDRESSES = Command(("/usr/sbin/ip", "-d", "address"))
_TABLE = Command(("/usr/sbin/bridge", "fdb", "show"))
NEEDS = (_ADDRESSES,)
USUAL = (Usual(_TABLE, where="/sys/module/bridge"),)


def further(material: Material, context: Context) -> list[Command]:  # noqa: ARG001 - as every fact
    """The table is asked for where there is a port that it may tell of."""
    return [_TABLE] if ports(_interfaces(material)) else []


def collect(material: Material, context: Context) -> Iterator[CI | Relation]:  # noqa: ARG001 - as every fact
    """Readings; raises Inapplicable where no bridge has a port of the host's own."""
    interfaces = _interfaces(material)
    bridged = ports(interfaces)
    if not bridged:
        raise Inapplicable("no bridge here has a port that is the host's own")
    learnt = ((entry.port, entry.mac) for entry in parse_fdb(_printed(material, _TABLE)) if entry.learnt)
    return observe(learnt, bridged, {m for i in interfaces for m in (i.mac, i.permanent_mac)})


def ports(interfaces: list[Interface]) -> set[str]:
    """Ports of bridges that are interfaces of the host as the fact `network` tells of them."""
    bridges = {i.name for i in interfaces if i.kind == "bridge"}
    own = {i.name for i in observe_network(Network(interfaces, [])) if isinstance(i, NetworkInterface)}
    return {i.name for i in interfaces if i.master in bridges and i.kind != "vxlan" and i.name in own}


def _interfaces(material: Material) -> list[Interface]:
    return parse_addresses(_printed(material, _ADDRESSES))


def _printed(material: Material, command: Command) -> str:
    output = material.output(command)
    if output.status:
        said = output.stderr.decode("utf-8", "replace").strip()[:200]
        raise Unavailable(f"{' '.join(command.argv)} ended with status {output.status}: {said}; iproute2 is needed")
    return output.text
