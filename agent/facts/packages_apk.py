"""Packages that apk installed: Alpine and what derives from it.

Source: the database of installed packages, /lib/apk/db/installed, since apk-tools 3 /usr/lib/apk/db/installed, as
apk-package(5) has it: a line a field ("P:" name, "V:" version, "A:" architecture, "o:" origin), an empty line behind each
package.
Yields a SoftwarePackage each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from agent.fact import Context, File, Inapplicable, Material, Need, ParseError
from cmdb.model.classes.software_package import SoftwarePackage

_DATABASES = ("/lib/apk/db/installed", "/usr/lib/apk/db/installed")

NAME = "packages_apk"
VERSION = 1
CLASSES = ("SoftwarePackage",)
RELATIONS: tuple[str, ...] = ()
LIMITED = False
EVERY = 12
STEADY = True
NEEDS: tuple[Need, ...] = tuple(File(path, 64 * 1024 * 1024) for path in _DATABASES)


class Package(NamedTuple):
    """A package as apk has it."""

    name: str
    version: str
    architecture: str
    origin: str


def collect(material: Material, context: Context) -> Iterator[SoftwarePackage]:  # noqa: ARG001 - as every fact
    """Installed packages; raises Inapplicable where apk has no database, or an empty one."""
    for path in _DATABASES:
        found = material.optional(path)
        if found is not None and found.data.strip():
            return observe(parse(found.text, path))
    raise Inapplicable("apk has installed no packages here: no /lib/apk/db/installed")


def parse(text: str, path: str) -> list[Package]:
    """Packages in the order of the database.

    Raises ParseError, quoting the line, where a line is no field or a package has no name or version, and where the text ends
    within a package.
    """
    found = []
    fields: dict[str, str] = {}
    for line in text.split("\n"):
        if not line:
            if fields:
                found.append(_package(fields, path))
                fields = {}
        elif line[1:2] != ":":
            raise ParseError(f"{path}: not understood: {line[:200]!r}")
        elif line[0] in "PVAo":
            fields[line[0]] = line[2:]
    if not text.endswith("\n\n"):
        raise ParseError(f"{path}: ends within a package: {text[-100:]!r}")
    return found


def observe(packages: Iterable[Package]) -> Iterator[SoftwarePackage]:
    """What the CMDB should know of them."""
    for package in sorted(packages):
        yield SoftwarePackage(
            manager="apk",
            name=package.name,
            architecture=package.architecture or "none",
            versions=[package.version],
            source=package.origin if package.origin not in ("", package.name) else None,
        )


def _package(fields: dict[str, str], path: str) -> Package:
    if not fields.get("P") or not fields.get("V"):
        raise ParseError(f"{path}: a package without a name or version: {fields!r}"[:300])
    return Package(fields["P"], fields["V"], fields.get("A", ""), fields.get("o", ""))
