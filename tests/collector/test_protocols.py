"""By which protocols targets are asked."""

from __future__ import annotations

import pytest

from cmdb.model.errors import UsageError
from collector.credentials_file import read
from collector.protocols import chosen, divided
from collector.target import Hop, Target

BOTH = ("ssh", "snmp")
CREDENTIALS = read(b"""
[credential.hosts]
user = "u"
agent = true
ranges = ["10.1.0.0/16", "10.3.0.0/16"]

[credential.devices]
kind = "snmp"
version = "2c"
community = "env:X"
ranges = ["10.2.0.0/16", "10.3.0.0/16"]
""")


def asked(*targets: Target, protocols: tuple[str, ...] = BOTH) -> list[tuple[str, str, int]]:
    return [(t.address, t.protocol, t.port) for t in divided(targets, protocols, CREDENTIALS)[0]]


def test_a_target_is_asked_by_what_covers_it() -> None:
    targets = [Target("", f"10.{n}.0.1", port=2222) for n in (1, 2, 3, 4)]

    assert asked(*targets) == [
        ("10.1.0.1", "ssh", 2222), ("10.2.0.1", "snmp", 161), ("10.3.0.1", "ssh", 2222), ("10.3.0.1", "snmp", 161),
        ("10.4.0.1", "ssh", 2222),
    ]  # fmt: skip


def test_one_protocol_alone_is_asked_of_all_and_has_the_port_that_was_written() -> None:
    targets = [Target("", f"10.{n}.0.1", port=1161) for n in (1, 2)]

    assert asked(*targets, protocols=("snmp",)) == [("10.1.0.1", "snmp", 1161), ("10.2.0.1", "snmp", 1161)]
    assert asked(*targets, protocols=("ssh",)) == [("10.1.0.1", "ssh", 1161), ("10.2.0.1", "ssh", 1161)]


def test_a_target_s_own_key_is_a_credential_for_ssh() -> None:
    assert asked(Target("", "10.2.0.1", identity_files=("/id",))) == [
        ("10.2.0.1", "ssh", 22),
        ("10.2.0.1", "snmp", 161),
    ]


def test_nothing_of_snmp_goes_through_a_jump_host() -> None:
    hop = (Hop("192.168.0.1"),)
    made, refused, notes = divided(
        [Target("both", "10.3.0.1", jumps=hop), Target("device", "10.2.0.1", jumps=hop)], BOTH, CREDENTIALS
    )

    assert [(t.name, t.protocol) for t in made] == [("both", "ssh")]
    assert [(o.target, o.outcome, o.phase) for o in refused] == [("device", "unreachable", "connect")]
    assert "both" in notes[0]


def test_protocols_are_named_by_words() -> None:
    assert chosen("snmp") == ("snmp",)
    assert chosen("SSH, snmp,ssh") == ("ssh", "snmp")
    for wrong in ("", "telnet", "ssh,,snmp"):
        with pytest.raises(UsageError, match="are no protocols"):
            chosen(wrong)
