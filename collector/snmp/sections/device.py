"""The device itself: maker, product, serial number, version, name, place, roles.

Tables: those of collector/snmp/identity.py. Yields attributes of the subject, a NetworkDevice or a Host. Name, place and
contact are what people set on the device (SNMPv2-MIB); the time since its start counts from when its agent started, which on
some devices may be later.
"""

from __future__ import annotations

from collections.abc import Iterator

from cmdb.model.classes.host import Host
from cmdb.model.classes.network_device import NetworkDevice
from cmdb.model.declaration import CI, SUBJECT, Relation
from collector.snmp import identity, windows
from collector.snmp.identity import Identity
from collector.snmp.section import Device

NAME = "device"
VERSION = 2
SUBJECTS = ("NetworkDevice", "Host")
CLASSES = (SUBJECT,)
RELATIONS: tuple[str, ...] = ()
TABLES = identity.TABLES


def collect(device: Device) -> Iterator[CI | Relation]:
    """The subject's own attributes. Raises agent.fact.Unavailable where a table of the maker's own could not be read."""
    device.reading.answers(device.identity.tables)
    yield host(device.identity) if device.is_host else network_device(device.identity)


def network_device(found: Identity) -> NetworkDevice:
    """A device of the network."""
    system = found.system
    return NetworkDevice(
        name=system.name,
        vendor=found.vendor,
        product=found.product,
        serial=found.serial,
        os=found.os or _kernel(found),
        os_version=found.version,
        description=system.description,
        object_id=system.object_id,
        roles=list(found.roles) or None,
        location=system.location,
        contact=system.contact,
        uptime_seconds=_uptime(found),
    )


def host(found: Identity) -> Host:
    """A machine with an operating system. Its own agent knows it better, and its word counts before this."""
    name = found.system.name or ""
    return Host(
        name=name.partition(".")[0] or None,
        fqdn=name if "." in name.strip(".") else None,
        os=found.os,
        os_name=windows.name(found.system.object_id, found.system.description)
        if found.os == "windows"
        else found.os_name,
        os_version=found.version,
        kernel=found.words.get("kernel"),
        kernel_release=found.words.get("kernel_release"),
        architecture=found.words.get("architecture"),
        vendor=found.vendor,
        product=found.product,
        serial=found.serial,
        uptime_seconds=_uptime(found),
    )


def _kernel(found: Identity) -> str | None:
    kernel = found.words.get("kernel")
    return kernel.lower() if kernel else None


def _uptime(found: Identity) -> int | None:
    ticks = found.system.uptime_ticks
    return ticks // 100 if ticks is not None and ticks >= 0 else None
