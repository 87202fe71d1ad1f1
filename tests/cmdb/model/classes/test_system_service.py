"""SystemService as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.system_service import SystemService
from tests.cmdb.model.classes.declared import check


def test_a_service_is_known_by_its_unit_or_script() -> None:
    made = SystemService(name="ssh.service", manager="systemd", startup="enabled")

    check(made)
    assert made.local_key() == "ssh.service"
    assert CLASSES["SystemService"].attributes["startup"].security
