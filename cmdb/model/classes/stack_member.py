"""StackMember: one of several devices that are managed as one."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class StackMember(CI):
    """A device of a stack that answers as one.

    Its key is the serial number, else its position in the entity table.
    """

    parents: ClassVar[tuple[str, ...]] = ("NetworkDevice",)
    key: ClassVar[tuple[str, ...]] = ("unit",)
    topology: ClassVar[bool] = True
    group: ClassVar[str] = "network"

    unit: Optional[str] = attribute("What tells it from others of its device: 'serial FOC1234X0AB', else 'position 1'.")
    name: Optional[str] = attribute("Name of the entity (entPhysicalName), else its description.")
    position: Optional[int] = attribute("Number of the member in the stack.")
    role: Optional[str] = attribute("Role in the stack: active, standby, member.")
    description: Optional[str] = attribute("What it is, in its own words (entPhysicalDescr).")
    vendor: Optional[str] = attribute("Maker.")
    product: Optional[str] = attribute("Model.")
    serial: Optional[str] = attribute("Serial number.")
    hardware_version: Optional[str] = attribute("Hardware revision.")
    firmware_version: Optional[str] = attribute("Firmware revision.")
    software_version: Optional[str] = attribute("Software revision.")
