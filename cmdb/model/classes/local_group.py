"""LocalGroup: a group in a host's own database."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class LocalGroup(CI):
    """A group of /etc/group."""

    parents: ClassVar[tuple[str, ...]] = ("Host",)
    key: ClassVar[tuple[str, ...]] = ("name",)

    name: Optional[str] = attribute("Name of the group.")
    gid: Optional[int] = attribute("Group id.", security=True)
    members: Optional[list[str]] = attribute("Accounts listed as members.", security=True)
