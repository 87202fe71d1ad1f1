"""FirewallSet as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.firewall_set import FirewallSet
from tests.cmdb.model.classes.declared import check


def test_a_set_is_known_by_family_table_and_name() -> None:
    made = FirewallSet(family="inet", table="filter", set="trusted", elements=["10.0.0.0/8"])

    check(made)
    assert made.local_key() == "inet/filter/trusted"
    assert CLASSES["FirewallSet"].attributes["elements"].security
