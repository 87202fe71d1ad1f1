"""File systems of a host, and flash memory of a device.

Tables: hrStorageTable, hrFSTable (HOST-RESOURCES-MIB), and of Cisco ciscoFlashPartitionTable (CISCO-FLASH-MIB). Yields a
FileSystem for each fixed disk and network mount. What a host has for itself alone is left out as by the agent: /dev, /proc,
/run, /sys, mounts of containers and snaps. Where an agent describes storage by its device (AIX), hrFSTable has the mount point.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.fact import Inapplicable
from cmdb.model.classes.file_system import FileSystem
from cmdb.model.declaration import CI, Relation
from cmdb.model.values import MAX_INT
from collector.snmp.mibs import cisco_mib
from collector.snmp.mibs.host_resources_mib import STORAGE_TYPES, FileSystems, Storage
from collector.snmp.section import Device

NAME = "storage"
VERSION = 2
SUBJECTS = ("NetworkDevice", "Host")
CLASSES = ("FileSystem",)
RELATIONS: tuple[str, ...] = ()
TABLES = (Storage, FileSystems, *cisco_mib.FLASH)

_KEPT = {"hrStorageFixedDisk": False, "hrStorageFlashMemory": False, "hrStorageNetworkDisk": True}
"""Types that are file systems, and whether the data lies on another host."""
_PASSING = re.compile(r"/(dev|proc|run|sys|snap|var/snap|var/lib/(docker|containerd|containers|kubelet|lxc|lxd))(/|\Z)")
_WINDOWS = re.compile(r"([A-Z]:\\)(?: Label:.*)?", re.DOTALL)
"""'C:\\ Label:System  Serial Number 10f82425'"""
_MOUNTED = re.compile(r"(?P<source>[^,]+), mounted on: (?P<point>/.*)", re.DOTALL)
"""Junos and BSD: '/dev/da0s1a, mounted on: /'."""


def collect(device: Device) -> Iterator[CI | Relation]:
    """File systems. Raises Inapplicable where the host has no table of storage."""
    rows = device.reading.rows(Storage)
    flash = cisco_mib.flash(device.reading.rows(cisco_mib.FlashDevice), device.reading.rows(cisco_mib.FlashPartition))
    if not rows and not flash:
        raise Inapplicable("it has no table of storage")
    mounted = {r.storage: r.mount_point for r in device.reading.rows(FileSystems) if r.storage and r.mount_point}
    found: dict[str, FileSystem] = {}
    for row in rows:
        network = _KEPT.get(STORAGE_TYPES.get(row.type or "", ""))
        if network is None or not row.description:
            continue
        source, point = _where(row.description)
        if point.startswith("/dev/") and row.index[-1] in mounted:
            source, point = point, mounted[row.index[-1]]
        if _PASSING.match(point):
            continue
        size = row.size_bytes
        free = size - (row.used or 0) * (row.unit or 0) if size is not None and row.used is not None else None
        found.setdefault(
            point,
            FileSystem(
                mount_point=point,
                source=source,
                network=network,
                size_bytes=size if size is not None and 0 <= size <= MAX_INT and not network else None,
                free_bytes=free if free is not None and 0 <= free <= MAX_INT else None,
            ),
        )
    for point, (size, free) in flash.items():
        found.setdefault(
            point,
            FileSystem(mount_point=point, network=False, size_bytes=_bytes(size), free_bytes=_bytes(free)),
        )
    yield from found.values()


def _bytes(number: int | None) -> int | None:
    return number if number is not None and 0 <= number <= MAX_INT else None


def _where(text: str) -> tuple[str | None, str]:
    """(device, mount point) of the text of a row."""
    mounted, windows = _MOUNTED.fullmatch(text), _WINDOWS.fullmatch(text)
    if mounted:
        return mounted["source"], mounted["point"]
    return None, windows.group(1) if windows else text
