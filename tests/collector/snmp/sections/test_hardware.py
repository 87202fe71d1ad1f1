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


CISCO = {"1.3.6.1.2.1.1.2.0": "oid 1.3.6.1.4.1.9.12.3.1.3.1084"}
JUNIPER = {"1.3.6.1.2.1.1.2.0": "oid 1.3.6.1.4.1.2636.1.1.1.2.43"}


def test_members_have_the_role_that_cisco_tells() -> None:
    role = "1.3.6.1.4.1.9.9.500.1.2.1.1.3"
    made = device(
        CISCO,
        entity(1001, kind=3, serial="FOC1", model="WS-1"),
        entity(2001, kind=3, serial="FOC2", model="WS-1"),
        entity(3001, kind=3, serial="FOC3", model="WS-1"),
        {f"{role}.1001": 4, f"{role}.2001": 1, f"{role}.3001": 3},
    )

    assert [m.role for m in items(told(hardware, made), "StackMember")] == ["standby", "active", None]


def test_a_fabric_extender_is_a_module_of_its_switches_and_identifies_neither() -> None:
    table = "1.3.6.1.2.1.2.2.1"
    made = device(
        CISCO,
        entity(149, kind=3, name="Chassis", serial="SSI1", model="N5K-C5548UP"),
        entity(
            101000, kind=3, inside=10, name="Fex-101 Nexus2248 Chassis", serial="SSI2", model="Fabric Extender Module"
        ),
        {f"{table}.2.1": "Ethernet1/1", f"{table}.3.1": 6, f"{table}.6.1": bytes.fromhex("8c604f191621")},
        {f"{table}.2.2": "Ethernet101/1/1", f"{table}.3.2": 6, f"{table}.6.2": bytes.fromhex("f07f065f6cc2")},
    )

    found = told(hardware, made)

    assert items(found, "StackMember") == []
    assert [(m.unit, m.name) for m in items(found, "Module")] == [
        ("serial SSI1", "Chassis"),
        ("serial SSI2", "Fex-101 Nexus2248 Chassis"),
    ]
    assert made.identity.marks["serials"] == ["SSI1"]
    assert made.identity.marks["macs"] == ["8c:60:4f:19:16:21"]


def test_a_virtual_chassis_without_entities_has_members() -> None:
    table = "1.3.6.1.4.1.2636.3.40.1.4.1.1.1"
    made = device(JUNIPER, {f"{table}.2.0": "BM0", f"{table}.3.0": 1, f"{table}.2.1": "BM1", f"{table}.3.1": 3})

    assert [(m.unit, m.position, m.role) for m in items(told(hardware, made), "StackMember")] == [
        ("serial BM0", 0, "active"),
        ("serial BM1", 1, "member"),
    ]


def test_parts_of_juniper_without_entities() -> None:
    table = "1.3.6.1.4.1.2636.3.1.8.1"
    texts = {6: {"1.1.0.0": "midplane", "2.1.0.0": "PEM 0", "4.1.1.0": "Fan 1", "6.1.1.0": "TFEB Intake temperature sensor",
                 "20.2.1.0": "MIC: 3D 20x 1GE(LAN) SFP @ 1/0/*"},
             7: {"1.1.0.0": "S/N CA1", "2.1.0.0": "BUILTIN", "20.2.1.0": "S/N CA2"},
             14: {"20.2.1.0": "MIC-3D-20GE-SFP"}}  # fmt: skip
    made = device(JUNIPER, {f"{table}.{c}.{i}": text for c, cells in texts.items() for i, text in cells.items()})

    assert [(m.unit, m.kind, m.product) for m in items(told(hardware, made), "Module")] == [
        ("serial CA1", "chassis", None),
        ("position 2.1.0.0", "power supply", None),
        ("position 4.1.1.0", "fan", None),
        ("serial CA2", "module", "MIC-3D-20GE-SFP"),
    ]


def test_huawei_has_models_in_a_table_of_its_own() -> None:
    table = "1.3.6.1.4.1.2011.5.25.31.1.1.2.1"
    made = device(
        {"1.3.6.1.2.1.1.2.0": "oid 1.3.6.1.4.1.2011.2.23.291"},
        entity(5, kind=9, name="MPU Board 0", serial="2102"),
        {f"{table}.2.5": "Assembling Components", f"{table}.11.5": "S5720-56C"},
    )

    (board,) = items(told(hardware, made), "Module")
    assert (board.name, board.description, board.product) == ("MPU Board 0", "Assembling Components", "S5720-56C")


def test_units_of_foundry_have_roles() -> None:
    unit, stack = "1.3.6.1.4.1.1991.1.1.1.4.1.1", "1.3.6.1.4.1.1991.1.1.3.31.2.2.1"
    made = device(
        {"1.3.6.1.2.1.1.2.0": "oid 1.3.6.1.4.1.1991.1.3.57"},
        {
            f"{unit}.2.1": "BZ1",
            f"{unit}.2.2": "BZ2",
            f"{stack}.2.1": 2,
            f"{stack}.2.2": 4,
            f"{stack}.6.2": "ICX7150-48",
        },
    )

    assert [(m.unit, m.role, m.product) for m in items(told(hardware, made), "StackMember")] == [
        ("serial BZ1", "active", None),
        ("serial BZ2", "member", "ICX7150-48"),
    ]


def test_a_device_without_the_table_has_no_such_section() -> None:
    assert "no parts" in inapplicable(hardware, device())
