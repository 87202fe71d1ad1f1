"""ServiceSetting as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.service_setting import ServiceSetting
from tests.cmdb.model.classes.declared import check


def test_a_setting_is_known_by_service_block_and_name() -> None:
    made = ServiceSetting(service="sshd", scope="match user a/b", name="permitrootlogin", values=["no"])

    check(made)
    assert made.local_key() == "sshd/match user a%2Fb/permitrootlogin"
    assert CLASSES["ServiceSetting"].attributes["values"].security
