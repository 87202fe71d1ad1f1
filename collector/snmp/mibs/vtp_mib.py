"""CISCO-VTP-MIB: VLANs of devices that have no Q-BRIDGE-MIB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import Row, column

OPERATIONAL = 1
ETHERNET = 1


@dataclass(frozen=True, slots=True)
class VtpVlan(Row):
    """vtpVlanEntry. Index: management domain, VLAN. 1002 to 1005 are for token ring and FDDI, `type` is 1 of Ethernet."""

    oid: ClassVar[str] = "1.3.6.1.4.1.9.9.46.1.3.1.1"

    state: int | None = column(2, syntax.number)
    type: int | None = column(3, syntax.number)
    name: str | None = column(4, syntax.text)
