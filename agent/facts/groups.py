"""Local groups of a host.

Source: /etc/group, group(5).
Yields LocalGroup with `name`, `gid`, `members`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agent.fact import Context, File, Material, ParseError
from cmdb.model.classes.local_group import LocalGroup

NAME = "groups"
VERSION = 1
CLASSES = ("LocalGroup",)
RELATIONS: tuple[str, ...] = ()
LIMITED = False
NEEDS = (File("/etc/group"),)


@dataclass(frozen=True)
class Group:
    """A line of /etc/group."""

    name: str
    gid: int
    members: tuple[str, ...]


def collect(material: Material, context: Context) -> Iterator[LocalGroup]:  # noqa: ARG001 - as every fact
    for group in parse(material.file("/etc/group").text):
        yield observe(group)


def parse(text: str) -> list[Group]:
    """Groups in the order of the file; of two lines with one name the first counts, as it does for getgrnam(3).

    Lines of NIS (+ and -) and comments are left out. Raises ParseError at a line that is none of these, and where there
    is no group at all.
    """
    found: dict[str, Group] = {}
    for line in text.splitlines():
        if not line.strip() or line[0] in "#+-":
            continue
        fields = line.split(":")
        if len(fields) != 4 or not fields[0] or not fields[2].isdecimal():
            shown = ":".join(f if n != 1 else "…" for n, f in enumerate(fields))
            raise ParseError(f"/etc/group: not understood: {shown[:200]!r}")
        members = tuple(m.strip() for m in fields[3].split(",") if m.strip())
        found.setdefault(fields[0], Group(fields[0], int(fields[2]), members))
    if not found:
        raise ParseError("/etc/group: it has no group")
    return list(found.values())


def observe(group: Group) -> LocalGroup:
    """What the CMDB should know of it."""
    return LocalGroup(name=group.name, gid=group.gid, members=list(group.members))
