"""NetworkDevice: a switch, router, firewall, access point or the like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute
from cmdb.model.values import bounded, text


@dataclass(frozen=True)
class NetworkDevice(CI):
    """A device of the network that answers for itself, or that only its neighbours tell of.

    Marks: `serials` of the chassis and of every member of a stack, `context` where it is one of several on a chassis (VDC,
    VDOM), `chassis_id` of LLDP as "mac 00:1c:73:00:00:01" or "component text", `engine_id` as hex digits, `macs` of all
    ports (ifPhysAddress).
    """

    name_from: ClassVar[str] = "name"
    topology: ClassVar[bool] = True
    group: ClassVar[str] = "network"
    marks: ClassVar[Mapping[str, str]] = {
        "vendor": "str",
        "serials": "list[str]",
        "context": "str",
        "chassis_id": "str",
        "bridge_address": "str",
        "engine_id": "str",
        "macs": "list[str]",
        "sys_name": "str",
        "sys_object_id": "str",
    }

    name: Optional[str] = attribute("Name as the device has it (sysName).")
    discovered: Optional[bool] = attribute("False where only its neighbours tell of it; it never answered itself.")
    vendor: Optional[str] = attribute("Maker.")
    product: Optional[str] = attribute("Model.")
    serial: Optional[str] = attribute("Serial number of the chassis, of the active member where it is a stack.")
    os_version: Optional[str] = attribute("Version of its software.")
    description: Optional[str] = attribute("What it says of itself (sysDescr).")
    object_id: Optional[str] = attribute("What kind of device it is by its maker's registry (sysObjectID).")
    os: Optional[str] = attribute("Its system software: ios, nxos, eos, junos, and so on.")
    roles: Optional[list[str]] = attribute(
        "What it is at work as: bridge, router, firewall, balancer, wlan, storage, printer, ups, power."
    )
    vlans: Optional[list[str]] = attribute("VLANs that are set up on it, 'vid name'.", search=False)
    location: Optional[str] = attribute("Where it stands, as set on the device (sysLocation).")
    contact: Optional[str] = attribute("Whom to ask, as set on the device (sysContact).")
    cpu_count: Optional[int] = attribute("Processors that it tells of.", unit="processors", search=False)
    memory_bytes: Optional[int] = attribute("Physical memory that it tells of.", unit="bytes")
    uptime_seconds: Optional[int] = attribute("Time since its start.", unit="seconds", reading=True)
    seen_as: str = field(default="", metadata={})
    """Of a device that the subject only tells of: what it is known by, "mac" and its chassis id where that is a MAC, else "port"
    and the subject's own port (identity.neighbour_key_problem)."""

    def local_key(self) -> str:
        """What a neighbour is known by; empty for the subject itself."""
        return bounded(text(self.seen_as))
