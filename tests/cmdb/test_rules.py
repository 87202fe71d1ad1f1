"""Rules of identification as a value."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb.model.errors import UsageError
from cmdb.model.identity import ROWS, WEAK, compose, scheme
from cmdb.rules import SCHEMES, TODAY, read

MACHINE = "0123456789abcdef0123456789abcdef"
HOST = {
    "agent_key": "a",
    "machine_id": MACHINE,
    "cloud_instance": "aws/1/i-1",
    "dmi_uuid": "4c4c4544-0042-3510-8056-b4c04f4d3532",
    "system_serial": "Acme/X1/ABC9",
    "ssh_host_keys": ["SHA256:" + "k" * 43],
    "macs": ["00:25:90:00:00:01"],
    "permanent_macs": ["00:25:90:00:00:01"],
    "host_name": "web",
    "fqdn": "web.example.com",
}
DEVICES: list[dict[str, Any]] = [
    {"vendor": "acme", "serials": ["S9"], "chassis_id": "mac 00:25:90:00:00:01", "bridge_address": "00:25:90:00:00:01"},
    {"chassis_id": "component c9", "engine_id": "80:00:1f:88:04:61:62:63", "macs": ["00:25:90:00:00:02"]},
    {"sys_name": "sw1", "sys_object_id": "1.3.6.1.4.1.9"},
]


def schemes(ranks: list[list[str]]) -> list[str]:
    return list(dict.fromkeys(scheme(i) for rank in ranks for i in rank))


def test_the_schemes_are_those_that_are_composed_strongest_first() -> None:
    assert schemes(compose("Host", HOST)) == list(SCHEMES["Host"])
    made = [schemes(compose("NetworkDevice", marks)) for marks in DEVICES]
    assert {s for each in made for s in each} == set(SCHEMES["NetworkDevice"])
    order = list(SCHEMES["NetworkDevice"])
    assert all(each == sorted(each, key=order.index) for each in made)


def test_the_rules_of_today_change_nothing() -> None:
    for class_name, marks in [("Host", HOST), *(("NetworkDevice", d) for d in DEVICES)]:
        assert TODAY.compose(class_name, marks) == read({}).compose(class_name, marks) == compose(class_name, marks)
        assert read({class_name: {}}).compose(class_name, marks) == compose(class_name, marks)
    assert TODAY.weak("Host") == WEAK | ROWS
    assert TODAY.weak("NetworkDevice") == read({"NetworkDevice": {}}).weak("NetworkDevice") == WEAK
    assert TODAY.shared("Host") == frozenset()


def test_schemes_are_put_in_order_made_weak_and_left_out() -> None:
    rules = read({"Host": {"identify": ["fqdn", "serial"], "ignore": ["mac"]}})

    made = schemes(rules.compose("Host", HOST))
    assert made[:2] == ["fqdn", "serial"]
    assert "mac" not in made
    assert rules.weak("Host") == set(SCHEMES["Host"]) - {"fqdn", "serial"}
    assert read({"Host": {"weak": ["serial"]}}).weak("Host") == WEAK | ROWS | {"serial"}
    assert rules.compose("NetworkDevice", DEVICES[0]) == compose("NetworkDevice", DEVICES[0])


def test_placeholders_count_as_absent_in_any_case_and_in_lists() -> None:
    rules = read({"Host": {"placeholders": ["ACME/x1/abc9", "00:25:90:00:00:01"]}})

    made = schemes(rules.compose("Host", HOST))
    assert "serial" not in made
    assert not {"mac", "machine+mac", "port"}.intersection(made)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([], "a table for each class"),
        ({"Printer": {}}, "no rules for 'Printer'; there are for Host, NetworkDevice"),
        ({"Host": []}, "Host is no table"),
        ({"Host": {"identfy": ["agent"]}}, "no rule 'identfy'; there are identify, weak"),
        ({"Host": {"weak": "agent"}}, r"Host\.weak is a list"),
        ({"Host": {"weak": [1]}}, r"Host\.weak is a list"),
        ({"Host": {"weak": ["agent", "agent"]}}, "something twice"),
        ({"Host": {"ignore": ["sysname"]}}, "no scheme 'sysname'"),
        ({"Host": {"identify": ["port"]}}, "no scheme 'port'"),
        ({"Host": {"identify": ["agent"], "weak": ["agent"]}}, "agent can not identify and be weak"),
        ({"Host": {"shared": ["10.0.0.1"]}}, "no identifier; write one as"),
    ],
)
def test_what_is_not_known_is_refused_by_name(wrong: object, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read(wrong)
