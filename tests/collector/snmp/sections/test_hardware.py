"""Members of a stack and parts."""

from __future__ import annotations

from typing import Any

from collector.snmp.sections import hardware
from tests.collector.snmp.answers import device, inapplicable, items, told

COLUMNS = {"descr": 2, "inside": 4, "kind": 5, "name": 7, "serial": 11, "model": 13}


def entity(index: int, **cells: Any) -> dict[str, Any]:
    return {f"1.3.6.1.2.1.47.1.1.1.1.{COLUMNS[name]}.{index}": value for name, value in cells.items()}


def test_several_chassis_are_members_and_what_is_in_them_modules() -> None:
    made = device(
        entity(1, kind=11, descr="stack"),
        entity(1001, kind=3, inside=1, name="1", serial="S/N FOC1", model="WS-1"),
        entity(2001, kind=3, inside=1, name="2", serial="FOC2", model="WS-1"),
        entity(3001, kind=3, inside=1),
        entity(1002, kind=6, inside=1001, name="PSU", serial="N/A"),
        entity(1003, kind=8, inside=1001, name="temperature"),
        entity(1004, kind=10, inside=1001, name="SFP", serial="AGL1"),
    )

    found = told(hardware, made)

    assert [(m.unit, m.product) for m in items(found, "StackMember")] == [
        ("serial FOC1", "WS-1"),
        ("serial FOC2", "WS-1"),
    ]
    assert [(m.unit, m.kind, m.inside) for m in items(found, "Module")] == [
        ("position 1002", "power supply", "1"),
        ("serial AGL1", "port", "1"),
    ]


def test_a_board_with_the_number_of_its_chassis_is_another_part() -> None:
    made = device(
        entity(1, kind=3, name="chassis", serial="X1", model="M"),
        entity(2, kind=9, inside=1, name="board", serial="X1"),
    )

    assert [m.unit for m in items(told(hardware, made), "Module")] == ["serial X1", "position 2"]


def test_a_device_without_the_table_has_no_such_section() -> None:
    assert "no parts" in inapplicable(hardware, device())
