"""Brocade and what it was and became: Foundry, Ruckus (IronWare, FastIron; 1.3.6.1.4.1.1991), Fabric OS (.1588), Ruckus' wireless
(.25053)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.mibs.foundry_mib import Unit
from collector.snmp.table import column
from collector.snmp.vendor import Family, Own


@dataclass(frozen=True, slots=True)
class Chassis(Own):
    """snChasSerNum of FOUNDRY-SN-AGENT-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.1991.1.1.1.1"

    serial: str | None = column(2, syntax.text)


@dataclass(frozen=True, slots=True)
class Image(Own):
    """snAgImgVer of FOUNDRY-SN-AGENT-MIB: the image that runs."""

    oid: ClassVar[str] = "1.3.6.1.4.1.1991.1.1.2.1"
    last: ClassVar[bool] = True

    version: str | None = column(11, syntax.text)


@dataclass(frozen=True, slots=True)
class FabricOs(Own):
    """swFirmwareVersion of SW-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.1588.2.1.1.1.1"

    version: str | None = column(6, syntax.text)


@dataclass(frozen=True, slots=True)
class ZoneDirector(Own):
    """ruckusZDSystemInfo of RUCKUS-ZD-SYSTEM-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.25053.1.2.1.1.1.1"

    product: str | None = column(9, syntax.text)
    serial: str | None = column(15, syntax.text)
    version: str | None = column(18, syntax.text)


@dataclass(frozen=True, slots=True)
class Unleashed(Own):
    """ruckusUnleashedSystemInfo of RUCKUS-UNLEASHED-SYSTEM-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.25053.1.15.1.1.1.1"

    product: str | None = column(9, syntax.text)
    serial: str | None = column(15, syntax.text)
    version: str | None = column(18, syntax.text)


@dataclass(frozen=True, slots=True)
class AccessPoint(Own):
    """ruckusHwInfo of RUCKUS-HWINFO-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.25053.1.1.2.1.1.1"

    product: str | None = column(1, syntax.text)
    serial: str | None = column(2, syntax.text)


_OWN = (Chassis, Unit, Image)
_SAYS = (
    # "Brocade Communications Systems, Inc. ICX6430-24, IronWare Version 08.0.30tT311 Compiled on ..."
    re.compile(
        r"^(?:.*?(?:Inc\.|Networks|Ruckus),? )?(?:Stacking System )?(?P<product>[A-Z][\w+/-]*\d[\w+/-]*|NetIron \S+|BigIron \S+|"
        r"FastIron \S+)(?: [^,]*)?,.*?IronWare Version V?(?P<version>\d\S+)",
    ),
    re.compile(r"IronWare Version V?(?P<version>\d\S+)"),
)


def _fastiron(vendor: str, when: str | None = None) -> Family:
    return Family(
        "1.3.6.1.4.1.1991",
        vendor,
        os="fastiron",
        when=re.compile(when) if when else None,
        own=_OWN,
        says=_SAYS,
        says_first=True,
    )


FAMILIES = (
    _fastiron("Brocade"),
    _fastiron("Foundry Networks", "^Foundry"),
    _fastiron("Ruckus", "^(?:Ruckus|CommScope|RUCKUS)"),
    _fastiron("Extreme Networks", "^Extreme"),
    Family("1.3.6.1.4.1.1588", "Brocade", os="fabos", own=(FabricOs,), model_of="description"),
    Family("1.3.6.1.4.1.25053", "Ruckus", roles=("wlan",)),
    Family("1.3.6.1.4.1.25053.3.1.4", "Ruckus", os="ruckus", own=(AccessPoint,), roles=("wlan",)),
    Family("1.3.6.1.4.1.25053.3.1.5", "Ruckus", os="zonedirector", own=(ZoneDirector,), roles=("wlan",)),
    Family("1.3.6.1.4.1.25053.3.1.5.15", "Ruckus", os="unleashed", own=(Unleashed,), roles=("wlan",)),
)
