"""HUAWEI-ENTITY-EXTENT-MIB: what Huawei's ENTITY-MIB leaves out of boards and power supplies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import Row, column


@dataclass(frozen=True, slots=True)
class Board(Row):
    """hwEntityManufactureEntry. Index: entPhysicalIndex. `description` is that of its bill of materials, in English."""

    oid: ClassVar[str] = "1.3.6.1.4.1.2011.5.25.31.1.1.2.1"
    makers: ClassVar[tuple[str, ...]] = ("1.3.6.1.4.1.2011",)

    description: str | None = column(2, syntax.text)
    model: str | None = column(11, syntax.text)
