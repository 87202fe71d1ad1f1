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
    stack: ClassVar[bool] = False  # shelves of discs

    product: str | None = column(3, syntax.text)
    serial: str | None = column(4, syntax.text)


@dataclass(frozen=True, slots=True)
class QnapSystem(Own):
    """modelName of NAS-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.24681.1.2"
    last: ClassVar[bool] = True

    product: str | None = column(12, syntax.text)


@dataclass(frozen=True, slots=True)
class Drac(Own):
    """drsProductInfoGroup of DELL-RAC-MIB: DRAC 5 and the controllers of enclosures, whose serial number it is."""

    oid: ClassVar[str] = "1.3.6.1.4.1.674.10892.2.1.1"

    product: str | None = column(2, syntax.text)
    serial: str | None = column(6, syntax.text)


@dataclass(frozen=True, slots=True)
class DracVersion(Own):
    """drsFirmwareGroup of DELL-RAC-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.674.10892.2.1.2"

    version: str | None = column(1, syntax.text)


@dataclass(frozen=True, slots=True)
class NetApp(Own):
    """product of NETWORK-APPLIANCE-MIB: productModel, productSerialNum."""

    oid: ClassVar[str] = "1.3.6.1.4.1.789.1.1"

    product: str | None = column(5, syntax.text)
    serial: str | None = column(9, syntax.text)


@dataclass(frozen=True, slots=True)
class Isilon(OwnRow):
    """chassisTable of ISILON-MIB: the node that answers. Index: chassis."""

    oid: ClassVar[str] = "1.3.6.1.4.1.12124.2.51.1"
    stack: ClassVar[bool] = False

    serial: str | None = column(3, syntax.text)
    product: str | None = column(4, syntax.text)


@dataclass(frozen=True, slots=True)
class Ibmc(Own):
    """hwServerSystemInfo of HUAWEI-SERVER-IBMC-MIB: the server that Huawei's management processor is in."""

    oid: ClassVar[str] = "1.3.6.1.4.1.2011.2.235.1.1.1"

    product: str | None = column(6, syntax.text)
    serial: str | None = column(7, syntax.text)


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
    Family(
        "1.3.6.1.4.1.24681",
        "QNAP",
        os="qts",
        own=(Qnap, QnapSystem),
        # "Linux TS-X71U 4.3.4": QTS has its own version in the place of the kernel's.
        says=(re.compile(r"^(?P<kernel>Linux) (?P<product>T[A-Z]+-\S+ )?\S*?\s*(?P<version>\d\S+)$"),),
        server=True,
    ),
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
    Family("1.3.6.1.4.1.674.10892.2", "Dell", os="drac", own=(Drac, DracVersion)),
    Family(
        "1.3.6.1.4.1.789",
        "NetApp",
        os="ontap",
        own=(NetApp,),
        says=(re.compile(r"NetApp Release (?P<version>[^\s:]+)"),),
        roles=("storage",),
    ),
    Family(
        "1.3.6.1.4.1.12124",
        "Isilon",
        os="onefs",
        own=(Isilon,),
        says=(re.compile(r"OneFS v(?P<version>\d[\w.]+)"),),
        roles=("storage",),
    ),
    Family("1.3.6.1.4.1.2011.2.235", "Huawei", os="ibmc", own=(Ibmc,)),
    Family("1.3.6.1.4.1.12325.1.1.2.1.1", "", says=(_UNAME,), server=True),
    Family(
        "1.3.6.1.4.1.12325.1.1.2.1.1",
        "",
        os="pfsense",
        when=re.compile("^pfSense"),
        says=(re.compile(r"^pfSense (?:\S+ )?(?P<version>\d\S*-\w+)"),),
        roles=("firewall",),
    ),
    Family(
        "1.3.6.1.4.1.2.3.1.2.1.1",
        "IBM",
        os="aix",
        os_name="AIX",
        says=(re.compile(r"AIX version: (?P<version>\d[\d.]+)"),),
        server=True,
    ),
    Family("1.3.6.1.4.1.30803", "", roles=("router",)),  # Vyatta's, which many build into their own
    Family(
        "1.3.6.1.4.1.30803",
        "Vyatta",
        os="vyatta",
        when=re.compile("^Vyatta"),
        says=(re.compile(r"^Vyatta (?:VC|VSE)?(?P<version>\d\S+)"),),
        roles=("router",),
    ),
    Family(
        "1.3.6.1.4.1.30803",
        "VyOS",
        os="vyos",
        when=re.compile("VyOS"),
        says=(re.compile(r"VyOS (?P<version>\S+)"),),
        roles=("router",),
    ),
    Family(
        "1.3.6.1.4.1.44641",
        "VyOS",
        os="vyos",
        says=(re.compile(r"VyOS (?P<version>\S+)"),),
        roles=("router",),
    ),
    Family("1.3.6.1.4.1.10876", "Supermicro"),
)
