"""Access and campus networks: MikroTik, Ubiquiti, Extreme, Dell, D-Link, Zyxel, TP-Link, Netgear, Edgecore and others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import column
from collector.snmp.vendor import Family, Own, OwnRow


@dataclass(frozen=True, slots=True)
class MikroTik(Own):
    """mtxrSystem and mtxrLicense of MIKROTIK-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.14988.1.1.7"

    serial: str | None = column(3, syntax.text)
    product: str | None = column(9, syntax.text)


@dataclass(frozen=True, slots=True)
class MikroTikVersion(Own):
    """mtxrLicVersion of MIKROTIK-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.14988.1.1.4"

    version: str | None = column(4, syntax.text)


@dataclass(frozen=True, slots=True)
class TpLink(Own):
    """tplinkSysInfo of TPLINK-SYSINFO-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.11863.6.1.1"

    product: str | None = column(5, syntax.text)
    version: str | None = column(6, syntax.text)
    serial: str | None = column(8, syntax.text)


@dataclass(frozen=True, slots=True)
class Netgear(Own):
    """agentInventory of NETGEAR's FASTPATH MIB (agentInventoryGroup)."""

    oid: ClassVar[str] = "1.3.6.1.4.1.4526.10.1.1.1"

    product: str | None = column(3, syntax.text)
    serial: str | None = column(4, syntax.text)
    version: str | None = column(13, syntax.text)


@dataclass(frozen=True, slots=True)
class Siemens(Own):
    """snInfoSerialNr and snInfoSwVersion of AUTOMATION-SYSTEM-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.4329.6.3.2.1.1"

    serial: str | None = column(3, syntax.text)
    version: str | None = column(5, syntax.text)


@dataclass(frozen=True, slots=True)
class DLink(OwnRow):
    """swUnitMgmtTable of D-Link's SINGLE-IP and stacking MIB. Index: unit."""

    oid: ClassVar[str] = "1.3.6.1.4.1.171.12.11.1.9.4.1"

    serial: str | None = column(17, syntax.text)


@dataclass(frozen=True, slots=True)
class Edgecore(OwnRow):
    """switchInfoTable of the MIB that each Edgecore product has below its own number. Index: unit."""

    oid: ClassVar[str] = "1.1.3.1"

    version: str | None = column(6, syntax.text)
    serial: str | None = column(10, syntax.text)


@dataclass(frozen=True, slots=True)
class Zyxel(Own):
    """sysInfo of ZYXEL-ES-COMMON: sysSwVersionString, sysProductModel, sysProductSerialNumber."""

    oid: ClassVar[str] = "1.3.6.1.4.1.890.1.15.3.1"

    version: str | None = column(6, syntax.text)
    product: str | None = column(11, syntax.text)
    serial: str | None = column(12, syntax.text)


@dataclass(frozen=True, slots=True)
class DellSwitch(OwnRow):
    """productIdentificationExtended of Dell-Vendor-MIB. Index: unit."""

    oid: ClassVar[str] = "1.3.6.1.4.1.674.10895.3000.1.2.100.8.1"

    serial: str | None = column(2, syntax.text)


@dataclass(frozen=True, slots=True)
class DellProduct(Own):
    """productIdentification of Dell-Vendor-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.674.10895.3000.1.2.100"

    product: str | None = column(1, syntax.text)
    version: str | None = column(4, syntax.text)


@dataclass(frozen=True, slots=True)
class UniFi(Own):
    """unifiApSystem of UBNT-UniFi-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.41112.1.6.3"

    product: str | None = column(3, syntax.text)
    version: str | None = column(6, syntax.text)


@dataclass(frozen=True, slots=True)
class AirOs(OwnRow):
    """dot11ResourceInfoTable of IEEE802dot11-MIB. Index: ifIndex of the radio."""

    oid: ClassVar[str] = "1.2.840.10036.3.1.2.1"
    stack: ClassVar[bool] = False

    product: str | None = column(3, syntax.text)
    version: str | None = column(4, syntax.text)


@dataclass(frozen=True, slots=True)
class EdgeSwitch(Own):
    """agentInventoryGroup of EdgeSwitch-SWITCHING-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.4413.1.1.1.1.1"

    product: str | None = column(3, syntax.text)
    serial: str | None = column(4, syntax.text)
    version: str | None = column(13, syntax.text)


@dataclass(frozen=True, slots=True)
class NetgearSmart(Own):
    """agentInventoryGroup of NETGEAR's smart switches."""

    oid: ClassVar[str] = "1.3.6.1.4.1.4526.11.1.1.1"

    product: str | None = column(3, syntax.text)
    serial: str | None = column(4, syntax.text)
    version: str | None = column(13, syntax.text)


@dataclass(frozen=True, slots=True)
class DLinkSerial(Own):
    """agentSerialNumber of D-Link's AGENT-GENERAL-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.171.12.1.1"
    last: ClassVar[bool] = True

    serial: str | None = column(12, syntax.text)


@dataclass(frozen=True, slots=True)
class Probe(Own):
    """probeSoftwareRev of RMON2-MIB."""

    oid: ClassVar[str] = "1.3.6.1.2.1.16.19"
    last: ClassVar[bool] = True

    version: str | None = column(2, syntax.text)


@dataclass(frozen=True, slots=True)
class Radlan(OwnRow):
    """rlPhdUnitGenParamTable of RADLAN-Physicaldescription-MIB, which many makers build in. Index: unit."""

    oid: ClassVar[str] = "1.3.6.1.4.1.89.53.14.1"
    last: ClassVar[bool] = True

    version: str | None = column(2, syntax.text)
    serial: str | None = column(5, syntax.text)
    product: str | None = column(11, syntax.text)


@dataclass(frozen=True, slots=True)
class AlliedTelesis(OwnRow):
    """rscBoardTable of AT-RESOURCE-MIB: members of a stack and their boards, the first of which is the switch. Index: member,
    board."""

    oid: ClassVar[str] = "1.3.6.1.4.1.207.8.4.4.3.21.1.1"
    last: ClassVar[bool] = True

    product: str | None = column(4, syntax.text)
    serial: str | None = column(8, syntax.text)


@dataclass(frozen=True, slots=True)
class Baystack(Own):
    """s5ChasSerNum of S5-CHASSIS-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.45.1.6.3.1"
    last: ClassVar[bool] = True

    serial: str | None = column(6, syntax.text)


@dataclass(frozen=True, slots=True)
class RapidCity(Own):
    """rcChasSerialNumber of RAPID-CITY."""

    oid: ClassVar[str] = "1.3.6.1.4.1.2272.1.4"
    last: ClassVar[bool] = True

    serial: str | None = column(2, syntax.text)


_NETGEAR = (re.compile(r"^(?P<product>[A-Z]{1,4}\d{3,4}[\w-]*)\b.*?(?:, (?P<version>\d[\d.]+))?(?:,|$)"),)
_UNDER_DELL = "1.3.6.1.4.1.674.10895"

FAMILIES = (
    Family(
        "1.3.6.1.4.1.14988",
        "MikroTik",
        os="routeros",
        says=(re.compile(r"^RouterOS (?P<product>\S.*)$"),),
        own=(MikroTik, MikroTikVersion),
    ),
    Family("1.3.6.1.4.1.41112", "Ubiquiti"),
    Family(
        "1.3.6.1.4.1.41112.1.5",
        "Ubiquiti",
        os="edgeos",
        says=(re.compile(r"^EdgeOS v(?P<version>[\w.-]+)"),),
        roles=("router",),
    ),
    Family("1.3.6.1.4.1.41112.1.4", "Ubiquiti", os="airos", own=(AirOs,), roles=("wlan",)),
    Family("1.3.6.1.4.1.41112.1.6", "Ubiquiti", os="unifi", own=(UniFi,), roles=("wlan",)),
    Family("1.3.6.1.4.1.10002.1", "Ubiquiti", os="airos", when=re.compile("^Linux"), own=(AirOs,), roles=("wlan",)),
    Family("1.3.6.1.4.1.10002.1", "Ubiquiti", os="unifi", own=(UniFi,), proof=True, roles=("wlan",)),
    Family(
        "1.3.6.1.4.1.4413",
        "Ubiquiti",
        os="edgeswitch",
        when=re.compile("EdgeSwitch"),
        own=(EdgeSwitch,),
        says=(re.compile(r"^(?P<product>EdgeSwitch[^,]*), (?P<version>\d[^,]+)"),),
    ),
    Family(
        "1.3.6.1.4.1.4413",
        "Ubiquiti",
        os="unifi",
        when=re.compile(r"^(?:US|USW|UniFi)\b"),
        own=(EdgeSwitch,),
        says=(re.compile(r"^(?P<product>[^,]+), (?P<version>\d[^,]+)"),),
    ),
    Family(
        "1.3.6.1.4.1.1916",
        "Extreme Networks",
        os="xos",
        says=(re.compile(r"ExtremeXOS(?: \((?P<product>[^)]+)\))? version (?P<version>\S+)"),),
    ),
    Family(
        "1.3.6.1.4.1.1916",
        "Extreme Networks",
        os="voss",
        when=re.compile(r"^VSP-|^(?:VOSS|Fabric Engine)|-FabricEngine"),
        says=(re.compile(r"^(?P<product>VSP-\S+|\S+-FabricEngine) \((?P<version>\d[\w.]+)\)"),),
    ),
    Family(
        "1.3.6.1.4.1.2272",
        "Extreme Networks",
        os="voss",
        own=(RapidCity,),
        says=(re.compile(r"^(?P<product>[\w-]+) \(v?(?P<version>\d[\w.]+)\)"),),
    ),
    Family(
        "1.3.6.1.4.1.45",
        "Avaya",
        os="boss",
        own=(Baystack,),
        says=(re.compile(r"^(?P<product>.*?)\s+HW:\S*\s+FW:\S*\s+SW:v(?P<version>\S+)"),),
    ),
    Family(_UNDER_DELL, "Dell", os="powerconnect", own=(DellProduct, DellSwitch)),
    Family(
        "1.3.6.1.4.1.674.11000.5000.100",
        "Dell",
        os="os10",
        says=(
            re.compile(r"(?:System|OS) Version: (?P<version>\S+)"),
            re.compile(r"System Type: (?P<product>\S+)"),
        ),
        says_first=True,
    ),
    Family(
        "1.3.6.1.4.1.6027",
        "Dell",
        os="dnos",
        says=(
            re.compile(r"Application Software Version: (?P<version>\S+)"),
            re.compile(r"Series: (?P<product>\S+)"),
        ),
        says_first=True,
    ),
    Family(
        "1.3.6.1.4.1.171",
        "D-Link",
        os="dlink",
        own=(DLink, DLinkSerial, Probe),
        version_of="firmware",
        says=(re.compile(r"^(?:D-Link )?(?P<product>D[A-Z]{2}-\d{3,4}[\w-]*)"),),
    ),
    Family(
        "1.3.6.1.4.1.890",
        "Zyxel",
        own=(Zyxel,),
        says=(re.compile(r"^(?P<product>(?:XGS|XS|GS|ES|MES|MGS|USG|ZyWALL|NWA|NSG|ATP|VMG)[\w /-]*\d[\w-]*)"),),
    ),
    Family("1.3.6.1.4.1.11863", "TP-Link", own=(TpLink,)),
    Family("1.3.6.1.4.1.11863.5", "TP-Link", os="jetstream", own=(TpLink,)),
    Family("1.3.6.1.4.1.4526", "Netgear", os="netgear", own=(Netgear,), says=_NETGEAR),
    # Its smart switches have the same tables below another number.
    Family("1.3.6.1.4.1.4526.100.4", "Netgear", os="netgear", own=(Netgear, NetgearSmart), says=_NETGEAR),
    Family(
        "1.3.6.1.4.1.259",
        "Edgecore",
        os="edgecos",
        own_below=Edgecore,
        object_ids=re.compile(r"1\.3\.6\.1\.4\.1\.259\.(?:6|8|10)\.1\.\d{1,3}"),
        says=(re.compile(r"^(?P<product>E[CS]S?\d{4}\S*)"),),
    ),
    Family(
        "1.3.6.1.4.1.35265",
        "Eltex",
        os="eltex",
        own=(Radlan,),
        says=(re.compile(r"^(?P<product>[A-Z]{2,}[\w-]*\d\w*)\b"),),
    ),
    Family(
        "1.3.6.1.4.1.6486.800",
        "Alcatel-Lucent",
        os="aos6",
        says=(re.compile(r"(?P<product>OS\d[\w-]+) (?P<version>\d[\w.]+)"),),
        says_first=True,
    ),
    Family(
        "1.3.6.1.4.1.6486.801",
        "Alcatel-Lucent",
        os="aos7",
        says=(re.compile(r"(?P<product>OS\d[\w-]+) (?P<version>\d[\w.]+)"),),
        says_first=True,
    ),
    Family(
        "1.3.6.1.4.1.4329.6.1.2",
        "Siemens",
        os="scalance",
        says=(
            re.compile(r"SCALANCE (?P<product>[\w-]+)"),
            re.compile(r"FW: (?:Version )?(?P<version>V[\w.]+)"),
        ),
        own=(Siemens,),
    ),
    Family(
        "1.3.6.1.4.1.207",
        "Allied Telesis",
        own=(AlliedTelesis,),
        says=(re.compile(r"version (?P<version>\d[\w.-]+)", re.IGNORECASE),),
    ),
    Family(
        "1.3.6.1.4.1.207",
        "Allied Telesis",
        os="awplus",
        when=re.compile(r"AW\+|AlliedWare Plus"),
        own=(AlliedTelesis,),
        says=(re.compile(r"(?:AW\+|AlliedWare Plus \(TM\)|AlliedWare Plus) v?(?P<version>\d[\w.-]+)"),),
    ),
    Family("1.3.6.1.4.1.388", "Zebra", roles=("wlan",)),
    Family(
        "1.3.6.1.4.1.40310",
        "Cumulus Networks",
        os="cumulus",
        says=(re.compile(r"Cumulus Linux version (?P<version>\S+)"),),
    ),
    Family(
        "1.3.6.1.4.1.33049",
        "Mellanox",
        os="mlnxos",
        says=(re.compile(r"^Mellanox (?P<product>[\w-]+),MLNX-OS,SWv(?P<version>[\w.]+)"),),
    ),
)
