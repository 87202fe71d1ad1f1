"""LogicalVolume: a volume of LVM."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class LogicalVolume(CI):
    """A logical volume of LVM; the parts that a mirror or a pool is made of are none."""

    parents: ClassVar[tuple[str, ...]] = ("Host",)
    key: ClassVar[tuple[str, ...]] = ("volume_group", "name")
    topology: ClassVar[bool] = True

    volume_group: Optional[str] = attribute("Name of its volume group.")
    name: Optional[str] = attribute("Name of the volume.")
    uuid: Optional[str] = attribute("What LVM tells it from others by.")
    size_bytes: Optional[int] = attribute("Size; of a thin volume what it may grow to.", unit="bytes")
    layout: Optional[str] = attribute(
        "How it is laid out, lv_layout of lvs(8): linear, striped, 'raid,raid1', 'thin,sparse'."
    )
    pool: Optional[str] = attribute("Pool that a thin volume takes its space of.")
    origin: Optional[str] = attribute("Volume that it is a snapshot of.")
    active: Optional[bool] = attribute("True where it can be used on this host.")
    health: Optional[str] = attribute("What is wrong with it: partial, 'refresh needed'; left out where nothing is.")
