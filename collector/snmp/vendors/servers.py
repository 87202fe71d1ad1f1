"""Servers: agents of Linux (Net-SNMP), Windows, VMware ESXi, BSD, network storage, management processors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import column
from collector.snmp.vendor import Family, Own, OwnRow


@dataclass(frozen=True, slots=True)
class Synology(Own):
    """synoSystem of SYNOLOGY-SYSTEM-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.6574.1.5"

    product: str | None = column(1, syntax.text)
    serial: str | None = column(2, syntax.text)
    version: str | None = column(3, syntax.text)


@dataclass(frozen=True, slots=True)
class Qnap(OwnRow):
    """enclosureTable of QTS-MIB. Index: enclosure."""

    oid: ClassVar[str] = "1.3.6.1.4.1.24681.1.4.1.1.1.1.1.2.1"

    product: str | None = column(3, syntax.text)
    serial: str | None = column(4, syntax.text)


@dataclass(frozen=True, slots=True)
class Esxi(Own):
    """vmwProdVersion of VMWARE-SYSTEM-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.6876.1"

    version: str | None = column(2, syntax.text)


@dataclass(frozen=True, slots=True)
class Idrac(Own):
    """chassis information of IDRAC-MIB: racShortName's group has the version, the server's group its service tag."""

    oid: ClassVar[str] = "1.3.6.1.4.1.674.10892.5.1.3"

    serial: str | None = column(2, syntax.text)
    product: str | None = column(12, syntax.text)


@dataclass(frozen=True, slots=True)
class IdracVersion(Own):
    """racFirmwareVersion of IDRAC-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.674.10892.5.1.1"

    version: str | None = column(8, syntax.text)


_NET_SNMP = "1.3.6.1.4.1.8072.3.2"
_UNAME = re.compile(
    r"^(?P<kernel>Linux|FreeBSD|OpenBSD|NetBSD|SunOS|Darwin) \S+ (?P<kernel_release>\S+)"
    r"(?:.* (?P<architecture>x86_64|amd64|aarch64|i[3-6]86|armv\w+|ppc64le|ppc64|s390x|mips\w*))?"
)

FAMILIES = (
    Family(
        _NET_SNMP,
        "",
        says=(_UNAME,),
        when=re.compile(r"^(?:Linux|FreeBSD|OpenBSD|NetBSD|SunOS|Darwin) \S+ \S"),
        server=True,
    ),
    Family(f"{_NET_SNMP}.10", "Synology", os="dsm", says=(_UNAME,), own=(Synology,), proof=True, server=True),
    Family(f"{_NET_SNMP}.10", "QNAP", os="qts", says=(_UNAME,), own=(Qnap,), proof=True, server=True),
    Family("1.3.6.1.4.1.24681", "QNAP", os="qts", own=(Qnap,), says=(_UNAME,), server=True),
    Family(
        "1.3.6.1.4.1.311.1.1.3.1",
        "",
        os="windows",
        os_name="Windows",
        # "Software: Windows Version 6.3 (Build 17763 Multiprocessor Free)"
        says=(re.compile(r"Windows (?:2000 )?Version (?P<version>[\d.]+) \(Build (?P<build>\d+)"),),
        server=True,
    ),
    Family(
        "1.3.6.1.4.1.6876.4",
        "",
        os="esxi",
        os_name="VMware ESXi",
        says=(re.compile(r"VMware ESXi? (?P<version>\d[\w.]+)(?:.* (?P<architecture>x86_64|aarch64))?"),),
        own=(Esxi,),
        server=True,
    ),
    Family("1.3.6.1.4.1.674.10892.5", "Dell", os="idrac", own=(Idrac, IdracVersion)),
    Family("1.3.6.1.4.1.674.10892.2", "Dell", os="drac"),
    Family("1.3.6.1.4.1.789", "NetApp", os="ontap", says=(re.compile(r"NetApp Release (?P<version>[^\s:]+)"),)),
    Family("1.3.6.1.4.1.12325.1.1.2.1.1", "", says=(_UNAME,), server=True),
    Family("1.3.6.1.4.1.30803", "VyOS", os="vyos", says=(re.compile(r"VyOS (?P<version>\S+)"),), roles=("router",)),
    Family(
        "1.3.6.1.4.1.44641",
        "VyOS",
        os="vyos",
        says=(re.compile(r"VyOS (?P<version>\S+)"),),
        roles=("router",),
    ),
    Family("1.3.6.1.4.1.10876", "Supermicro"),
)
