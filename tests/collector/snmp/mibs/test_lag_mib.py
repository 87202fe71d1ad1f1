"""IEEE8023-LAG-MIB."""

from __future__ import annotations

from collector.snmp.mibs.lag_mib import AggregatePort, members


def test_a_port_is_a_member_of_what_it_is_attached_to() -> None:
    rows = [AggregatePort((1,), None, 7, 100), AggregatePort((2,), None, 100, 0), AggregatePort((3,), None, 0, 0),
            AggregatePort((4,), None, 4, 4)]  # fmt: skip

    assert members(rows) == {100: {1, 2}}
