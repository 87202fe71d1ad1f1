"""HPE and Aruba: ProCurve and AOS-S, AOS-CX, ArubaOS, Comware, iLO (1.3.6.1.4.1.11, .25506, .14823, .47196, .232)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import column
from collector.snmp.vendor import Family, Own, OwnRow


@dataclass(frozen=True, slots=True)
class Machine(Own):
    """cpqSiSysSerialNum of CPQSINFO-MIB: the machine that the management processor is in."""

    oid: ClassVar[str] = "1.3.6.1.4.1.232.2.2.2"

    serial: str | None = column(1, syntax.text)


@dataclass(frozen=True, slots=True)
class MachineModel(Own):
    """cpqSiProductName of CPQSINFO-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.232.2.2.4"

    product: str | None = column(2, syntax.text)


@dataclass(frozen=True, slots=True)
class Controller(Own):
    """wlsxSystemExtGroup of WLSX-SYSTEMEXT-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.14823.2.2.1.2.1"

    product: str | None = column(3, syntax.text)
    serial: str | None = column(29, syntax.text)
    version: str | None = column(28, syntax.text)


@dataclass(frozen=True, slots=True)
class Switch(Own):
    """hpHttpMgSerialNumber of HP-HTTP-MANAGEMENT's MIB (SEMI-MIB)."""

    oid: ClassVar[str] = "1.3.6.1.4.1.11.2.36.1.1.2"

    serial: str | None = column(9, syntax.text)


@dataclass(frozen=True, slots=True)
class LaserJet(Own):
    """model-name, serial-number and fw-rom-revision of HP-LASERJET-COMMON-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.11.2.3.9.4.2.1.1.3"

    product: str | None = column(2, syntax.text)
    serial: str | None = column(3, syntax.text)
    version: str | None = column(6, syntax.text)


@dataclass(frozen=True, slots=True)
class Enclosure(OwnRow):
    """cpqRackCommonEnclosureTable of CPQRACK-MIB: an enclosure of blades, several of a rack. Index: enclosure."""

    oid: ClassVar[str] = "1.3.6.1.4.1.232.22.2.3.1.1.1"

    product: str | None = column(3, syntax.text)
    serial: str | None = column(7, syntax.text)
    version: str | None = column(8, syntax.text)


_COMWARE = (
    re.compile(r"(?:Software )?Version (?P<version>\S+?),? (?P<release>(?:Release|Feature|ESS|Alpha) \S+)"),
    re.compile(r"\bVersion (?P<version>\d[^\s,]+)"),
)
_REVISION = re.compile(r"revision (?P<version>[A-Z]{1,3}\.\d[\w.]+)")

FAMILIES = (
    Family("1.3.6.1.4.1.11", "HP"),
    Family("1.3.6.1.4.1.11.2.3.7.11", "HP", os="procurve", own=(Switch,), says=(_REVISION,)),
    Family("1.3.6.1.4.1.11.2.3.7.8.5", "HP", os="procurve", own=(Switch,)),
    Family("1.3.6.1.4.1.11.2.3.9", "HP", os="jetdirect", own=(LaserJet,), roles=("printer",)),
    Family("1.3.6.1.4.1.11.5.7.1.2", "HP", os="hpe-oa", own=(Enclosure,)),
    Family(
        "1.3.6.1.4.1.232",
        "HPE",
        os="hpe-ilo",
        when=re.compile("Integrated Lights-Out"),
        says=(re.compile(r"Integrated Lights-Out \d+ (?P<version>\d[\w.]+)"),),
        own=(Machine, MachineModel),
    ),
    Family("1.3.6.1.4.1.232", "HPE"),
    Family(
        "1.3.6.1.4.1.25506", "HPE", os="comware", when=re.compile(r"\bHPE?\b|Hewlett"), says=_COMWARE, says_first=True
    ),
    Family("1.3.6.1.4.1.25506", "H3C", os="comware", when=re.compile(r"\bH3C\b"), says=_COMWARE, says_first=True),
    Family("1.3.6.1.4.1.25506", "", os="comware", says=_COMWARE, says_first=True),
    Family(
        "1.3.6.1.4.1.14823",
        "Aruba",
        os="arubaos",
        says=(
            re.compile(r"Version (?P<version>\d[^\s,]+)"),
            re.compile(r"MODEL: (?P<product>[^\s,)]+)"),
        ),
        own=(Controller,),
        roles=("wlan",),
    ),
    Family(
        "1.3.6.1.4.1.47196",
        "Aruba",
        os="arubaos-cx",
        says=(re.compile(r"^Aruba (?P<product>\S+).* (?P<version>[A-Z]{2}\.\d\d\.\S+)$"),),
    ),
)
