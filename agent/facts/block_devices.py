"""Disks of a host: size, model, serial number, partitions.

Sources: /sys/block and what is below it (sysfs-block and sysfs-block-device of the kernel's ABI): sizes stand there in
sectors of 512 bytes whatever the device's own are; the page 80h of vital product data (SPC-4, 7.8.10) for serial numbers of
SCSI and SATA disks; links of /dev/disk/by-path, which udev makes.
Yields a BlockDevice for each disk. Several paths to one disk (multipath) are one. Left out: what the kernel makes of
others (loop, RAM, device mapper, md), optical drives and empty slots. Never looked at inside a container, where the
machine's disks show.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace

from agent import containers
from agent.fact import Content, Context, Files, Inapplicable, Links, Material, Missing, ParseError, Unavailable
from cmdb.model.classes.block_device import BlockDevice
from cmdb.model.dataclass import dataclass
from cmdb.model.identity import is_placeholder

NAME = "block_devices"
VERSION = 1
CLASSES = ("BlockDevice",)
RELATIONS: tuple[str, ...] = ()
LIMITED = False
EVERY = 12
STEADY = True

_SECTOR = 512
_DEVICES = Links("/sys/block/*")
_BY_PATH = Links("/dev/disk/by-path/*")
_SIZES = Files("/sys/block/*/size", 64)
_PARTS = Files("/sys/block/*/*/partition", 64, 100_000)
_PART_SIZES = Files("/sys/block/*/*/size", 64, 100_000)
_ATTRIBUTES = {
    name: Files(f"/sys/block/*/{name}", 4096)
    for name in (
        "removable",
        "ro",
        "queue/rotational",
        "serial",
        "wwid",
        "device/vendor",
        "device/model",
        "device/rev",
        "device/firmware_rev",
        "device/serial",
        "device/wwid",
        "device/vpd_pg80",
        "device/type",
    )
}
NEEDS = (*containers.NEEDS, _DEVICES, _BY_PATH, _SIZES, _PARTS, _PART_SIZES, *_ATTRIBUTES.values())

_TRANSPORTS = (
    (r"/nvme\d", "nvme"),
    (r"/usb\d", "usb"),
    (r"/session\d", "iscsi"),
    (r"/rport-", "fc"),
    (r"/end_device-|/port-\d", "sas"),
    (r"/ata\d", "sata"),
    (r"/virtio\d+/block/", "virtio"),
    (r"/vbd-\d", "xen"),
    (r"/mmc\d", "mmc"),
    (r"/target\d", "scsi"),
)
"""Parts of a device's place in sysfs and how it is attached, the more telling first."""
_MADE = re.compile(r"/virtual/|/nvme\d+c\d+n\d+\Z")
"""Places of what the kernel makes of other devices, and of the single paths of NVMe's own multipath."""
_HEADS = re.compile(r"/virtual/nvme-subsystem/.*/nvme\d+n\d+\Z")
"""Where the paths of NVMe come together: that is the disk."""
_NO_VENDOR = re.compile(r"0x|(ATA|NVMe|USB|SCSI)\Z", re.IGNORECASE)
"""What stands for the maker where the way to the disk does: the number of a PCI vendor, the name of the transport."""
_OPTICAL = "5"
"""Peripheral device type of SPC-4, 6.6.1: CD/DVD."""


@dataclass(frozen=True)
class Disk:
    """One device of /sys/block. `place` is its path in sysfs, `by_path` udev's name of the way to it; an empty text is
    what nobody tells; `partitions` are sizes in bytes by number."""

    name: str
    place: str
    size: int
    by_path: str = ""
    vendor: str = ""
    model: str = ""
    serial: str = ""
    wwn: str = ""
    firmware: str = ""
    rotational: bool | None = None
    removable: bool | None = None
    read_only: bool | None = None
    partitions: Mapping[int, int] = field(default_factory=dict)


def collect(material: Material, context: Context) -> Iterator[BlockDevice]:  # noqa: ARG001 - as every fact
    """Disks; raises Inapplicable inside a container and where there is none."""
    kind = containers.container(material)
    if kind:
        raise Inapplicable(f"inside a container ({kind}) the kernel shows the disks of the machine below")
    return observe(parse(material))


def parse(material: Material) -> list[Disk]:
    """Disks in the order of names.

    Raises ParseError where a size is no number, Unavailable where there is no /sys/block.
    """
    places = {
        path.rpartition("/")[2]: target for path, target in material.links(_DEVICES).items() if isinstance(target, str)
    }
    if not places:
        raise Unavailable("/sys/block shows no device; is sysfs mounted?")
    texts = {name: _by_device(material.files(need)) for name, need in _ATTRIBUTES.items()}
    sizes = _by_device(material.files(_SIZES))
    partitions = _partitions(material.files(_PARTS), material.files(_PART_SIZES))
    ways = _ways(material.links(_BY_PATH))
    found = []
    for name, place in sorted(places.items()):
        kind = _text(texts["device/type"], name)
        if (_MADE.search(place) and not _HEADS.search(place)) or kind == _OPTICAL or name not in sizes:
            continue
        size = _number(sizes[name].data, f"/sys/block/{name}/size") * _SECTOR
        if size:
            disk = Disk(name, place, size, ways.get(name, ""), partitions=partitions.get(name, {}))
            found.append(_described(disk, texts))
    return found


def parse_serial_page(data: bytes) -> str:
    """Serial number of the page 80h of vital product data, empty where there is none in it."""
    if len(data) < 4 or data[1] != 0x80:
        return ""
    return _clean(data[4 : 4 + int.from_bytes(data[2:4], "big")].decode("ascii", "replace"))


def observe(disks: Iterable[Disk]) -> Iterator[BlockDevice]:
    """What the CMDB should know of them: one device for all disks of one key."""
    merged: dict[str, list[Disk]] = {}
    for disk in disks:
        merged.setdefault(_key(disk), []).append(disk)
    if not merged:
        raise Inapplicable("the host has no disk of its own")
    for key, same in merged.items():
        first = same[0]
        yield BlockDevice(
            device=key,
            vendor=first.vendor or None,
            model=first.model or None,
            serial=first.serial or None,
            wwn=first.wwn or None,
            firmware_version=first.firmware or None,
            transport=_transport(first.place),
            size_bytes=first.size,
            rotational=first.rotational,
            removable=first.removable,
            read_only=all(d.read_only for d in same) if first.read_only is not None else None,
            paths=len(same) if len(same) > 1 else None,
            partitions=[f"{number} {size}" for number, size in first.partitions.items()],
            kernel_names=[d.name for d in same],
        )


def _described(disk: Disk, texts: Mapping[str, Mapping[str, Content]]) -> Disk:
    def told(*names: str) -> str:
        found = (_text(texts[name], disk.name) for name in names)
        return next((text for text in found if text and not is_placeholder(text)), "")

    page = texts["device/vpd_pg80"].get(disk.name)
    vendor = told("device/vendor")
    return replace(
        disk,
        vendor="" if _NO_VENDOR.match(vendor) else vendor,
        model=told("device/model"),
        serial=told("serial", "device/serial") or (parse_serial_page(page.data) if page else ""),
        wwn=told("wwid", "device/wwid"),
        firmware=told("device/rev", "device/firmware_rev"),
        rotational=_flag(texts["queue/rotational"], disk.name),
        removable=_flag(texts["removable"], disk.name),
        read_only=_flag(texts["ro"], disk.name),
    )


def _key(disk: Disk) -> str:
    if disk.wwn:
        return f"wwn {disk.wwn}"
    if disk.serial and not is_placeholder(disk.serial):
        return f"serial {disk.serial}"
    # The last part of the place is the kernel's name, which may change.
    return f"path {disk.by_path or re.sub(r'^(../)*devices/|/block/[^/]+$', '', disk.place)}"


def _transport(place: str) -> str | None:
    return next((name for words, name in _TRANSPORTS if re.search(words, place)), None)


def _by_device(files: Mapping[str, Content | Missing]) -> dict[str, Content]:
    return {path.split("/")[3]: content for path, content in files.items() if isinstance(content, Content)}


def _partitions(
    numbers: Mapping[str, Content | Missing], sizes: Mapping[str, Content | Missing]
) -> dict[str, dict[int, int]]:
    found: dict[str, dict[int, int]] = {}
    for path, number in numbers.items():
        size = sizes.get(f"{path.rpartition('/')[0]}/size")
        if isinstance(number, Content) and isinstance(size, Content):
            row = found.setdefault(path.split("/")[3], {})
            row[_number(number.data, path)] = _number(size.data, path) * _SECTOR
    return found


def _ways(links: Mapping[str, str | Missing]) -> dict[str, str]:
    """Names of /dev/disk/by-path by device; of several the first."""
    found: dict[str, str] = {}
    for path, target in sorted(links.items()):
        if isinstance(target, str):
            found.setdefault(target.rpartition("/")[2], path.rpartition("/")[2])
    return found


def _text(texts: Mapping[str, Content], name: str) -> str:
    return _clean(texts[name].text) if name in texts else ""


def _clean(text: str) -> str:
    return " ".join(text.replace("\0", " ").split())


def _flag(texts: Mapping[str, Content], name: str) -> bool | None:
    text = _text(texts, name)
    return text == "1" if text in ("0", "1") else None


def _number(data: bytes, path: str) -> int:
    try:
        return int(data)
    except ValueError:
        raise ParseError(f"{path}: no number: {data[:80]!r}") from None
