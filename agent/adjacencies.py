"""Neighbours as neighbour protocols tell of them: Adjacency items, and a NetworkDevice by reference for each neighbour.

Chassis and port ids keep their subtype (IEEE 802.1AB-2016 section 8.5.2, 8.5.3): a MAC is a MAC only where the neighbour says
that it is one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from agent.addresses import address
from cmdb.model.classes.adjacency import Adjacency
from cmdb.model.classes.network_device import NetworkDevice
from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, Relation
from cmdb.model.identity import mac, neighbour_key, neighbour_serial_key

CLASSES = ("Adjacency", "NetworkDevice")

_IN_BRACKETS = re.compile(r"([^()]+)\(([^()]+)\)")
_SERIAL = re.compile(r"[0-9A-Z]{11}")
_FEWEST_DIGITS = 3
"""Serial numbers of Cisco have 11 characters: LLLYYWWSSSS, the place, year and week of making, and four more of any kind; those
of virtual images are as long and otherwise by chance. A name of that length in capitals has hardly so many digits."""


@dataclass(frozen=True)
class Heard:
    """One neighbour on one port. `chassis` and `port_id` are written as Adjacency has them, see `id_of`."""

    protocol: str
    local_port: str
    chassis: str = ""
    port_id: str = ""
    port_description: str = ""
    system_name: str = ""
    system_description: str = ""
    platform: str = ""
    serial: str = ""
    perhaps_serial: str = ""
    """What may be a serial number as well as a name: it identifies nobody but the device that has it as its own."""
    capabilities: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


def id_of(subtype: str, value: str) -> str:
    """A chassis or port id as "mac 00:1c:73:00:00:01", "component ...", "address ..." or "text ..."; empty without a value.

    `subtype` is a word for the subtype as devices print it; one that is not known tells nothing more than text.
    """
    value = " ".join(value.split())
    if not value:
        return ""
    kind = subtype.lower()
    if "mac" in kind:
        digits = value.lower().translate(str.maketrans("", "", ".:-"))
        if len(digits) == 12 and all(c in "0123456789abcdef" for c in digits):
            return "mac " + ":".join(digits[at : at + 2] for at in range(0, 12, 2))
    elif "chassis" in kind and "component" in kind:
        return f"component {value}"
    elif kind in ("ip", "networkaddress") or "address" in kind:
        found = address(value)
        if found is not None:
            return f"address {found}"
    return f"text {value}"


def cdp_device_id(id: str) -> tuple[str, str]:
    """(name, serial number) out of the device id of CDP, either may be empty: NX-OS writes "name(serial)", CatOS "serial(name)".
    Where both or neither look like a serial number none is told, and what is in brackets may belong to the name."""
    found = _IN_BRACKETS.fullmatch(id)
    if found is None:
        return id, ""
    first, second = found[1].strip(), found[2].strip()
    if _is_serial(first) and _is_serial(second):
        return id, ""
    if _is_serial(first):
        return second, first
    if _is_serial(second):
        return first, second
    if first.isdigit():  # CatOS on old supervisors
        return second, ""
    return (first if _SERIAL.fullmatch(second) else id), ""


def cdp_perhaps_serial(id: str) -> str:
    """What stands in the place of a serial number in a device id of CDP, is as long as one and has too few digits to be told from
    a name; empty where a serial number is told, or nothing like it."""
    found = _IN_BRACKETS.fullmatch(id)
    if found is None or cdp_device_id(id)[1] or _is_serial(found[1].strip()):
        return ""
    inside = found[2].strip()
    return inside if _SERIAL.fullmatch(inside) else ""


def _is_serial(text: str) -> bool:
    return _SERIAL.fullmatch(text) is not None and sum(c.isdigit() for c in text) >= _FEWEST_DIGITS


def observe(heard: Iterable[Heard]) -> Iterator[CI | Relation]:
    """What the CMDB should know of them."""
    found = sorted(set(heard), key=_order)
    alike = Counter((h.protocol, h.local_port, _name(h)) for h in found)
    adjacencies: dict[str, Adjacency] = {}
    for each in found:
        name = _name(each)
        if alike[each.protocol, each.local_port, name] > 1:
            name = f"{name} {each.port_id}".strip()
        if name:
            made = _adjacency(each, name)
            adjacencies.setdefault(made.local_key(), made)
    yield from adjacencies.values()
    yield from _devices(found)


def _adjacency(each: Heard, name: str) -> Adjacency:
    return Adjacency(
        protocol=each.protocol,
        local_port=each.local_port,
        neighbour=name,
        chassis=each.chassis or None,
        port_id=each.port_id or None,
        port_description=each.port_description or None,
        system_name=each.system_name or None,
        system_description=each.system_description or None,
        platform=each.platform or None,
        serial=each.serial or each.perhaps_serial or None,
        capabilities=sorted(set(each.capabilities)) or None,
        addresses=sorted(set(each.addresses)) or None,
    )


def _devices(found: list[Heard]) -> Iterator[NetworkDevice]:
    """One for each MAC; without one, one for a port at which there is a single neighbour, by all that protocols say there:
    known by the serial number that CDP tells, which is Cisco's, else by the port. Where several names tell one serial number
    they are contexts of one chassis (VDC), which it does not tell apart."""
    with_mac = [(chassis_mac(h), h) for h in found if h.protocol != "lacp"]
    told: dict[str, list[Heard]] = {}
    for own, each in with_mac:
        if own:
            told.setdefault(neighbour_key(own, each.local_port), []).append(each)
    chassis: dict[str, set[str]] = {}
    for _, each in with_mac:
        if each.serial and each.protocol == "cdp":
            chassis.setdefault(each.serial, set()).add(_short(each.system_name))
    marked = {each.local_port for own, each in with_mac if own}
    names: dict[str, set[str]] = {}
    for own, each in with_mac:
        if not own and each.local_port not in marked:
            # Of CDP and LLDP at one port the names are what they have in common.
            names.setdefault(each.local_port, set()).add(_short(each.system_name))
            told.setdefault(neighbour_key(None, each.local_port), []).append(each)
    for key, those in list(told.items()):
        if not key.startswith("port "):
            continue
        if len(names[key[5:]]) > 1:
            del told[key]
            continue
        numbers = {h.serial for h in those if h.serial and h.protocol == "cdp" and len(chassis[h.serial]) == 1}
        known = neighbour_serial_key("Cisco", numbers.pop()) if len(numbers) == 1 else None
        if known:
            told.setdefault(known, []).extend(told.pop(key))
    for key, those in told.items():
        yield NetworkDevice(
            seen_as=key,
            name=_first(h.system_name for h in those),
            description=_first(h.system_description for h in those),
            product=_first(h.platform for h in those),
            serial=_first(h.serial for h in those),
        )


def chassis_mac(heard: Heard) -> str:
    """The chassis id where it is a MAC that may identify, else empty."""
    subtype, _, value = heard.chassis.partition(" ")
    return (mac(value) or "") if subtype == "mac" else ""


def _short(name: str) -> str:
    return name.partition(".")[0].lower()


def _name(heard: Heard) -> str:
    return heard.chassis or heard.system_name or heard.port_id


def _order(heard: Heard) -> tuple[str, ...]:
    return heard.local_port, heard.protocol, heard.chassis, heard.system_name, heard.port_id, repr(heard)


def _first(values: Iterable[str]) -> str | None:
    return next((value for value in values if value), None)
