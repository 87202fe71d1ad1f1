"""FileSystem: something mounted on a host."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class FileSystem(CI):
    """A mounted file system; pseudo, overlay, tmpfs, snap and container mounts are left out."""

    parents: ClassVar[tuple[str, ...]] = ("Host", "NetworkDevice")
    key: ClassVar[tuple[str, ...]] = ("mount_point",)
    name_from: ClassVar[str] = "mount_point"
    topology: ClassVar[bool] = True

    mount_point: Optional[str] = attribute("Where it is mounted.")
    type: Optional[str] = attribute("File system type: ext4, xfs, nfs4.")
    source: Optional[str] = attribute("Device or server:/path that is mounted.")
    options: Optional[list[str]] = attribute("Mount options in force.", security=True)
    network: Optional[bool] = attribute("True where the data lies on another host.")
    size_bytes: Optional[int] = attribute("Capacity; not asked of network mounts.", unit="bytes")
    free_bytes: Optional[int] = attribute("Space available to ordinary users.", unit="bytes", reading=True)
