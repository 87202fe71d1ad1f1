"""Cisco: IOS, IOS XE, IOS XR, NX-OS, ASA, wireless controllers, and the Small Business series (1.3.6.1.4.1.9)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import column
from collector.snmp.vendor import Family, Own, OwnRow


@dataclass(frozen=True, slots=True)
class OldChassis(Own):
    """chassisId of OLD-CISCO-CHASSIS-MIB: the serial number where there is no ENTITY-MIB, unless somebody wrote another."""

    oid: ClassVar[str] = "1.3.6.1.4.1.9.3.6"
    last: ClassVar[bool] = True

    serial: str | None = column(3, syntax.text)


@dataclass(frozen=True, slots=True)
class SmallBusiness(OwnRow):
    """rlPhdUnitGenParamTable of CISCOSB-Physicaldescription-MIB. Index: unit."""

    oid: ClassVar[str] = "1.3.6.1.4.1.9.6.1.101.53.14.1"
    last: ClassVar[bool] = True

    version: str | None = column(2, syntax.text)
    serial: str | None = column(5, syntax.text)
    product: str | None = column(11, syntax.text)


_CISCO = "1.3.6.1.4.1.9"
_VERSION = re.compile(r"\bVersion:? (?P<version>[^\s,]+)")

FAMILIES = (
    Family(
        _CISCO,
        "Cisco",
        os="iosxe",
        when=re.compile(r"IOS[- ]XE|IOSXE|\(\w*IOSD?-?X86|CAT9K|CAT3K_CAA|LINUX_IOSD"),
        says=(_VERSION,),
        says_first=True,
    ),
    Family(_CISCO, "Cisco", os="iosxr", when=re.compile("IOS XR"), says=(_VERSION,), says_first=True),
    Family(_CISCO, "Cisco", os="nxos", when=re.compile("NX-OS"), says=(_VERSION,), says_first=True),
    Family(
        _CISCO,
        "Cisco",
        os="asa",
        when=re.compile("Adaptive Security Appliance"),
        says=(_VERSION,),
        roles=("firewall",),
    ),
    Family(
        _CISCO,
        "Cisco",
        os="ftd",
        when=re.compile("Firepower|Threat Defense"),
        says=(_VERSION,),
        roles=("firewall",),
    ),
    Family(_CISCO, "Cisco", os="pix", when=re.compile("PIX"), says=(_VERSION,), roles=("firewall",)),
    Family(
        _CISCO,
        "Cisco",
        os="aireos",
        when=re.compile("^Cisco Controller"),
        roles=("wlan",),
    ),
    Family(
        _CISCO,
        "Cisco",
        os="ios",
        when=re.compile(r"IOS \(tm\)|IOS Software|Internetwork Operating System"),
        own=(OldChassis,),
        says=(_VERSION,),
        says_first=True,
    ),
    Family(_CISCO, "Cisco"),
    Family(
        f"{_CISCO}.6.1",
        "Cisco",
        os="ciscosb",
        own=(SmallBusiness,),
        says=(re.compile(r"^(?P<product>[A-Z]{2,}\d+[\w-]*)\b"),),
    ),
    Family(f"{_CISCO}.12.3.1.3", "Cisco", os="nxos", when=re.compile("NX-OS"), says=(_VERSION,), says_first=True),
    Family("1.3.6.1.4.1.29671", "Cisco Meraki", os="meraki", says=(re.compile(r"^Meraki (?P<product>\S+)"),)),
)
