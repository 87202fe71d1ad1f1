"""AuthorizedKey as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.authorized_key import AuthorizedKey
from tests.cmdb.model.classes.declared import check


def test_a_key_is_known_by_account_and_fingerprint() -> None:
    made = AuthorizedKey(account="root", fingerprint="SHA256:a/b", options=['from="10.0.0.0/8"'])

    check(made)
    assert made.local_key() == "root/SHA256:a/b"
    assert CLASSES["AuthorizedKey"].attributes["options"].security
