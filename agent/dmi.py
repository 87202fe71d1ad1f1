"""What the firmware tells of the machine, for facts `hardware` and `hardware_identity`.

Sources: the DMI tables (SMBIOS 3.7: type 0 firmware, 1 system, 3 enclosure) as /sys/class/dmi/id shows them, by
dmidecode(8) where the kernel has no such folder; on boards without DMI the device tree (/proc/device-tree/model,
serial-number). The kernel shows `HIDDEN` to root only, dmidecode everything.
Never looked at in a container or namespace: the numbers there are those of the machine below.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from agent import containers
from agent.fact import Command, File, Inapplicable, Material, Need, Usual
from cmdb.model.identity import is_placeholder

OPEN = ("sys_vendor", "product_name", "bios_vendor", "bios_version", "bios_date")
HIDDEN = ("product_serial", "product_uuid", "chassis_serial")
"""Names in /sys/class/dmi/id; a file that is not there is what the vendor left out."""

_FOLDER = "/sys/class/dmi/id/"
_TREE = ("/proc/device-tree/model", "/proc/device-tree/serial-number")
_DMIDECODE = Command(("/usr/sbin/dmidecode", "-t", "0,1,3"), limit=1024 * 1024, root=True)
USUAL = (Usual(_DMIDECODE, unless=_FOLDER.rstrip("/")),)
_ENTRIES = {
    ("System Information", "Manufacturer"): "sys_vendor",
    ("System Information", "Product Name"): "product_name",
    ("System Information", "Serial Number"): "product_serial",
    ("System Information", "UUID"): "product_uuid",
    ("BIOS Information", "Vendor"): "bios_vendor",
    ("BIOS Information", "Version"): "bios_version",
    ("BIOS Information", "Release Date"): "bios_date",
    ("Chassis Information", "Serial Number"): "chassis_serial",
}
"""Heading and field in which dmidecode prints what /sys/class/dmi/id has under a name."""
_OLD_FIELDS = {"Vendor": "Manufacturer", "Product": "Product Name"}


def needs(names: Iterable[str]) -> tuple[Need, ...]:
    """What has to be supplied to read these names, but for dmidecode."""
    return (*containers.NEEDS, *(File(_FOLDER + name) for name in names), *(File(path) for path in _TREE))


def further(material: Material, names: Iterable[str]) -> Iterator[Need]:
    """dmidecode, where the kernel shows nothing by itself."""
    if not containers.container(material) and not _shown(material, names) and not _tree(material):
        yield _DMIDECODE


def read(material: Material, names: Iterable[str]) -> dict[str, str]:
    """Texts by name, as the firmware has them; what the vendor left out may be missing or a placeholder.

    Raises Unavailable where one of them may not be read, Inapplicable inside a container and where there is no DMI.
    """
    kind = containers.container(material)
    if kind:
        raise Inapplicable(f"inside a container ({kind}) the machine's numbers are not the host's own")
    found = _shown(material, names)
    if found:
        return {name: material.file(_FOLDER + name).text for name in found}
    tree = _tree(material)
    if tree:
        return tree
    lack = material.missing(_DMIDECODE)
    if lack and lack.kind in ("absent", "unsupported"):
        raise Inapplicable(f"the kernel shows neither DMI nor a device tree, and {lack.reason}")
    entries = dmidecode(material.output(_DMIDECODE).text)
    if not entries:
        raise Inapplicable("the machine has neither DMI nor a device tree")
    return entries


def filled(entries: Mapping[str, str]) -> dict[str, str]:
    """What a vendor filled in, without blanks around it."""
    return {
        name: value for name, raw in entries.items() if (value := " ".join(raw.split())) and not is_placeholder(value)
    }


def dmidecode(text: str) -> dict[str, str]:
    """DMI strings by their names in /sys/class/dmi/id, from what dmidecode prints.

    Of several entries of a type the first counts; an empty dict is what "No SMBIOS nor DMI entry point found" gives.
    Versions before 2.0 write "System Information Block", "Vendor" and "Product".
    """
    found: dict[str, str] = {}
    seen: set[str] = set()
    heading = ""
    for line in text.splitlines():
        field, colon, value = line.strip().partition(":")
        if line.startswith("Handle"):
            heading = ""
        elif not colon and field.endswith((" Information", " Information Block")):
            heading = field.replace(" Block", "") if field not in seen else ""
            seen.add(field)
        elif colon:
            alias = _OLD_FIELDS.get(field, field) if heading == "System Information" else field
            name = _ENTRIES.get((heading, alias))
            if name:
                found.setdefault(name, value.strip())
    return found


def _shown(material: Material, names: Iterable[str]) -> list[str]:
    """The names of which the kernel has a file, readable or not."""
    lacks = {name: material.missing(File(_FOLDER + name)) for name in names}
    return [name for name, lack in lacks.items() if lack is None or lack.kind not in ("absent", "unsupported")]


def _tree(material: Material) -> dict[str, str]:
    model, serial = (material.optional(path) for path in _TREE)
    if model is None:
        return {}
    found = {"product_name": model.text.strip("\0\n ")}
    words = re.match(r"(Raspberry Pi|NVIDIA|Xilinx|Hardkernel|Pine64)\b", found["product_name"])
    if words:
        found["sys_vendor"] = words[1]
    if serial is not None:
        found["product_serial"] = serial.text.strip("\0\n ")
    return found
