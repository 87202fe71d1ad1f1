"""The form in which people say what they know of a CI: a field for each attribute that only people tell.

An emptied field takes the attribute back; one that was left as it is says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.ui.words import attribute_label
from cmdb.model.declaration import Attribute
from cmdb.model.people import GROUP
from cmdb.model.values import Value
from cmdb.model.vocabulary import Vocabulary
from cmdb.states import Item

PREFIX = "a."
"""Before the name of an attribute in a form, so that none can be taken for another field."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form. `choices` are the words of a closed set, empty where any will do."""

    name: str
    label: str
    about: str
    value: str
    choices: tuple[str, ...]


def fields(item: Item, vocabulary: Vocabulary) -> list[Field]:
    """What can be said of a CI, with what is known now; none where nobody owns such things."""
    return [
        Field(
            PREFIX + name,
            attribute_label(name),
            attribute.text,
            written(item.attributes.get(name)),
            _choices(attribute),
        )
        for name, attribute in _said(item, vocabulary).items()
    ]


def words_of(form: Mapping[str, str], item: Item, vocabulary: Vocabulary) -> dict[str, Any]:
    """What a form that was sent says otherwise than it is: `set` and `unset` of an edit."""
    values: dict[str, str] = {}
    unset: list[str] = []
    for name in _said(item, vocabulary):
        sent = form.get(PREFIX + name)
        if sent is None or _line(sent) == _line(written(item.attributes.get(name))):
            continue
        if sent.strip():
            values[name] = sent
        else:
            unset.append(name)
    return {"set": values, "unset": unset}


def written(value: Value | None) -> str:
    """A value as a field has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _line(text: str) -> str:
    """What a browser leaves of a value in a field of one line, so that a line break in one is no change."""
    return text.replace("\r", "").replace("\n", "").strip()


def _said(item: Item, vocabulary: Vocabulary) -> dict[str, Attribute]:
    return {name: a for name, a in vocabulary.attributes(item.class_name).items() if a.group == GROUP}


def _choices(attribute: Attribute) -> tuple[str, ...]:
    return ("true", "false") if attribute.type == "bool" else attribute.choices
