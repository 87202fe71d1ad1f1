"""Hardware identity of a host.

Sources: the DMI tables (SMBIOS 3.7: type 0 firmware, 1 system, 3 enclosure) as /sys/class/dmi/id shows them, by
dmidecode(8) where the kernel has no such folder; on boards without DMI the device tree (/proc/device-tree/model,
serial-number).
Yields Host with `vendor`, `product`, `serial`, `dmi_uuid`, `bios_version`, `chassis_serial`; marks `dmi_uuid`,
`system_serial`. What a vendor left unfilled is no value. Serial numbers and the UUID are shown to root only.
Never looked at in a container or namespace: the numbers there are those of the machine below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agent import containers
from agent.fact import Command, Context, File, Inapplicable, Material, Missing, Need
from cmdb.model.classes.host import Host
from cmdb.model.identity import is_placeholder, uuid
from cmdb.model.values import Value

_FOLDER = "/sys/class/dmi/id/"
_TREE = ("/proc/device-tree/model", "/proc/device-tree/serial-number")
_DMIDECODE = Command(("/usr/sbin/dmidecode", "-t", "0,1,3"), limit=1024 * 1024, root=True)
_ENTRIES = {
    "sys_vendor": ("System Information", "Manufacturer"),
    "product_name": ("System Information", "Product Name"),
    "product_serial": ("System Information", "Serial Number"),
    "product_uuid": ("System Information", "UUID"),
    "bios_vendor": ("BIOS Information", "Vendor"),
    "bios_version": ("BIOS Information", "Version"),
    "bios_date": ("BIOS Information", "Release Date"),
    "chassis_serial": ("Chassis Information", "Serial Number"),
}
"""Names in /sys/class/dmi/id, and the heading and field in which dmidecode prints the same."""
_OLD_FIELDS = {"Vendor": "Manufacturer", "Product": "Product Name"}

NAME = "hardware"
VERSION = 1
CLASSES = ("Host",)
RELATIONS: tuple[str, ...] = ()
LIMITED = True
NEEDS = (*containers.NEEDS, *(File(_FOLDER + name) for name in _ENTRIES), *(File(path) for path in _TREE))


@dataclass(frozen=True)
class Hardware:
    """What identifies a machine; None is what is unfilled or hidden."""

    vendor: str | None
    product: str | None
    serial: str | None
    uuid: str | None
    bios: str | None
    chassis_serial: str | None


def further(material: Material, context: Context) -> Iterator[Need]:  # noqa: ARG001 - as every fact
    if not containers.container(material) and not _files(material) and not _tree(material):
        yield _DMIDECODE


def collect(material: Material, context: Context) -> Iterator[Host]:  # noqa: ARG001 - as every fact
    yield observe(_read(material))


def marks(material: Material, context: Context) -> dict[str, Value]:  # noqa: ARG001 - as every fact
    """By which marks the host is known; the serial number only together with who gave it."""
    hardware = _read(material)
    found: dict[str, Value] = {"dmi_uuid": hardware.uuid} if uuid(hardware.uuid) and hardware.uuid else {}
    if hardware.vendor and hardware.product and hardware.serial:
        found["system_serial"] = f"{hardware.vendor}/{hardware.product}/{hardware.serial}"
    return found


def parse(entries: Mapping[str, str]) -> Hardware:
    """Hardware from DMI strings by their names in /sys/class/dmi/id; placeholders count as absent."""
    found = {
        name: value for name, raw in entries.items() if (value := " ".join(raw.split())) and not is_placeholder(value)
    }
    firmware = [found[name] for name in ("bios_vendor", "bios_version", "bios_date") if name in found]
    number = found.get("product_uuid", "").lower()
    return Hardware(
        vendor=found.get("sys_vendor"),
        product=found.get("product_name"),
        serial=found.get("product_serial"),
        uuid=number if uuid(number) else None,
        bios=" ".join(firmware) or None,
        chassis_serial=found.get("chassis_serial"),
    )


def dmidecode(text: str) -> dict[str, str]:
    """DMI strings by their names in /sys/class/dmi/id, from what dmidecode prints.

    Of several entries of a type the first counts; an empty dict is what "No SMBIOS nor DMI entry point found" gives.
    Versions before 2.0 write "System Information Block", "Vendor" and "Product".
    """
    found: dict[str, str] = {}
    wanted = {place: name for name, place in _ENTRIES.items()}
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
            name = wanted.get((heading, alias))
            if name:
                found.setdefault(name, value.strip())
    return found


def observe(hardware: Hardware) -> Host:
    """What the CMDB should know of it."""
    return Host(
        vendor=hardware.vendor,
        product=hardware.product,
        serial=hardware.serial,
        dmi_uuid=hardware.uuid,
        bios_version=hardware.bios,
        chassis_serial=hardware.chassis_serial,
    )


def _read(material: Material) -> Hardware:
    kind = containers.container(material)
    if kind:
        raise Inapplicable(f"inside a container ({kind}) the machine's numbers are not the host's own")
    files = _files(material)
    if files:
        return parse(files)
    tree = _tree(material)
    if tree:
        return parse(tree)
    lack = material.missing(_DMIDECODE)
    if lack and lack.kind in ("absent", "unsupported"):
        raise Inapplicable(f"the kernel shows neither DMI nor a device tree, and {lack.reason}")
    entries = dmidecode(material.output(_DMIDECODE).text)
    if not entries:
        raise Inapplicable("the machine has neither DMI nor a device tree")
    return parse(entries)


def _files(material: Material) -> dict[str, str]:
    """What is shown of DMI; an ordinary user may not read the numbers, which is what privilege "user" says."""
    found: dict[str, str] = {}
    for name in _ENTRIES:
        lack = material.missing(File(_FOLDER + name))
        if lack is None:
            found[name] = material.file(_FOLDER + name).text
        elif not _hidden(lack):
            material.file(_FOLDER + name)  # raises with the reason
    return found


def _hidden(lack: Missing) -> bool:
    return lack.kind in ("absent", "denied", "unsupported")


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
