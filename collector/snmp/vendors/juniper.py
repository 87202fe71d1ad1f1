"""Juniper: Junos and Junos Evolved, ScreenOS (1.3.6.1.4.1.2636, 1.3.6.1.4.1.3224)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.mibs.juniper_mib import Member
from collector.snmp.table import column
from collector.snmp.vendor import Family, Own


@dataclass(frozen=True, slots=True)
class Box(Own):
    """jnxBoxDescr and jnxBoxSerialNo of JUNIPER-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.2636.3.1"

    product: str | None = column(2, syntax.text)
    serial: str | None = column(3, syntax.text)


FAMILIES = (
    Family(
        "1.3.6.1.4.1.2636",
        "Juniper",
        os="junos",
        says=(
            re.compile(r"kernel JUNOS (?P<version>[^\s,]+)"),
            re.compile(r"JUNOS(?: OS)? (?P<version>\d[^\s,]+)", re.IGNORECASE),
            re.compile(r"version (?P<version>\d[^\s,\]]+)"),
        ),
        own=(Box, Member),
        says_first=True,
    ),
    Family(
        "1.3.6.1.4.1.3224",
        "Juniper",
        os="screenos",
        says=(re.compile(r"version (?P<version>\S+) \(SN: (?P<serial>\w+)"),),
        roles=("firewall",),
    ),
)
