"""Make and firmware of a host.

Sources: DMI or the device tree (see agent/dmi.py), of which everyone may read this part where the kernel shows it.
Yields Host with `vendor`, `product`, `bios_version`. What a vendor left unfilled is no value. Never looked at in a
container or namespace. Numbers and UUID are fact `hardware_identity`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agent import dmi
from agent.fact import Context, Material, Need
from cmdb.model.classes.host import Host
from cmdb.model.dataclass import dataclass

NAME = "hardware"
VERSION = 1
CLASSES = ("Host",)
RELATIONS: tuple[str, ...] = ()
LIMITED = False
EVERY = 48
STEADY = True
NEEDS = dmi.needs(dmi.OPEN)
USUAL = dmi.USUAL


@dataclass(frozen=True)
class Hardware:
    """What a machine is; None is what is unfilled."""

    vendor: str | None
    product: str | None
    bios: str | None


def further(material: Material, context: Context) -> Iterator[Need]:  # noqa: ARG001 - as every fact
    yield from dmi.further(material, dmi.OPEN)


def collect(material: Material, context: Context) -> Iterator[Host]:  # noqa: ARG001 - as every fact
    yield observe(parse(dmi.read(material, dmi.OPEN)))


def parse(entries: Mapping[str, str]) -> Hardware:
    """Hardware from DMI strings by their names in /sys/class/dmi/id; placeholders count as absent."""
    found = dmi.filled(entries)
    firmware = [found[name] for name in ("bios_vendor", "bios_version", "bios_date") if name in found]
    return Hardware(found.get("sys_vendor"), found.get("product_name"), " ".join(firmware) or None)


def observe(hardware: Hardware) -> Host:
    """What the CMDB should know of it."""
    return Host(vendor=hardware.vendor, product=hardware.product, bios_version=hardware.bios)
