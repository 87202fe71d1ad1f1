"""What a device is, and the marks that tell it from every other: of SNMPv2-MIB, ENTITY-MIB, LLDP, BRIDGE-MIB, Printer-MIB,
UPS-MIB and its maker's own scalars.

A wrong word is worse than none: what vendors leave in place of a serial number is none, and a maker is known by sysObjectID
alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cmdb.model.identity import WEAK, compose, is_placeholder, scheme
from cmdb.model.identity import mac as identifying_mac
from cmdb.model.values import Value
from collector.snmp.mibs import (
    bridge_mib,
    cisco_mib,
    entity_mib,
    host_resources_mib,
    if_mib,
    ip_mib,
    lldp_mib,
    printer_mib,
    ups_mib,
)
from collector.snmp.mibs.entity_mib import Entity
from collector.snmp.mibs.if_mib import Interface
from collector.snmp.mibs.snmpv2_mib import Engine, System, identifying_engine_id
from collector.snmp.reading import Declared, Reading
from collector.snmp.vendor import Family, Own, OwnRow, Told, families, own_of, told

TABLES: tuple[Declared, ...] = (
    System,
    Engine,
    ip_mib.Routing,
    bridge_mib.Base,
    bridge_mib.BasePort,
    lldp_mib.Local,
    lldp_mib.Local2,
    ups_mib.Ident,
    Interface,
    Entity,
    host_resources_mib.Memory,
    host_resources_mib.Device,
    printer_mib.General,
    cisco_mib.Vdc,
)
"""What identity is made of."""

PRINTER = "1.3.6.1.2.1.25.3.1.5"
"""hrDeviceType of a printer."""

WIRED = frozenset({"ethernetCsmacd", "7", "gigabitEthernet", "62", "69"})
"""ifTypes of ports that have a MAC of their own; 7, 62, 69 and 117 are what RFC 3635 has replaced by 6. Those of VLANs, tunnels
and aggregates are borrowed, or shared by several devices (anycast gateways)."""

_SHARED = (
    "00:09:0f:09:",  # FortiGate clusters, by their group id
    "00:10:db:ff:",  # redundant interfaces of Juniper's and NetScreen's clusters
    "00:1b:17:00:",  # Palo Alto Networks' clusters, by their group id
    "00:50:56:c0:00:",  # host-only networks of VMware Workstation, alike on every machine
    "20:41:53:59:4e:ff",  # RAS async adapter of Windows
    "50:50:54:50:30:30",  # WAN Miniport of Windows
    "00:00:01:00:00:",  # ports within Cisco's firewalls
    "52:54:00:12:34:56",  # what QEMU gives where nobody says otherwise
    "00:00:00:00:",  # numbers that stand for no address
    "00:01:02:03:04:05",  # what is put where none was programmed
    "00:0a:0b:0c:0d:0e",
    "00:11:22:33:44:55",
)
"""MACs that stand on many devices, beside those that the store itself never takes for one."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a device is. `subject_class` is "Host" or "NetworkDevice"; `marks` are those of that class."""

    subject_class: str
    marks: Mapping[str, Value]
    system: System
    vendor: str | None = None
    product: str | None = None
    serial: str | None = None
    version: str | None = None
    os: str | None = None
    os_name: str | None = None
    roles: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    own_macs: frozenset[str] = frozenset()
    """Every MAC of the device itself, whether it identifies or not."""
    tables: tuple[Declared, ...] = TABLES
    """All that it was made of, the maker's own tables included."""


def identify(reading: Reading) -> Identity:
    """The identity of a device; what could not be read is left out of it. Raises agent.fact.Unavailable where the system
    group can not be read, or where what could not be read decides whether this is a host."""
    system = reading.scalars(System)
    reading.object_id = system.object_id or ""
    family, scalars, others, members, asked = _family(reading, system)
    entities = reading.rows(Entity) if reading.read(Entity) else []
    boxes = _boxes(entities)
    said = told(family, system.description)
    ports = _ports(reading, family)
    host = bool(family and family.server) and _is_host(reading, ports)
    product, serial, version = _words(family, said, boxes, scalars, others)
    printer = _printer(reading, bool(family and "printer" in family.roles))
    ups = reading.scalars(ups_mib.Ident) if reading.read(ups_mib.Ident) else ups_mib.Ident()
    if printer is not None:
        product, serial = product or printer[0], serial or printer[1]
    vendor = (family.vendor if family else "") or _maker(boxes) or ups.maker
    identity = Identity(
        "Host" if host else "NetworkDevice",
        {},
        system,
        vendor or None,
        product or ups.model,
        serial,
        version or ups.software,
        (family.os if family else "") or None,
        (family.os_name if family else "") or None,
        _roles(reading, family, printer is not None, bool(ups.model or ups.maker)),
        said.words,
        frozenset(filter(None, (each.mac for each in ports))),
        (*TABLES, *asked),
    )
    marks = _host_marks(identity, ports) if host else _device_marks(identity, reading, boxes, ports, members)
    _check(reading, identity, marks)
    return dataclasses.replace(identity, marks=marks)


def _check(reading: Reading, identity: Identity, marks: Mapping[str, Value]) -> None:
    """Raises agent.fact.Unavailable where only a weak mark is left and a table that may have a strong one could not be read: the
    device would be taken for another one."""
    ranks = compose(identity.subject_class, marks)
    if all(scheme(identifier) in WEAK for rank in ranks for identifier in rank):
        reading.answers(identity.tables)


def strip_serial(text: str | None) -> str | None:
    """A serial number without the words that some devices write before it; None for what stands in place of one."""
    found = (text or "").strip()
    for start in ("S/N", "SN:", "SN ", "Serial Number:", "Serial:"):
        if found.upper().startswith(start.upper()):
            found = found[len(start) :].lstrip(" :")
    return None if is_placeholder(found) or "<" in found else found  # "<none>", "<private>": no serial number has one


def _family(
    reading: Reading, system: System
) -> tuple[Family | None, dict[str, str], dict[str, str], set[str], list[Declared]]:
    """The closest family, what its maker's own scalars say first and last, serial numbers of the members of a stack, and which
    were asked."""
    asked: list[Declared] = []
    for family in families(system.object_id, system.description):
        found: dict[str, str] = {}
        others: dict[str, str] = {}
        members: set[str] = set()
        for group in own_of(family, system.object_id):
            asked.append(group)
            for answer in _answers(reading, group):
                for name in ("product", "serial", "version"):
                    value = getattr(answer, name, None)
                    if value and (name == "version" or not is_placeholder(value)):
                        (others if group.last else found).setdefault(name, value)
                if issubclass(group, OwnRow) and group.stack:
                    members |= {s for s in [strip_serial(getattr(answer, "serial", None))] if s}
        if found or others or not family.proof:
            return family, found, others, members, asked
    return None, {}, {}, set(), asked


def _answers(reading: Reading, group: type[Own] | type[OwnRow]) -> list[Own] | list[OwnRow]:
    if not reading.read(group):
        return []
    return reading.rows(group) if issubclass(group, OwnRow) else [reading.scalars(group)]


def _boxes(entities: Iterable[Entity]) -> list[Entity]:
    """The chassis of a device, members of a stack each; places where there is none are left out."""
    found = [
        e
        for e in entities
        if e.kind == "chassis" and (e.serial or e.model or e.description) and not entity_mib.is_extender(e)
    ]
    inside = {e.index[0] for e in found}
    # A chassis within a chassis is a part of it (a line card that calls itself one).
    outer = [e for e in found if e.contained_in not in inside]
    if not outer:  # ESXi and some others have the whole machine as its first entity.
        outer = [e for e in entities if not e.contained_in and e.serial and e.model][:1]
    return outer


def _words(
    family: Family | None, said: Told, boxes: list[Entity], scalars: Mapping[str, str], others: Mapping[str, str]
) -> tuple[str | None, str | None, str | None]:
    box = boxes[0] if boxes else None
    entity = (
        _model(box, family),
        next((s for s in (strip_serial(b.serial) for b in boxes[:1]) if s), None),
        _version(box, family),
    )
    own, last = ((s.get("product"), strip_serial(s.get("serial")), s.get("version")) for s in (scalars, others))
    text = (said.product, strip_serial(said.serial), said.version)
    first = text[2] if family and family.says_first else None
    version = first or own[2] or entity[2] or last[2] or text[2]
    return own[0] or entity[0] or last[0] or text[0], own[1] or entity[1] or last[1] or text[1], version


def _model(box: Entity | None, family: Family | None) -> str | None:
    if box is None:
        return None
    found = box.description if family is not None and family.model_of == "description" else box.model
    return None if is_placeholder(found) else found


def _version(box: Entity | None, family: Family | None) -> str | None:
    if box is None:
        return None
    found = box.firmware if family is not None and family.version_of == "firmware" else box.software
    return None if is_placeholder(found) else found


def _maker(boxes: list[Entity]) -> str | None:
    """Who made the chassis, where sysObjectID is of an agent that anybody builds in."""
    found = boxes[0].maker if boxes else None
    return None if is_placeholder(found) else found


def _ports(reading: Reading, family: Family | None) -> list[Interface]:
    if reading.read(Interface):
        return reading.rows(Interface)
    if family and family.server:
        reading.rows(Interface)  # raises: without it nobody knows whether this is a host
    return []


def _is_host(reading: Reading, ports: list[Interface]) -> bool:
    """True where it says what a host says, has a MAC that is its own, and forwards for nobody."""
    memory = reading.scalars(host_resources_mib.Memory)
    bridge = reading.rows(bridge_mib.BasePort)
    return bool(memory.kilobytes and not bridge and _own(ports))


def _own(ports: Iterable[Interface]) -> list[str]:
    """MACs of wired ports that may identify, each once; a port's number orders them, so that a limit leaves out the same."""
    found = dict.fromkeys(
        p.mac for p in ports if p.mac and p.kind in WIRED and _identifies(p.mac) and not if_mib.is_of_extender(p)
    )
    return list(found)[:1000]


def _local(ports: Iterable[Interface]) -> list[str]:
    """Of a device without a universally administered MAC (a virtual machine), those of its wired ports that are up. A device
    that has one of its own has others for its inner ports, alike on all of its kind."""
    up = [p.mac for p in ports if p.mac and p.kind in WIRED and p.state == "up"]
    return list(dict.fromkeys(m for m in up if identifying_mac(m) and not m.startswith(_SHARED)))[:1000]


def _identifies(mac: str) -> bool:
    return (
        identifying_mac(mac) is not None
        and not int(mac[:2], 16) & 2
        and not mac.startswith(_SHARED)
        and len(set(mac.split(":"))) > 1  # "20:20:20:20:20:20" is a text of blanks
    )


def _host_marks(identity: Identity, ports: list[Interface]) -> dict[str, Value]:
    name = identity.system.name or ""
    marks: dict[str, Value] = {"permanent_macs": sorted(_own(ports)), "macs": sorted(_own(ports))}
    if name:
        marks["host_name"] = name.partition(".")[0]
    return marks


def _device_marks(
    identity: Identity, reading: Reading, boxes: list[Entity], ports: list[Interface], members: set[str]
) -> dict[str, Value]:
    marks: dict[str, Value] = {}
    serials = {s for s in (*(strip_serial(b.serial) for b in boxes), identity.serial, *members) if s}
    if identity.vendor and serials:
        marks["vendor"], marks["serials"] = identity.vendor, sorted(serials)
    shared = cisco_mib.is_security_context(identity.system.object_id)
    context = identity.system.name if shared else None
    if reading.read(cisco_mib.Vdc):
        context = context or cisco_mib.context(reading.rows(cisco_mib.Vdc))
    if context:
        marks["context"] = context
    chassis = _chassis(reading)
    if chassis:
        marks["chassis_id"] = chassis
    if reading.read(bridge_mib.Base) and (bridge := reading.scalars(bridge_mib.Base).address):
        marks["bridge_address"] = bridge
    if reading.read(Engine) and (engine := identifying_engine_id(reading.scalars(Engine).id)):
        marks["engine_id"] = engine
    macs = _own(ports) or _local(ports)
    if shared:
        macs = [mac for mac in _local(ports) if int(mac[:2], 16) & 2]
    if macs:
        marks["macs"] = sorted(macs)
    if identity.system.name and identity.system.object_id and "<" not in identity.system.name:  # no host name has one
        marks["sys_name"], marks["sys_object_id"] = identity.system.name, identity.system.object_id
    return marks


def _chassis(reading: Reading) -> str | None:
    for group in (lldp_mib.Local, lldp_mib.Local2):
        if reading.read(group):
            local = reading.scalars(group)
            found = lldp_mib.chassis_id(local.chassis_subtype, local.chassis)
            if found and found.kind in {"mac", "component"}:
                return f"{found.kind} {found.value}"
    return None


def _printer(reading: Reading, known: bool) -> tuple[str | None, str | None] | None:
    """(model, serial number) where it is a printer, by the Printer-MIB or because its maker's devices of that kind are."""
    general = reading.rows(printer_mib.General) if reading.read(printer_mib.General) else []
    if not general and not known:
        return None
    devices = reading.rows(host_resources_mib.Device) if reading.read(host_resources_mib.Device) else []
    model = next((d.description for d in devices if d.type == PRINTER and d.description), None)
    return model, strip_serial(general[0].serial) if general else None


def _roles(reading: Reading, family: Family | None, printer: bool, ups: bool) -> tuple[str, ...]:
    found = set(family.roles if family else ())
    if reading.read(bridge_mib.BasePort) and reading.rows(bridge_mib.BasePort):
        found.add("bridge")
    if reading.read(ip_mib.Routing) and reading.scalars(ip_mib.Routing).forwarding == 1:
        found.add("router")
    if printer:
        found.add("printer")
    if ups:
        found.add("ups")
    return tuple(sorted(found))
