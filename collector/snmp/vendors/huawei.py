"""Huawei: VRP (1.3.6.1.4.1.2011)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import column
from collector.snmp.vendor import Family, Own


@dataclass(frozen=True, slots=True)
class SystemModel(Own):
    """hwEntitySystemModel of HUAWEI-ENTITY-EXTENT-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.2011.5.25.31.6"

    product: str | None = column(5, syntax.text)


_SAYS = (
    # "VRP (R) software,Version 5.170 (S5720 V200R010C00SPC600)"
    re.compile(r"Version (?P<version>\d[\w.]+) \((?:\S+ )?(?P<release>V\d\w+)\)"),
    re.compile(r"\((?P<product>[\w-]+) V\d"),
    re.compile(r"^(?P<product>[A-Z][\w-]*\d[\w-]*)\s*$", re.MULTILINE),
)

FAMILIES = (
    Family("1.3.6.1.4.1.2011", "Huawei"),
    Family(
        "1.3.6.1.4.1.2011",
        "Huawei",
        os="vrp",
        when=re.compile(r"Versatile Routing Platform|VRP"),
        says=_SAYS,
        own=(SystemModel,),
        says_first=True,
    ),
    # Not all say in sysDescr what they run; this table has only VRP.
    Family("1.3.6.1.4.1.2011", "Huawei", os="vrp", says=_SAYS, own=(SystemModel,), says_first=True, proof=True),
)
