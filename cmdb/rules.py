"""Rules of identification as a value, so that others can be tried on what came in (replay.py).

A class's rules say which schemes of identifiers find a CI and in which order, which only propose, which are left out, which
values of marks are placeholders, and which identifiers are shared. TODAY are the rules in force: those of cmdb/model/identity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cmdb.model.checked import shown
from cmdb.model.errors import UsageError
from cmdb.model.identity import ROWS, WEAK, compose, scheme

SCHEMES: dict[str, tuple[str, ...]] = {
    "Host": (
        *("agent", "cloud", "dmi", "machine+dmi", "machine+mac", "machine+key", "serial", "mac", "key+name"),
        *("chassis", "port", "fqdn"),
    ),
    "NetworkDevice": ("device", "chassis", "component", "bridge", "engine", "port", "sysname"),
}
"""Schemes of each class, strongest first, as compose makes them; a test compares."""

_KEYS = ("identify", "weak", "ignore", "placeholders", "shared")


@dataclass(frozen=True, slots=True)
class ClassRules:
    """Rules of one class. `order` are the schemes that find a CI, strongest first, None for those of today."""

    order: tuple[str, ...] | None = None
    weak: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    placeholders: frozenset[str] = frozenset()
    """Folded values of marks that count as absent."""
    shared: frozenset[str] = frozenset()
    """Identifiers, "scheme value", that identify nobody."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules by class; a class without has those of today."""

    classes: Mapping[str, ClassRules] = field(default_factory=dict)

    def compose(self, class_name: str, marks: Mapping[str, Any]) -> list[list[str]]:
        """Identifiers by rank, strongest first (see identity.compose)."""
        own = self.classes.get(class_name)
        if own is None:
            return compose(class_name, marks)
        told = {name: value for name, given in marks.items() if (value := _without(given, own.placeholders))}
        ranks = compose(class_name, told)
        ranks = [[i for i in rank if scheme(i) not in own.ignore] for rank in ranks]
        if own.order is not None:
            place = {name: number for number, name in enumerate(own.order)}
            ranks.sort(key=lambda rank: min((place.get(scheme(i), len(place)) for i in rank), default=len(place)))
        return [rank for rank in ranks if rank]

    def weak(self, class_name: str) -> frozenset[str]:
        """Schemes that do not find a CI of this class. A Host is found by others by its rows, never by another Host."""
        rows = ROWS if class_name == "Host" else frozenset()
        own = self.classes.get(class_name)
        if own is None:
            return WEAK | rows
        if own.order is None:
            return WEAK | rows | own.weak
        return frozenset(SCHEMES[class_name]) - set(own.order) | own.weak

    def shared(self, class_name: str) -> frozenset[str]:
        """Identifiers that are taken for shared, whatever was proved."""
        own = self.classes.get(class_name)
        return own.shared if own is not None else frozenset()


TODAY = Rules()


def read(document: object) -> Rules:
    """Rules of a document {class: {"identify", "weak", "ignore", "placeholders", "shared": lists of str}}, each optional.

    Raises UsageError naming what is not known.
    """
    if not isinstance(document, dict):
        raise UsageError("Rules are a table for each class, as in docs/replay.md.")
    return Rules({name: _class(name, given) for name, given in document.items()})


def _class(name: str, given: object) -> ClassRules:
    if name not in SCHEMES:
        raise UsageError(f"There are no rules for {shown(name)}; there are for {', '.join(SCHEMES)}.")
    if not isinstance(given, dict):
        raise UsageError(f"{name} is no table of rules.")
    for key in given:
        if key not in _KEYS:
            raise UsageError(f"{name} has no rule {shown(key)}; there are {', '.join(_KEYS)}.")
    lists = {key: _texts(name, key, given[key]) for key in given}
    usable = [s for s in SCHEMES[name] if name != "Host" or s not in ROWS]
    for key, known in (("identify", usable), ("weak", SCHEMES[name]), ("ignore", SCHEMES[name])):
        for one in lists.get(key, ()):
            if one not in known:
                raise UsageError(
                    f"{name}.{key}: there is no scheme {shown(one)} to name; there are {', '.join(known)}."
                )
    for one in lists.get("shared", ()):
        if scheme(one) not in SCHEMES[name] or " " not in one:
            raise UsageError(
                f"{name}.shared: {shown(one)} is no identifier; write one as `ci show` does, scheme and value."
            )
    twice = sorted(set(lists.get("identify", ())) & {*lists.get("weak", ()), *lists.get("ignore", ())})
    if twice:
        raise UsageError(f"{name}: {', '.join(twice)} can not identify and be weak or ignored at once.")
    return ClassRules(
        tuple(lists["identify"]) if "identify" in lists else None,
        frozenset(lists.get("weak", ())),
        frozenset(lists.get("ignore", ())),
        frozenset(_folded(one) for one in lists.get("placeholders", ())),
        frozenset(lists.get("shared", ())),
    )


def _texts(name: str, key: str, given: object) -> Sequence[str]:
    if not isinstance(given, list) or not all(isinstance(one, str) and one.strip() for one in given):
        raise UsageError(f"{name}.{key} is a list of texts.")
    if len(set(given)) != len(given):
        raise UsageError(f"{name}.{key} names something twice.")
    return given


def _without(given: Any, placeholders: frozenset[str]) -> Any:
    """A mark without values that are placeholders; empty where nothing is left."""
    if isinstance(given, str):
        return "" if _folded(given) in placeholders else given
    if isinstance(given, list):
        return [one for one in given if not (isinstance(one, str) and _folded(one) in placeholders)]
    return given


def _folded(text: str) -> str:
    return text.strip().casefold()
