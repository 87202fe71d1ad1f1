"""Local groups of a host.

Source: /etc/group, group(5).
Yields LocalGroup with `name`, `gid`, `members`.
"""

from __future__ import annotations

from collections.abc import Iterator

from agent.fact import Context, File, Material
from agent.name_files import rows
from cmdb.model.classes.local_group import LocalGroup
from cmdb.model.dataclass import dataclass

NAME = "groups"
VERSION = 1
CLASSES = ("LocalGroup",)
RELATIONS: tuple[str, ...] = ()
LIMITED = False
EVERY = 12
STEADY = True
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
    """Groups in the order of the file. Raises ParseError as name_files.rows does."""
    return [
        Group(name, int(gid), tuple(m.strip() for m in members.split(",") if m.strip()))
        for name, _, gid, members in rows(text, "/etc/group", 4, [2])
    ]


def observe(group: Group) -> LocalGroup:
    """What the CMDB should know of it."""
    return LocalGroup(name=group.name, gid=group.gid, members=list(group.members))
