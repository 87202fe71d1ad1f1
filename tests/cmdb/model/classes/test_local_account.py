"""LocalAccount as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.local_account import LocalAccount
from tests.cmdb.model.classes.declared import check


def test_an_account_is_known_by_its_login_name_never_an_age_or_hash_of_its_password_is_kept() -> None:
    made = LocalAccount(name="ann", uid=1000, groups=["sudo", "adm"])

    check(made)
    assert made.local_key() == "ann"
    assert made.attributes()["groups"] == ["adm", "sudo"]
    assert not [n for n in CLASSES["LocalAccount"].attributes if "hash" in n or "age" in n.split("_")]
    assert CLASSES["LocalAccount"].attributes["uid"].security
