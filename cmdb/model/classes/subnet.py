"""Subnet: a network prefix in a routing domain."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class Subnet(CI):
    """A network prefix in a routing domain, seen as the network of an interface's address."""

    key: ClassVar[tuple[str, ...]] = ("prefix",)
    name_from: ClassVar[str] = "prefix"
    in_domain: ClassVar[bool] = True
    owned: ClassVar[bool] = True

    prefix: Optional[str] = attribute("Network and length: 10.0.0.0/8, 2001:db8::/64.", form="network")
    version: Optional[int] = attribute("4 or 6.")
