"""Which attributes there are: those that the CI classes declare, and those that the people of one store declared themselves.

Own attributes belong to a store and to a revision of it (cmdb/own_attributes.py), so a vocabulary is handed to whoever needs to
know of them; nothing here is shared between stores of a process. Every own attribute is of the group `people` and searched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Optional

from cmdb.model.classes import CLASSES
from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import Attribute
from cmdb.model.people import GROUP
from cmdb.model.values import NAME


@dataclass(frozen=True)
class Vocabulary:
    """Declared attributes, and with them a store's own ones by class and name."""

    own: Mapping[str, Mapping[str, Attribute]] = field(default_factory=dict)

    def attribute(self, class_name: str, name: str) -> Optional[Attribute]:
        """The attribute of a class, declared or own; None where there is none. Readings are none."""
        return CLASSES[class_name].attributes.get(name) or self.own.get(class_name, {}).get(name)

    def searches(self, class_name: str, name: str) -> bool:
        """Whether queries find CIs of the class by that attribute."""
        told = self.attribute(class_name, name)
        return told is not None and told.search

    def attributes(self, class_name: str) -> dict[str, Attribute]:
        """All attributes of a class by name, the declared ones first."""
        return {**CLASSES[class_name].attributes, **self.own.get(class_name, {})}

    def fields(self) -> dict[str, frozenset[str]]:
        """What a query may ask for, with the types that it has; "name" is every CI's."""
        if not self.own:
            return dict(_DECLARED_FIELDS)
        found = {name: set(types) for name, types in _DECLARED_FIELDS.items()}
        for attributes in self.own.values():
            for name, attribute in attributes.items():
                found.setdefault(name, set()).add(attribute.type)
        return {name: frozenset(types) for name, types in found.items()}


def group_of(class_name: str, name: str) -> str:
    """Whose word counts on an attribute. One that the class does not declare is somebody's own, so people's."""
    declared = CLASSES[class_name].attributes.get(name)
    return declared.group if declared is not None else GROUP


def may_be_own(class_name: str, name: str) -> bool:
    """Whether an own attribute of a class may be called so: by a name that no class declares and that means nothing else."""
    return bool(NAME.match(name)) and name not in TAKEN and class_name in CLASSES


def _fields() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {"name": {"str"}}
    for declared in CLASSES.values():
        for name in declared.searched:
            found.setdefault(name, set()).add(declared.attributes[name].type)
    return {name: frozenset(types) for name, types in found.items()}


_DECLARED_FIELDS = _fields()

TAKEN = frozenset(
    [name for c in CLASSES.values() for name in (*c.attributes, *c.readings, *c.marks)]
    + ["class", "has", "id", "in", "rel", "tag"]
    + ["attributes", "born", "domain", "first_seen", "identifiers", "key", "labels", "last_seen", "name", "parent"]
    + ["readings", "revision", "sections", "since", "state", "type", "until"]
)
"""Names that no own attribute may have: declared ones, words of the query language, and what documents and nodes say of a CI."""

DECLARED = Vocabulary()
"""Without any own attribute."""
