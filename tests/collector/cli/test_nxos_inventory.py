"""The inventory of NX-OS."""

from __future__ import annotations

from typing import Any

import pytest

from agent.fact import ParseError, Unavailable
from collector.cli.nxos_inventory import board, parse_modules, serial_number
from tests.collector.cli.told import LATE, answers


def inventory(*rows: tuple[str, str]) -> dict[str, Any]:
    return {"TABLE_inv": {"ROW_inv": [{"name": name, "serialnum": serial} for name, serial in rows]}}


def test_parts_are_known_by_their_serial_number_else_by_their_position() -> None:
    rows = (
        ('"Chassis"', "FGE18200001"),
        ('"Fan Module 1"', "N/A"),
        ('"Power Supply 1"', ""),
        ('"Slot 1"', "SAL1819AAAA"),
    )

    assert [(m.unit, m.kind) for m in parse_modules(inventory(*rows))] == [
        ("serial FGE18200001", "chassis"),
        ("position Fan Module 1", "fan"),
        ("position Power Supply 1", "power supply"),
        ("serial SAL1819AAAA", "module"),
    ]


def test_one_part_alone_is_a_table_too() -> None:
    assert len(parse_modules({"TABLE_inv": {"ROW_inv": {"name": "Chassis", "serialnum": "FGE18200001"}}})) == 1


@pytest.mark.parametrize("document", [{}, [], {"error": "busy"}])
def test_what_is_no_inventory_is_an_error(document: Any) -> None:
    with pytest.raises(ParseError):
        parse_modules(document)


def test_several_chassis_tell_no_serial_number_of_the_whole() -> None:
    told = answers(version={"proc_board_id": "SAL1"}, inventory=inventory(("Chassis", "A1"), ("Chassis", "A2")))

    assert serial_number(told) == "SAL1"


def test_an_inventory_that_did_not_come_leaves_it_open() -> None:
    told = answers(version={"proc_board_id": "SAL1"}, inventory=LATE)

    with pytest.raises(Unavailable):
        serial_number(told)
    assert board(told) == "SAL1"
