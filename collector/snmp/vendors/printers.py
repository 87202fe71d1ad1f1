"""Printers: who made them; model and serial number come from the Printer-MIB and HOST-RESOURCES-MIB."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import column
from collector.snmp.vendor import Family, Own


@dataclass(frozen=True, slots=True)
class Ricoh(Own):
    """ricohSysName and ricohSysVers of RicohPrivateMIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.367.3.2.1.1.1"

    product: str | None = column(1, syntax.text)
    version: str | None = column(2, syntax.text)


_PRINTER = ("printer",)

FAMILIES = (
    Family(
        "1.3.6.1.4.1.367",
        "Ricoh",
        os="ricoh",
        own=(Ricoh,),
        roles=_PRINTER,
        says=(re.compile(r"^RICOH (?P<product>.+?) (?P<version>\d+\.\d[\w.]*) /"),),
    ),
    Family("1.3.6.1.4.1.1347", "Kyocera", roles=_PRINTER),
    Family("1.3.6.1.4.1.2435", "Brother", roles=_PRINTER),
    Family("1.3.6.1.4.1.641", "Lexmark", roles=_PRINTER),
    Family("1.3.6.1.4.1.253", "Xerox", roles=_PRINTER),
    Family("1.3.6.1.4.1.1602", "Canon", roles=_PRINTER),
    Family("1.3.6.1.4.1.1248", "Epson", roles=_PRINTER),
    Family("1.3.6.1.4.1.18334", "Konica Minolta", roles=_PRINTER),
    Family("1.3.6.1.4.1.2385", "Sharp", roles=_PRINTER),
    Family("1.3.6.1.4.1.1129", "Toshiba", roles=_PRINTER),
    Family("1.3.6.1.4.1.236.11", "Samsung", roles=_PRINTER),
    Family("1.3.6.1.4.1.2001", "OKI", roles=_PRINTER),
)
