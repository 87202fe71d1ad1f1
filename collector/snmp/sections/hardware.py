"""Members of a stack, and parts that can be replaced.

Table: entPhysicalTable (ENTITY-MIB). Yields a StackMember for each chassis where there are several, a Module for a single
chassis and for modules, power supplies, fans and whatever else has a serial number. Sensors, ports, containers and backplanes
without a number tell nothing that stands alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agent.fact import Inapplicable
from cmdb.model.classes.module import Module
from cmdb.model.classes.stack_member import StackMember
from cmdb.model.declaration import CI, Relation
from collector.snmp.identity import strip_serial
from collector.snmp.mibs.entity_mib import Entity
from collector.snmp.section import Device

NAME = "hardware"
VERSION = 1
SUBJECTS = ("NetworkDevice",)
CLASSES = ("Module", "StackMember")
RELATIONS: tuple[str, ...] = ()
TABLES = (Entity,)

_KINDS = {"powerSupply": "power supply", "storageDrive": "storage drive", "other": "part", "unknown": "part"}
_PARTS = frozenset({"chassis", "module", "powerSupply", "fan", "storageDrive", "battery"})


def collect(device: Device) -> Iterator[CI | Relation]:
    """Members and parts. Raises Inapplicable where the device tells of no part."""
    rows = {row.index[0]: row for row in device.reading.rows(Entity) if len(row.index) == 1}
    if not rows:
        raise Inapplicable("it tells of no parts")
    told = {index: row for index, row in rows.items() if row.serial or row.model or row.description or row.name}
    outer = [
        i for i, r in told.items() if r.kind == "chassis" and not _inside_chassis(r, rows) and (r.serial or r.model)
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
        yield _member(key, row, serial) if member else _module(key, row, serial, rows)


def _member(key: str, row: Entity, serial: str | None) -> StackMember:
    return StackMember(
        unit=key,
        name=row.name or row.description,
        position=row.position if row.position is not None and row.position >= 0 else None,
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
