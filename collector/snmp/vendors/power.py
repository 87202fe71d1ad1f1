"""Power: UPS and distribution units of APC, Eaton, Schleifenbauer, Raritan and others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import column
from collector.snmp.vendor import Family, Own, OwnRow


@dataclass(frozen=True, slots=True)
class ApcUps(Own):
    """upsBasicIdentModel of PowerNet-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.318.1.1.1.1.1"

    product: str | None = column(1, syntax.text)


@dataclass(frozen=True, slots=True)
class ApcUpsMore(Own):
    """upsAdvIdent of PowerNet-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.318.1.1.1.1.2"

    version: str | None = column(1, syntax.text)
    serial: str | None = column(3, syntax.text)


@dataclass(frozen=True, slots=True)
class ApcUnit(Own):
    """rPDUIdent of PowerNet-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.318.1.1.12.1"

    version: str | None = column(3, syntax.text)
    product: str | None = column(5, syntax.text)
    serial: str | None = column(6, syntax.text)


@dataclass(frozen=True, slots=True)
class ApcSwitch(Own):
    """atsIdent of PowerNet-MIB: a switch between two supplies."""

    oid: ClassVar[str] = "1.3.6.1.4.1.318.1.1.8.1"

    version: str | None = column(2, syntax.text)
    product: str | None = column(5, syntax.text)
    serial: str | None = column(6, syntax.text)


@dataclass(frozen=True, slots=True)
class Mge(Own):
    """upsmgIdent of MG-SNMP-UPS-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.705.1.1"

    product: str | None = column(1, syntax.text)
    version: str | None = column(4, syntax.text)
    serial: str | None = column(7, syntax.text)


@dataclass(frozen=True, slots=True)
class Eaton(Own):
    """xupsIdent of XUPS-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.534.1.1"

    product: str | None = column(2, syntax.text)
    version: str | None = column(3, syntax.text)


@dataclass(frozen=True, slots=True)
class Liebert(Own):
    """lgpAgentIdent of LIEBERT-GP-AGENT-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.476.1.42.2.1"

    product: str | None = column(2, syntax.text)
    version: str | None = column(3, syntax.text)
    serial: str | None = column(4, syntax.text)


@dataclass(frozen=True, slots=True)
class Schleifenbauer(OwnRow):
    """sdbDevIdTable of SCHLEIFENBAUER-DATABUS-MIB. Index: unit address. `version` is the firmware's."""

    oid: ClassVar[str] = "1.3.6.1.4.1.31034.12.1.1.2.1.1.1"
    stack: ClassVar[bool] = False  # units of a bus, which a gateway of another kind may tell of as well

    version: str | None = column(3, syntax.text)
    product: str | None = column(5, syntax.text)
    serial: str | None = column(6, syntax.text)


FAMILIES = (
    Family(
        "1.3.6.1.4.1.318",
        "APC",
        os="apc",
        says=(
            # "APC Web/SNMP Management Card (MB:v4.1.0 PF:v6.9.6 ... AF1:v6.9.6 ... MN:AP9630 HR:08 SN: ZA...)": MN and SN are
            # the card's, not the UPS's.
            re.compile(r"AF1:v(?P<version>[\w.]+)"),
        ),
        roles=("power",),
    ),
    Family(
        "1.3.6.1.4.1.318.1.3.2",
        "APC",
        os="apc",
        own=(ApcUps, ApcUpsMore),
        roles=("ups",),
        says=(re.compile(r"AF1:v(?P<version>[\w.]+)"),),
    ),
    Family("1.3.6.1.4.1.318.1.3.27", "APC", os="apc", own=(ApcUps, ApcUpsMore), roles=("ups",)),
    Family("1.3.6.1.4.1.318.1.3.4", "APC", os="apc", own=(ApcUnit,), roles=("power",)),
    Family("1.3.6.1.4.1.534", "Eaton", own=(Eaton,), roles=("ups",)),
    Family("1.3.6.1.4.1.534.6.6", "Eaton", roles=("power",)),
    Family("1.3.6.1.4.1.476.1.42", "Vertiv", own=(Liebert,), roles=("ups",)),
    Family("1.3.6.1.4.1.31034", "Schleifenbauer", os="schleifenbauer", own=(Schleifenbauer,), roles=("power",)),
    Family("1.3.6.1.4.1.13742", "Raritan", roles=("power",)),
    Family("1.3.6.1.4.1.1718", "Server Technology", roles=("power",)),
    Family("1.3.6.1.4.1.318.1.3.11", "APC", os="apc", own=(ApcSwitch,), roles=("power",)),
    # MGE became a part of Eaton, whose cards keep its number.
    Family("1.3.6.1.4.1.705", "Eaton", own=(Mge,), roles=("ups",), when=re.compile("eaton", re.IGNORECASE)),
    Family("1.3.6.1.4.1.705", "MGE", own=(Mge,), roles=("ups",)),
    Family("1.3.6.1.4.1.3808", "CyberPower", roles=("power",)),
)
