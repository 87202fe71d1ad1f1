"""VLANs and their ports."""

from __future__ import annotations

from collector.snmp.sections import vlans
from collector.snmp.sections.vlans import ranges
from tests.collector.snmp.answers import device, inapplicable, items, ports, told

Q = "1.3.6.1.2.1.17.7.1.4"
STATIC = {f"{Q}.3.1.1.10": "servers", f"{Q}.3.1.2.10": b"\xc0", f"{Q}.3.1.4.10": b"\x80", f"{Q}.3.1.5.10": 1}


def test_untagged_ports_are_members_and_tagged_ones_carry_it() -> None:
    made = device(ports("Gi1", "Gi2", "Gi3"), STATIC)

    found = told(vlans, made)

    assert [v.vid for v in items(found, "VLAN")] == [10]
    assert [d.vlans for d in items(found, "NetworkDevice")] == [["10 servers"]]
    assert [(i.name, i.access_vlan, i.tagged_vlans) for i in items(found, "NetworkInterface")] == [
        ("Gi1", 10, None),
        ("Gi2", None, ["10"]),
        ("Gi3", None, None),
    ]
    assert [(r.subject[1], r.object[1]) for r in items(found, "Relation")] == [("Gi1", "10")]


def test_the_vlan_of_untagged_packets_counts_only_where_the_port_is_in_it() -> None:
    made = device(ports("Gi1", "Gi2", "Gi3"), STATIC, {f"{Q}.5.1.1.2": 10, f"{Q}.5.1.1.3": 1})

    assert [(i.name, i.access_vlan) for i in items(told(vlans, made), "NetworkInterface")] == [
        ("Gi1", 10),
        ("Gi2", 10),
        ("Gi3", None),
    ]


def test_vlans_of_cisco_without_those_of_token_ring() -> None:
    table = "1.3.6.1.4.1.9.9.46.1.3.1.1"
    made = device(
        ports("Gi1"),
        {f"{table}.3.1.20": 1, f"{table}.4.1.20": "dmz", f"{table}.3.1.1002": 2, f"{table}.4.1.1002": "fddi-default"},
    )

    assert [d.vlans for d in items(told(vlans, made), "NetworkDevice")] == [["20 dmz"]]


def test_numbers_are_written_as_at_a_switch() -> None:
    assert ranges([22, 10, 20, 21]) == ["10", "20-22"]
    assert "no VLAN" in inapplicable(vlans, device(ports("Gi1")))
