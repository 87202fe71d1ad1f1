"""Tables of a device, each asked once."""

from __future__ import annotations

import pytest

from agent.fact import Unavailable
from collector.snmp.mibs import bridge_mib, if_mib, ip_mib, lldp_mib, vtp_mib
from collector.snmp.mibs.snmpv2_mib import System
from collector.snmp.reading import MOST_SILENT, Reading
from collector.snmp.table import Answers, Row, Scalars
from collector.snmp.walk import Failed
from tests.collector.snmp.answers import SYSTEM, ports, recording


class Counted:
    """A device that counts what it is asked, and does not answer to some of it."""

    def __init__(self, silent: bool = False) -> None:
        self.whole, self.silent = recording(ports("eth0"), SYSTEM), silent
        self.asked: list[str] = []

    def table(self, declared: type[Row]) -> Answers:
        self.asked.append(declared.oid)
        if self.silent:
            raise Failed("timeout", "no answer to 3 questions")
        return self.whole.table(declared)

    def scalars(self, *groups: type[Scalars]) -> Answers:
        self.asked += [group.oid for group in groups]
        return self.whole.scalars(*groups)


def test_a_table_is_asked_once_and_its_cost_is_kept() -> None:
    device = Counted()
    reading = Reading(device, iter(range(100)).__next__)

    assert reading.rows(if_mib.Interface) == reading.rows(if_mib.Interface)
    assert reading.scalars(System).name == "sw1"

    assert device.asked == [if_mib.Interface.oid, System.oid]
    assert reading.cost([if_mib.Interface, System]).wall_seconds == 2
    assert reading.cost([System]).bytes == len("a switch" + "1.3.6.1.4.1.99999.1" + "sw1")


def test_a_table_that_failed_says_which_and_why_and_is_not_asked_again() -> None:
    device = Counted(silent=True)
    reading = Reading(device)

    for _ in range(2):
        with pytest.raises(Unavailable, match=r"ifEntry \(1.3.6.1.2.1.2.2.1\): no answer to 3 questions"):
            reading.answers([System, if_mib.Interface])

    assert not reading.read(if_mib.Interface)
    assert device.asked.count(if_mib.Interface.oid) == 1


def test_a_device_that_stays_silent_is_not_asked_any_more() -> None:
    device = Counted(silent=True)
    reading = Reading(device)
    tables = (
        if_mib.Interface,
        if_mib.InterfaceMore,
        if_mib.Stack,
        ip_mib.Address,
        bridge_mib.BasePort,
        lldp_mib.Remote,
    )

    assert [reading.read(table) for table in tables] == [False] * len(tables)

    assert len(device.asked) == MOST_SILENT
    assert set(reading.failed) == {table.oid for table in tables}


def test_a_table_of_a_maker_is_asked_of_its_devices_alone() -> None:
    device = Counted()
    reading = Reading(device)

    reading.object_id = "1.3.6.1.4.1.99"
    assert reading.rows(vtp_mib.TrunkPort) == []
    assert device.asked == []

    reading = Reading(device, object_id="1.3.6.1.4.1.9.1.1")
    assert reading.rows(vtp_mib.TrunkPort) == []
    assert device.asked == [vtp_mib.TrunkPort.oid]
