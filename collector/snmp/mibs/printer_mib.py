"""Printer-MIB (RFC 3805): name and serial number of a printer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import Row, column


@dataclass(frozen=True, slots=True)
class General(Row):
    """prtGeneralEntry. Index: hrDeviceIndex of the printer."""

    oid: ClassVar[str] = "1.3.6.1.2.1.43.5.1.1"

    name: str | None = column(16, syntax.text)
    serial: str | None = column(17, syntax.text)
