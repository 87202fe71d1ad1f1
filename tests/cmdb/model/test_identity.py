"""Identifiers composed from marks, and ids that a store mints."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model.identity import (
    ROWS,
    WEAK,
    compose,
    contradiction,
    host_name,
    is_machine_of,
    is_placeholder,
    mac,
    mint,
    missing_mark,
    scheme,
    uuid,
)

MACHINE = "0123456789abcdef0123456789abcdef"
DMI = "4c4c4544-0051-3610-8052-b4c04f4a4e31"
KEY = "SHA256:uNiVztksCsDhcc0u9e8BrrJXsHtM/DVmSmXfd4Wx4ks"


def schemes(**marks: Any) -> list[list[str]]:
    return [sorted({i.split(" ")[0] for i in rank}) for rank in compose("Host", marks)]


def test_identifiers_come_strongest_first() -> None:
    found = schemes(
        agent_key="a",
        machine_id=MACHINE,
        cloud_instance="aws/123/i-1",
        dmi_uuid=DMI,
        system_serial="Dell Inc./R640/ABC123",
        macs=["02:00:00:00:00:01"],
        permanent_macs=["00:25:90:00:00:01"],
        ssh_host_keys=[KEY],
        host_name="web",
        fqdn="web.example.com",
    )

    assert [rank[0] for rank in found] == [
        "agent",
        "cloud",
        "dmi",
        "machine+dmi",
        "machine+mac",
        "machine+key",
        "serial",
        "mac",
        "key+name",
        "chassis",
        "port",
        "fqdn",
    ]


@pytest.mark.parametrize(
    "marks",
    [
        {},
        {"agent_key": "a"},
        {"machine_id": MACHINE},
        {"macs": ["02:00:00:00:00:01"]},
        {"ssh_host_keys": [KEY]},
        {"host_name": "web"},
        {"machine_id": "uninitialized", "agent_key": "a"},
        {"machine_id": "0" * 32, "agent_key": "a"},
        {"machine_id": MACHINE.upper() + "0", "agent_key": "a"},
        {"cloud_instance": "i-1"},
        {"dmi_uuid": "0" * 36},
        {"system_serial": "Dell Inc./R640/To Be Filled By O.E.M."},
        {"system_serial": "Dell Inc./R640"},
        {"permanent_macs": ["02:00:00:00:00:01", "01:00:5e:00:00:01"]},
        {"ssh_host_keys": ["MD5:aa"], "machine_id": MACHINE},
        {"ssh_host_keys": [KEY], "host_name": "localhost"},
        {"fqdn": "web"},
        {"agent_key": "  ", "machine_id": MACHINE},
        {"agent_key": 5, "machine_id": [MACHINE], "macs": "02:00:00:00:00:01"},
    ],
)
def test_one_counts_only_when_all_its_parts_are_there_and_none_is_a_placeholder(marks: dict[str, Any]) -> None:
    assert compose("Host", marks) == []


def test_a_set_has_one_row_a_member() -> None:
    ranks = compose("Host", {"machine_id": MACHINE, "macs": ["02:00:00:00:00:02", "02-00-00-00-00-01"]})

    assert ranks[0] == [f"machine+mac {MACHINE}/02:00:00:00:00:01", f"machine+mac {MACHINE}/02:00:00:00:00:02"]


def test_a_key_alone_identifies_what_has_no_marks() -> None:
    assert compose("Subnet", {}, "default/10.0.0.0/8") == [["Subnet default/10.0.0.0/8"]]


def test_identifiers_have_a_bound() -> None:
    ranks = compose("Host", {"agent_key": "ä" * 2000, "machine_id": MACHINE})

    assert len(ranks[0][0].encode()) <= 2000


def test_a_weak_one_is_said_to_be_weak() -> None:
    (rank,) = compose("Host", {"fqdn": "web.example.com"})

    assert {i.split(" ")[0] for i in rank} <= WEAK


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "   ",
        "0",
        "00000000",
        "FFFFFFFF",
        "xxxxxxxx",
        "1111",
        "....",
        "To be filled by O.E.M.",
        "to be filled by whomever",
        "System Serial Number",
        "System Product Name",
        "Default string",
        "Not Specified",
        "Not Available",
        "None",
        "N/A",
        "Unknown",
        "OEM",
        "O.E.M.",
        "0123456789",
        "123456789",
        "Chassis Serial Number",
        "Base Board Serial Number",
        "No Asset Tag",
        "Asset-1234567890",
        "INVALID",
        "Serial",
    ],
)
def test_what_vendors_leave_is_a_placeholder(value: Any) -> None:
    assert is_placeholder(value)


@pytest.mark.parametrize("value", ["ABC1234", "CZ3029XXYZ", "1122", "VMware-42 1c", "PowerEdge R640", "Dell Inc."])
def test_what_a_vendor_set_is_none(value: str) -> None:
    assert not is_placeholder(value)


def test_a_uuid_is_the_same_in_either_byte_order() -> None:
    swapped = "44454c4c-5100-1036-8052-b4c04f4a4e31"

    assert uuid(DMI.upper()) == uuid(swapped) == uuid(DMI)
    assert uuid(f" {DMI} ") is not None


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "x",
        "00000000-0000-0000-0000-000000000000",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        "03000200-0400-0500-0006-000700080009",
        "Not Settable",
    ],
)
def test_a_uuid_that_many_have_is_none(value: Any) -> None:
    assert uuid(value) is None


@pytest.mark.parametrize(
    ("value", "known"),
    [
        ("00:25:90:AB:CD:EF", "00:25:90:ab:cd:ef"),
        ("00-25-90-ab-cd-ef", "00:25:90:ab:cd:ef"),
        ("52:54:00:12:34:56", "52:54:00:12:34:56"),
        ("00:00:00:00:00:00", None),
        ("ff:ff:ff:ff:ff:ff", None),
        ("01:00:5e:00:00:01", None),
        ("00:00:5e:00:01:0a", None),
        ("00:00:0c:07:ac:01", None),
        ("00:00:0c:9f:f0:01", None),
        ("00:07:b4:00:01:01", None),
        ("02:42:ac:11:00:02", None),
        ("00:25:90:ab:cd", None),
        ("", None),
        (None, None),
    ],
)
def test_macs_that_several_have_do_not_identify(value: Any, known: Any) -> None:
    assert mac(value) == known


def test_default_host_names_do_not_identify() -> None:
    assert [host_name(n) for n in ("localhost", "Debian", "localhost.localdomain.", "", None)] == [None] * 5
    assert host_name(" Web01.Example.COM. ") == "web01.example.com"


def test_what_is_missing_is_named() -> None:
    said = missing_mark("Host", {"host_name": "web", "fqdn": ""})

    assert "it brought host_name;" in said
    assert "machine-id" in said


@pytest.mark.parametrize(
    ("known", "brought", "what"),
    [
        ({"agent_key": "a"}, {"agent_key": "b"}, "agent key"),
        ({"dmi_uuid": DMI}, {"dmi_uuid": DMI[:-1] + "2"}, "DMI UUID"),
        ({"ssh_host_keys": [KEY]}, {"ssh_host_keys": [KEY[:-1] + "t"]}, "SSH host keys"),
        ({"macs": ["02:00:00:00:00:01"]}, {"macs": ["02:00:00:00:00:02"]}, "MACs"),
        ({"agent_key": "a", "machine_id": MACHINE}, {"agent_key": "a", "machine_id": MACHINE[::-1]}, "machine-id"),
    ],
)
def test_a_mark_that_both_have_and_that_differs_contradicts(
    known: dict[str, Any], brought: dict[str, Any], what: str
) -> None:
    sides = [
        [i for rank in compose("Host", {"machine_id": MACHINE, "host_name": "web", **m}) for i in rank]
        for m in (known, brought)
    ]

    assert contradiction(sides[0], sides[1]).startswith(what)
    assert contradiction(sides[0], sides[0]) == ""


def test_sets_that_overlap_and_marks_that_one_lacks_do_not_contradict() -> None:
    left = compose("Host", {"machine_id": MACHINE, "macs": ["02:00:00:00:00:01", "02:00:00:00:00:02"], "dmi_uuid": DMI})
    right = compose("Host", {"machine_id": MACHINE, "macs": ["02:00:00:00:00:02"], "agent_key": "a"})

    assert contradiction([i for r in left for i in r], [i for r in right for i in r]) == ""


def test_every_mac_of_a_host_is_a_row_by_which_others_find_it() -> None:
    marks = {"machine_id": MACHINE, "macs": ["02:00:00:00:00:01"], "permanent_macs": ["00:25:90:00:00:01"]}
    rows = [i for rank in compose("Host", marks) for i in rank if scheme(i) in ROWS]

    assert rows == [f"{s} {m}" for s in ("chassis", "port") for m in ("00:25:90:00:00:01", "02:00:00:00:00:01")]
    assert compose("Host", {"macs": ["02:00:00:00:00:01"]}) == [], "rows alone make no host"


@pytest.mark.parametrize("kind", ["docker", "lxc", "namespace"])
def test_a_container_is_never_known_by_the_machine_below(kind: str) -> None:
    below = {
        "dmi_uuid": DMI,
        "system_serial": "Dell Inc./R640/ABC123",
        "cloud_instance": "aws/1/i-1",
        "permanent_macs": ["00:25:90:00:00:01"],
    }

    assert compose("Host", {**below, "container": kind}) == []
    assert compose("Host", {**below, "container": kind, "machine_id": MACHINE, "agent_key": "a"}) == [
        [f"agent a/{MACHINE}"]
    ]


def test_only_a_container_that_runs_like_a_machine_is_found_by_its_macs() -> None:
    marks = {"machine_id": MACHINE, "macs": ["02:00:00:00:00:01"]}

    assert schemes(**marks, container="lxc") == [["machine+mac"], ["chassis"], ["port"]]
    assert schemes(**marks, container="docker") == [["machine+mac"]]


def test_a_namespace_is_found_by_what_of_its_network_is_its_own() -> None:
    own, below = "02:00:00:00:00:01", "00:25:90:00:00:01"
    marks = {"machine_id": MACHINE, "macs": [own, below], "own_macs": [own, "02:00:00:00:00:09"]}

    rows = [i for rank in compose("Host", {**marks, "container": "namespace"}) for i in rank if scheme(i) in ROWS]
    assert rows == [f"chassis {own}", f"port {own}"]
    assert schemes(machine_id=MACHINE, macs=[own], container="namespace") == [["machine+mac"]]


def device(**marks: Any) -> list[str]:
    return [i for rank in compose("NetworkDevice", marks) for i in rank]


def test_a_device_is_known_by_the_serial_of_any_member_of_its_stack() -> None:
    found = device(vendor="Cisco  Systems", serials=["S/N FOC1", "foc2", "S/N: To be filled by O.E.M."])

    assert found == ["device cisco systems/FOC1", "device cisco systems/FOC2"]
    assert device(serials=["FOC1"]) == [], "two makers may give the same number"


def test_contexts_of_one_chassis_are_told_apart_by_the_context_alone() -> None:
    shared = {
        "vendor": "Fortinet",
        "serials": ["FG1"],
        "chassis_id": "mac 00:09:0f:00:00:01",
        "macs": ["00:09:0f:00:00:02"],
    }

    assert device(**shared, context="root") == ["device fortinet/FG1/root"]
    assert device(**shared, context="dmz") == ["device fortinet/FG1/dmz"]


@pytest.mark.parametrize(
    ("marks", "known"),
    [
        ({"chassis_id": "mac 00-1C-73-00-00-01"}, ["chassis 00:1c:73:00:00:01"]),
        ({"chassis_id": "component XYZ123"}, ["component XYZ123"]),
        ({"chassis_id": "local sw1"}, []),
        ({"chassis_id": "address 10.0.0.1"}, []),
        ({"chassis_id": "interface Gi0/1"}, []),
        ({"bridge_address": "00:1c:73:00:00:01"}, ["bridge 00:1c:73:00:00:01"]),
        ({"bridge_address": "00:00:00:00:00:00"}, []),
        ({"engine_id": "0x80 00 00 09 03 00 1c 73 00 00 01"}, ["engine 8000000903001c73000001"]),
        ({"engine_id": "8000000901c0a80001"}, []),
        ({"engine_id": "80000009022001" + "0db8" * 7}, []),
        ({"engine_id": "800000090300000000"}, []),
        ({"macs": ["00:00:5e:00:01:0a", "00:00:0c:07:ac:01", "00:07:b4:00:01:01", "00:05:73:a0:00:01"]}, []),
        ({"sys_name": "sw1", "sys_object_id": "1.3.6.1.4.1.9.1.1"}, ["sysname sw1/1.3.6.1.4.1.9.1.1"]),
        ({"sys_name": "localhost", "sys_object_id": "1.3.6.1.4.1.8072.3.2.10"}, []),
    ],
)
def test_what_a_device_is_known_by(marks: dict[str, Any], known: list[str]) -> None:
    assert device(**marks) == known


def test_two_devices_of_different_serial_numbers_contradict_each_other_and_members_of_a_stack_do_not() -> None:
    one, stack, other = (device(vendor="x", serials=s) for s in (["A1"], ["A1", "A2"], ["B1"]))

    assert contradiction(one, other).startswith("serial numbers")
    assert contradiction(one, stack) == ""


@given(st.integers(0, 2**63 - 1), st.integers(1, 50))
def test_ids_are_short_distinct_and_always_the_same(revision: int, count: int) -> None:
    ids = mint("ab" * 32, revision, count)

    assert len(set(ids)) == count
    assert all(len(i) == 26 and set(i) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ") for i in ids)
    assert ids == mint("ab" * 32, revision, count + 5)[:count]
    assert not set(ids) & set(mint("ab" * 32, revision + 1, count))
    assert not set(ids) & set(mint("cd" * 32, revision, count))


@given(st.integers(0, 2**63 - 1), st.integers(0, 50))
def test_ids_are_what_the_contract_says(revision: int, count: int) -> None:
    seed = bytes(32) + revision.to_bytes(8, "big")
    raws = [hashlib.sha256(seed + ordinal.to_bytes(8, "big")).digest()[:16] for ordinal in range(count)]
    table = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")

    assert mint("00" * 32, revision, count) == [
        base64.b32encode(raw).decode().rstrip("=").translate(table) for raw in raws
    ]


@pytest.mark.parametrize(
    ("host", "device", "one"),
    [
        (["port a"], ["port a"], True),
        (["port a"], ["port a", "port b"], False),
        (["port a", "port b"], ["port a", "port b", "port c", "device acme/1"], True),
        (["port a", "port b"], ["chassis c", "port a", "port b"], False),
        (["chassis a", "port a"], ["bridge a", "chassis a", "port a"], True),
        (["chassis a", "port a"], ["bridge b", "chassis a", "port a"], False),
        (["chassis a", "port a"], ["chassis a"], False),
        (["mac a", "machine+mac x/a"], ["port a"], False),
    ],
)
def test_a_host_is_a_device_of_which_it_has_most(host: list[str], device: list[str], one: bool) -> None:
    assert is_machine_of(host, device) is one
