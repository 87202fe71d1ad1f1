"""CISCO-CDP-MIB: neighbours by the Cisco Discovery Protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import Row, Scalars, column


@dataclass(frozen=True, slots=True)
class Global(Scalars):
    """cdpGlobal: `device_id` is what this device calls itself to its neighbours."""

    oid: ClassVar[str] = "1.3.6.1.4.1.9.9.23.1.3"

    device_id: str | None = column(4, syntax.text)


@dataclass(frozen=True, slots=True)
class Cache(Row):
    """cdpCacheEntry. Index: ifIndex of the local port, number of the neighbour. `address_type` 1 is IPv4, 20 IPv6."""

    oid: ClassVar[str] = "1.3.6.1.4.1.9.9.23.1.2.1.1"

    address_type: int | None = column(3, syntax.number)
    address: bytes | None = column(4, syntax.octets)
    version: str | None = column(5, syntax.text)
    device_id: str | None = column(6, syntax.text)
    port: str | None = column(7, syntax.text)
    platform: str | None = column(8, syntax.text)
    capabilities: bytes | None = column(9, syntax.octets)
    system_name: str | None = column(17, syntax.text)

    @property
    def interface(self) -> int:
        """ifIndex of the local port."""
        return self.index[0]
