"""Numbers by which a machine is known.

Sources: DMI or the device tree (see agent/dmi.py). The kernel shows serial numbers and the UUID to root only: as an
ordinary user the section has failed, since nobody looked.
Yields Host with `serial`, `dmi_uuid`, `chassis_serial`; marks `dmi_uuid`, `system_serial`
"vendor/product/serial". What a vendor left unfilled, or gave to many machines, is no value. Never looked at in a
container or namespace.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agent import dmi
from agent.fact import Context, Material, Need
from cmdb.model.classes.host import Host
from cmdb.model.dataclass import dataclass
from cmdb.model.identity import uuid
from cmdb.model.values import Value

_ENTRIES = (*dmi.OPEN[:2], *dmi.HIDDEN)

NAME = "hardware_identity"
VERSION = 1
CLASSES = ("Host",)
RELATIONS: tuple[str, ...] = ()
LIMITED = False
EVERY = 48
STEADY = True
NEEDS = dmi.needs(_ENTRIES)
USUAL = dmi.USUAL


@dataclass(frozen=True)
class Numbers:
    """Numbers of a machine, None where unfilled; `mark` is its serial number together with who gave it."""

    serial: str | None
    uuid: str | None
    chassis_serial: str | None
    mark: str | None


def further(material: Material, context: Context) -> Iterator[Need]:  # noqa: ARG001 - as every fact
    yield from dmi.further(material, _ENTRIES)


def collect(material: Material, context: Context) -> Iterator[Host]:  # noqa: ARG001 - as every fact
    yield observe(parse(dmi.read(material, _ENTRIES)))


def marks(material: Material, context: Context) -> dict[str, Value]:  # noqa: ARG001 - as every fact
    """By which marks the host is known."""
    numbers = parse(dmi.read(material, _ENTRIES))
    found = {"dmi_uuid": numbers.uuid, "system_serial": numbers.mark}
    return {name: value for name, value in found.items() if value}


def parse(entries: Mapping[str, str]) -> Numbers:
    """Numbers from DMI strings by their names in /sys/class/dmi/id; placeholders count as absent."""
    found = dmi.filled(entries)
    number = found.get("product_uuid", "").lower()
    maker = [found[name] for name in ("sys_vendor", "product_name", "product_serial") if name in found]
    return Numbers(
        serial=found.get("product_serial"),
        uuid=number if uuid(number) else None,
        chassis_serial=found.get("chassis_serial"),
        mark="/".join(maker) if len(maker) == 3 else None,
    )


def observe(numbers: Numbers) -> Host:
    """What the CMDB should know of it."""
    return Host(serial=numbers.serial, dmi_uuid=numbers.uuid, chassis_serial=numbers.chassis_serial)
