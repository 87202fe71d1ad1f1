"""Who made a device and what it is, as a declared table by sysObjectID that the files of collector/snmp/vendors/ extend.

    FAMILIES = (Family("1.3.6.1.4.1.30065", "Arista", os="eos", says=(re.compile(r"EOS version (?P<version>\\S+)"),)),)

The longest prefix of the device's sysObjectID counts; of several with one prefix the first whose `when` is found in sysDescr.
What a family does not say stays unknown: a maker that is not in the table is not guessed at from a text.

Product, serial number and version come, in this order, from the maker's own scalars, the chassis of the ENTITY-MIB, scalars that
are `last`, and what `says` finds in sysDescr; with `says_first` sysDescr goes before.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar

from collector.snmp.table import Row, Scalars


@dataclass(frozen=True, slots=True)
class Own(Scalars):
    """A maker's own scalars. Its declarations have the fields that there are of `product`, `serial`, `version`. With `last`
    they count behind the chassis of the ENTITY-MIB."""

    last: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class OwnRow(Row):
    """A maker's own table of the units of a device, with the same fields; the first row has the device's own. Where they are
    the members of a stack (`stack`), the serial number of each is a mark of it."""

    last: ClassVar[bool] = False
    stack: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Family:
    """Devices of one maker that speak alike. `own` is asked where the family is met; where `proof` is set, the family is only
    met where the device answers to `own` (devices that bear the sysObjectID of an agent that many makers build in)."""

    prefix: str
    vendor: str
    os: str = ""
    when: re.Pattern[str] | None = None
    says: tuple[re.Pattern[str], ...] = ()
    own: tuple[type[Own] | type[OwnRow], ...] = ()
    roles: tuple[str, ...] = ()
    server: bool = False
    """True of systems that people install on machines: the device is a host where it says what a host says."""
    own_below: type[OwnRow] | None = None
    """A table whose OID follows the device's sysObjectID; its declaration has only what follows. `object_ids` bounds which."""
    object_ids: re.Pattern[str] | None = None
    proof: bool = False
    says_first: bool = False
    model_of: str = "model"
    """What of the chassis of the ENTITY-MIB is its product: model, or description where the model is a part number."""
    version_of: str = "software"
    """What of the chassis of the ENTITY-MIB is its version: software or firmware."""
    os_name: str = ""
    """Name of the operating system for people, where it is a host."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a device's sysDescr tells of it."""

    product: str | None = None
    serial: str | None = None
    version: str | None = None
    words: dict[str, str] = field(default_factory=dict)
    """Other groups of the patterns: os, kernel, kernel_release, architecture."""


def families(object_id: str | None, description: str | None) -> list[Family]:
    """The families that a device may be of, the closest first."""
    if not object_id:
        return []
    found = [
        family
        for family in _declared()
        if _under(object_id, family.prefix) and (family.when is None or family.when.search(description or ""))
    ]
    return sorted(found, key=lambda f: (-f.prefix.count("."), not f.proof, f.when is None))


def own_of(family: Family, object_id: str | None) -> tuple[type[Own] | type[OwnRow], ...]:
    """The scalars and tables of the family's maker, for a device of this kind."""
    below = family.own_below
    if below is None or not object_id or family.object_ids is None or not family.object_ids.fullmatch(object_id):
        return family.own
    declared: Any = below  # as a key of the cache a type of dataclasses is none to mypy
    return (*family.own, _below(declared, object_id))


@cache
def _below(declared: Any, object_id: str) -> type[OwnRow]:
    return type(
        declared.__name__,
        (declared,),
        {"__doc__": declared.__doc__, "__slots__": (), "oid": f"{object_id}.{declared.oid}"},
    )


def told(family: Family | None, description: str | None) -> Told:
    """What the family's patterns find in sysDescr; the first that finds a word has it."""
    words: dict[str, str] = {}
    for pattern in family.says if family else ():
        match = pattern.search(description or "")
        for name, value in (match.groupdict() if match else {}).items():
            if value and value.strip(" ,;\"'"):
                words.setdefault(name, value.strip(" ,;\"'"))
    if "version" in words and "build" in words:
        words["version"] += f" (Build {words.pop('build')})"
    if "version" in words and "release" in words:
        words["version"] += f" ({words.pop('release')})"
    return Told(words.pop("product", None), words.pop("serial", None), words.pop("version", None), words)


def _under(oid: str, prefix: str) -> bool:
    return oid == prefix or oid.startswith(prefix + ".")


@cache
def _declared() -> Sequence[Family]:
    package = importlib.import_module("collector.snmp.vendors")
    found: list[Family] = []
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
        found += importlib.import_module(f"{package.__name__}.{module.name}").FAMILIES
    return tuple(found)
