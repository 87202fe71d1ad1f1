"""IPAddress: an address in a routing domain."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class IPAddress(CI):
    """An address of global scope in a routing domain; loopback, link-local and container networks stay with their host."""

    key: ClassVar[tuple[str, ...]] = ("address",)
    name_from: ClassVar[str] = "address"
    in_domain: ClassVar[bool] = True

    address: Optional[str] = attribute("The address: dotted IPv4, or IPv6 as RFC 5952 writes it.", form="address")
    version: Optional[int] = attribute("4 or 6.")
