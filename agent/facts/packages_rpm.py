"""Packages that rpm installed: Red Hat Enterprise Linux and its kin, Fedora, SUSE, Amazon Linux.

Source: `rpm -qa` with a format of our own, rpm(8); signatures of packages are not verified anew, which is what such a question
costs most.
Yields a SoftwarePackage for each name and architecture; keys that packages are verified by (gpg-pubkey) are packages too.
Where another package manager rules the host (Debian, Alpine, Arch, Gentoo) rpm is only a tool and is not run: there it makes
a database where it finds none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from agent.fact import Command, Context, File, Inapplicable, Material, Need, ParseError, Unavailable, Usual
from cmdb.model.classes.software_package import SoftwarePackage

NAME = "packages_rpm"
VERSION = 1
CLASSES = ("SoftwarePackage",)
RELATIONS: tuple[str, ...] = ()
LIMITED = False
EVERY = 12
STEADY = True

_OTHERS = {
    "/etc/debian_version": "dpkg",
    "/etc/alpine-release": "apk",
    "/etc/arch-release": "pacman",
    "/etc/gentoo-release": "portage",
}
_QUERY = Command(
    (
        "/usr/bin/rpm",
        "-qa",
        "--nosignature",
        "--nodigest",
        "--qf",
        "%{NAME}\\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\\t%{ARCH}\\t%{SOURCERPM}\\n",
    ),
    seconds=60.0,
)
NEEDS: tuple[Need, ...] = tuple(File(path, 4096) for path in _OTHERS)
USUAL = (Usual(_QUERY, unless="/etc/debian_version"),)

_NONE = "(none)"
"""What rpm writes for a tag that a package does not have."""


class Package(NamedTuple):
    """A package as rpm has it; the version is [epoch:]version-release."""

    name: str
    version: str
    architecture: str
    source: str


def further(material: Material, context: Context) -> Iterator[Need]:  # noqa: ARG001 - as every fact
    """The question itself, where rpm may rule the host."""
    if not _other(material):
        yield _QUERY


def collect(material: Material, context: Context) -> Iterator[SoftwarePackage]:  # noqa: ARG001 - as every fact
    """Installed packages; raises Inapplicable where rpm is not installed or has no package."""
    other = _other(material)
    if other:
        raise Inapplicable(f"{other} manages the packages of this host")
    lack = material.missing(_QUERY)
    if lack and lack.kind == "absent":
        raise Inapplicable("rpm is not installed")
    output = material.output(_QUERY)
    said = output.stderr.decode("utf-8", "replace").strip()
    # rpm ends with status 0 where it reads only a part of a damaged database.
    if output.status or said.startswith("error:") or "\nerror:" in said:
        raise Unavailable(f"rpm -qa ended with status {output.status}: {said[:200]}; `rpmdb --verifydb` says more")
    packages = parse(output.text)
    if not packages:
        raise Inapplicable("rpm is installed but has no packages")
    return observe(packages)


def parse(text: str) -> list[Package]:
    """Packages in rpm's order.

    Raises ParseError, quoting the line, where there are not four fields.
    """
    found = []
    for line in text.split("\n"):
        if not line:
            continue
        fields = line.split("\t")
        if len(fields) != 4 or not fields[0] or not fields[1]:
            raise ParseError(f"rpm -qa: not understood: {line[:200]!r}")
        found.append(Package(*fields))
    return found


def observe(packages: Iterable[Package]) -> Iterator[SoftwarePackage]:
    """What the CMDB should know of them: one package a name and architecture, with all its versions."""
    grouped: dict[tuple[str, str], list[Package]] = {}
    for package in packages:
        architecture = "none" if package.architecture in ("", _NONE) else package.architecture
        grouped.setdefault((package.name, architecture), []).append(package)
    for (name, architecture), group in sorted(grouped.items()):
        # All versions of a kernel come from sources of one name; of two the lesser stands, so that their order does not matter.
        source = min(_source_name(p.source) for p in group)
        yield SoftwarePackage(
            manager="rpm",
            name=name,
            architecture=architecture,
            versions=sorted({p.version for p in group}),
            source=source if source not in ("", name) else None,
        )


def _source_name(source: str) -> str:
    """Name of a source package: "bash" of bash-5.1.8-6.el9.src.rpm, empty where there is none."""
    return "" if source in ("", _NONE) else source.rsplit("-", 2)[0]


def _other(material: Material) -> str:
    """The package manager that rules the host instead, empty where there is none."""
    return next((name for path, name in _OTHERS.items() if not _absent(material, path)), "")


def _absent(material: Material, path: str) -> bool:
    lack = material.missing(File(path, 4096))
    return lack is not None and lack.kind == "absent"
