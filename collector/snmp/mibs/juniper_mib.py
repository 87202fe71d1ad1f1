"""JUNIPER-MIB and JUNIPER-VIRTUALCHASSIS-MIB: what a device of Juniper's is made of, where it has no ENTITY-MIB."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import Row, column
from collector.snmp.vendor import OwnRow

MAKERS = ("1.3.6.1.4.1.2636",)
_KINDS = (
    (re.compile(r"\b(?:midplane|backplane|chassis)\b", re.IGNORECASE), "chassis"),
    (re.compile(r"^(?:PEM|PSM|PSU|Power Supply)\b", re.IGNORECASE), "power supply"),
    (re.compile(r"\bFan\b", re.IGNORECASE), "fan"),
)
_NO_PART = re.compile(r"sensor\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part(Row):
    """jnxContentsEntry. Index: container, and its place on three levels."""

    oid: ClassVar[str] = "1.3.6.1.4.1.2636.3.1.8.1"
    makers: ClassVar[tuple[str, ...]] = MAKERS

    description: str | None = column(6, syntax.text)
    serial: str | None = column(7, syntax.text)
    revision: str | None = column(8, syntax.text)
    part_number: str | None = column(10, syntax.text)
    model: str | None = column(14, syntax.text)

    @property
    def kind(self) -> str | None:
        """What it is in the words of Module.kind; None of what is no part that can be replaced."""
        if not self.description or _NO_PART.search(self.description):
            return None
        return next((kind for pattern, kind in _KINDS if pattern.search(self.description)), "module")


@dataclass(frozen=True, slots=True)
class Member(OwnRow):
    """jnxVirtualChassisMemberEntry. Index: member. `role`: 1 master, 2 backup, 3 line card."""

    oid: ClassVar[str] = "1.3.6.1.4.1.2636.3.40.1.4.1.1.1"
    makers: ClassVar[tuple[str, ...]] = MAKERS
    last: ClassVar[bool] = True

    serial: str | None = column(2, syntax.text)
    role: str | None = column(3, syntax.one_of({1: "active", 2: "standby", 3: "member"}))
    version: str | None = column(5, syntax.text)
    product: str | None = column(8, syntax.text)
