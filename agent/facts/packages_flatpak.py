"""Applications and runtimes that flatpak installed for the whole system.

Source: /var/lib/flatpak/{app,runtime}/NAME/ARCHITECTURE/BRANCH/active/deploy, a GVariant of type (ssasta{sv}) that begins
with the remote and the commit (common/flatpak-dir.c writes it); "appdata-version" among its entries is the version that
`flatpak list` shows.
Yields a SoftwarePackage for each name and architecture; a version is "BRANCH VERSION COMMIT", the commit's first twelve digits
and the version left out where there is none. What users installed for themselves is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from agent.fact import Content, Context, Files, Inapplicable, Material, Need, ParseError, Unavailable
from cmdb.model.classes.software_package import SoftwarePackage

NAME = "packages_flatpak"
VERSION = 1
CLASSES = ("SoftwarePackage",)
RELATIONS: tuple[str, ...] = ()
LIMITED = False
EVERY = 12
STEADY = True

_DEPLOYED = tuple(Files(f"/var/lib/flatpak/{kind}/*/*/*/active/deploy", 1024 * 1024) for kind in ("app", "runtime"))
NEEDS: tuple[Need, ...] = _DEPLOYED

_PATH = re.compile(r"/var/lib/flatpak/(?:app|runtime)/([^/]+)/([^/]+)/([^/]+)/active/deploy\Z")
_BEGIN = re.compile(rb"([^\0]*)\0([0-9a-f]{64})\0")
# A dictionary's entry: the key with its NUL, padding to eight bytes, the string with its NUL, a NUL, the type "s".
_VERSION = re.compile(rb"appdata-version\0{1,8}([^\0]+)\0\0s")


class Package(NamedTuple):
    """What is deployed of one branch."""

    name: str
    architecture: str
    branch: str
    remote: str
    commit: str
    version: str


def collect(material: Material, context: Context) -> Iterator[SoftwarePackage]:  # noqa: ARG001 - as every fact
    """Deployed packages; raises Inapplicable where there are none, Unavailable where one can not be read."""
    found = []
    for need in _DEPLOYED:
        for path, content in material.files(need).items():
            if not isinstance(content, Content):
                raise Unavailable(content.reason)
            found.append(parse(path, content.data))
    if not found:
        raise Inapplicable("flatpak has installed nothing for the whole system: no /var/lib/flatpak/app")
    return observe(found)


def parse(path: str, deploy: bytes) -> Package:
    """One deployed package from its path and the bytes of its `deploy` file; raises ParseError where they are none."""
    place, begin = _PATH.match(path), _BEGIN.match(deploy)
    if place is None or begin is None:
        raise ParseError(f"{path}: does not begin with a remote and a commit: {deploy[:80]!r}")
    version = _VERSION.search(deploy)
    return Package(
        place[1],
        place[2],
        place[3],
        begin[1].decode("utf-8", "replace"),
        begin[2].decode(),
        version[1].decode("utf-8", "replace") if version else "",
    )


def observe(packages: Iterable[Package]) -> Iterator[SoftwarePackage]:
    """What the CMDB should know of them: one package a name and architecture, with all its branches."""
    grouped: dict[tuple[str, str], list[Package]] = {}
    for package in packages:
        grouped.setdefault((package.name, package.architecture), []).append(package)
    for (name, architecture), group in sorted(grouped.items()):
        yield SoftwarePackage(
            manager="flatpak",
            name=name,
            architecture=architecture,
            versions=sorted(" ".join(filter(None, (p.branch, p.version, p.commit[:12]))) for p in group),
            source=min(p.remote for p in group) or None,
        )
