"""CISCO-STACKWISE-MIB, CISCO-VIRTUAL-SWITCH-MIB, CISCO-VDC-MIB, CISCO-FLASH-MIB: stacks, contexts and flash memory of Cisco's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import Row, column

MAKERS = ("1.3.6.1.4.1.9",)
DEFAULT_VDC = 1
_FULL = 2**32 - 1
_SECURITY_CONTEXTS = frozenset(
    f"1.3.6.1.4.1.9.1.{kind}"
    for kind in (671, 673, *range(674, 679), 763, 773, *range(1198, 1202), 1275, *range(1306, 1310), *range(1411, 1415), 1420,
                 *range(1447, 1452))
)  # fmt: skip
"""sysObjectIDs of security contexts (CISCO-PRODUCTS-MIB, those with "sc" behind their names) of ASA, PIX and FWSM."""


@dataclass(frozen=True, slots=True)
class StackSwitch(Row):
    """cswSwitchInfoEntry. Index: entPhysicalIndex of the member's chassis."""

    oid: ClassVar[str] = "1.3.6.1.4.1.9.9.500.1.2.1.1"
    makers: ClassVar[tuple[str, ...]] = MAKERS

    number: int | None = column(1, syntax.number)
    role: str | None = column(3, syntax.one_of({1: "active", 2: "member", 3: "not a member", 4: "standby"}))


@dataclass(frozen=True, slots=True)
class VirtualSwitch(Row):
    """cvsChassisEntry (VSS, StackWise Virtual). Index: entPhysicalIndex of the chassis."""

    oid: ClassVar[str] = "1.3.6.1.4.1.9.9.388.1.2.2.1"
    makers: ClassVar[tuple[str, ...]] = MAKERS

    number: int | None = column(1, syntax.number)
    role: str | None = column(2, syntax.one_of({1: "standalone", 2: "active", 3: "standby"}))


@dataclass(frozen=True, slots=True)
class Vdc(Row):
    """ciscoVdcEntry. Index: ciscoVdcId. The default VDC, 1, tells of all, any other of itself alone."""

    oid: ClassVar[str] = "1.3.6.1.4.1.9.9.774.1.1.1"
    makers: ClassVar[tuple[str, ...]] = ("1.3.6.1.4.1.9.12",)

    name: str | None = column(2, syntax.text)


@dataclass(frozen=True, slots=True)
class FlashDevice(Row):
    """ciscoFlashDeviceEntry. Index: device."""

    oid: ClassVar[str] = "1.3.6.1.4.1.9.9.10.1.1.2.1"
    makers: ClassVar[tuple[str, ...]] = MAKERS

    name: str | None = column(7, syntax.text)


@dataclass(frozen=True, slots=True)
class FlashPartition(Row):
    """ciscoFlashPartitionEntry. Index: device, partition. What is too large for the old columns stands in the new ones."""

    oid: ClassVar[str] = "1.3.6.1.4.1.9.9.10.1.1.4.1.1"
    makers: ClassVar[tuple[str, ...]] = MAKERS

    size: int | None = column(4, syntax.number)
    free: int | None = column(5, syntax.number)
    name: str | None = column(10, syntax.text)
    size_extended: int | None = column(13, syntax.number)
    free_extended: int | None = column(14, syntax.number)


STACKS = (StackSwitch, VirtualSwitch)
FLASH = (FlashDevice, FlashPartition)


def context(found: Iterable[Vdc]) -> str | None:
    """The VDC that answers; None of the default one, which is the chassis, and where there is none."""
    rows = [row for row in found if len(row.index) == 1]
    return rows[0].name if len(rows) == 1 and rows[0].index[0] != DEFAULT_VDC else None


def is_security_context(object_id: str | None) -> bool:
    """One of several firewalls on an ASA: it has a name and rules of its own, and often the MACs of them all."""
    return object_id in _SECURITY_CONTEXTS


def flash(
    devices: Iterable[FlashDevice], partitions: Iterable[FlashPartition]
) -> dict[str, tuple[int | None, int | None]]:
    """{name as at its console ("bootflash:"): (size, free)} in bytes."""
    names = {row.index[0]: row.name for row in devices if len(row.index) == 1 and row.name}
    several: dict[int, list[FlashPartition]] = {}
    for row in partitions:
        if len(row.index) == 2 and row.index[0] in names:
            several.setdefault(row.index[0], []).append(row)
    found: dict[str, tuple[int | None, int | None]] = {}
    for device, rows in several.items():
        for row in rows:
            name = (
                names[device] if len(rows) == 1 else row.name or f"{(names[device] or '').rstrip(':')}:{row.index[1]}"
            )
            found.setdefault(
                f"{(name or '').rstrip(':')}:", (_size(row.size, row.size_extended), _size(row.free, row.free_extended))
            )
    return found


def _size(old: int | None, extended: int | None) -> int | None:
    return extended if extended and (old is None or old >= _FULL) else old
