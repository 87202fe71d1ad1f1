"""Parts of NX-OS by `show inventory`, and the serial number of the whole; see nxos.py.

A modular Nexus tells in `show version` the serial number of the supervisor that is at work, and that changes when the other one
takes over; its own is that of the chassis.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cmdb.model.classes.module import Module
from collector.cli.answers import Answers, expected, objects, within, word


def parse_modules(document: Any) -> list[Module]:
    """Modules from `show inventory`; raises ParseError where it is none."""
    return [_module(number, row) for number, row in enumerate(_rows(document))]


def _module(number: int, row: dict[str, Any]) -> Module:
    serial, name = _serial(row), _name(row)
    return Module(
        unit=f"serial {serial}" if serial else f"position {name or number}",
        name=name or None,
        kind=_kind(name),
        description=word(row.get("desc")).strip('"') or None,
        vendor="Cisco",
        product=word(row.get("productid")) or None,
        serial=serial or None,
        hardware_version=word(row.get("vendorid")) or None,
    )


def serial_number(answers: Answers) -> str:
    """Of the device: that of its chassis, else of its board where the device has no inventory or no chassis in it; empty where it
    tells none. Raises Unavailable where the inventory did not answer: the board's may be another."""
    if answers.has("inventory"):
        found = {_serial(row) for row in _rows(answers.json("inventory")) if _name(row).lower() == "chassis"} - {""}
        if len(found) == 1:
            return found.pop()
    return board(answers)


def board(answers: Answers) -> str:
    """The serial number that `show version` tells, of the board of the processor."""
    version = answers.json("version")
    return word(version.get("proc_board_id")) if isinstance(version, dict) else ""


def _rows(document: Any) -> Iterator[dict[str, Any]]:
    for each in within(expected(document, "inventory", "TABLE_inv"), "ROW_inv"):
        yield from objects(each)


def _serial(row: dict[str, Any]) -> str:
    return word(row.get("serialnum")).replace("N/A", "")


def _name(row: dict[str, Any]) -> str:
    return word(row.get("name")).strip('"').strip()


def _kind(name: str) -> str:
    low = name.lower()
    if low == "chassis":
        return low
    return "power supply" if "power" in low else "fan" if "fan" in low else "module"
