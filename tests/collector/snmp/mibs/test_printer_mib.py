"""Printer-MIB."""

from __future__ import annotations

from collector.snmp.mibs.printer_mib import General
from collector.snmp.table import rows
from tests.collector.snmp.recorded import answering


def test_name_and_serial_number() -> None:
    entry = "1.3.6.1.2.1.43.5.1.1"

    assert rows(General, answering((f"{entry}.16/1", b"MP 3002"), (f"{entry}.17/1", b"W492KB03439"))) == [
        General((1,), "MP 3002", "W492KB03439")
    ]
