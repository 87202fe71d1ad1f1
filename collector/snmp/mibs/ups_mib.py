"""UPS-MIB (RFC 1628): who made an uninterruptible power supply and what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import Scalars, column


@dataclass(frozen=True, slots=True)
class Ident(Scalars):
    """upsIdent."""

    oid: ClassVar[str] = "1.3.6.1.2.1.33.1.1"

    maker: str | None = column(1, syntax.text)
    model: str | None = column(2, syntax.text)
    software: str | None = column(3, syntax.text)
    agent_software: str | None = column(4, syntax.text)
    name: str | None = column(5, syntax.text)
