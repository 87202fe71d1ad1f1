"""Printers: who made them; model and serial number come from the Printer-MIB and HOST-RESOURCES-MIB."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import column
from collector.snmp.vendor import Family, Own, OwnRow


@dataclass(frozen=True, slots=True)
class Ricoh(Own):
    """ricohSysName and ricohSysVers of RicohPrivateMIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.367.3.2.1.1.1"

    product: str | None = column(1, syntax.text)
    version: str | None = column(2, syntax.text)


@dataclass(frozen=True, slots=True)
class Kyocera(OwnRow):
    """kcprtGeneral of KYOCERA-Private-MIB. Index: printer."""

    oid: ClassVar[str] = "1.3.6.1.4.1.1347.43.5.1.1"
    stack: ClassVar[bool] = False

    product: str | None = column(1, syntax.text)
    serial: str | None = column(28, syntax.text)


@dataclass(frozen=True, slots=True)
class KyoceraVersion(OwnRow):
    """kcprtFirmwareVersion of KYOCERA-Private-MIB. Index: printer, part; the first is the system's."""

    oid: ClassVar[str] = "1.3.6.1.4.1.1347.43.5.4.1"

    version: str | None = column(5, syntax.text)


@dataclass(frozen=True, slots=True)
class Brother(Own):
    """brInfoSerialNumber of BROTHER-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.2435.2.3.9.4.2.1.5.5"
    last: ClassVar[bool] = True

    serial: str | None = column(1, syntax.text)
    version: str | None = column(17, syntax.text)


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
    Family("1.3.6.1.4.1.1347", "Kyocera", own=(Kyocera, KyoceraVersion), roles=_PRINTER),
    Family(
        "1.3.6.1.4.1.2435",
        "Brother",
        own=(Brother,),
        roles=_PRINTER,
        says=(re.compile(r"Firmware Ver\.(?P<version>[\w.]+)"),),
    ),
    Family(
        "1.3.6.1.4.1.641",
        "Lexmark",
        roles=_PRINTER,
        says=(re.compile(r"^Lexmark (?P<product>\S+)(?: \S+)? version (?P<version>\S+)"),),
    ),
    Family(
        "1.3.6.1.4.1.253",
        "Xerox",
        roles=_PRINTER,
        says=(
            re.compile(r"^(?:FUJI )?(?:XEROX|Xerox) (?P<product>[^;,]+?)(?: v\d+ Multifunction System)?[;,]"),
            re.compile(r"(?:System(?: Software)?|\bSS) (?P<version>\d[\w.]+)"),
        ),
    ),
    Family("1.3.6.1.4.1.1602", "Canon", roles=_PRINTER, says=(re.compile(r"^Canon (?P<product>[^/]+?) /"),)),
    Family("1.3.6.1.4.1.1248", "Epson", roles=_PRINTER),
    Family("1.3.6.1.4.1.18334", "Konica Minolta", roles=_PRINTER),
    Family("1.3.6.1.4.1.2385", "Sharp", roles=_PRINTER),
    Family("1.3.6.1.4.1.1129", "Toshiba", roles=_PRINTER),
    Family(
        "1.3.6.1.4.1.236.11",
        "Samsung",
        roles=_PRINTER,
        says=(
            re.compile(r"^Samsung (?P<product>[^;]+?)(?: Series)?;"),
            re.compile(r";\s*OS (?P<version>V?\d[\w.]+)"),
            re.compile(r"S/N (?P<serial>\w+)"),
        ),
    ),
    Family("1.3.6.1.4.1.2001", "OKI", roles=_PRINTER),
)
