"""Makers that are met mostly in China: Ruijie, ZTE, Digital China, BDCOM, Maipu, DPtech."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import column
from collector.snmp.vendor import Family, Own


@dataclass(frozen=True, slots=True)
class Ruijie(Own):
    """ruijieSystem of RUIJIE-SYSTEM-MIB."""

    oid: ClassVar[str] = "1.3.6.1.4.1.4881.1.1.10.2.1.1"
    last: ClassVar[bool] = True

    version: str | None = column(2, syntax.text)
    serial: str | None = column(24, syntax.text)
    product: str | None = column(26, syntax.text)


_SOFTWARE = re.compile(r"Soft[Ww]are,? Version:? (?:\S*_)?(?P<version>V?\d[\w.()]*)")

FAMILIES = (
    Family(
        "1.3.6.1.4.1.4881",
        "Ruijie",
        os="rgos",
        own=(Ruijie,),
        says=(re.compile(r"\((?P<product>[A-Z][\w/-]*\d[\w/-]*)\) By Ruijie"),),
    ),
    Family(
        "1.3.6.1.4.1.3902",
        "ZTE",
        when=re.compile("ZXR10"),
        os="zxr10",
        says=(re.compile(r"(?P<product>ZXR10 [\w-]+),?.*?Version: (?P<version>V[\w.]+)", re.DOTALL),),
        says_first=True,
    ),
    Family("1.3.6.1.4.1.3902", "ZTE"),
    Family(
        "1.3.6.1.4.1.6339",
        "Digital China Networks",
        says=(
            re.compile(r"^\s*(?:Digital China )?(?P<product>DC\w*-[\w-]+)"),
            _SOFTWARE,
            re.compile(r"Device serial number (?P<serial>\w+)"),
        ),
    ),
    Family(
        "1.3.6.1.4.1.3320",
        "BDCOM",
        os="bdcom",
        says=(re.compile(r"^BDCOM\(tm\) (?P<product>\S+) Software, Version (?P<version>\S+)"),),
    ),
    Family(
        "1.3.6.1.4.1.5651",
        "Maipu",
        os="mypower",
        says=(re.compile(r"^\s*(?P<product>[A-Z]+\d[\w-]*) Device"), _SOFTWARE),
    ),
    Family("1.3.6.1.4.1.31648", "DPtech", os="conplat", says=(_SOFTWARE,)),
)
