"""Networks of carriers and data centres: Nokia, Adtran, Citrix NetScaler, A10 Networks; access points of Aerohive."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import column
from collector.snmp.vendor import Family, Own


@dataclass(frozen=True, slots=True)
class NetScaler(Own):
    """nsSysGroup of NS-ROOT-MIB: sysHardwareVersionDesc, sysHardwareSerialNumber."""

    oid: ClassVar[str] = "1.3.6.1.4.1.5951.4.1.1"

    product: str | None = column(11, syntax.text)
    serial: str | None = column(14, syntax.text)


FAMILIES = (
    Family(
        "1.3.6.1.4.1.6527",
        "Nokia",
        os="timos",
        says=(
            # "TiMOS-C-13.0.R12 cpm/hops64 ALCATEL SR 7750 Copyright (c) ..."
            re.compile(
                r"^TiMOS-\w+-(?P<version>\S+) \S+ (?:ALCATEL|Nokia|NOKIA)(?:-LUCENT)? (?P<product>.+?) Copyright"
            ),
            re.compile(r"^TiMOS-\w+-(?P<version>\S+)"),
        ),
        says_first=True,
        roles=("router",),
    ),
    Family(
        "1.3.6.1.4.1.664",
        "Adtran",
        says=(re.compile(r"^(?P<product>[A-Z][^,]*?\d[^,]*), Version: (?P<version>[^,\s]+)"),),
    ),
    Family(
        "1.3.6.1.4.1.5951",
        "Citrix",
        os="netscaler",
        own=(NetScaler,),
        says=(re.compile(r"NetScaler NS(?P<version>\d[\d.]*): Build (?P<build>\d[\w.]*)"),),
        roles=("balancer",),
    ),
    Family(
        "1.3.6.1.4.1.22610",
        "A10 Networks",
        os="acos",
        says=(re.compile(r"(?P<product>\b(?:TH|AX|vThunder)\w*), .*?ACOS (?P<version>\d[\w.-]*)"),),
        roles=("balancer",),
    ),
    Family(
        "1.3.6.1.4.1.26928",
        "Aerohive",
        os="hiveos",
        says=(re.compile(r"^(?P<product>[A-Z]+\d\w*), HiveOS (?P<version>\S+)"),),
        roles=("wlan",),
    ),
)
