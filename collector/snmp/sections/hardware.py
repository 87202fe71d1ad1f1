"""Members of a stack, and parts that can be replaced.

Table: entPhysicalTable (ENTITY-MIB), of Cisco cswSwitchInfoTable and cvsChassisTable for the members' roles, and the own tables
that Juniper and Brocade have in its place, or Huawei beside it. Yields a StackMember for each chassis where there are several,
a Module for a single chassis and for modules, power supplies, fans and whatever else has a serial number. Sensors, ports,
containers and backplanes without a number tell nothing that stands alone. A fabric extender is a module: it is a chassis of two
switches at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from agent.fact import Inapplicable
from cmdb.model.classes.module import Module
from cmdb.model.classes.stack_member import StackMember
from cmdb.model.declaration import CI, Relation
from collector.snmp.identity import strip_serial
from collector.snmp.mibs import cisco_mib, foundry_mib, huawei_mib, juniper_mib
from collector.snmp.mibs.entity_mib import Entity, is_extender
from collector.snmp.reading import Reading
from collector.snmp.section import Device

NAME = "hardware"
VERSION = 2
SUBJECTS = ("NetworkDevice",)
CLASSES = ("Module", "StackMember")
RELATIONS: tuple[str, ...] = ()
TABLES = (
    Entity,
    huawei_mib.Board,
    *cisco_mib.STACKS,
    juniper_mib.Part,
    juniper_mib.Member,
    foundry_mib.Unit,
    foundry_mib.StackUnit,
)

_KINDS = {"powerSupply": "power supply", "storageDrive": "storage drive", "other": "part", "unknown": "part"}
_PARTS = frozenset({"chassis", "module", "powerSupply", "fan", "storageDrive", "battery"})


def collect(device: Device) -> Iterator[CI | Relation]:
    """Members and parts. Raises Inapplicable where the device tells of no part."""
    rows = {row.index[0]: row for row in device.reading.rows(Entity) if len(row.index) == 1}
    for board in device.reading.rows(huawei_mib.Board):
        if len(board.index) == 1 and (row := rows.get(board.index[0])):
            rows[row.index[0]] = replace(
                row, description=row.description or board.description, model=row.model or board.model
            )
    members = _members(device.reading)
    parts = [] if rows else [row for row in device.reading.rows(juniper_mib.Part) if row.kind and len(row.index) == 4]
    if not rows and len(members) < 2 and not parts:
        raise Inapplicable("it tells of no parts")
    roles = _roles(device.reading)
    told = {index: row for index, row in rows.items() if row.serial or row.model or row.description or row.name}
    outer = [
        i
        for i, r in told.items()
        if r.kind == "chassis" and not _inside_chassis(r, rows) and (r.serial or r.model) and not is_extender(r)
    ]
    taken: set[str] = set()
    for index, row in sorted(told.items()):
        serial = strip_serial(row.serial)
        member = len(outer) > 1 and index in outer
        if not member and row.kind not in _PARTS and not serial:
            continue
        # A chassis and the one board in it often bear one number; the first has it as its key.
        key = f"serial {serial}" if serial and serial not in taken else f"position {index}"
        if serial:
            taken.add(serial)
        if member:
            known = members.get(serial or "")
            yield _member(key, row, serial, roles.get(index) or (known.role if known else None))
        else:
            yield _module(key, row, serial, rows)
    if len(outer) < 2 and len(members) > 1:
        yield from (member for serial, member in members.items() if serial not in taken)
    for part in parts:
        serial = strip_serial(part.serial)
        serial = None if serial is None or serial.upper() == "BUILTIN" or serial in taken else serial
        if serial:
            taken.add(serial)
        yield Module(
            unit=f"serial {serial}" if serial else f"position {'.'.join(map(str, part.index))}",
            name=part.description,
            kind=part.kind,
            description=part.description,
            product=part.model or part.part_number,
            serial=serial,
            hardware_version=part.revision,
        )


def _members(reading: Reading) -> dict[str, StackMember]:
    """{serial number: member} by the maker's own table of a stack."""
    found: dict[str, StackMember] = {}
    for member in reading.rows(juniper_mib.Member):
        if serial := strip_serial(member.serial):
            found[serial] = StackMember(
                unit=f"serial {serial}",
                position=member.index[-1],
                role=_word(member.role),
                product=member.product,
                serial=serial,
                software_version=member.version,
            )
    stack = {row.index: row for row in reading.rows(foundry_mib.StackUnit)}
    for unit in reading.rows(foundry_mib.Unit):
        if serial := strip_serial(unit.serial):
            more = stack.get(unit.index)
            found[serial] = StackMember(
                unit=f"serial {serial}",
                position=unit.index[-1],
                role=_word(more.role) if more else None,
                product=more.model if more else None,
                serial=serial,
                software_version=more.version if more else None,
            )
    return found


def _roles(reading: Reading) -> dict[int, str]:
    """{entPhysicalIndex: role in the stack} of Cisco's."""
    found: dict[int, str] = {}
    told = [(row.index, row.role) for row in reading.rows(cisco_mib.StackSwitch)]
    told += [(row.index, row.role) for row in reading.rows(cisco_mib.VirtualSwitch)]
    for index, word in told:
        role = _word(word)
        if role and len(index) == 1:
            found.setdefault(index[0], role)
    return found


def _word(role: str | None) -> str | None:
    return role if role in {"active", "standby", "member"} else None


def _member(key: str, row: Entity, serial: str | None, role: str | None) -> StackMember:
    return StackMember(
        unit=key,
        name=row.name or row.description,
        position=row.position if row.position is not None and row.position >= 0 else None,
        role=role,
        description=row.description,
        vendor=row.maker,
        product=row.model,
        serial=serial,
        hardware_version=row.hardware,
        firmware_version=row.firmware,
        software_version=row.software,
    )


def _module(key: str, row: Entity, serial: str | None, rows: Mapping[int, Entity]) -> Module:
    inside = rows.get(row.contained_in or 0)
    return Module(
        unit=key,
        name=row.name or row.description,
        kind=_KINDS.get(row.kind or "", row.kind),
        inside=(inside.name or inside.description) if inside else None,
        description=row.description,
        vendor=row.maker,
        product=row.model,
        serial=serial,
        hardware_version=row.hardware,
        firmware_version=row.firmware,
        software_version=row.software,
    )


def _inside_chassis(row: Entity, rows: Mapping[int, Entity]) -> bool:
    above = rows.get(row.contained_in or 0)
    return above is not None and above.kind == "chassis"
