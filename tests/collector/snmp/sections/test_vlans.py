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
        {"1.3.6.1.2.1.1.2.0": "oid 1.3.6.1.4.1.9.1.1208"},
        ports("Gi1"),
        {f"{table}.3.1.20": 1, f"{table}.4.1.20": "dmz", f"{table}.3.1.1002": 2, f"{table}.4.1.1002": "fddi-default"},
    )

    assert [d.vlans for d in items(told(vlans, made), "NetworkDevice")] == [["20 dmz"]]


def test_numbers_are_written_as_at_a_switch() -> None:
    assert ranges([22, 10, 20, 21]) == ["10", "20-22"]
    assert "no VLAN" in inapplicable(vlans, device(ports("Gi1")))


def test_the_vlan_of_untagged_packets_counts_where_no_list_of_ports_can_be_read() -> None:
    # The lists name ports that there are not: the agent writes them in a way of its own.
    lists = {
        f"{Q}.3.1.1.10": "servers",
        f"{Q}.3.1.2.10": b"\0\0\0\xff",
        f"{Q}.3.1.4.10": b"\0\0\0\xff",
        f"{Q}.3.1.5.10": 1,
    }

    found = told(vlans, device(ports("Gi1", "Gi2"), lists, {f"{Q}.5.1.1.1": 10, f"{Q}.5.1.1.2": 30}))

    assert [(i.name, i.access_vlan) for i in items(found, "NetworkInterface")] == [("Gi1", 10), ("Gi2", 30)]
    assert [d.vlans for d in items(found, "NetworkDevice")] == [["10 servers", "30"]]


def test_an_agent_may_have_the_time_mark_behind_the_vlan() -> None:
    made = device(ports("Gi1"), {f"{Q}.2.1.4.10.0": b"\x80", f"{Q}.2.1.5.10.0": b"\x80"})

    assert [v.vid for v in items(told(vlans, made), "VLAN")] == [10]


def test_ports_of_cisco_are_in_vlans_by_its_own_tables() -> None:
    vtp = "1.3.6.1.4.1.9.9.46.1"
    made = device(
        {"1.3.6.1.2.1.1.2.0": "oid 1.3.6.1.4.1.9.1.1208"},
        ports("Gi1", "Gi2"),
        {f"{vtp}.3.1.1.4.1.10": "servers", f"{vtp}.3.1.1.4.1.20": "voice"},
        {f"{vtp}.6.1.1.4.1": b"\xff" * 128, f"{vtp}.6.1.1.5.1": 1, f"{vtp}.6.1.1.14.1": 1},
        {"1.3.6.1.4.1.9.9.68.1.2.2.1.2.2": 10, "1.3.6.1.4.1.9.9.68.1.5.1.1.1.2": 20},
    )

    assert [(i.name, i.access_vlan, i.tagged_vlans) for i in items(told(vlans, made), "NetworkInterface")] == [
        ("Gi1", None, ["10", "20"]),
        ("Gi2", 10, ["20"]),
    ]


def test_lists_of_ports_of_junos_are_text() -> None:
    made = device(
        {"1.3.6.1.2.1.1.2.0": "oid 1.3.6.1.4.1.2636.1.1.1.2.21"},
        ports("ge-0/0/0", "ge-0/0/1"),
        {f"{Q}.3.1.1.100": "v100+100", f"{Q}.3.1.2.100": "2", f"{Q}.3.1.4.100": "", f"{Q}.3.1.5.100": 1},
    )

    found = items(told(vlans, made), "NetworkInterface")
    assert [(i.name, i.access_vlan, i.tagged_vlans) for i in found] == [
        ("ge-0/0/0", None, None),
        ("ge-0/0/1", None, ["100"]),
    ]


def test_ports_of_foundry_are_in_vlans_by_its_own_table_and_not_by_lists_that_it_fills_with_numbers() -> None:
    made = device(
        {"1.3.6.1.2.1.1.2.0": "oid 1.3.6.1.4.1.1991.1.3.57"},
        ports("ethernet1/1/1", "ethernet1/1/2"),
        {f"{Q}.3.1.1.1": "DEFAULT-VLAN", f"{Q}.3.1.2.1": b"\0\1\x80\2", f"{Q}.3.1.4.1": b"\xc0", f"{Q}.5.1.1.2": 1},
        {"1.3.6.1.4.1.1991.1.1.3.2.6.1.4.10.2": 2, "1.3.6.1.4.1.1991.1.1.3.2.7.1.21.10": "servers"},
    )

    found = told(vlans, made)

    assert [(i.name, i.access_vlan) for i in items(found, "NetworkInterface")] == [
        ("ethernet1/1/1", None),
        ("ethernet1/1/2", 10),
    ]
    assert [d.vlans for d in items(found, "NetworkDevice")] == [["1 DEFAULT-VLAN", "10 servers"]]
