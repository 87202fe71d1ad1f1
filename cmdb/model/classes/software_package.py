"""SoftwarePackage: a package that a package manager installed."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class SoftwarePackage(CI):
    """A package as its package manager names it; several versions side by side (kernels) are one package."""

    parents: ClassVar[tuple[str, ...]] = ("Host", "NetworkDevice")
    key: ClassVar[tuple[str, ...]] = ("manager", "name", "architecture")

    manager: Optional[str] = attribute("Package manager: dpkg, rpm, apk, flatpak, snap.")
    name: Optional[str] = attribute("Name of the package.")
    architecture: Optional[str] = attribute("Architecture as the manager writes it; empty is 'none'.")
    versions: Optional[list[str]] = attribute("Installed versions.")
    source: Optional[str] = attribute("Source package, where it differs from the name; of flatpak the remote.")
    held: Optional[bool] = attribute("True where upgrades are held back.")
