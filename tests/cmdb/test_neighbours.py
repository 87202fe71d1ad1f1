"""Devices that neighbours tell of, and that answer for themselves later, or did before."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from cmdb.aliases import resolve
from cmdb.model.batch import Section
from cmdb.states import Item
from cmdb.taking import Receipt
from tests.cmdb.building import Receiver, Reporter, outcomes, raw, receiver, system
from tests.cmdb.identity_cases import machine

CHASSIS = "00:1c:73:00:00:01"
SWITCH = {"vendor": "Arista", "serials": ["SN1"], "chassis_id": f"mac {CHASSIS}", "sys_name": "sw1"}


def neighbours(*told: tuple[str, str], section: str = "neighbours") -> Section:
    """What a host's LLDP daemon hears: (key, name) of each neighbour; the host depends on it, so that there is a relation."""
    items = [{"class": "NetworkDevice", "key": key, "attributes": {"name": name}} for key, name in sorted(told)]
    relations = [{"type": "DEPENDS_ON", "subject": ".", "object": ["NetworkDevice", key]} for key, _ in sorted(told)]
    return raw(section, {"items": items, "relations": relations}, ["NetworkDevice"], ["DEPENDS_ON"])


def device(cmdb: Receiver, marks: dict[str, Any], at: int = 0, source: str = "snmp", **attributes: Any) -> Receipt:
    body = {"items": [{"class": "NetworkDevice", "attributes": attributes}], "relations": []}
    reporter = Reporter("sw", source, "snmp", marks=marks, sequence=at, header={"subject_class": "NetworkDevice"})
    cmdb.now = max(cmdb.now, at)
    return cmdb.take(reporter.batch(raw("device", body, ["NetworkDevice"]), at=at))


def host(cmdb: Receiver, *sections: Section, name: str = "web", at: int = 0) -> Receipt:
    cmdb.now = max(cmdb.now, at)
    return cmdb.take(Reporter(name, marks=machine(name), sequence=at).batch(system(name), *sections, at=at))


def devices(cmdb: Receiver) -> list[Item]:
    return cmdb.found("class:NetworkDevice")


def test_a_neighbours_word_makes_a_device_that_is_not_discovered(cmdb: Receiver) -> None:
    host(cmdb, neighbours((f"mac {CHASSIS}", "sw1"), ("port eth0", "phone")))

    assert {(d.name, d.attributes["discovered"]) for d in devices(cmdb)} == {("sw1", False), ("phone", False)}
    assert {i for d in devices(cmdb) for i in d.identifiers if i.startswith("chassis")} == {f"chassis {CHASSIS}"}
    assert cmdb.links("DEPENDS_ON") == {("web", "DEPENDS_ON", "sw1"), ("web", "DEPENDS_ON", "phone")}


def test_two_neighbours_tell_of_one_device_and_each_of_its_own_port(cmdb: Receiver) -> None:
    for name in ("web", "db"):
        host(cmdb, neighbours((f"mac {CHASSIS}", "sw1"), ("port eth0", f"phone of {name}")), name=name)

    assert sorted(d.name for d in devices(cmdb)) == ["phone of db", "phone of web", "sw1"]


def test_it_goes_when_nobody_tells_of_it_any_more_and_comes_back_as_it_was(cmdb: Receiver) -> None:
    host(cmdb, neighbours((f"mac {CHASSIS}", "sw1")))
    (before,) = devices(cmdb)
    host(cmdb, neighbours(), at=60)
    assert devices(cmdb) == []

    host(cmdb, neighbours((f"mac {CHASSIS}", "sw1")), at=120)

    assert [d.id for d in devices(cmdb)] == [before.id]


def test_a_neighbours_words_change_nothing_of_a_device_that_was_itself_discovered(cmdb: Receiver) -> None:
    device(cmdb, SWITCH, name="sw1", vendor="Arista")
    (before,) = devices(cmdb)

    host(cmdb, neighbours((f"mac {CHASSIS}", "another name")), at=60)

    assert devices(cmdb) == [before]
    assert cmdb.links("DEPENDS_ON") == {("web", "DEPENDS_ON", "sw1")}
    host(cmdb, neighbours(), at=120)
    assert devices(cmdb) == [before], "nor do they end it"
    assert cmdb.links("DEPENDS_ON") == set()


def test_a_neighbour_finds_a_host_by_its_mac(cmdb: Receiver) -> None:
    host(cmdb, name="db")
    (mac,) = machine("db")["macs"]

    host(cmdb, neighbours((f"mac {mac}", "db")))

    assert devices(cmdb) == []
    assert cmdb.links("DEPENDS_ON") == {("web", "DEPENDS_ON", "db")}


def test_a_device_can_not_pretend_to_be_known_by_others_only(cmdb: Receiver) -> None:
    device(cmdb, SWITCH, name="sw1", discovered=False)

    assert devices(cmdb)[0].attributes["discovered"] is True


@pytest.mark.parametrize(
    "key", ["mac 10.0.0.1", "mac 00:00:00:00:00:00", "mac 00:1C:73:00:00:01", "port ", "eth0", "local sw1"]
)
def test_a_neighbour_is_keyed_by_a_mac_or_the_own_port(cmdb: Receiver, key: str) -> None:
    receipt = host(cmdb, neighbours((key, "x")))

    assert outcomes(receipt)["neighbours"] == "refused"


def test_the_natural_digest_does_not_depend_on_ids() -> None:
    found = set()
    for names in (("web", "db"), ("db", "web")):
        with receiver() as cmdb:
            for name in names:
                host(cmdb, neighbours(("port eth0", "phone")), name=name)
            found.add(cmdb.natural())
    assert len(found) == 1


def test_a_stack_is_one_device_whichever_member_answers(cmdb: Receiver) -> None:
    device(cmdb, {"vendor": "Arista", "serials": ["SN1", "SN2"]}, name="stack")
    device(cmdb, {"vendor": "arista", "serials": ["S/N SN2"]}, at=60, source="another", name="stack")

    assert len(devices(cmdb)) == 1


def test_a_device_that_an_agent_sees_as_a_host_stays_one_ci(cmdb: Receiver) -> None:
    host(cmdb, name="db")
    device(cmdb, {"macs": machine("db")["macs"], "sys_name": "db"}, at=60, name="by snmp", description="Linux")

    assert devices(cmdb) == []
    assert cmdb.one("class:Host").name == "db"


def test_hosts_of_one_mac_are_never_one_by_it(cmdb: Receiver) -> None:
    for name in ("web", "db"):
        marks = machine(name, macs=["52:54:00:00:00:01"])
        cmdb.take(Reporter(name, marks=marks).batch(system(name)))

    assert len(cmdb.found("class:Host")) == 2
    receipt = device(cmdb, {"macs": ["52:54:00:00:00:01"]}, at=60)
    assert "shared" in receipt["quarantined"][0]["reason"]


def test_an_engine_id_of_two_devices_identifies_neither(cmdb: Receiver) -> None:
    engine = "800000090300aabbccddee"
    device(cmdb, {"vendor": "x", "serials": ["SNA1"], "engine_id": engine}, source="a", name="a")
    device(cmdb, {"vendor": "x", "serials": ["SNB1"], "engine_id": engine}, at=60, source="b", name="b")

    assert sorted(d.name for d in devices(cmdb)) == ["a", "b"]
    assert device(cmdb, {"engine_id": engine}, at=120, source="c")["quarantined"]


def test_a_device_that_answers_for_itself_becomes_one_with_what_its_neighbours_told(cmdb: Receiver) -> None:
    host(cmdb, neighbours((f"mac {CHASSIS}", "by a neighbour"), ("port eth1", "phone")))
    (told,) = [d for d in devices(cmdb) if d.name == "by a neighbour"]

    device(cmdb, SWITCH, at=60, name="sw1")

    (found,) = [d for d in devices(cmdb) if d.name == "sw1"]
    assert len(devices(cmdb)) == 2, "the phone stays"
    assert found.attributes == {"name": "sw1", "discovered": True}
    assert cmdb.links("DEPENDS_ON") == {("web", "DEPENDS_ON", "sw1"), ("web", "DEPENDS_ON", "phone")}
    with cmdb.view() as view:
        assert resolve(view, told.id) == found.id


@pytest.mark.parametrize("first", [True, False])
def test_a_device_whose_serial_number_its_neighbour_tells_is_that_device(cmdb: Receiver, first: bool) -> None:
    if first:
        device(cmdb, {"vendor": "Cisco", "serials": ["FOC1"]}, name="leaf01")
    host(cmdb, neighbours(("device cisco/FOC1", "somebody")), at=60)
    if not first:
        device(cmdb, {"vendor": "Cisco", "serials": ["FOC1"]}, at=120, name="leaf01")

    [one] = devices(cmdb)
    assert (one.name, one.attributes["discovered"]) == ("leaf01", True)
    assert cmdb.links("DEPENDS_ON") == {("web", "DEPENDS_ON", "leaf01")}


def test_a_device_that_brings_its_chassis_later_becomes_one_too(cmdb: Receiver) -> None:
    host(cmdb, neighbours((f"mac {CHASSIS}", "by a neighbour")))
    device(cmdb, {"vendor": "Arista", "serials": ["SN1"]}, at=60, name="sw1")
    assert len(devices(cmdb)) == 2

    device(cmdb, SWITCH, at=120, name="sw1")
    host(cmdb, neighbours((f"mac {CHASSIS}", "by a neighbour")), at=180)

    assert [d.name for d in devices(cmdb)] == ["sw1"]
    assert cmdb.links("DEPENDS_ON") == {("web", "DEPENDS_ON", "sw1")}


def test_a_host_that_its_neighbours_told_of_becomes_one_with_it(cmdb: Receiver) -> None:
    (mac,) = machine("db")["macs"]
    host(cmdb, neighbours((f"mac {mac}", "db")))

    host(cmdb, name="db", at=60)

    assert devices(cmdb) == []
    assert cmdb.links("DEPENDS_ON") == {("web", "DEPENDS_ON", "db")}


def test_a_device_that_gets_an_agent_is_a_host_from_then_on(cmdb: Receiver) -> None:
    marks = {"macs": machine("db")["macs"], "sys_name": "db"}
    device(cmdb, marks, name="by snmp", os_version="12")
    (before,) = devices(cmdb)

    host(cmdb, name="db", at=60)
    device(cmdb, marks, at=120, name="by snmp", os_version="12")
    host(cmdb, name="db", at=180)

    assert devices(cmdb) == []
    found = cmdb.one("class:Host")
    assert (found.name, found.attributes["os_version"]) == ("db", "12"), "what snmp tells is claimed of the host"
    with cmdb.view() as view:
        assert resolve(view, before.id) == found.id


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_in_any_order_it_is_the_same_device(order: tuple[int, ...]) -> None:
    def told(cmdb: Receiver, place: int) -> None:
        cmdb.now = 600
        if place == 2:
            device(cmdb, SWITCH, at=120, name="sw1")
        else:
            host(
                cmdb,
                neighbours((f"mac {CHASSIS}", "x"), ("port eth0", "phone")),
                name=("web", "db")[place],
                at=60 * place,
            )

    found = set()
    for each in (order, (0, 1, 2)):
        with receiver() as cmdb:
            for place in each:
                told(cmdb, place)
            found.add(cmdb.natural())
            cmdb.sound()
    assert len(found) == 1
