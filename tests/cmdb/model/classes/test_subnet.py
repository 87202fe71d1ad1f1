"""Subnet as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.subnet import Subnet
from tests.cmdb.model.classes.declared import check


def test_a_subnet_is_known_by_its_prefix_within_a_routing_domain() -> None:
    made = Subnet(prefix="10.0.0.0/8", version=4)

    check(made)
    assert made.local_key() == "10.0.0.0/8"
    assert CLASSES["Subnet"].in_domain
    assert CLASSES["Subnet"].name_from == "prefix"
