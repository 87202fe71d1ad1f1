"""BlockDevice: a disk of a host."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class BlockDevice(CI):
    """A disk as a host sees it, physical or virtual; several paths to one disk are one device.

    Its key is the WWN, else the serial number, else the path that leads to it. The kernel's name is a reading, since it may
    be another one after the next start.
    """

    parents: ClassVar[tuple[str, ...]] = ("Host",)
    key: ClassVar[tuple[str, ...]] = ("device",)
    name_from: ClassVar[str] = "device"
    topology: ClassVar[bool] = True
    group: ClassVar[str] = "hardware"

    device: Optional[str] = attribute(
        "What tells it from others of its host: 'wwn naa.5000c500a1b2c3d4', else 'serial ...', else 'path ...'."
    )
    vendor: Optional[str] = attribute("Maker, as the device gives it.")
    model: Optional[str] = attribute("Model.")
    serial: Optional[str] = attribute("Serial number.")
    wwn: Optional[str] = attribute("World wide name: 'naa.…', 'eui.…', 'nvme.…', 't10.…'.")
    firmware_version: Optional[str] = attribute("Revision of its firmware.")
    transport: Optional[str] = attribute("How it is attached: nvme, sata, scsi, sas, usb, virtio, xen, mmc, iscsi, fc.")
    size_bytes: Optional[int] = attribute("Capacity.", unit="bytes")
    rotational: Optional[bool] = attribute("True where the kernel takes it for a spinning disk.")
    removable: Optional[bool] = attribute("True where its medium can be taken out.")
    read_only: Optional[bool] = attribute("True where it can not be written.")
    paths: Optional[int] = attribute("Paths that lead to it (multipath), where there are several.")
    partitions: Optional[list[str]] = attribute("Partitions: 'number size_bytes'.")
    kernel_names: Optional[list[str]] = attribute("Names that the kernel gave it at this start: sda.", reading=True)
