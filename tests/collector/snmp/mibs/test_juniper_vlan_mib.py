"""JUNIPER-VLAN-MIB and JUNIPER-L2ALD-MIB."""

from __future__ import annotations

from collector.snmp.mibs.juniper_vlan_mib import BridgeVlan, Vlan, VlanPort, memberships, names, tags
from collector.snmp.table import rows
from tests.collector.snmp.recorded import answering

VLAN = "1.3.6.1.4.1.2636.3.40.1.5.1.5.1"
PORT = "1.3.6.1.4.1.2636.3.40.1.5.1.7.1.4"


def test_vlans_are_told_by_their_number_on_the_wire_and_not_by_that_within() -> None:
    answers = answering(
        (f"{VLAN}.2/2", b"default"), (f"{VLAN}.5/2", 0), (f"{VLAN}.2/3", b"servers"), (f"{VLAN}.5/3", 110),
        (f"{PORT}/2.513", 2), (f"{PORT}/3.513", 1), (f"{PORT}/3.514", 2),
    )  # fmt: skip
    found = rows(Vlan, answers)

    assert tags(found) == {3: 110}
    assert names(found) == {110: "servers"}
    assert memberships(rows(VlanPort, answers), tags(found)) == ({514: 110}, {513: {110}})


def test_bridges_of_the_device_itself_have_no_number() -> None:
    table = "1.3.6.1.4.1.2636.3.48.1.3.1.1"
    answers = answering((f"{table}.2/1", b"__juniper_private1__"), (f"{table}.3/1", 0), (f"{table}.2/2", b"v100"),
                        (f"{table}.3/2", 100))  # fmt: skip

    assert names(rows(BridgeVlan, answers)) == {100: "v100"}
