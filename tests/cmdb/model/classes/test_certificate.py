"""Certificate as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.certificate import Certificate
from tests.cmdb.model.classes.declared import check


def test_it_is_known_by_its_fingerprint_wherever_it_is_found() -> None:
    made = Certificate(fingerprint="ab" * 32, subject="CN=www.example.org", not_after="2027-12-27T15:40:34.000000Z")

    check(made)
    assert made.local_key() == "ab" * 32
    assert CLASSES["Certificate"].independent
    assert CLASSES["Certificate"].attributes["not_after"].security
