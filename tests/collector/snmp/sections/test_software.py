"""Installed software."""

from __future__ import annotations

import pytest

from collector.snmp.sections import software
from collector.snmp.sections.software import named
from tests.collector.snmp.answers import device, inapplicable, told

NAME = "1.3.6.1.2.1.25.6.3.1.2"


@pytest.mark.parametrize(
    ("text", "package"),
    [
        ("bash-4.4.19-10.el8.x86_64", ("rpm", "bash", "4.4.19-10.el8", "x86_64")),
        ("python3-dns-1.15.0-8.el8.noarch", ("rpm", "python3-dns", "1.15.0-8.el8", "noarch")),
        ("libc6_2.31-13+deb11u3_amd64", ("dpkg", "libc6", "2.31-13+deb11u3", "amd64")),
        ("bash-4.4.19-10.el8", ("snmp", "bash-4.4.19-10.el8", "", "none")),
        ("Microsoft Edge", ("snmp", "Microsoft Edge", "", "none")),
    ],
)
def test_a_package_is_named_as_its_manager_does_where_its_writing_is_known(
    text: str, package: tuple[str, str, str, str]
) -> None:
    assert named(text) == package


def test_versions_side_by_side_are_one_package() -> None:
    made = device((f"{NAME}.1", "kernel-5.14.0-1.el9.x86_64"), (f"{NAME}.2", "kernel-5.14.0-2.el9.x86_64"))

    (found,) = told(software, made)

    assert (found.name, found.versions) == ("kernel", ["5.14.0-1.el9", "5.14.0-2.el9"])
    assert "no table" in inapplicable(software, device())
