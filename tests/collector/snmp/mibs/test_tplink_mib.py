"""TPLINK-DOT1Q-VLAN-MIB and TPLINK-LLDPINFO-MIB."""

from __future__ import annotations

from collector.snmp.mibs.tplink_mib import PortVlan, Vlan, capabilities, memberships
from collector.snmp.table import rows
from tests.collector.snmp.recorded import answering

PORT = "1.3.6.1.4.1.11863.6.14.1.1.1.1"
VLAN = "1.3.6.1.4.1.11863.6.14.1.2.1.1"


def test_ports_are_listed_as_people_write_them() -> None:
    answers = answering(
        *((f"{PORT}.1/{49152 + at}", f"1/0/{at}".encode()) for at in range(1, 5)),
        (f"{PORT}.2/49156", 20),
        (f"{VLAN}.2/10", b"servers"), (f"{VLAN}.3/10", b"1/0/3-4"), (f"{VLAN}.4/10", b"1/0/1,1/0/2"),
        (f"{VLAN}.2/20", b"guests"), (f"{VLAN}.3/20", b"1/0/99999999-1, x"), (f"{VLAN}.4/20", b"1/0/2-4"),
        (f"{VLAN}.4/30", b"1/0/4"),
    )  # fmt: skip

    assert memberships(rows(PortVlan, answers), rows(Vlan, answers)) == (
        {49153: 10, 49155: 20, 49156: 20},
        {49155: {10}, 49156: {10}},
    )


def test_capabilities_are_told_in_words() -> None:
    assert capabilities("Bridge WLAN Access Point Router Station Only") == ("bridge", "wlan", "router", "station")
    assert capabilities(None) == ()
