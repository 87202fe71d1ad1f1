"""Packages that dpkg installed: Debian, Ubuntu and what derives from them.

Source: `dpkg-query -W`, dpkg-query(1).
Yields a SoftwarePackage for each name and architecture. What is not installed (removed with its configuration kept,
unpacked, half configured) is left out; a package that waits for a trigger is installed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from agent.fact import Command, Context, Inapplicable, Material, ParseError, Unavailable
from cmdb.model.classes.software_package import SoftwarePackage

NAME = "packages_dpkg"
VERSION = 1
CLASSES = ("SoftwarePackage",)
RELATIONS: tuple[str, ...] = ()
LIMITED = False
EVERY = 12
STEADY = True

# ${Status} and not ${db:Status-Status}, and ${Source} and not ${source:Package}: dpkg before 1.16.2 has only these.
_QUERY = Command(
    ("/usr/bin/dpkg-query", "-W", "-f=${Package}\\t${Version}\\t${Architecture}\\t${Status}\\t${Source}\\n")
)
NEEDS = (_QUERY,)

_INSTALLED = frozenset({"installed", "triggers-awaited", "triggers-pending"})


class Package(NamedTuple):
    """A package as dpkg has it; `want` is install, hold, deinstall, purge or unknown."""

    name: str
    version: str
    architecture: str
    want: str
    state: str
    source: str


def collect(material: Material, context: Context) -> Iterator[SoftwarePackage]:  # noqa: ARG001 - as every fact
    """Installed packages; raises Inapplicable where dpkg is not installed or has no package."""
    lack = material.missing(_QUERY)
    if lack and lack.kind == "absent":
        raise Inapplicable("dpkg is not installed")
    output = material.output(_QUERY)
    if output.status and not output.stdout and b"no packages found" in output.stderr:
        raise Inapplicable("dpkg is installed but has no packages")
    if output.status:
        said = output.stderr.decode("utf-8", "replace").strip()[:200]
        raise Unavailable(f"dpkg-query ended with status {output.status}: {said}; `dpkg --audit` says more")
    return observe(parse(output.text))


def parse(text: str) -> list[Package]:
    """Packages in dpkg's order, in whatever state.

    Raises ParseError, quoting the line, where there are not five fields or the status is not three words.
    """
    found = []
    for line in text.split("\n"):
        if not line:
            continue
        fields = line.split("\t")
        status = fields[3].split(" ") if len(fields) == 5 else []
        if len(status) != 3 or not fields[0]:
            raise ParseError(f"dpkg-query: not understood: {line[:200]!r}")
        found.append(Package(fields[0], fields[1], fields[2], status[0], status[2], fields[4].partition(" ")[0]))
    return found


def observe(packages: Iterable[Package]) -> Iterator[SoftwarePackage]:
    """What the CMDB should know of them: one package a name and architecture, with all its versions."""
    grouped: dict[tuple[str, str], list[Package]] = {}
    for package in packages:
        if package.state in _INSTALLED:
            grouped.setdefault((package.name, package.architecture), []).append(package)
    for (name, architecture), group in sorted(grouped.items()):
        source = group[-1].source
        held = any(p.want == "hold" for p in group) if len(group) > 1 else group[0].want == "hold"
        yield SoftwarePackage(
            manager="dpkg",
            name=name,
            architecture=architecture or "none",
            versions=sorted({p.version for p in group}) if len(group) > 1 else [group[0].version],
            source=source if source not in ("", name) else None,
            held=True if held else None,
        )
