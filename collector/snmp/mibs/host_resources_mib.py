"""HOST-RESOURCES-MIB (RFC 2790): memory, storage, devices, processors and installed software of a host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import Row, Scalars, column

STORAGE_TYPES = {
    "1.3.6.1.2.1.25.2.1.1": "hrStorageOther", "1.3.6.1.2.1.25.2.1.2": "hrStorageRam",
    "1.3.6.1.2.1.25.2.1.3": "hrStorageVirtualMemory", "1.3.6.1.2.1.25.2.1.4": "hrStorageFixedDisk",
    "1.3.6.1.2.1.25.2.1.5": "hrStorageRemovableDisk", "1.3.6.1.2.1.25.2.1.6": "hrStorageFloppyDisk",
    "1.3.6.1.2.1.25.2.1.7": "hrStorageCompactDisc", "1.3.6.1.2.1.25.2.1.8": "hrStorageRamDisk",
    "1.3.6.1.2.1.25.2.1.9": "hrStorageFlashMemory", "1.3.6.1.2.1.25.2.1.10": "hrStorageNetworkDisk",
}  # fmt: skip

PROCESSOR = "1.3.6.1.2.1.25.3.1.3"
"""hrDeviceType of a processor."""


@dataclass(frozen=True, slots=True)
class Memory(Scalars):
    """hrStorage: physical memory in units of 1024 bytes."""

    oid: ClassVar[str] = "1.3.6.1.2.1.25.2"

    kilobytes: int | None = column(2, syntax.number)


@dataclass(frozen=True, slots=True)
class Storage(Row):
    """hrStorageEntry. Index: hrStorageIndex. `size` and `used` count allocation units of `unit` bytes."""

    oid: ClassVar[str] = "1.3.6.1.2.1.25.2.3.1"

    type: str | None = column(2, syntax.oid)
    description: str | None = column(3, syntax.text)
    unit: int | None = column(4, syntax.number)
    size: int | None = column(5, syntax.number)
    used: int | None = column(6, syntax.number)

    @property
    def size_bytes(self) -> int | None:
        """Capacity. Agents of 32 bits say it of more than 2^31 units with a sign: it is taken back."""
        if self.size is None or not self.unit:
            return None
        return (self.size + 2**32 if self.size < 0 else self.size) * self.unit


@dataclass(frozen=True, slots=True)
class FileSystems(Row):
    """hrFSEntry. Index: hrFSIndex. `storage` is the hrStorageIndex of the space that it takes."""

    oid: ClassVar[str] = "1.3.6.1.2.1.25.3.8.1"

    mount_point: str | None = column(2, syntax.text)
    storage: int | None = column(7, syntax.number)


@dataclass(frozen=True, slots=True)
class Device(Row):
    """hrDeviceEntry. Index: hrDeviceIndex."""

    oid: ClassVar[str] = "1.3.6.1.2.1.25.3.2.1"

    type: str | None = column(2, syntax.oid)
    description: str | None = column(3, syntax.text)


@dataclass(frozen=True, slots=True)
class Processor(Row):
    """hrProcessorEntry. Index: hrDeviceIndex of the processor; an agent has a row for each logical one."""

    oid: ClassVar[str] = "1.3.6.1.2.1.25.3.3.1"

    load: int | None = column(2, syntax.number)


@dataclass(frozen=True, slots=True)
class Software(Row):
    """hrSWInstalledEntry. Index: hrSWInstalledIndex. `name` has the version in it as the agent's system writes it."""

    oid: ClassVar[str] = "1.3.6.1.2.1.25.6.3.1"

    name: str | None = column(2, syntax.text)
    type: int | None = column(4, syntax.number)
