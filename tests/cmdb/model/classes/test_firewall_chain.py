"""FirewallChain as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.firewall_chain import FirewallChain
from tests.cmdb.model.classes.declared import check


def test_a_chain_is_known_by_whose_words_family_table_and_name() -> None:
    made = FirewallChain(syntax="nftables", family="inet", table="filter", chain="input", rules=["accept"])

    check(made)
    assert made.local_key() == "nftables/inet/filter/input"
    assert CLASSES["FirewallChain"].attributes["rules"].security
