"""Host as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.host import Host
from cmdb.model.identity import compose
from tests.cmdb.model.classes.declared import check


def test_a_host_is_known_by_its_marks_and_by_no_key() -> None:
    made = Host(name="web", os_family=["debian"], uptime_seconds=5)

    check(made)
    assert made.readings() == {"uptime_seconds": 5}
    assert CLASSES["Host"].key == ()


def test_every_mark_counts_in_some_identifier() -> None:
    some = {
        "agent_key": "a",
        "cloud_instance": "aws/1/i-1",
        "dmi_uuid": "4c4c4544-0051-3610-8052-b4c04f4a4e31",
        "machine_id": "0123456789abcdef0123456789abcdef",
        "system_serial": "Dell Inc./R640/ABC123",
        "macs": ["02:00:00:00:00:01"],
        "permanent_macs": ["00:25:90:00:00:01"],
        "ssh_host_keys": ["SHA256:x"],
        "host_name": "web",
        "fqdn": "web.example.com",
    }
    assert {*some, "container", "own_macs"} == set(CLASSES["Host"].marks)
    assert compose("Host", {**some, "container": "lxc"}) != compose("Host", some)
    whole = compose("Host", some)

    for mark in some:
        assert compose("Host", {n: v for n, v in some.items() if n != mark}) != whole, mark


def test_sizing_of_a_virtual_machine_is_the_hypervisors_to_say() -> None:
    groups = {n: a.group for n, a in CLASSES["Host"].attributes.items()}

    assert {n for n, g in groups.items() if g == "sizing"} >= {"cpu_count", "memory_bytes", "dmi_uuid"}
    assert groups["serial"] == "hardware"
