"""What a section of a device is: the tables that it needs, and what it makes of them.

A section is a module in collector/snmp/sections. Its interface:

    NAME = "interfaces"             section name, the same whichever way a device is asked
    VERSION = 1                     raised when the same device would give another body
    SUBJECTS = ("NetworkDevice", "Host")
                                    classes of subjects that have it
    CLASSES = ("NetworkInterface",) classes of which it tells all there are; SUBJECT stands for the subject's own
    RELATIONS = ("HAS_ADDRESS",)    relationship types of which it tells all there are
    TABLES = (Interface, ...)       all that it needs; where one could not be read the section has failed
    def collect(device) -> Iterable[CI | Relation]
                                    raises agent.fact.Inapplicable where the device has no such thing
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from cmdb.model.declaration import CI, Relation
from collector.snmp.identity import Identity
from collector.snmp.ports import Ports
from collector.snmp.reading import Declared, Reading


@dataclass
class Device:
    """A device as its sections see it: what it is, and its tables."""

    reading: Reading
    identity: Identity
    _ports: list[Ports] = field(default_factory=list)

    @property
    def ports(self) -> Ports:
        """Its interfaces. Raises agent.fact.Unavailable where they could not be read."""
        if not self._ports:
            self._ports.append(Ports.read(self.reading))
        return self._ports[0]

    @property
    def is_host(self) -> bool:
        return self.identity.subject_class == "Host"


class Section(Protocol):
    """The interface of a section module, see above."""

    @property
    def NAME(self) -> str: ...  # noqa: N802 - as the modules have it

    @property
    def VERSION(self) -> int: ...  # noqa: N802

    @property
    def SUBJECTS(self) -> tuple[str, ...]: ...  # noqa: N802

    @property
    def CLASSES(self) -> tuple[str, ...]: ...  # noqa: N802

    @property
    def RELATIONS(self) -> tuple[str, ...]: ...  # noqa: N802

    @property
    def TABLES(self) -> tuple[Declared, ...]: ...  # noqa: N802

    def collect(self, device: Device) -> Iterable[CI | Relation]: ...
