"""RAID: arrays that the kernel makes (md), and controllers that make their own.

Sources: /proc/mdstat (md(4)) says which arrays there are; what each is stands in /sys/block/<md>/md (the kernel's
Documentation/admin-guide/md.rst); udev's links md-uuid-* for the UUID. Controllers by the driver of their SCSI host
(/sys/class/scsi_host) and their numbers in PCI: what they make of their disks only their makers' own programs tell.
Yields RaidArray, and the Host's `raid_controllers`. Never looked at inside a container.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from agent import containers
from agent.fact import Content, Context, File, Files, Inapplicable, Links, Material, Missing, ParseError
from cmdb.model.classes.host import Host
from cmdb.model.classes.raid_array import RaidArray
from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI

NAME = "raid"
VERSION = 1
CLASSES = ("Host", "RaidArray")
RELATIONS: tuple[str, ...] = ()
LIMITED = False
STEADY = True
EVERY = 3

_MDSTAT = File("/proc/mdstat")
_UUIDS = Links("/dev/disk/by-id/md-uuid-*")
_SIZES = Files("/sys/block/md*/size", 64)
_ATTRIBUTES = {
    name: Files(f"/sys/block/md*/md/{name}", 4096)
    for name in ("level", "metadata_version", "raid_disks", "degraded", "array_state")
}
_HOSTS = Links("/sys/class/scsi_host/host*")
_DRIVERS = Files("/sys/class/scsi_host/host*/proc_name", 256)
_PCI = {name: Files(f"/sys/bus/pci/devices/*/{name}", 64) for name in ("vendor", "device")}
NEEDS = (*containers.NEEDS, _MDSTAT, _UUIDS, _SIZES, *_ATTRIBUTES.values(), _HOSTS, _DRIVERS, *_PCI.values())

_CONTROLLERS = frozenset(
    {"3w-9xxx", "3w-sas", "3w-xxxx", "aacraid", "arcmsr", "hpsa", "cciss", "hptiop", "ips", "megaraid", "megaraid_mbox"}
    | {"megaraid_sas", "mpi3mr", "mpt2sas", "mpt3sas", "mptsas", "mvumi", "pm80xx", "smartpqi", "stex", "dac960"}
)
"""Drivers of controllers that join disks themselves."""
_ARRAY = re.compile(r"(?P<name>md\S+) : (?P<state>active|inactive)(?: \((?:auto-)?read-only\))?(?P<rest>.*)")
_MEMBER = re.compile(r"(?P<name>\S+?)\[\d+\](?P<marks>(?:\([WJFSR]\))*)")
_PROGRESS = re.compile(r"\b(resync|recovery|reshape|check|repair)\s*=\s*(?:([\d.]+)%|(DELAYED|PENDING|REMOTE))")
_WANTED = re.compile(r"\[(\d+)/(\d+)\] \[[U_]+\]")


@dataclass(frozen=True)
class Array:
    """One array of /proc/mdstat. `members` are (name, marks): F faulty, S spare, W write-mostly, J journal, R replacement."""

    name: str
    active: bool
    level: str
    members: tuple[tuple[str, str], ...]
    slots: int | None = None
    working: int | None = None
    progress: str = ""


def collect(material: Material, context: Context) -> Iterator[CI]:  # noqa: ARG001 - as every fact
    """Arrays and controllers; raises Inapplicable inside a container and where there are none of both."""
    kind = containers.container(material)
    if kind:
        raise Inapplicable(f"inside a container ({kind}) the kernel shows the disks of the machine below")
    mdstat = material.optional(_MDSTAT.path)
    arrays = parse(mdstat.text) if mdstat else []
    controllers = _controllers(material)
    if not arrays and not controllers:
        raise Inapplicable("the kernel has no array and no controller of any")
    return observe(arrays, controllers, material)


def parse(mdstat: str) -> list[Array]:
    """Arrays from the text of /proc/mdstat.

    Raises ParseError, quoting the line, where one is not that of an array or of what is said of it.
    """
    if mdstat and not mdstat.startswith("Personalities"):
        raise ParseError(f"/proc/mdstat: not understood: {mdstat[:200]!r}")
    found = []
    blocks = re.split(r"\n(?=\S)", mdstat)
    for block in blocks[1:]:
        if block.startswith("unused devices:"):
            continue
        match = _ARRAY.match(block)
        if not match:
            raise ParseError(f"/proc/mdstat: not understood: {block[:200]!r}")
        words = match["rest"].split()
        level = words[0] if words and not _MEMBER.fullmatch(words[0]) else ""
        members = [(m["name"], re.sub(r"[()]", "", m["marks"])) for w in words if (m := _MEMBER.fullmatch(w))]
        wanted, progress = _WANTED.search(block), _PROGRESS.search(block)
        found.append(
            Array(
                match["name"],
                match["state"] == "active",
                level,
                tuple(members),
                int(wanted[1]) if wanted else None,
                int(wanted[2]) if wanted else None,
                f"{progress[1]} {progress[2] + '%' if progress[2] else progress[3]}" if progress else "",
            )
        )
    return found


def observe(arrays: Iterable[Array], controllers: Iterable[str], material: Material) -> Iterator[CI]:
    """What the CMDB should know of them."""
    uuids = {
        target.rpartition("/")[2]: path.partition("md-uuid-")[2]
        for path, target in material.links(_UUIDS).items()
        if isinstance(target, str)
    }
    sizes = _by_name(material.files(_SIZES))
    told = {name: _by_name(material.files(need)) for name, need in _ATTRIBUTES.items()}
    yield Host(raid_controllers=sorted(controllers))
    for array in arrays:
        slots = _number(told["raid_disks"].get(array.name)) or array.slots
        lacking = _lacking(array, slots)
        uuid = uuids.get(array.name, "")
        size = _number(sizes.get(array.name))
        yield RaidArray(
            array=f"uuid {uuid}" if uuid else f"name {array.name}",
            level=array.level or told["level"].get(array.name) or None,
            metadata=told["metadata_version"].get(array.name) or None,
            size_bytes=size * 512 if size else None,
            slots=slots,
            state="inactive" if not array.active else "degraded" if lacking else "optimal",
            missing=lacking,
            failed=sum("F" in marks for _, marks in array.members),
            spares=sum("S" in marks for _, marks in array.members),
            kernel_name=array.name,
            members=[" ".join([name, *_said(marks)]) for name, marks in array.members],
            progress=array.progress or None,
        )


def _lacking(array: Array, slots: int | None) -> int | None:
    """Members that an active array lacks; an array without redundancy (raid0, linear) runs with all of them or not at all."""
    if not array.active or slots is None:
        return None
    return slots - array.working if array.working is not None else 0


def _said(marks: str) -> list[str]:
    words = {"F": "faulty", "S": "spare", "W": "write-mostly", "J": "journal", "R": "replacement"}
    return [words[mark] for mark in marks]


def _controllers(material: Material) -> set[str]:
    """ "driver vendor:device address" of each, in PCI's numbers."""
    drivers = {path.split("/")[4]: c.text.strip() for path, c in _contents(material.files(_DRIVERS))}
    numbers = {
        name: {path.split("/")[5]: c.text.strip() for path, c in _contents(material.files(n))}
        for name, n in _PCI.items()
    }
    found = set()
    for path, target in material.links(_HOSTS).items():
        driver = drivers.get(path.rpartition("/")[2], "")
        if driver in _CONTROLLERS and isinstance(target, str):
            address = (re.findall(r"/([0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])(?=/)", target) or [""])[-1]
            ids = [numbers[name].get(address, "").removeprefix("0x") for name in ("vendor", "device")]
            found.add(" ".join(filter(None, [driver, ":".join(ids) if all(ids) else "", address])))
    return found


def _contents(files: Mapping[str, Content | Missing]) -> Iterator[tuple[str, Content]]:
    return ((path, content) for path, content in files.items() if isinstance(content, Content))


def _by_name(files: Mapping[str, Content | Missing]) -> dict[str, str]:
    return {path.split("/")[3]: content.text.strip() for path, content in _contents(files)}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None
