"""Whose word counts."""

from __future__ import annotations

import pytest

from cmdb.model.classes import CLASSES
from cmdb.model.precedence import GROUPS, ROUTES, rank


@pytest.mark.parametrize(
    ("group", "order"),
    [
        ("os", ["agent ssh", "snmp", "import", "manual"]),
        ("sizing", ["hypervisor", "agent ssh", "snmp", "import", "manual"]),
        ("hardware", ["agent ssh", "snmp", "import", "manual"]),
        ("people", ["manual", "import"]),
    ],
)
def test_routes_rank_as_the_model_says(group: str, order: list[str]) -> None:
    found = [{rank(group, route) for route in routes.split()} for routes in order]

    assert all(len(ranks) == 1 for ranks in found)
    assert [ranks.pop() for ranks in found] == list(range(len(order)))


@pytest.mark.parametrize("route", ["agent", "ssh", "snmp"])
def test_what_is_peoples_to_say_no_discovery_writes(route: str) -> None:
    assert rank("people", route) is None


def test_an_unknown_route_has_no_word() -> None:
    assert rank("os", "telepathy") is None


def test_every_attribute_belongs_to_a_group_that_somebody_may_write() -> None:
    groups = {a.group for c in CLASSES.values() for a in c.attributes.values()}

    assert groups <= set(GROUPS)
    assert all(any(rank(group, route) is not None for route in ROUTES) for group in groups)
