"""Firewalls and balancers: Fortinet, Palo Alto Networks, Check Point, SonicWall, WatchGuard, F5."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import column
from collector.snmp.vendor import Family, Own


@dataclass(frozen=True, slots=True)
class Fortinet(Own):
    """fnSysSerial of FORTINET-CORE-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.12356.100.1.1"

    serial: str | None = column(1, syntax.text)


@dataclass(frozen=True, slots=True)
class FortiGate(Own):
    """fgSysVersion of FORTINET-FORTIGATE-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.12356.101.4.1"

    version: str | None = column(1, syntax.text)


@dataclass(frozen=True, slots=True)
class FortiSwitch(Own):
    """fsSysVersion of FORTINET-FORTISWITCH-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.12356.106.4.1"

    version: str | None = column(1, syntax.text)


@dataclass(frozen=True, slots=True)
class FortiManager(Own):
    """fmSysVersion of FORTINET-FORTIMANAGER-FORTIANALYZER-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.12356.103.2.1"

    version: str | None = column(7, syntax.text)


@dataclass(frozen=True, slots=True)
class BigIp(Own):
    """sysProduct of F5-BIGIP-SYSTEM-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.3375.2.1.4"

    version: str | None = column(2, syntax.text)


@dataclass(frozen=True, slots=True)
class BigIpChassis(Own):
    """sysGeneralChassisSerialNum of F5-BIGIP-SYSTEM-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.3375.2.1.3.3"

    serial: str | None = column(3, syntax.text)


@dataclass(frozen=True, slots=True)
class BigIpPlatform(Own):
    """sysPlatformInfoMarketingName of F5-BIGIP-SYSTEM-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.3375.2.1.3.5"

    product: str | None = column(2, syntax.text)


@dataclass(frozen=True, slots=True)
class PaloAlto(Own):
    """panSys of PAN-COMMON-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.25461.2.1.2.1"

    version: str | None = column(1, syntax.text)
    serial: str | None = column(3, syntax.text)


@dataclass(frozen=True, slots=True)
class CheckPoint(Own):
    """svnProdVerMajor's neighbours of CHECKPOINT-MIB: svnVersion."""

    oid: ClassVar[str] = "1.3.6.1.4.1.2620.1.6.4"

    version: str | None = column(1, syntax.text)


@dataclass(frozen=True, slots=True)
class CheckPointAppliance(Own):
    """svnApplianceInfo of CHECKPOINT-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.2620.1.6.16"

    serial: str | None = column(3, syntax.text)
    product: str | None = column(7, syntax.text)


@dataclass(frozen=True, slots=True)
class SonicWall(Own):
    """snwlSys of SNWL-COMMON-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.8741.2.1.1"

    product: str | None = column(1, syntax.text)
    serial: str | None = column(2, syntax.text)
    version: str | None = column(3, syntax.text)


_FIREWALL = ("firewall",)

FAMILIES = (
    Family("1.3.6.1.4.1.12356", "Fortinet", own=(Fortinet,)),
    Family("1.3.6.1.4.1.12356.101", "Fortinet", os="fortios", own=(Fortinet, FortiGate), roles=_FIREWALL),
    Family("1.3.6.1.4.1.12356.103", "Fortinet", os="fortimanager", own=(Fortinet, FortiManager)),
    Family("1.3.6.1.4.1.12356.106", "Fortinet", os="fortiswitch", own=(Fortinet, FortiSwitch)),
    Family("1.3.6.1.4.1.3375", "F5", os="tmos", own=(BigIp, BigIpChassis, BigIpPlatform), roles=("balancer",)),
    Family(
        "1.3.6.1.4.1.25461.2.3",
        "Palo Alto Networks",
        os="panos",
        says=(re.compile(r"Palo Alto Networks (?P<product>PA-\S+|VM-\S+) series firewall"),),
        own=(PaloAlto,),
        roles=_FIREWALL,
    ),
    Family(
        "1.3.6.1.4.1.2620.1.6.123", "Check Point", os="gaia", own=(CheckPoint, CheckPointAppliance), roles=_FIREWALL
    ),
    Family(
        "1.3.6.1.4.1.8072.3.2.10",
        "Check Point",
        os="gaia",
        when=re.compile(r"^Linux \S+ \S+cp(?:x86_64|smp)?\b"),
        own=(CheckPointAppliance, CheckPoint),
        proof=True,
        roles=_FIREWALL,
    ),
    Family("1.3.6.1.4.1.8741", "SonicWall", os="sonicos", own=(SonicWall,), roles=_FIREWALL),
    Family("1.3.6.1.4.1.3097", "WatchGuard", os="fireware", roles=_FIREWALL),
)
