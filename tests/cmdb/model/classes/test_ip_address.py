"""IPAddress as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.ip_address import IPAddress
from tests.cmdb.model.classes.declared import check


def test_an_address_is_a_ci_of_its_own_known_within_a_routing_domain() -> None:
    made = IPAddress(address="2001:db8::1", version=6)

    check(made)
    assert made.local_key() == "2001:db8::1"
    assert CLASSES["IPAddress"].in_domain
    assert CLASSES["IPAddress"].independent
