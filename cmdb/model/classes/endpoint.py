"""Endpoint: an address and port on which a host listens."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class Endpoint(CI):
    """A listening socket: protocol, bind address and port; ports of the ephemeral range only when configured."""

    parents: ClassVar[tuple[str, ...]] = ("Host",)
    key: ClassVar[tuple[str, ...]] = ("protocol", "address", "port")
    topology: ClassVar[bool] = True
    owned: ClassVar[bool] = True

    name: Optional[str] = attribute("For people: 'tcp 0.0.0.0:443'.")
    protocol: Optional[str] = attribute("tcp or udp.")
    address: Optional[str] = attribute(
        "Bind address; 0.0.0.0 and :: are any address; '%dev' behind it where bound to one."
    )
    port: Optional[int] = attribute("Port.", security=True)
    exposed: Optional[bool] = attribute("False where only the host itself can reach it (loopback).", security=True)
