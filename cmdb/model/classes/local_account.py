"""LocalAccount: an account in a host's own account database."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class LocalAccount(CI):
    """An account of /etc/passwd; never an age or a hash of its password, only state and day of the last change."""

    parents: ClassVar[tuple[str, ...]] = ("Host",)
    key: ClassVar[tuple[str, ...]] = ("name",)

    name: Optional[str] = attribute("Login name.")
    uid: Optional[int] = attribute("User id.", security=True)
    gid: Optional[int] = attribute("Primary group id.", security=True)
    full_name: Optional[str] = attribute("Comment field.")
    home: Optional[str] = attribute("Home directory.")
    shell: Optional[str] = attribute("Login shell.", security=True)
    groups: Optional[list[str]] = attribute("Supplementary groups.", security=True)
    password_state: Optional[str] = attribute("usable, locked or none (no password is asked).", security=True)
    password_changed_on: Optional[str] = attribute("Day of the last change of the password, ISO 8601.", security=True)
