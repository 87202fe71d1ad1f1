"""ServiceSetting: an effective setting of a service."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class ServiceSetting(CI):
    """A setting of a service as its configuration files give it: PermitRootLogin of sshd."""

    parents: ClassVar[tuple[str, ...]] = ("Host",)
    key: ClassVar[tuple[str, ...]] = ("service", "scope", "name")

    service: Optional[str] = attribute("Service: sshd.")
    scope: Optional[str] = attribute("Block that it stands in: 'global', or the condition of a Match block.")
    name: Optional[str] = attribute("Name of the setting, lower case.")
    values: Optional[list[str]] = attribute("Values in force.", security=True)
    origin: Optional[str] = attribute("File where it is set.", search=False)
