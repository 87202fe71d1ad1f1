"""Recorded devices for tests: tables read from a recording, and what is stated of it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from collector.snmp.recording import Recording
from collector.snmp.table import Answers, Row, Scalars, columns, rows

_Row = TypeVar("_Row", bound=Row)

PORT_AND_ADDRESS = re.compile(r"^(.*) \([0-9a-f]{12}\)$", re.DOTALL)
"""How some expectations write a remote port: 'Gi1/0/16 (3c410ee84b80)'."""


class Device:
    """A recorded device and what is stated of it."""

    def __init__(self, file: Path) -> None:
        self.name = file.stem
        self.recording = Recording.read(file)
        self.stated: dict[str, Any] = json.loads((file.parent / f"{file.stem}.expected.json").read_text())
        self.counted: dict[str, int] = self.stated["recording"]["rows"]

    def answers(self, *tables: type[Row | Scalars]) -> Answers:
        """What it answers to these tables and groups."""
        return self.recording.answers([oid for table in tables for oid in columns(table)])

    def rows(self, table: type[_Row]) -> list[_Row]:
        """Rows of one table."""
        return rows(table, self.answers(table))


@cache
def devices(recordings: Path) -> list[Device]:
    """All recorded devices."""
    found = [Device(file) for file in sorted((recordings / "snmp").glob("*.snmprec"))]
    assert found
    return found


def answering(*cells: tuple[str, Any]) -> dict[str, dict[str, Any]]:
    """Answers of (column OID + "/" + instance, value): `("1.3.6.1.2.1.2.2.1.2/1", b"lo")`."""
    made: dict[str, dict[str, Any]] = {}
    for where, value in cells:
        oid, _, instance = where.partition("/")
        made.setdefault(oid, {})[instance] = value
    return made


def bare(mac: str | None) -> str | None:
    """A MAC as twelve digits."""
    return mac.replace(":", "") if mac else None


def written(text: str | None) -> str:
    """A port id as it is compared: without an address behind it, separators and case."""
    found = PORT_AND_ADDRESS.match(text or "")
    return re.sub(r"[:\- ]", "", found.group(1) if found else text or "").lower()
