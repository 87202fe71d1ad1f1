"""FOUNDRY-SN-SWITCH-GROUP-MIB."""

from __future__ import annotations

from collector.snmp.mibs.foundry_mib import PortVlan, StackUnit, memberships
from collector.snmp.table import rows
from tests.collector.snmp.recorded import answering


def test_a_port_has_the_one_vlan_that_it_sends_untagged() -> None:
    mode = "1.3.6.1.4.1.1991.1.1.3.2.6.1.4"
    answers = answering((f"{mode}/10.1", 2), (f"{mode}/20.1", 1), (f"{mode}/10.2", 2), (f"{mode}/20.2", 2))

    assert memberships(rows(PortVlan, answers)) == ({1: 10}, {1: {20}})


def test_units_of_a_stack_say_what_they_are_there_as() -> None:
    role = "1.3.6.1.4.1.1991.1.1.3.31.2.2.1.2"

    assert [u.role for u in rows(StackUnit, answering((f"{role}/1", 2), (f"{role}/2", 4)))] == ["active", "member"]
