"""Ports, addresses, VLANs, stations and parts of a device as items of a section, whatever system told of them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from agent.addresses import address, is_local
from agent.stations import observe as observe_stations
from cmdb.model.classes.ip_address import IPAddress
from cmdb.model.classes.network_device import NetworkDevice
from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.classes.subnet import Subnet
from cmdb.model.classes.vlan import VLAN
from cmdb.model.declaration import CI, Relation

INTERFACES = ("IPAddress", "NetworkInterface", "Subnet")
INTERFACE_RELATIONS = ("HAS_ADDRESS", "IN_SUBNET")

_DIGITS = re.compile(r"[0-9a-f]{12}\Z")


def mac(value: object) -> str | None:
    """A MAC in any of its writings (4401.0201.1b08, 44-01-02-01-1b-08) as the model has it; None for none or zeros."""
    digits = re.sub(r"[.:\-]", "", value.strip().lower()) if isinstance(value, str) else ""
    if not _DIGITS.match(digits) or not digits.strip("0"):
        return None
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def addressed(interfaces: Iterable[NetworkInterface], internal: Collection[str] = ()) -> Iterator[CI | Relation]:
    """The interfaces, and items for their addresses of global scope. Those of `internal` interfaces mean something within the
    device only."""
    items: dict[str, CI] = {}
    relations: dict[str, Relation] = {}
    for interface in interfaces:
        yield interface
        for text in interface.addresses or () if interface.name not in internal else ():
            own, _, length = text.partition("/")
            found = address(own)
            if found is None or is_local(found):
                continue
            version = found.version
            held = items[str(found)] = IPAddress(address=str(found), version=version)
            relations[f"{interface.name} {found}"] = Relation("HAS_ADDRESS", interface.ref(), held.ref())
            if length.isdigit() and 0 < int(length) < found.max_prefixlen:
                prefix = str(ipaddress.ip_interface(f"{found}/{length}").network)
                subnet = items[prefix] = Subnet(prefix=prefix, version=version)
                relations[f"{found} {prefix}"] = Relation("IN_SUBNET", held.ref(), subnet.ref())
    yield from items.values()
    yield from relations.values()


def vlans(names: Mapping[int, str], untagged: Mapping[str, int]) -> Iterator[CI | Relation]:
    """`names` are the VLANs that are set up, `untagged` the one of each port that is in one without a tag."""
    yield NetworkDevice(vlans=sorted(f"{vid} {name}".strip() for vid, name in names.items()))
    yield from members(names, untagged)


def members(vids: Iterable[int], untagged: Mapping[str, int]) -> Iterator[CI | Relation]:
    """VLANs and the ports that are in one of them without a tag."""
    made = {vid: VLAN(name=f"VLAN {vid}", vid=vid) for vid in sorted({*vids, *untagged.values()}) if 0 < vid < 4095}
    yield from made.values()
    for port, vid in sorted(untagged.items()):
        if vid in made:
            yield Relation("MEMBER_OF_VLAN", NetworkInterface(name=port).ref(), made[vid].ref())


def ranges(vids: Iterable[int]) -> list[str]:
    """VLAN ids as NetworkInterface.tagged_vlans has them: '10', '20-29'."""
    found: list[list[int]] = []
    for vid in sorted(set(vids)):
        if found and found[-1][1] == vid - 1:
            found[-1][1] = vid
        else:
            found.append([vid, vid])
    return [str(a) if a == b else f"{a}-{b}" for a, b in found]


def listed(text: str) -> list[int]:
    """VLAN ids of a list "1,10,20-29", as switches write it; what is no such list gives none."""
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if first.isdigit() and (last or first).isdigit() and 0 < int(first) <= int(last or first) < 4095:
            found += range(int(first), int(last or first) + 1)
    return found


def stations(
    learnt: Iterable[tuple[str, str]], ports: Collection[str], own: Iterable[str | None]
) -> Iterator[CI | Relation]:
    """Readings of what was learnt, (port, MAC), on these ports; `own` are MACs of the device itself."""
    yield from observe_stations(learnt, ports, {each for each in own if each})


def own_macs(interfaces: Sequence[NetworkInterface]) -> list[str]:
    """MACs of the hardware ports: those of VLAN interfaces may be of a gateway that several devices share."""
    return sorted({m for i in interfaces if i.kind == "physical" for m in (i.permanent_mac or i.mac,) if m})
