"""Links of a whole fabric: which type, which proof, and that neither order nor side matters."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.cabling import Cable, Cabling, by_owner, cabling, is_gear
from cmdb.cabling_evidence import Estate, Node, Word
from tests.cmdb.fabrics import derived, host, links, lldp, port, switch


def mac(number: int) -> str:
    return f"00:1c:73:00:00:{number:02x}"


def fabric(wires: list[tuple[int, int, int, int]], told: list[tuple[bool, bool]], swapped: bool = False) -> list[Node]:
    """Four switches with four ports each and their wires; `told` says which ends of each speak."""
    words: dict[int, list[Word]] = {n: [] for n in range(4)}
    for (a, i, b, j), (one, other) in zip(wires, told, strict=True):
        for near, p, far, q, speaks in ((a, i, b, j, one), (b, j, a, i, other)):
            if speaks:
                words[near].append(lldp(f"Eth{p}", f"mac {mac(far)}", f"text Eth{q}"))
    nodes = [
        switch(f"s{n}", *(port(f"s{n}", f"Eth{p}") for p in range(4)), mac=mac(n), words=tuple(words[n]))
        for n in range(4)
    ]
    return nodes[::-1] if swapped else nodes


ports = st.permutations([(n, p) for n in range(4) for p in range(4)])
wirings = ports.map(lambda ends: [(*a, *b) for a, b in zip(ends[::2], ends[1::2], strict=True) if a[0] != b[0]])


@given(wirings, st.data())
def test_every_cable_that_an_end_tells_of_is_found_and_no_other_in_any_order(
    wires: list[tuple[int, int, int, int]], data: st.DataObject
) -> None:
    told = data.draw(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=len(wires), max_size=len(wires)))
    nodes = fabric(wires, told)
    expected = {
        (*sorted((f"s{a}/Eth{i}", f"s{b}/Eth{j}")), "confirmed" if one and other else "one-sided")
        for (a, i, b, j), (one, other) in zip(wires, told, strict=True)
        if one or other
    }

    made = derived(*nodes)

    assert {(c.subject, c.object, c.proof) for c in made.cables} == expected
    mixed = data.draw(st.permutations(nodes))
    shuffled = [Node(n.id, n.class_name, n.name, n.identifiers, ports=n.ports, words=n.words[::-1]) for n in mixed]
    assert derived(*shuffled) == made
    turned = fabric([(b, j, a, i) for a, i, b, j in wires], [(other, one) for one, other in told])
    assert derived(*turned) == made


def test_a_second_run_over_what_stands_makes_the_same() -> None:
    nodes = fabric([(0, 0, 1, 1)], [(True, False)])
    made = derived(*nodes)

    assert cabling(Estate(nodes), {}) == made


BRIDGED = (port("h", "br0", kind="bridge"), port("h", "eth0", master="br0"))


@pytest.mark.parametrize(
    ("node", "gear"),
    [
        (switch("sw"), True),
        (host("h", port("h", "eth0")), False),
        (host("kvm", *BRIDGED, port("h", "vnet0", kind="tun", master="br0")), False),
        (host("docker", *BRIDGED, port("h", "veth1", kind="veth", master="br0")), False),
        (host("linux switch", *BRIDGED, port("h", "eth1", master="br0")), True),
        (host("two bonds", *BRIDGED, port("h", "bond1", kind="bond", master="br0")), True),
        (host("two bridges", *BRIDGED, port("h", "br1", kind="bridge"), port("h", "eth1", master="br1")), False),
        (host("namespace", *BRIDGED, port("h", "veth1", kind="veth", master="br0"), contained=True), True),
        (host("cumulus", port("h", "swp1"), system="cumulus-linux"), True),
    ],
)
def test_what_carries_the_packets_of_others(node: Node, gear: bool) -> None:
    assert is_gear(node) is gear


def test_a_host_that_switches_connects_to_others_as_switches_do() -> None:
    one = host("h", *BRIDGED, port("h", "eth1", master="br0"), words=(lldp("eth1", f"mac {mac(1)}", "text Eth1"),))

    assert links(one, switch("sw", port("sw", "Eth1"), mac=mac(1))) == {
        ("h/eth1", "CONNECTS_TO", "sw/Eth1", "one-sided")
    }


def test_long_words_are_cut_visibly() -> None:
    words = (lldp("Eth1", f"mac {mac(1)}", f"mac {mac(2)}", port_description="é" * 4_000),)
    far = switch("b", port("b", "Eth1", mac=mac(2)), mac=mac(1))

    (cable,) = derived(switch("a", port("a", "Eth1"), words=words), far).cables

    assert cable.evidence.endswith("é…")
    assert len(cable.evidence.encode()) < 700


def test_links_are_kept_with_a_host_or_with_who_was_discovered() -> None:
    cables = [Cable("CONNECTS_TO", "a", "b", "confirmed", "", owner) for owner in ("x", "y", "x")]
    assert by_owner(cables) == {"x": [cables[0], cables[2]], "y": [cables[1]]}

    reference = Node("0", "NetworkDevice", "ap", (f"chassis {mac(9)}",), discovered=False)
    (cable,) = derived(switch("a", port("a", "Eth1"), words=(lldp("Eth1", f"mac {mac(9)}"),)), reference).cables
    assert (cable.subject, cable.object, cable.owner) == ("0", "a/Eth1", "a")


def test_an_order_of_all_nodes_gives_one_result() -> None:
    nodes = [*fabric([(0, 0, 1, 1), (1, 2, 2, 2), (2, 3, 3, 3)], [(True, True), (True, False), (False, True)])]

    assert len({str(derived(*order)) for order in permutations(nodes)}) == 1


def claimed(count: int) -> Cabling:
    """Two ports that confirm each other, and as many others who say that they hear one of them."""
    a, b = fabric([(0, 0, 1, 1)], [(True, True)])[:2]
    claims = [
        host(f"h{n:02}", port(f"h{n:02}", "eth0"), words=(lldp("eth0", f"mac {mac(0)}", "text Eth0"),))
        for n in range(count)
    ]
    return derived(a, b, *claims)


def test_who_claims_to_hear_a_port_neither_shares_nor_ends_the_cable_that_both_of_its_ends_confirm() -> None:
    cable = ("s0/Eth0", "s1/Eth1", "confirmed", False)

    one, many = claimed(1), claimed(17)

    assert [(c.subject, c.object, c.proof, c.segment) for c in one.cables] == [
        cable,
        ("h00/eth0", "s0/Eth0", "one-sided", True),
    ]
    assert [(c.subject, c.object, c.proof, c.segment) for c in many.cables] == [cable]
    assert [(u.node, u.port, u.why) for u in many.unplaced] == [
        ("s0", "Eth0", "17 neighbours say that they hear it, of which it hears none: no cables")
    ]


def test_several_that_confirm_each_other_at_one_port_share_a_segment() -> None:
    words = tuple(lldp("Eth0", f"mac {mac(n)}", "text Eth0") for n in (1, 2))
    far = [
        switch(f"s{n}", port(f"s{n}", "Eth0"), mac=mac(n), words=(lldp("Eth0", f"mac {mac(0)}", "text Eth0"),))
        for n in (1, 2)
    ]

    made = derived(switch("s0", port("s0", "Eth0"), mac=mac(0), words=words), *far)

    assert [(c.proof, c.segment) for c in made.cables] == [("confirmed", True)] * 2


def test_a_link_that_is_one_of_too_many_ends_for_that_reason() -> None:
    made = claimed(17)

    assert made.ended[("h00/eth0", "s0/Eth0")] == "it is one of 18 that are told of at one port"
    assert ("s0/Eth0", "s1/Eth1") not in made.ended
