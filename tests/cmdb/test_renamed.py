"""An interface that is called otherwise is the same one, where its hardware says so."""

from __future__ import annotations

import pytest

from cmdb.model.batch import Section
from cmdb.model.classes.ip_address import IPAddress
from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.declaration import Relation
from cmdb.states import Item
from tests.cmdb.building import Receiver, Reporter, collected, system

MACS = {n: f"00:25:90:00:00:0{n}" for n in range(4)}


def ports(*told: tuple[str, int], kind: str = "physical") -> Section:
    """Interfaces (name, hardware); the first has an address."""
    found = [NetworkInterface(name=name, kind=kind, mac=MACS[n]) for name, n in told]
    address = IPAddress(address="10.0.0.1", version=4)
    has = [Relation("HAS_ADDRESS", port.ref(), address.ref()) for port in found[:1]]
    return collected("network", ["NetworkInterface", "IPAddress"], [*found, address], has, ["HAS_ADDRESS"])


def passes(cmdb: Receiver, *sections: Section) -> list[dict[str, Item]]:
    """The interfaces by name after each pass."""
    web, found = Reporter("web"), []
    for at, section in enumerate(sections):
        cmdb.now = 60 * at
        cmdb.take(web.batch(system("web"), section, at=60 * at))
        found.append({i.name: i for i in cmdb.found("class:NetworkInterface")})
    return found


def test_the_permanent_mac_finds_a_rename_and_the_part_keeps_its_id_and_past(cmdb: Receiver) -> None:
    before, after = passes(cmdb, ports(("eth0", 0), ("eth1", 1)), ports(("enp1s0", 0), ("eth1", 1)))

    assert after["enp1s0"].id == before["eth0"].id
    assert after["enp1s0"].key == "enp1s0"
    assert after["eth1"] == before["eth1"]
    assert cmdb.links("HAS_ADDRESS") == {("web/enp1s0", "HAS_ADDRESS", "10.0.0.1")}
    with cmdb.view() as view:
        assert [s.key for s in view.history(before["eth0"].id)] == ["eth0", "enp1s0"]
        assert {i.name for i in view.scan(["NetworkInterface"], 1)} == {"eth0", "eth1"}


def test_the_old_name_is_free_for_another_interface(cmdb: Receiver) -> None:
    before, _, after = passes(cmdb, ports(("eth0", 0)), ports(("lan0", 0)), ports(("lan0", 0), ("eth0", 1)))

    assert after["lan0"].id == before["eth0"].id
    assert after["eth0"].id != before["eth0"].id


def test_a_name_that_is_still_there_stays_with_its_interface(cmdb: Receiver) -> None:
    before, after = passes(cmdb, ports(("eth0", 0), ("eth1", 1)), ports(("eth0", 1), ("eth1", 0)))

    assert {n: i.id for n, i in after.items()} == {n: i.id for n, i in before.items()}
    assert after["eth0"].attributes["mac"] == MACS[1]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (ports(("eth0", 0)), ports(("eth9", 1))),
        (ports(("vlan1", 0), kind="vlan"), ports(("vlan2", 0), kind="vlan")),
        (ports(("eth0", 0), ("eth1", 0)), ports(("eth8", 0), ("eth9", 0))),
    ],
)
def test_other_hardware_and_what_several_have_is_another_interface(
    cmdb: Receiver, first: Section, then: Section
) -> None:
    before, after = passes(cmdb, first, then)

    assert {i.id for i in before.values()}.isdisjoint(i.id for i in after.values())
