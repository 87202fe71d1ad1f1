"""Adjacency as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.adjacency import Adjacency
from tests.cmdb.model.classes.declared import check


def test_a_neighbour_is_told_by_protocol_port_and_what_tells_it_from_others() -> None:
    made = Adjacency(
        protocol="lldp", local_port="Ethernet1/1", neighbour="mac 00:1c:73:00:00:01", system_name="spine01"
    )

    check(made)
    assert made.local_key() == "lldp/Ethernet1%2F1/mac 00:1c:73:00:00:01"


def test_it_is_evidence_and_no_trouble_travels_over_it() -> None:
    assert not CLASSES["Adjacency"].topology
