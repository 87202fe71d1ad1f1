"""Installed software of a host.

Table: hrSWInstalledTable (HOST-RESOURCES-MIB). Yields SoftwarePackage items. Net-SNMP writes a package of RPM as
name-version-release.arch and one of dpkg as name_version_arch: those are the packages that an agent on the host sees.
Anything else is one whole name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.fact import Inapplicable
from cmdb.model.classes.software_package import SoftwarePackage
from cmdb.model.declaration import CI, Relation
from collector.snmp.mibs.host_resources_mib import Software
from collector.snmp.section import Device

NAME = "software"
VERSION = 1
SUBJECTS = ("NetworkDevice", "Host")
CLASSES = ("SoftwarePackage",)
RELATIONS: tuple[str, ...] = ()
TABLES = (Software,)

_RPM = re.compile(
    r"(?P<name>.+)-(?P<version>[^-]+-[^-]+)\.(?P<arch>noarch|x86_64|i[3-6]86|aarch64|ppc64le|ppc64|s390x|armv7hl|riscv64)"
)
_DPKG = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9+.-]+)_(?P<version>[^_\s]+)_(?P<arch>all|amd64|i386|arm64|armhf|armel|ppc64el|s390x|riscv64)"
)


def collect(device: Device) -> Iterator[CI | Relation]:
    """Packages, those of one name and architecture once with all their versions. Raises Inapplicable where there is no
    table."""
    rows = device.reading.rows(Software)
    if not rows:
        raise Inapplicable("it has no table of installed software")
    found: dict[tuple[str, str, str], set[str]] = {}
    for row in rows:
        if row.name:
            manager, name, version, arch = named(row.name)
            versions = found.setdefault((manager, name, arch), set())
            if version:
                versions.add(version)
    for (manager, name, arch), versions in sorted(found.items()):
        yield SoftwarePackage(manager=manager, name=name, architecture=arch, versions=sorted(versions) or None)


def named(text: str) -> tuple[str, str, str, str]:
    """(manager, name, version, architecture) of an installed product; "snmp" where no manager's writing is recognised."""
    for manager, pattern in (("dpkg", _DPKG), ("rpm", _RPM)):
        match = pattern.fullmatch(text)
        if match:
            return manager, match["name"], match["version"], match["arch"]
    return "snmp", text, "", "none"
