"""KernelSetting: a setting of a host's kernel that its security depends on."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class KernelSetting(CI):
    """A setting of the running kernel, as it is in force: what sysctl(8) shows, security modules, mitigations, how it was
    started."""

    parents: ClassVar[tuple[str, ...]] = ("Host",)
    key: ClassVar[tuple[str, ...]] = ("name",)

    name: Optional[str] = attribute(
        "Name as sysctl(8) has it, 'lsm', 'lockdown', 'cmdline', 'vulnerability spectre_v2'."
    )
    value: Optional[str] = attribute("Value in force.", security=True)
