"""ENTITY-MIB (RFC 6933): what a device is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import Row, column

CLASSES = {
    1: "other", 2: "unknown", 3: "chassis", 4: "backplane", 5: "container", 6: "powerSupply", 7: "fan", 8: "sensor",
    9: "module", 10: "port", 11: "stack", 12: "cpu", 13: "energyObject", 14: "battery", 15: "storageDrive",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entity(Row):
    """entPhysicalEntry. Index: entPhysicalIndex. `contained_in` is the index of what it sits in, 0 of nothing."""

    oid: ClassVar[str] = "1.3.6.1.2.1.47.1.1.1.1"

    description: str | None = column(2, syntax.text)
    contained_in: int | None = column(4, syntax.number)
    kind: str | None = column(5, syntax.one_of(CLASSES))
    position: int | None = column(6, syntax.number)
    name: str | None = column(7, syntax.text)
    hardware: str | None = column(8, syntax.text)
    firmware: str | None = column(9, syntax.text)
    software: str | None = column(10, syntax.text)
    serial: str | None = column(11, syntax.text)
    maker: str | None = column(12, syntax.text)
    model: str | None = column(13, syntax.text)
    alias: str | None = column(14, syntax.text)
    replaceable: bool | None = column(16, syntax.truth)


_EXTENDER = re.compile(r"\bFex-?\d|\bFabric Extender\b", re.IGNORECASE)


def is_extender(entity: Entity) -> bool:
    """A fabric extender of Cisco's (FEX) is a chassis of two switches at once: a remote line card, and no member of either."""
    return any(_EXTENDER.search(text or "") for text in (entity.name, entity.description, entity.model))


@dataclass(frozen=True, slots=True)
class Alias(Row):
    """entAliasMappingEntry. Index: entPhysicalIndex, logical index. `points_to` is often ifIndex's OID of the port."""

    oid: ClassVar[str] = "1.3.6.1.2.1.47.1.3.2.1"

    points_to: str | None = column(2, syntax.oid)
