"""Snaps that are in use.

Sources: /snap/NAME/current (where /snap is not allowed /var/lib/snapd/snap), a link to the revision that is in use, and
meta/snap.yaml in it, as "The snap.yaml format" of Snapcraft has it.
Yields a SoftwarePackage each; its version is "VERSION (REVISION)", since a snap may be built anew without another version,
and "(REVISION)" where snap.yaml names none. Revisions that are kept for going back are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from agent.fact import Content, Context, Files, Inapplicable, Links, Material, Missing, Need, ParseError, Unavailable
from cmdb.model.classes.software_package import SoftwarePackage
from cmdb.model.dataclass import dataclass

_ROOTS = ("/snap", "/var/lib/snapd/snap")

NAME = "packages_snap"
VERSION = 1
CLASSES = ("SoftwarePackage",)
RELATIONS: tuple[str, ...] = ()
LIMITED = False
EVERY = 12
STEADY = True
NEEDS: tuple[Need, ...] = (
    *(Links(f"{root}/*/current") for root in _ROOTS),
    *(Files(f"{root}/*/current/meta/snap.yaml", 1024 * 1024) for root in _ROOTS),
)


@dataclass(frozen=True)
class Snap:
    """What is in use of a snap."""

    name: str
    version: str
    revision: str
    architectures: tuple[str, ...]


def collect(material: Material, context: Context) -> Iterator[SoftwarePackage]:  # noqa: ARG001 - as every fact
    """Snaps in use; raises Inapplicable where there are none, Unavailable where one can not be read."""
    snaps: dict[str, Snap] = {}
    for root in _ROOTS:
        texts = material.files(Files(f"{root}/*/current/meta/snap.yaml", 1024 * 1024))
        for path, revision in material.links(Links(f"{root}/*/current")).items():
            if isinstance(revision, Missing):
                raise Unavailable(revision.reason)
            found = _text(texts, f"{path}/meta/snap.yaml")
            snaps.setdefault(path.split("/")[-2], parse(path, revision, found))
    if not snaps:
        raise Inapplicable("no snaps are installed here: no /snap")
    for name in sorted(snaps):
        yield observe(snaps[name])


def parse(path: str, revision: str, text: str) -> Snap:
    """A snap from the path of its link `current`, the link's target and the text of its snap.yaml.

    Only top-level keys are read; a snap without architectures is for all. Raises ParseError where the text names no snap.
    """
    name = _value(text, "name")
    if not name:
        raise ParseError(f"{path}/meta/snap.yaml: names no snap: {text[:200]!r}")
    # A snap installed a second time is NAME_KEY: its folder says so, its snap.yaml does not.
    return Snap(path.split("/")[-2], _value(text, "version"), revision.rpartition("/")[2], _list(text, "architectures"))


def observe(snap: Snap) -> SoftwarePackage:
    """What the CMDB should know of it."""
    return SoftwarePackage(
        manager="snap",
        name=snap.name,
        architecture="+".join(snap.architectures) or "all",
        versions=[f"{snap.version} ({snap.revision})".strip()],
    )


def _text(texts: Mapping[str, Content | Missing], path: str) -> str:
    # What is no member was not there, or lies on a mount that is not entered (a snap mounted by FUSE, in a container).
    content = texts.get(path) or next((c for p, c in texts.items() if path.startswith(f"{p}/")), None)
    if isinstance(content, Content):
        return content.text
    raise Unavailable(content.reason if content else f"{path} does not exist; `snap refresh` mounts it anew")


def _value(text: str, key: str) -> str:
    """A top-level scalar of YAML, without quotes; empty where there is none."""
    found = re.search(rf"^{key}:[ \t]+(\"[^\"]*\"|'[^']*'|[^\s#].*?)[ \t]*(?:[ \t]#.*)?$", text, re.MULTILINE)
    return found[1].strip("\"'") if found else ""


def _list(text: str, key: str) -> tuple[str, ...]:
    """A top-level list of scalars of YAML in either style, sorted."""
    flow = re.search(rf"^{key}:[ \t]*\[([^\]]*)\]", text, re.MULTILINE)
    block = re.search(rf"^{key}:[ \t]*\n((?:[ \t]*-[ \t]+.*\n?)+)", text, re.MULTILINE)
    words = flow[1].split(",") if flow else re.findall(r"-[ \t]+(.+)", block[1]) if block else []
    return tuple(sorted({word.strip().strip("\"'") for word in words} - {""}))
