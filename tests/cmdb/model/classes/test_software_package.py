"""SoftwarePackage as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.software_package import SoftwarePackage
from tests.cmdb.model.classes.declared import check


def test_a_package_is_known_by_manager_name_and_architecture_so_an_upgrade_is_no_other_ci() -> None:
    made = SoftwarePackage(manager="dpkg", name="linux", architecture="amd64", versions=["6.2", "6.1"])

    check(made)
    assert made.local_key() == "dpkg/linux/amd64"
    assert made.attributes()["versions"] == ["6.1", "6.2"]
    assert "versions" not in CLASSES["SoftwarePackage"].key
