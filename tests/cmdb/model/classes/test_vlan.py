"""VLAN as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.vlan import VLAN
from tests.cmdb.model.classes.declared import check


def test_a_vlan_is_known_by_its_number_in_a_domain() -> None:
    made = VLAN(name="VLAN 10", vid=10)

    check(made)
    assert made.local_key() == "10"
    assert CLASSES["VLAN"].in_domain
    assert CLASSES["VLAN"].independent
