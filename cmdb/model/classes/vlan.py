"""VLAN: a virtual LAN of a layer 2 domain."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class VLAN(CI):
    """A VLAN of a layer 2 domain, by its number. What a device calls it stands at the device (NetworkDevice.vlans), since two
    devices may call it differently."""

    key: ClassVar[tuple[str, ...]] = ("vid",)
    name_from: ClassVar[str] = "name"
    in_domain: ClassVar[bool] = True
    owned: ClassVar[bool] = True
    group: ClassVar[str] = "network"

    name: Optional[str] = attribute("For people: 'VLAN 10'.")
    vid: Optional[int] = attribute("VLAN id, 1 to 4094.")
