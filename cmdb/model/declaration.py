"""How a CI class is declared: a dataclass whose fields say type, unit, meaning and whose word counts.

Everything else is made from the declaration: documentation, JSON Schema, indexes and columns of the stores, the fields that
a query may name.
"""

from __future__ import annotations

import dataclasses
import functools
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Optional, Union

from cmdb.model.dataclass import dataclass
from cmdb.model.values import Value, bounded

SUBJECT = "."
"""How a batch refers to the CI that it is about."""

_TYPES = {
    "Optional[str]": "str",
    "Optional[bool]": "bool",
    "Optional[int]": "int",
    "Optional[list[str]]": "list[str]",
    "Optional[list[int]]": "list[int]",
}


@dataclass(frozen=True)
class Attribute:
    """One declared attribute or reading of a class."""

    name: str
    type: str
    text: str
    unit: Optional[str]
    group: str
    reading: bool
    search: bool
    security: bool
    choices: tuple[str, ...] = ()
    """The only values there are; empty where any will do."""
    form: str = ""
    """The one writing (forms.py) that its text has; empty where any will do."""


@dataclass(frozen=True)
class Declaration:
    """What the core needs to know of a CI class, computed once from its dataclass."""

    name: str
    text: str
    attributes: Mapping[str, Attribute]
    readings: Mapping[str, Attribute]
    parents: tuple[str, ...]
    containment: str
    key: tuple[str, ...]
    name_from: str
    in_domain: bool
    marks: Mapping[str, str]
    topology: bool
    type: type[CI]
    choices: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    """Attributes that have a closed set of values, with that set."""

    @property
    def independent(self) -> bool:
        """True where the class is identified by itself, false where it is a part of another CI."""
        return not self.parents

    @property
    def searched(self) -> frozenset[str]:
        return frozenset(n for n, a in self.attributes.items() if a.search)


def attribute(
    text: str,
    *,
    unit: str = "",
    group: str = "",
    reading: bool = False,
    search: bool = True,
    security: bool = False,
    form: str = "",
) -> Any:
    """A field of a CI class.

    `text` is one sentence; `group` the precedence group when it differs from the class's (see precedence.py); a reading is
    overwritten without history; `search=False` keeps a value nobody asks for (a digest) out of the indexes; drift of a
    `security` attribute can not be suppressed; `form` names the one writing (forms.py) that a text has.
    """
    metadata = {"text": text, "unit": unit, "group": group, "reading": reading, "search": search, "security": security}
    return dataclasses.field(default=None, metadata={**metadata, "form": form})


@dataclass(frozen=True)
class CI:
    """Base of every CI class.

    Class variables say how it is told apart: `parents` are the classes it is a part of (empty for an independent class),
    `stale_after_days` how long nobody may have seen it before it is stale (None: for ever; parts follow their whole),
    `key` the attributes whose values make its local key, `marks` the identifying marks of an independent class with their
    types (composed to identifiers in identity.py), `in_domain` that its key is only unique in one routing domain, `owned` that
    somebody answers for it, so that it has what people say of a thing (people.py).
    """

    parents: ClassVar[tuple[str, ...]] = ()
    containment: ClassVar[str] = "CONTAINS"
    key: ClassVar[tuple[str, ...]] = ()
    name_from: ClassVar[str] = "name"
    in_domain: ClassVar[bool] = False
    marks: ClassVar[Mapping[str, str]] = {}
    topology: ClassVar[bool] = False
    owned: ClassVar[bool] = False
    group: ClassVar[str] = "os"
    stale_after_days: ClassVar[Optional[int]] = 7

    def attributes(self) -> dict[str, Value]:
        """Attributes that are present, readings left out, lists sorted and distinct."""
        return self._values(False)

    def readings(self) -> dict[str, Value]:
        """Readings that are present."""
        return self._values(True)

    def local_key(self) -> str:
        """The local key: values of the key attributes, joined by "/" ("/" inside all but the last is %2F)."""
        values = [getattr(self, name) for name in type(self).key]
        if None in values or "" in values:
            raise ValueError(f"{type(self).__name__} needs {', '.join(type(self).key)} for its key, found {values!r}")
        return join_key(values)

    def ref(self) -> Reference:
        """How a relation of the same batch names this CI."""
        return [type(self).__name__, self.local_key()]

    def _values(self, reading: bool) -> dict[str, Value]:
        found: dict[str, Value] = {}
        cls: Any = type(self)
        names, read = _fields(cls, reading)
        for name, value in zip(names, read(self)):
            if value is not None:
                found[name] = sorted(set(value)) if isinstance(value, (list, tuple, set, frozenset)) else value
        return found


@functools.cache
def _fields(cls: Any, reading: bool) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """Names of a class' fields that are readings, or of those that are not, and what reads them all at once; it is asked
    for every item of every host."""
    names = tuple(
        field.name for field in dataclasses.fields(cls) if field.metadata and field.metadata["reading"] is reading
    )
    if len(names) < 2:
        return names, lambda ci: tuple(getattr(ci, name) for name in names)
    return names, operator.attrgetter(*names)


Reference = Union[str, list[str], dict[str, Any]]
"""An end of a relation in a batch: "." the subject; [class, key] an item of the same subject;
{"address", "protocol"?, "port"?, "domain"?} something known by its address only; {"id"} a CI of the store, which only people's
routes may name."""


@dataclass(frozen=True)
class Relation:
    """A relation that a fact observed; `subject` and `object` are references within the batch."""

    type: str
    subject: Reference
    object: Reference
    attributes: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    readings: Mapping[str, Value] = dataclasses.field(default_factory=dict)


def join_key(values: Iterable[Any]) -> str:
    """Parts of a local key as one text, so that different parts never give the same text.

    A key longer than 2,000 bytes of UTF-8 is its first 1,900 bytes (cut at a character) and the SHA-256 of the whole, since
    both stores index keys.
    """
    parts = [v if type(v) is str else str(v) for v in values]
    for at, part in enumerate(parts[:-1]):
        if "%" in part or "/" in part:
            parts[at] = part.replace("%", "%25").replace("/", "%2F")
    return bounded("/".join(parts))


def field_types(cls: type[CI]) -> dict[str, str]:
    """Types of what a fact may tell of a class, by name: its fields but for those that only tell items of a batch apart."""
    return {field.name: _TYPES[str(field.type)] for field in dataclasses.fields(cls) if field.metadata}


def declare(cls: type[CI], people: Iterable[Attribute] = ()) -> Declaration:
    """The declaration of a CI class, read from its dataclass fields and class variables.

    `people` are what a class that is owned has beside them: no field, since no fact may tell them.
    """
    fields: dict[str, Attribute] = {}
    for field in dataclasses.fields(cls):
        meta = field.metadata
        if not meta:  # what tells an item from others within a batch, and is nothing that is known of it
            continue
        fields[field.name] = Attribute(
            field.name,
            _TYPES[str(field.type)],
            meta["text"],
            meta["unit"] or None,
            meta["group"] or cls.group,
            meta["reading"],
            meta["search"],
            meta["security"],
            form=meta["form"],
        )
    if cls.owned:
        fields.update((a.name, a) for a in people)
    return Declaration(
        name=cls.__name__,
        text=(cls.__doc__ or "").strip(),
        attributes={n: a for n, a in fields.items() if not a.reading},
        readings={n: a for n, a in fields.items() if a.reading},
        parents=cls.parents,
        containment=cls.containment,
        key=cls.key,
        name_from=cls.name_from,
        in_domain=cls.in_domain,
        marks=cls.marks,
        topology=cls.topology,
        type=cls,
        choices={n: a.choices for n, a in fields.items() if a.choices},
    )
