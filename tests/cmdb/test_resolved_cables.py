"""Cables that tables of resolved addresses give away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cmdb.cabling_evidence import Port
from cmdb.resolved_cables import far_addresses
from tests.cmdb.fabrics import derived, host, lldp, port, switch, told

A, B, C = "00:1c:73:00:00:0a", "00:1c:73:00:00:0b", "00:1c:73:00:00:0c"
LINK = {("r1/ge0", "CONNECTS_TO", "r2/ge0", "inferred")}


def router(name: str, own: str, *addresses: str, resolved: Any = (), **parts: Any) -> Any:
    words = parts.pop("words", ())
    told_ = {"mac": own, "addresses": addresses, "resolved": tuple(resolved), "resolved_on": 1, **parts}
    return switch(name, port(name, "ge0", **told_), words=words)


R1 = router("r1", A, "10.0.0.1/30", resolved=[("10.0.0.2", B)])
R2 = router("r2", B, "10.0.0.2/30")


def test_two_ends_of_a_subnet_with_room_for_two_are_one_wire() -> None:
    made = derived(R1, R2)

    assert told(made) == LINK
    assert made.cables[0].evidence == (
        f"r1 ge0 resolved 10.0.0.2 to {B}, which is r2 ge0 and has that address; their subnet has room for nobody else, "
        "and no neighbour protocol speaks there"
    )
    assert list(made.shown.values()) == [1]


def test_a_host_at_a_router_is_linked_via_its_port() -> None:
    db = host("db", port("db", "eth0", mac=B, addresses=("10.0.0.2/30",)))

    assert told(derived(R1, db)) == {("db/eth0", "LINKED_VIA", "r1/ge0", "inferred")}


@pytest.mark.parametrize(
    "nodes",
    [
        (router("r1", A, "10.0.0.1/24", resolved=[("10.0.0.2", B)]), router("r2", B, "10.0.0.2/24")),
        (router("r1", A, "10.0.0.1/30", "10.1.0.1/24", resolved=[("10.0.0.2", B)]), R2),
        (router("r1", A, "10.0.0.1/30", resolved=[("10.0.0.2", B), ("10.0.0.3", C)]), R2),
        (router("r1", A, "10.0.0.1/30", resolved=[("192.0.2.9", B)]), R2),
        (R1, router("r2", B, "10.0.9.2/30")),
        (R1, router("r2", B, "10.0.0.2/30", kind="vlan")),
        (router("r1", A, "10.0.0.1/30", resolved=[("10.0.0.2", B)], kind="vlan"), R2),
        (R1, R2, replace(router("r3", B, "10.0.0.2/30"), id="r3")),
        (R1, R2, switch("sw", port("sw", "Eth1", stations=(B, A), station_count=2))),
        (R1, R2, switch("sw", port("sw", "Eth1", stations=(A, C), station_count=2))),
        (R1, router("r2", B, "10.0.0.2/30", words=(lldp("ge0", C, "x"),))),
    ],
    ids=[
        *("larger subnet", "another subnet", "two others", "another address", "far end has another address"),
        *("far end is a VLAN", "near end is a VLAN", "two have the MAC", "a switch between", "a switch at this end"),
        "a neighbour protocol speaks",
    ],
)
def test_what_does_not_prove_it_makes_no_link(nodes: tuple[Any, ...]) -> None:
    assert not {link for link in told(derived(*nodes)) if link[3] == "inferred"}


def test_an_entry_that_aged_out_ends_nothing_and_another_neighbour_does() -> None:
    made = derived(R1, R2)
    before = {(c.subject, c.object): c.evidence for c in made.cables}

    assert told(derived(router("r1", A, "10.0.0.1/30"), R2, before=before)) == LINK
    other = derived(router("r1", A, "10.0.0.1/30", resolved=[("10.0.0.2", C)]), R2, before=before)
    assert told(other) == set()
    assert list(other.ended.values()) == ["the port resolved another station, or several"]


@pytest.mark.parametrize(
    ("addresses", "others"),
    [
        (("10.0.0.1/30",), {"10.0.0.2"}),
        (("10.0.0.0/31",), {"10.0.0.1"}),
        (("2001:db8::/127", "fe80::1/64"), {"2001:db8::1"}),
        (("10.0.0.1/30", "10.0.1.1/30"), {"10.0.0.2", "10.0.1.2"}),
        (("10.0.0.3/30",), set()),
        (("10.0.0.1/32",), set()),
        (("2001:db8::1/126",), set()),
        (("fe80::1/64",), set()),
        (("nonsense",), set()),
        ((), set()),
    ],
)
def test_the_other_end_of_a_wire_has_what_is_left_of_the_subnet(addresses: tuple[str, ...], others: set[str]) -> None:
    assert far_addresses(Port("p", "p", addresses=addresses)) == others
