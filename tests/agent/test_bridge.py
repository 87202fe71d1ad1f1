"""Text of bridge(8)."""

from __future__ import annotations

import pytest

from agent.bridge import Membership, parse_fdb, parse_vlans
from agent.fact import ParseError

FDB = """\
52:54:00:00:00:0a dev swp1 master br0 permanent
52:54:00:00:00:01 dev swp1 vlan 10 master br0
52:54:00:00:00:02 dev vni10 vlan 10 extern_learn master br0
52:54:00:00:00:02 dev vni10 dst 192.0.2.1 self extern_learn
52:54:00:00:00:03 dev swp2 vlan 10 master br0 static
33:33:00:00:00:01 dev eth0 self permanent
00:ff:00:00:00:00:00:00 dev ib0 self permanent
"""


def test_only_what_a_bridge_learnt_itself_is_learnt() -> None:
    entries = parse_fdb(FDB)

    assert [(e.port, e.mac, e.vlan) for e in entries if e.learnt] == [("swp1", "52:54:00:00:00:01", 10)]
    assert {e.remote for e in entries} == {"", "192.0.2.1"}


def test_vlans_of_ports() -> None:
    text = "port\tvlan ids\nswp1\t 1 PVID Egress Untagged\n\t 13\n\t 20-22\n\nswp2\t 13 PVID Egress Untagged\n\nbr0\tNone\n"

    assert parse_vlans(text) == {
        "swp1": Membership(1, (13, 20, 21, 22)),
        "swp2": Membership(13, ()),
        "br0": Membership(None, ()),
    }


def test_vlans_of_newer_iproute2() -> None:
    text = "port              vlan-id  \nswp1              1 PVID Egress Untagged\n                  13\n"

    assert parse_vlans(text) == {"swp1": Membership(1, (13,))}


@pytest.mark.parametrize("text", ["not a table", "RTNETLINK answers: Operation not permitted"])
def test_other_text_is_an_error(text: str) -> None:
    with pytest.raises(ParseError, match="bridge fdb"):
        parse_fdb(text)
    with pytest.raises(ParseError, match="bridge vlan"):
        parse_vlans(text)
