"""What a device is, and its marks."""

from __future__ import annotations

from typing import Any

import pytest

from collector.snmp.identity import Identity, identify, strip_serial
from collector.snmp.reading import Reading
from tests.collector.snmp.answers import SYSTEM, ports, recording

LINUX = {
    "1.3.6.1.2.1.1.1.0": "Linux web 5.14.0-70.el9.x86_64 #1 SMP x86_64",
    "1.3.6.1.2.1.1.2.0": "oid 1.3.6.1.4.1.8072.3.2.10",
    "1.3.6.1.2.1.25.2.2.0": 1024,
}
CISCO = {
    "1.3.6.1.2.1.1.2.0": "oid 1.3.6.1.4.1.9.1.1208",
    "1.3.6.1.2.1.1.1.0": "Cisco IOS Software, Version 15.0(2a)EX5, R",
}
ENTITY = "1.3.6.1.2.1.47.1.1.1.1"


def found(*rows: dict[str, Any]) -> Identity:
    return identify(Reading(recording(*rows, SYSTEM)))


@pytest.mark.parametrize(
    ("text", "serial"),
    [
        ("S/N F8223", "F8223"),
        ("SN: 12AB", "12AB"),
        ("N/A", None),
        ("<private>", None),
        ("0000", None),
        (None, None),
        ("SNX1", "SNX1"),
    ],
)
def test_a_serial_number_is_bare_or_none(text: str | None, serial: str | None) -> None:
    assert strip_serial(text) == serial


def test_all_members_of_a_stack_identify_it() -> None:
    made = found(
        CISCO,
        {f"{ENTITY}.5.1": 11, f"{ENTITY}.5.2": 3, f"{ENTITY}.5.3": 3, f"{ENTITY}.4.2": 1, f"{ENTITY}.4.3": 1},
        {f"{ENTITY}.11.2": "FOC1", f"{ENTITY}.11.3": "FOC2", f"{ENTITY}.13.2": "WS-1"},
    )

    assert (made.vendor, made.os, made.version, made.product, made.serial) == (
        "Cisco",
        "ios",
        "15.0(2a)EX5",
        "WS-1",
        "FOC1",
    )
    assert made.marks["serials"] == ["FOC1", "FOC2"]


def test_a_maker_that_is_not_known_is_not_guessed_at() -> None:
    made = found({"1.3.6.1.2.1.1.1.0": "a Cisco compatible switch"})

    assert (made.vendor, made.os, made.product) == (None, None, None)
    assert made.marks == {"sys_name": "sw1", "sys_object_id": "1.3.6.1.4.1.99999.1"}


def test_bridge_address_chassis_id_and_engine_are_marks_unless_they_are_none() -> None:
    lldp, bridge, engine = "1.0.8802.1.1.2.1.3", "1.3.6.1.2.1.17.1.1.0", "1.3.6.1.6.3.10.2.1.1.0"
    mac = bytes.fromhex("001c730000aa")
    good = found(
        {bridge: mac, f"{lldp}.1.0": 4, f"{lldp}.2.0": mac, engine: bytes.fromhex("8000000903001c73000001")},
    )
    none = found({bridge: bytes(6), f"{lldp}.1.0": 5, f"{lldp}.2.0": b"\x01\xc0\0\x02\x01", engine: bytes(11)})

    assert good.marks["bridge_address"] == "00:1c:73:00:00:aa"
    assert good.marks["chassis_id"] == "mac 00:1c:73:00:00:aa"
    assert good.marks["engine_id"] == "8000000903001c73000001"
    assert set(none.marks) == {"sys_name", "sys_object_id"}


def test_macs_of_wired_ports_identify_and_borrowed_or_shared_ones_do_not() -> None:
    table = "1.3.6.1.2.1.2.2.1"
    macs = ["001c73000001", "020000000004", "00090f090001", "00005e000101", "001c73000099"]
    rows = {f"{table}.6.{n}": bytes.fromhex(mac) for n, mac in enumerate(macs, 1)}
    kinds = {f"{table}.3.{n}": 53 if n == 5 else 6 for n in range(1, 6)}

    made = found(rows, kinds)

    assert made.marks["macs"] == ["00:1c:73:00:00:01"]
    assert len(made.own_macs) == 5


def test_a_server_is_a_host_where_it_has_a_mac_of_its_own_and_forwards_for_nobody() -> None:
    bridge = {"1.3.6.1.2.1.17.1.4.1.2.1": 1}
    virtual = {"1.3.6.1.2.1.2.2.1.6.1": bytes.fromhex("525400aabbcc")}

    host, switch = found(LINUX, ports("eth0")), found(LINUX, ports("swp1"), bridge)
    guest = found(LINUX, virtual, ports("eth0"))

    assert (host.subject_class, host.marks["permanent_macs"]) == ("Host", ["00:1c:73:00:00:01"])
    assert switch.subject_class == guest.subject_class == "NetworkDevice"
    assert guest.marks["macs"] == ["52:54:00:aa:bb:cc"]
    assert found({**LINUX, "1.3.6.1.2.1.25.2.2.0": 0}, ports("eth0")).subject_class == "NetworkDevice"


def test_a_makers_own_scalars_prove_it_where_the_agent_is_anybodys() -> None:
    made = found(
        LINUX, {"1.3.6.1.4.1.6574.1.5.1.0": "RS2212RP+", "1.3.6.1.4.1.6574.1.5.2.0": "3005AWL999111"}, ports("eth0")
    )

    assert (made.vendor, made.os, made.product, made.serial) == ("Synology", "dsm", "RS2212RP+", "3005AWL999111")
    assert found(LINUX, ports("eth0")).vendor is None


def test_a_printer_and_a_ups_say_so_themselves() -> None:
    printer = found(
        {"1.3.6.1.2.1.43.5.1.1.17.1": "W492", "1.3.6.1.2.1.25.3.2.1.2.1": "oid 1.3.6.1.2.1.25.3.1.5"},
        {"1.3.6.1.2.1.25.3.2.1.3.1": "Some Printer 9"},
    )
    ups = found({"1.3.6.1.2.1.33.1.1.1.0": "Maker", "1.3.6.1.2.1.33.1.1.2.0": "Model 5"})

    assert (printer.roles, printer.product, printer.serial) == (("printer",), "Some Printer 9", "W492")
    assert (ups.roles, ups.vendor, ups.product) == (("ups",), "Maker", "Model 5")


def test_a_mac_that_is_a_text_of_blanks_or_was_never_programmed_identifies_nobody() -> None:
    table = "1.3.6.1.2.1.2.2.1"
    macs = ["202020202020", "000a0b0c0d0e", "001c73000001"]

    made = found(
        {f"{table}.6.{n}": bytes.fromhex(mac) for n, mac in enumerate(macs, 1)},
        {f"{table}.3.{n}": 6 for n in (1, 2, 3)},
    )

    assert made.marks["macs"] == ["00:1c:73:00:00:01"]


def test_a_vdc_that_is_not_the_default_one_is_a_context_of_its_chassis() -> None:
    nexus = {"1.3.6.1.2.1.1.2.0": "oid 1.3.6.1.4.1.9.12.3.1.3.612", f"{ENTITY}.5.1": 3, f"{ENTITY}.11.1": "JAF1"}
    vdc = "1.3.6.1.4.1.9.9.774.1.1.1.2"

    assert "context" not in found(nexus, {f"{vdc}.1": "core", f"{vdc}.2": "dmz"}).marks
    assert found(nexus, {f"{vdc}.2": "dmz"}).marks["context"] == "dmz"


def test_security_contexts_share_their_macs_unless_each_has_one_of_its_own() -> None:
    table = "1.3.6.1.2.1.2.2.1"
    rows = {f"{table}.{n}.{i}": v for i, mac in ((1, "001c73000001"), (2, "a2d200000002")) for n, v in (
        (3, 6), (6, bytes.fromhex(mac)), (8, 1))}  # fmt: skip
    made = found({"1.3.6.1.2.1.1.2.0": "oid 1.3.6.1.4.1.9.1.1412", "1.3.6.1.2.1.1.5.0": "dmz"}, rows)

    assert made.marks["context"] == "dmz"
    assert made.marks["macs"] == ["a2:d2:00:00:00:02"]


def test_ports_of_the_old_type_of_ethernet_are_wired_and_a_printer_is_known_by_its_maker() -> None:
    table, device = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.25.3.2.1"
    made = found(
        {"1.3.6.1.2.1.1.2.0": "oid 1.3.6.1.4.1.2435.2.3.9.1"},
        {f"{table}.3.1": 7, f"{table}.6.1": bytes.fromhex("3c2af4bff51b")},
        {f"{device}.2.1": "oid 1.3.6.1.2.1.25.3.1.5", f"{device}.3.1": "Brother MFC-L2710DW series"},
    )

    assert (made.product, made.marks["macs"]) == ("Brother MFC-L2710DW series", ["3c:2a:f4:bf:f5:1b"])
