"""CISCO-VTP-MIB."""

from __future__ import annotations

from collector.snmp.mibs.vtp_mib import ETHERNET, OPERATIONAL, VtpVlan
from collector.snmp.table import rows
from tests.collector.snmp.recorded import answering


def test_vlans_of_all_kinds_are_told_apart() -> None:
    entry = "1.3.6.1.4.1.9.9.46.1.3.1.1"
    answers = answering(
        (f"{entry}.2/1.99", 1), (f"{entry}.3/1.99", 1), (f"{entry}.4/1.99", b"VLAN0099"),
        (f"{entry}.2/1.1002", 1), (f"{entry}.3/1.1002", 2), (f"{entry}.4/1.1002", b"fddi-default"),
    )  # fmt: skip

    found = rows(VtpVlan, answers)

    assert [(row.index, row.name) for row in found if (row.state, row.type) == (OPERATIONAL, ETHERNET)] == [
        ((1, 99), "VLAN0099")
    ]
