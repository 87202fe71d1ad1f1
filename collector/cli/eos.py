"""EOS of Arista switches.

Source: "show ... | json", whose objects are those of the eAPI, Arista EOS Command API Guide; "| json" is known to all releases
that are still in use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from agent import adjacencies
from agent.adjacencies import Heard, id_of
from agent.fact import ParseError
from cmdb.model.classes.module import Module
from cmdb.model.classes.network_device import NetworkDevice
from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.declaration import CI, Relation
from cmdb.model.values import Value
from collector.cli import observed
from collector.cli.answers import Answers, Question, expected, number, word
from collector.cli.observed import mac
from collector.cli.system import Part, System

QUESTIONS = (
    Question("version", ("show version | json",)),
    Question("hostname", ("show hostname | json",)),
    Question("interfaces", ("show interfaces | json",)),
    Question("switching", ("show interfaces switchport | json",)),
    Question("lldp", ("show lldp neighbors detail | json",)),
    Question(
        "stations",
        ("show mac address-table unicast | json", "show mac address-table | json"),
        ("show mac-address-table unicast",),
    ),
    Question("vlans", ("show vlan brief | json", "show vlan | json")),
    Question("mlag", ("show mlag detail | json", "show mlag | json")),
    Question("mlag_ports", ("show mlag interfaces | json",)),
    Question("inventory", ("show inventory | json",)),
)  # fmt: skip

_KINDS = {
    "ethernet": "physical", "portchannel": "bond", "vlan": "vlan", "loopback": "loopback", "vxlan": "vxlan",
    "tunnel": "tunnel", "subinterface": "vlan",
}  # fmt: skip
_UNSET = "0.0.0.0"  # noqa: S104 - no address is bound
_CAPABILITIES = {
    "bridge": "bridge", "router": "router", "wlanaccesspoint": "wlan", "telephone": "telephone", "station": "station",
    "repeater": "repeater", "docsiscabledevice": "docsis", "other": "other",
}  # fmt: skip


def parse_interfaces(document: Any) -> list[NetworkInterface]:
    """Interfaces from `show interfaces`; raises ParseError where there is none."""
    rows = _objects(_object(document).get("interfaces"))
    if not rows:
        raise ParseError(f"show interfaces: no interfaces in it: {str(document)[:200]!r}")
    lower: dict[str, list[str]] = {}
    for name, row in rows.items():
        # Those of the other switch of an MLAG are told as "PeerEthernet3".
        lower[name] = sorted(m for m in _objects(row.get("memberInterfaces")) if m in rows)
    master = {member: name for name, those in lower.items() for member in those}
    return [_interface(name, row, lower[name], master.get(name)) for name, row in rows.items()]


def _interface(name: str, row: Mapping[str, Any], lower: list[str], master: str | None) -> NetworkInterface:
    kind = _KINDS.get(word(row.get("hardware")).lower(), word(row.get("hardware")) or None)
    own, burnt_in = mac(row.get("physicalAddress")), mac(row.get("burnedInAddress"))
    speed = number(row.get("bandwidth"))
    state = word(row.get("interfaceStatus"))
    return NetworkInterface(
        name=name,
        kind=kind,
        mac=own,
        permanent_mac=burnt_in if burnt_in != own else None,
        mtu=number(row.get("mtu")) or None,
        enabled=state not in ("disabled", "adminDown") if state else None,
        link="up" if word(row.get("lineProtocolStatus")) == "up" else "down",
        speed_bps=speed if speed and kind in ("physical", "bond") else None,
        master=master,
        lower=lower or ([name.rpartition(".")[0]] if "." in name else None),
        vlan=_vlan(name),
        alias=word(row.get("description")) or None,
        addresses=_addresses(row),
    )


def _vlan(name: str) -> int | None:
    found = re.match(r"Vlan(\d+)\Z", name)
    return int(found[1]) if found else None


def _addresses(row: Mapping[str, Any]) -> list[str]:
    """Addresses that are set; one that is not stands as 0.0.0.0/0."""
    found = set()
    for each in _list(row.get("interfaceAddress")):
        for name in ("primaryIp", "virtualIp"):
            found.add(_prefixed(_object(each.get(name))))
        for name in ("secondaryIps", "virtualSecondaryIps"):
            found.update(_prefixed({"address": a, **r}) for a, r in _objects(each.get(name)).items())
    six = _object(row.get("interfaceAddressIp6"))
    for each in [*_list(six.get("globalUnicastIp6s")), _object(six.get("linkLocal"))]:
        address, (_, _, length) = word(each.get("address")), word(each.get("subnet")).rpartition("/")
        if address:
            found.add(f"{address}/{length if length.isdigit() else 64}")
    return sorted(found - {""})


def _prefixed(row: Mapping[str, Any]) -> str:
    address, length = word(row.get("address")), number(row.get("maskLen"))
    return f"{address}/{length}" if address and length is not None and address != _UNSET else ""


def parse_neighbours(document: Any) -> list[Heard]:
    """Neighbours from `show lldp neighbors detail`; raises ParseError."""
    ports = _object(document).get("lldpNeighbors")
    if not isinstance(ports, dict):
        raise ParseError(f"show lldp neighbors: not understood: {str(document)[:200]!r}")
    return [_heard(port, row) for port, each in _objects(ports).items() for row in _list(each.get("lldpNeighborInfo"))]


def _heard(port: str, row: Mapping[str, Any]) -> Heard:
    there = _object(row.get("neighborInterfaceInfo"))
    capabilities = _object(row.get("systemCapabilities"))
    # An id that is text stands within quotes.
    id_ = word(there.get("interfaceId")).strip('"') or word(there.get("interfaceId_v2"))
    return Heard(
        protocol="lldp",
        local_port=port,
        chassis=id_of(word(row.get("chassisIdType")), word(row.get("chassisId")).strip('"')),
        port_id=id_of(word(there.get("interfaceIdType")), id_),
        port_description=word(there.get("interfaceDescription")),
        system_name=word(row.get("systemName")),
        system_description=word(row.get("systemDescription")),
        capabilities=tuple(sorted({_CAPABILITIES.get(n.lower(), "other") for n, on in capabilities.items() if on is True})),
        addresses=tuple(sorted({word(a.get("address")) for a in _list(row.get("managementAddresses"))
                                if word(a.get("addressType")).lower() in ("ipv4", "ipv6")} - {""})),
    )  # fmt: skip


def parse_stations(document: Any) -> list[tuple[str, str]]:
    """(port, MAC) as learnt, from `show mac address-table`."""
    table = _object(_object(document).get("unicastTable"))
    if not table:
        raise ParseError(f"show mac address-table: not understood: {str(document)[:200]!r}")
    found = []
    for row in _list(table.get("tableEntries")):
        address = mac(row.get("macAddress"))
        if address and word(row.get("entryType")).lower().startswith(("dynamic", "learned")):
            found.append((word(row.get("interface")), address))
    return found


def parse_vlans(document: Any) -> dict[int, tuple[str, list[str]]]:
    """(name, member ports) by VLAN id, from `show vlan`; raises ParseError."""
    rows = _object(document).get("vlans")
    if not isinstance(rows, dict):
        raise ParseError(f"show vlan: not understood: {str(document)[:200]!r}")
    return {
        int(vid): (word(row.get("name")), sorted(_objects(row.get("interfaces"))))
        for vid, row in _objects(rows).items()
        if vid.isdigit()
    }


def parse_mlag(document: Any, ports: Any) -> dict[str, str]:
    """What NetworkInterface.mlag says, by port, from `show mlag` and `show mlag interfaces`."""
    system = mac(_object(document).get("systemId"))
    if not system:
        return {}
    found = {word(_object(document).get("peerLink")): f"{system} peer"}
    for number_, row in _objects(_object(ports).get("interfaces")).items():
        found[word(row.get("localInterface"))] = f"{system} {number_}"
    return {port: text for port, text in found.items() if port}


def parse_switching(document: Any) -> dict[str, tuple[int | None, list[int]]]:
    """(untagged VLAN, tagged VLANs) by switch port, from `show interfaces switchport`."""
    found: dict[str, tuple[int | None, list[int]]] = {}
    for name, row in _objects(_object(document).get("switchports")).items():
        info = _object(row.get("switchportInfo"))
        mode = word(info.get("mode"))
        native = number(info.get("trunkingNativeVlanId")) or None
        if row.get("enabled") is False:
            continue
        if mode == "access":
            found[name] = number(info.get("accessVlanId")), []
        elif mode == "trunk":
            found[name] = native, [v for v in observed.listed(word(info.get("trunkAllowedVlans"))) if v != native]
    return found


def _ports(answers: Answers) -> list[NetworkInterface]:
    """Interfaces with their VLANs, where the device was asked how its ports switch, and their MLAG."""
    interfaces = parse_interfaces(answers.json("interfaces"))
    mlag = {}
    if answers.has("mlag"):
        ports = expected(answers.json("mlag_ports"), "mlag_ports", "interfaces") if answers.has("mlag_ports") else {}
        mlag = parse_mlag(expected(answers.json("mlag"), "mlag", "state", "systemId"), ports)
    switching = {}
    if answers.has("switching"):
        switching = parse_switching(expected(answers.json("switching"), "switching", "switchports"))
    return [_switching(each, mlag, switching) for each in interfaces]


def _switching(
    each: NetworkInterface, mlag: Mapping[str, str], switching: Mapping[str, tuple[int | None, list[int]]]
) -> NetworkInterface:
    untagged, tagged = switching.get(each.name or "", (None, []))
    return replace(
        each, mlag=mlag.get(each.name or ""), access_vlan=untagged, tagged_vlans=observed.ranges(tagged) or None
    )


def _marks(answers: Answers) -> Mapping[str, Value]:
    version = _object(answers.json("version"))
    marks: dict[str, Value] = {"vendor": "Arista"}
    serial, system = word(version.get("serialNumber")), mac(version.get("systemMacAddress"))
    if serial:
        marks["serials"] = [serial]
    if system:
        # LLDP of EOS tells the system MAC as its chassis id.
        marks.update(chassis_id=f"mac {system}", bridge_address=system)
    if answers.has("interfaces"):
        macs = observed.own_macs(parse_interfaces(answers.json("interfaces")))
        if macs:
            marks["macs"] = macs
    return marks


def _device(answers: Answers) -> Iterator[CI | Relation]:
    version = _object(answers.json("version"))
    if not word(version.get("version")):
        raise ParseError(f"show version: not understood: {str(version)[:200]!r}")
    named = _object(answers.json("hostname")) if answers.has("hostname") else {}
    uptime = version.get("uptime")
    yield NetworkDevice(
        name=(word(named.get("hostname")) or answers.name).partition(".")[0] or None,
        vendor="Arista",
        product=word(version.get("modelName")) or None,
        serial=word(version.get("serialNumber")) or None,
        os="eos",
        os_version=word(version.get("version")),
        uptime_seconds=int(uptime) if isinstance(uptime, int | float) else None,
    )


def _interfaces(answers: Answers) -> Iterator[CI | Relation]:
    return observed.addressed(_ports(answers))


def _neighbours(answers: Answers) -> Iterator[CI | Relation]:
    return adjacencies.observe(parse_neighbours(answers.json("lldp")))


def _forwarding(answers: Answers) -> Iterator[CI | Relation]:
    interfaces = parse_interfaces(answers.json("interfaces"))
    learnt = parse_stations(answers.json("stations"))
    rows = _objects(_object(answers.json("interfaces")).get("interfaces"))
    bridged = {name for name, row in rows.items() if word(row.get("forwardingModel")) == "bridged"}
    switching = {i.name for i in interfaces if i.kind in ("physical", "bond") and i.name in bridged and i.name}
    own = [m for i in interfaces for m in (i.mac, i.permanent_mac)]
    return observed.stations(learnt, switching, [*own, mac(_object(answers.json("version")).get("systemMacAddress"))])


def _vlans(answers: Answers) -> Iterator[CI | Relation]:
    names = {vid: name for vid, (name, _) in parse_vlans(answers.json("vlans")).items()}
    untagged = {i.name: i.access_vlan for i in _ports(answers) if i.name and i.access_vlan is not None}
    return observed.vlans(names, untagged)


def _hardware(answers: Answers) -> Iterator[CI | Relation]:
    inventory = _object(answers.json("inventory"))
    if not any(name in inventory for name in ("systemInformation", "cardSlots", "powerSupplySlots", "xcvrSlots")):
        raise ParseError(f"show inventory: not understood: {str(inventory)[:200]!r}")
    tables = (
        ("cardSlots", "module"), ("powerSupplySlots", "power supply"), ("fanTraySlots", "fan"), ("xcvrSlots", "transceiver"),
    )  # fmt: skip
    for table, kind in tables:
        for slot, row in _objects(inventory.get(table)).items():
            serial, product = word(row.get("serialNum")), word(row.get("modelName") or row.get("name"))
            if not serial and product in ("", "Not Inserted"):
                continue  # an empty slot
            yield Module(
                unit=f"serial {serial}" if serial else f"position {kind} {slot}",
                name=f"{kind} {slot}" if slot.isdigit() else slot,
                kind=kind,
                vendor=word(row.get("mfgName")) or None,
                product=product or None,
                serial=serial or None,
                hardware_version=word(row.get("hardwareRev")) or None,
            )


def _object(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _objects(found: Any) -> dict[str, dict[str, Any]]:
    return {name: row for name, row in _object(found).items() if isinstance(row, dict)}


def _list(found: Any) -> list[dict[str, Any]]:
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


SYSTEM = System(
    name="eos",
    kinds=("eos",),
    subject_class="NetworkDevice",
    questions=QUESTIONS,
    marks=_marks,
    parts=(
        Part("device", 1, ("NetworkDevice",), (), ("version", "hostname"), _device),
        Part("forwarding", 1, (), (), ("stations",), _forwarding),
        Part("hardware", 1, ("Module",), (), ("inventory",), _hardware),
        Part(
            "interfaces", 1, observed.INTERFACES, observed.INTERFACE_RELATIONS,
            ("interfaces", "switching", "mlag", "mlag_ports"), _interfaces,
        ),
        Part("neighbours", 1, adjacencies.CLASSES, (), ("lldp",), _neighbours),
        Part("vlans", 1, ("NetworkDevice", "VLAN"), ("MEMBER_OF_VLAN",), ("vlans",), _vlans),
    ),
)  # fmt: skip
