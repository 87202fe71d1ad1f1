"""VolumeGroup: a pool of storage of LVM."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class VolumeGroup(CI):
    """A volume group of LVM: physical volumes of which logical volumes are made."""

    parents: ClassVar[tuple[str, ...]] = ("Host",)
    key: ClassVar[tuple[str, ...]] = ("name",)
    topology: ClassVar[bool] = True

    name: Optional[str] = attribute("Name of the group.")
    uuid: Optional[str] = attribute("What LVM tells it from others by.")
    size_bytes: Optional[int] = attribute("Capacity of its physical volumes.", unit="bytes")
    free_bytes: Optional[int] = attribute("What no logical volume has of it.", unit="bytes")
    physical_volumes: Optional[list[str]] = attribute(
        "Its physical volumes by their uuids; 'missing' behind one that is."
    )
    devices: Optional[list[str]] = attribute("Devices that the physical volumes lie on at this start.", reading=True)
