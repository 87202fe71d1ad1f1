"""A device made of rows by hand, in the form of a recorded walk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from agent.fact import Inapplicable
from cmdb.model.declaration import CI, Relation
from collector.snmp.identity import identify
from collector.snmp.reading import Reading
from collector.snmp.recording import Recording
from collector.snmp.section import Device, Section

SYSTEM = {"1.3.6.1.2.1.1.1.0": "a switch", "1.3.6.1.2.1.1.2.0": "oid 1.3.6.1.4.1.99999.1", "1.3.6.1.2.1.1.5.0": "sw1"}
"""The system group of a device whose maker is not known."""


def recording(*rows: tuple[str, Any] | dict[str, Any]) -> Recording:
    """Values by OID: int, bytes, "oid 1.3", "ip 192.0.2.1" or text. The first word on an OID counts."""
    lines = []
    for row in rows:
        for oid, value in row.items() if isinstance(row, dict) else [row]:
            lines.append(f"{oid}|{_tagged(value)}")
    return Recording(lines)


def device(*rows: tuple[str, Any] | dict[str, Any]) -> Device:
    """The device that answers so; the system group is there anyhow."""
    reading = Reading(recording(*rows, SYSTEM))
    return Device(reading, identify(reading))


def ports(*names: str, kind: int = 6) -> dict[str, Any]:
    """Interfaces 1, 2, ... of these names, MACs 00:1c:73:00:00:01 and so on, up."""
    found: dict[str, Any] = {}
    for index, name in enumerate(names, 1):
        found[f"1.3.6.1.2.1.2.2.1.2.{index}"] = name
        found[f"1.3.6.1.2.1.2.2.1.3.{index}"] = kind
        found[f"1.3.6.1.2.1.2.2.1.6.{index}"] = bytes.fromhex(f"001c730000{index:02x}")
        found[f"1.3.6.1.2.1.2.2.1.7.{index}"] = 1
        found[f"1.3.6.1.2.1.2.2.1.8.{index}"] = 1
        found[f"1.3.6.1.2.1.31.1.1.1.1.{index}"] = name
    return found


def told(section: Section, made: Device) -> list[Any]:
    """What a section yields; Inapplicable as it is raised."""
    return list(section.collect(made))


def items(found: Iterable[CI | Relation], class_name: str) -> list[Any]:
    return [each for each in found if type(each).__name__ == class_name]


def inapplicable(section: Section, made: Device) -> str:
    """Why it has no such section."""
    try:
        told(section, made)
    except Inapplicable as error:
        return str(error)
    raise AssertionError("it has")


def _tagged(value: Any) -> str:
    if isinstance(value, int):
        return f"2|{value}"
    if isinstance(value, bytes):
        return f"4x|{value.hex()}"
    for word, tag in (("oid ", "6"), ("ip ", "64")):
        if value.startswith(word):
            return f"{tag}|{value[len(word) :]}"
    return f"4|{value}"
