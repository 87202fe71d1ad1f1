"""HUAWEI-ENTITY-EXTENT-MIB."""

from __future__ import annotations

from collector.snmp.mibs.huawei_mib import Board
from collector.snmp.table import rows
from tests.collector.snmp.recorded import answering


def test_a_board_has_a_model_and_what_its_bill_of_materials_calls_it() -> None:
    table = "1.3.6.1.4.1.2011.5.25.31.1.1.2.1"
    found = rows(
        Board, answering((f"{table}.2/67108873", b"Assembling Components"), (f"{table}.11/67108873", b"S5720"))
    )

    assert [(b.index, b.description, b.model) for b in found] == [((67108873,), "Assembling Components", "S5720")]
