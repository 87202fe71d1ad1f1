"""KernelSetting as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.kernel_setting import KernelSetting
from tests.cmdb.model.classes.declared import check


def test_a_setting_of_the_kernel_is_known_by_its_name() -> None:
    made = KernelSetting(name="net.ipv4.ip_forward", value="0")

    check(made)
    assert made.local_key() == "net.ipv4.ip_forward"
    assert CLASSES["KernelSetting"].attributes["value"].security
