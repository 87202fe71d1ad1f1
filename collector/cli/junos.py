"""Junos of Juniper switches, routers and firewalls (QFX, EX, MX, SRX).

Source: "show ... | display json", Junos OS "Mapping Junos OS Command Output to JSON": every element is a list, its text stands
as {"data": ...}. Elements are found by name at whatever depth, since an answer of several routing engines wraps each in a
multi-routing-engine-item, and the Ethernet switching tables have other roots on EX (ELS or not), QFX and MX, with the same names
within.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from agent import adjacencies
from agent.adjacencies import Heard, id_of
from agent.fact import Inapplicable, ParseError
from cmdb.model.classes.module import Module
from cmdb.model.classes.network_device import NetworkDevice
from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.declaration import CI, Relation
from cmdb.model.values import Value
from collector.cli import observed
from collector.cli.answers import Answers, Question, expected, number, objects
from collector.cli.junos_elements import anywhere, rows, text
from collector.cli.junos_switching import parse_stations, parse_vlans
from collector.cli.observed import mac
from collector.cli.system import Part, System


def _json(name: str, *commands: str, also: tuple[str, ...] = (), may_be_blank: bool = False) -> Question:
    return Question(name, tuple(f"{command} | display json | no-more" for command in commands), also, may_be_blank)


QUESTIONS = (
    _json("system", "show system information", "show version"),
    _json("uptime", "show system uptime"),
    _json("interfaces", "show interfaces", also=("show interface",)),
    _json("lldp", "show lldp neighbors detail", "show lldp neighbors"),
    _json("chassis_id", "show lldp local-information", may_be_blank=True),  # where LLDP does not run
    _json("stations", "show ethernet-switching table detail", "show ethernet-switching table", "show bridge mac-table"),
    _json("vlans", "show vlans detail", "show vlans", "show bridge domain", also=("show bridge domain detail",)),
    _json("hardware", "show chassis hardware"),
)

_KINDS = (
    (re.compile(r"(xe|ge|et|fe|me|mge|fxp|em|re0:mgmt|vme|xle|fte)-?[\d/:]*\Z"), "physical"),
    (re.compile(r"(ae|reth)\d+\Z"), "bond"), (re.compile(r"lo\d+(\.\d+)?\Z"), "loopback"),
    (re.compile(r"(irb|vlan)(\.\d+)?\Z"), "vlan"), (re.compile(r"(gr|ip|gre|ipip|st)\d*(-[\d/]+)?\Z"), "tunnel"),
    (re.compile(r"vtep(\.\d+)?\Z"), "vxlan"),
)  # fmt: skip
_INTERNAL = re.compile(
    r"(bme|jsrv|pfe|pfh|pfx|cbp|vcp|fti|sxe|bcm|ixgbe|ixlv|mams|fxp[12])\S*|em\d+\.32768|\S+\.163(8[3-6]|87)"
)
"""Interfaces between the parts of one device; their addresses are the same in every one of them."""

_STATIONS = (
    "l2ng-l2ald-rtb-macdb", "l2ng-mac-entry", "ethernet-switching-table-information", "l2ald-rtb-macdb", "l2ald-mac-entry",
)  # fmt: skip
_VLANS = (
    "l2ng-l2ald-vlan-instance-information", "l2ng-l2ald-vlan-instance-group", "vlan-information", "vlan",
    "l2ald-bridge-instance-information", "l2iff-interface-vlan",
)  # fmt: skip
"""Elements of which one makes an answer a table, however few rows it has."""
_SPEEDS = {"kbps": 1_000, "mbps": 1_000_000, "gbps": 1_000_000_000, "m": 1_000_000, "g": 1_000_000_000}
_CAPABILITIES = {
    "bridge": "bridge", "router": "router", "wlan": "wlan", "telephone": "telephone", "station": "station",
    "repeater": "repeater", "docsis": "docsis", "other": "other",
}  # fmt: skip


def parse_interfaces(document: Any) -> list[NetworkInterface]:
    """Physical interfaces and the logical ones on them, from `show interfaces`; raises ParseError where there is none."""
    found: list[NetworkInterface] = []
    bundles: dict[str, str] = {}
    for row in rows(document, "physical-interface"):
        name = text(row, "name")
        if not name:
            continue
        physical = _physical(name, row)
        found.append(physical)
        for unit in [u for each in [row.get("logical-interface")] for u in objects(each)]:
            logical = _logical(physical, unit)
            if logical.name:
                found.append(logical)
            bundle = _bundle(unit)
            if bundle:
                bundles[name] = bundle
    if not found:
        raise ParseError(f"show interfaces: no interface in it: {str(document)[:200]!r}")
    return [_bundled(each, bundles) for each in found]


def _physical(name: str, row: Mapping[str, Any]) -> NetworkInterface:
    own, burnt_in = mac(text(row, "current-physical-address")), mac(text(row, "hardware-physical-address"))
    kind = next((kind for shape, kind in _KINDS if shape.match(name)), None)
    return NetworkInterface(
        name=name,
        kind=kind,
        mac=own,
        permanent_mac=burnt_in if burnt_in != own else None,
        mtu=number(text(row, "mtu")),
        enabled=text(row, "admin-status").lower() == "up" if text(row, "admin-status") else None,
        link=text(row, "oper-status").lower() or None,
        speed_bps=_speed(text(row, "speed")) if kind in ("physical", "bond") else None,
        alias=text(row, "description") or None,
        addresses=[],
        # LLDP of Junos tells this number for its port, so that neighbours may know it by nothing else.
        index=number(text(row, "snmp-index")),
    )


def _logical(physical: NetworkInterface, row: Mapping[str, Any]) -> NetworkInterface:
    name = text(row, "name")
    families = objects(row.get("address-family"))
    flags = next(iter(objects(row.get("if-config-flags"))), {})
    tag = re.search(r"0x8100\.(\d+)", text(row, "link-address"))
    held = [a for family in families for a in _addresses(family)]
    mtus = [m for m in (number(text(family, "mtu")) for family in families) if m]
    kind = next((kind for shape, kind in _KINDS[2:] if shape.match(name)), "vlan" if tag else "logical")
    return NetworkInterface(
        name=name,
        kind=kind,
        mac=physical.mac,
        mtu=mtus[0] if mtus else None,
        enabled="iff-down" not in flags,
        link=physical.link,
        lower=[physical.name] if physical.name else None,
        vlan=int(tag[1]) if tag else number(name.partition(".")[2]) if name.startswith("vlan.") else None,
        alias=text(row, "description") or None,
        addresses=sorted(set(held)),
    )


def _addresses(family: Mapping[str, Any]) -> Iterator[str]:
    """Addresses of a family; "10.255.2/24" leaves zeros out, an address alone is a whole one."""
    name = text(family, "address-family-name")
    if name not in ("inet", "inet6"):
        return
    for row in objects(family.get("interface-address")):
        own, _, length = text(row, "ifa-destination").rpartition("/")
        local = text(row, "ifa-local")
        whole = 32 if name == "inet" else 128
        if local:
            yield f"{local}/{length if own and length.isdigit() else whole}"


def _bundle(unit: Mapping[str, Any]) -> str:
    """The aggregate that a logical interface is a member of: address family aenet, "ae0.0"."""
    for family in objects(unit.get("address-family")):
        name = text(family, "ae-bundle-name")
        if name:
            return name.partition(".")[0]
    return ""


def _bundled(each: NetworkInterface, bundles: Mapping[str, str]) -> NetworkInterface:
    master = bundles.get(each.name or "")
    lower = sorted(member for member, bundle in bundles.items() if bundle == each.name)
    return replace(each, master=master, lower=lower or each.lower) if master or lower else each


def _speed(told: str) -> int | None:
    """ "10Gbps", "1000mbps" in bits per second; "Unspecified" and "Auto" are none."""
    found = re.match(r"(\d+)([a-z]+)\Z", told.strip().lower())
    return int(found[1]) * _SPEEDS[found[2]] if found and found[2] in _SPEEDS else None


def parse_neighbours(document: Any) -> list[Heard]:
    """Neighbours from `show lldp neighbors [detail]`."""
    return [_heard(row) for row in rows(document, "lldp-neighbor-information")]


def _heard(row: Mapping[str, Any]) -> Heard:
    said = next(iter(objects(row.get("lldp-system-description"))), row)
    local = text(row, "lldp-local-interface") or text(row, "lldp-local-port-id")
    port = text(row, "lldp-remote-port-id")
    return Heard(
        protocol="lldp",
        # Where LLDP runs on the logical interface its port is what the cable is plugged into.
        local_port=re.sub(r"\.\d+\Z", "", local),
        chassis=id_of(text(row, "lldp-remote-chassis-id-subtype"), text(row, "lldp-remote-chassis-id")),
        port_id=id_of(text(row, "lldp-remote-port-id-subtype"), port),
        port_description=text(row, "lldp-remote-port-description"),
        system_name=text(row, "lldp-remote-system-name"),
        system_description=text(said, "lldp-remote-system-description"),
        capabilities=tuple(
            sorted({_CAPABILITIES.get(c.lower(), "other") for c in
                    re.split(r"[\s,]+", text(row, "lldp-remote-system-capabilities-enabled")) if c})
        ),
        addresses=tuple(sorted({text(row, "lldp-remote-management-address")} - {""})),
    )  # fmt: skip


def _marks(answers: Answers) -> Mapping[str, Value]:
    marks: dict[str, Value] = {"vendor": "Juniper"}
    serial = _serial(answers)
    if serial:
        marks["serials"] = [serial]
    if answers.has("chassis_id"):
        own = mac(anywhere(answers.json("chassis_id"), "lldp-local-chassis-id"))
        if own:
            marks["chassis_id"] = f"mac {own}"
    if answers.has("interfaces"):
        interfaces = parse_interfaces(answers.json("interfaces"))
        macs = observed.own_macs([i for i in interfaces if not _INTERNAL.fullmatch(i.name or "")])
        # The interface that routes between VLANs has the address that switches give as their chassis id.
        macs += [m for i in interfaces if i.name in ("irb", "vlan") for m in (i.permanent_mac or i.mac,) if m]
        if macs:
            marks["macs"] = sorted(set(macs))
    return marks


def _serial(answers: Answers) -> str:
    serial = anywhere(answers.json("system"), "serial-number")
    if not serial and answers.has("hardware"):
        chassis = next(iter(rows(answers.json("hardware"), "chassis")), {})
        serial = text(chassis, "serial-number")
    return serial


def _device(answers: Answers) -> Iterator[CI | Relation]:
    system = answers.json("system")
    name = anywhere(system, "host-name")
    version = anywhere(system, "os-version") or anywhere(system, "junos-version") or _packages(system)
    if not (name or version):
        raise ParseError(f"show system information: not understood: {str(system)[:200]!r}")
    seconds = None
    if answers.has("uptime"):
        booted = next(iter(rows(answers.json("uptime"), "system-booted-time")), {})
        length = next(iter(objects(booted.get("time-length"))), {})
        seconds = number((length.get("attributes") or {}).get("junos:seconds"))
    yield NetworkDevice(
        name=(name or answers.name).partition(".")[0] or None,
        vendor="Juniper",
        product=(anywhere(system, "hardware-model") or anywhere(system, "product-model")) or None,
        serial=_serial(answers) or None,
        os="junos",
        os_version=version or None,
        uptime_seconds=seconds,
    )


def _packages(system: Any) -> str:
    """The release out of the comment of a package, where `show version` has nothing else: "JUNOS Base OS boot [12.3R12.4]"."""
    for row in rows(system, "package-information"):
        found = re.search(r"\[(\d+\.\d[^\s\[\]]*)\]", text(row, "comment"))
        if found:
            return found[1]
    return ""


def _vlans_of(answers: Answers) -> tuple[dict[int, str], dict[str, int], dict[str, list[int]]]:
    return parse_vlans(expected(answers.json("vlans"), "vlans", *_VLANS))


def _interfaces(answers: Answers) -> Iterator[CI | Relation]:
    interfaces = parse_interfaces(answers.json("interfaces"))
    _, untagged, tagged = _vlans_of(answers) if answers.has("vlans") else ({}, {}, {})
    made = [
        replace(i, access_vlan=untagged.get(i.name), tagged_vlans=observed.ranges(tagged[i.name]))
        if i.name in tagged
        else replace(i, access_vlan=untagged.get(i.name or ""))
        for i in interfaces
    ]
    return observed.addressed(made, {i.name for i in interfaces if i.name and _INTERNAL.fullmatch(i.name)})


def _neighbours(answers: Answers) -> Iterator[CI | Relation]:
    if answers.refused("lldp"):
        raise Inapplicable("it has no LLDP")
    return adjacencies.observe(parse_neighbours(expected(answers.json("lldp"), "lldp", "lldp-neighbors-information")))


def _forwarding(answers: Answers) -> Iterator[CI | Relation]:
    learnt = parse_stations(expected(answers.json("stations"), "stations", *_STATIONS))
    interfaces = parse_interfaces(answers.json("interfaces"))
    ports = {i.name for i in interfaces if i.name and i.kind in ("physical", "bond")}
    own = [m for i in interfaces for m in (i.mac, i.permanent_mac)]
    # Which ports switch is not told where nothing is learnt on them, nor where they are in no VLAN.
    _, untagged, tagged = _vlans_of(answers) if answers.has("vlans") else ({}, {}, {})
    return observed.stations(learnt, ports & {*untagged, *tagged, *(port for port, _ in learnt)}, own)


def _vlans(answers: Answers) -> Iterator[CI | Relation]:
    names, untagged, _ = _vlans_of(answers)
    return observed.vlans(names, untagged)


def _hardware(answers: Answers) -> Iterator[CI | Relation]:
    for chassis in rows(expected(answers.json("hardware"), "hardware", "chassis"), "chassis"):
        yield from _modules(chassis, "")


def _modules(row: Mapping[str, Any], inside: str) -> Iterator[Module]:
    name, serial = text(row, "name"), text(row, "serial-number")
    serial = "" if serial.upper() in ("BUILTIN", "N/A") else serial
    yield Module(
        unit=f"serial {serial}" if serial else f"position {inside}/{name}".replace(" /", " "),
        name=name or None,
        kind=_module_kind(name),
        inside=inside or None,
        description=text(row, "description") or None,
        product=text(row, "model-number") or None,
        serial=serial or None,
        hardware_version=text(row, "version") or None,
    )
    for key in ("chassis-module", "chassis-sub-module", "chassis-sub-sub-module", "chassis-sub-sub-sub-module"):
        for part in objects(row.get(key)):
            yield from _modules(part, name)


def _module_kind(name: str) -> str:
    low = name.lower()
    if low == "chassis":
        return "chassis"
    if "power" in low or low.startswith(("pem", "psu")):
        return "power supply"
    return "fan" if "fan" in low else "transceiver" if low.startswith("xcvr") else "module"


SYSTEM = System(
    name="junos",
    kinds=("junos",),
    subject_class="NetworkDevice",
    questions=QUESTIONS,
    marks=_marks,
    parts=(
        Part("device", 1, ("NetworkDevice",), (), ("system", "uptime"), _device),
        Part("forwarding", 1, (), (), ("stations",), _forwarding),
        Part("hardware", 1, ("Module",), (), ("hardware",), _hardware),
        Part("interfaces", 1, observed.INTERFACES, observed.INTERFACE_RELATIONS, ("interfaces",), _interfaces),
        Part("neighbours", 1, adjacencies.CLASSES, (), ("lldp",), _neighbours),
        Part("vlans", 1, ("NetworkDevice", "VLAN"), ("MEMBER_OF_VLAN",), ("vlans",), _vlans),
    ),
)
