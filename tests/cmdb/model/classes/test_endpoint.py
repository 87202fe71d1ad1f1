"""Endpoint as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.endpoint import Endpoint
from tests.cmdb.model.classes.declared import check


def test_an_endpoint_is_protocol_bind_address_and_port() -> None:
    made = Endpoint(name="tcp [::]:80", protocol="tcp", address="::", port=80)

    check(made)
    assert made.local_key() == "tcp/::/80"
    assert CLASSES["Endpoint"].topology
    assert Endpoint(protocol="tcp", address="0.0.0.0", port=80).local_key() != made.local_key()
