"""RaidArray: disks that the kernel joins to one."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class RaidArray(CI):
    """A software RAID array of Linux (md). Its key is its UUID, else its name."""

    parents: ClassVar[tuple[str, ...]] = ("Host",)
    key: ClassVar[tuple[str, ...]] = ("array",)
    name_from: ClassVar[str] = "array"
    topology: ClassVar[bool] = True
    group: ClassVar[str] = "hardware"

    array: Optional[str] = attribute("What tells it from others of its host: 'uuid 2f1b…', else 'name md0'.")
    level: Optional[str] = attribute("How it is made: raid0, raid1, raid5, raid10, linear.")
    metadata: Optional[str] = attribute("Where it is described: 1.2, or external:imsm (firmware's).")
    size_bytes: Optional[int] = attribute("Capacity.", unit="bytes")
    slots: Optional[int] = attribute("Members that it is to have.", unit="devices")
    state: Optional[str] = attribute("optimal, degraded (members are missing), inactive.")
    missing: Optional[int] = attribute("Members that it lacks.", unit="devices")
    failed: Optional[int] = attribute("Devices that were thrown out as faulty.", unit="devices")
    spares: Optional[int] = attribute("Devices that stand by.", unit="devices")
    kernel_name: Optional[str] = attribute("Name that the kernel gave it at this start: md0.", reading=True)
    members: Optional[list[str]] = attribute("Members by the kernel's names: 'sda1', 'sdb1 faulty'.", reading=True)
    progress: Optional[str] = attribute("What is done to it: 'recovery 12.6%'.", reading=True)
