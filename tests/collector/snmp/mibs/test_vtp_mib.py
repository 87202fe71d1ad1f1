"""CISCO-VTP-MIB."""

from __future__ import annotations

from collector.snmp.mibs.vtp_mib import ETHERNET, OPERATIONAL, AccessPort, TrunkPort, VoicePort, VtpVlan, memberships
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


def test_a_trunk_carries_those_of_its_allowed_vlans_that_there_are() -> None:
    trunk, access, voice = "1.3.6.1.4.1.9.9.46.1.6.1.1", "1.3.6.1.4.1.9.9.68.1.2.2.1.2", "1.3.6.1.4.1.9.9.68.1.5.1.1.1"
    allowed = bytearray(128)
    allowed[0], allowed[1] = 0x40, 0x20  # VLANs 1 and 10
    answers = answering(
        (f"{trunk}.4/1", bytes(allowed)), (f"{trunk}.5/1", 1), (f"{trunk}.14/1", 1), (f"{trunk}.17/1", b"\x80"),
        (f"{trunk}.4/2", b"\xff" * 128), (f"{trunk}.5/2", 1), (f"{trunk}.14/2", 2),
        (f"{access}/2", 20), (f"{access}/1", 99), (f"{access}/3", 0), (f"{voice}/2", 10), (f"{voice}/1", 4096),
    )  # fmt: skip

    found = memberships(
        rows(TrunkPort, answers), rows(AccessPort, answers), rows(VoicePort, answers), {1, 10, 20, 1024, 4094}
    )

    assert found == ({1: 1, 2: 20}, {1: {10, 1024}, 2: {10}})
