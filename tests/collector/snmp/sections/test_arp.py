"""Addresses that a device has resolved."""

from __future__ import annotations

from collector.snmp.sections import arp
from tests.collector.snmp.answers import device, inapplicable, ports, told

ARP = "1.3.6.1.2.1.4.22.1"


def test_pairs_stand_at_their_interface_without_the_devices_own() -> None:
    made = device(
        ports("eth0", "eth1"),
        (f"{ARP}.2.2.192.0.2.9", bytes.fromhex("525400000009")),
        (f"{ARP}.4.2.192.0.2.9", 3),
        (f"{ARP}.2.2.192.0.2.1", bytes.fromhex("001c73000002")),
        (f"{ARP}.2.2.224.0.0.5", bytes.fromhex("01005e000005")),
    )

    (found,) = told(arp, made)

    assert (found.name, found.resolved) == ("eth1", ["192.0.2.9 52:54:00:00:00:09"])
    assert arp.CLASSES == ()


def test_a_device_that_resolved_nothing_has_no_such_section() -> None:
    assert "no address" in inapplicable(arp, device(ports("eth0")))
