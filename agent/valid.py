"""Makes what facts yield valid as the model has it, at one place, since names and texts of a host are anybody's.

Strings become NFC without lone surrogates, at most 4 KiB with a visible cut (cmdb.model.values); references of
relations change along with the keys of the items that they name.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping
from typing import Any

from cmdb.model.declaration import CI, Reference, Relation, field_types
from cmdb.model.values import Value, canonical, problem, text, texts

_SHORT = 1024


def valid(found: Iterable[CI | Relation]) -> tuple[list[CI], list[Relation]]:
    """Items and relations with valid values, each once.

    Raises ValueError that names the item and attribute where a value can not be made valid, or where two different
    items have one key.
    """
    items: dict[tuple[str, str], CI] = {}
    keys: dict[tuple[str, str], str] = {}
    relations: list[Relation] = []
    for thing in found:
        if isinstance(thing, Relation):
            relations.append(thing)
            continue
        name = type(thing).__name__
        clean = _item(thing)
        key = (name, clean.local_key())
        if clean is thing:
            keys[key] = key[1]
        else:
            try:
                keys[(name, thing.local_key())] = key[1]
            except UnicodeEncodeError:
                pass  # no reference can name it
        known = items.setdefault(key, clean)
        if known is not clean and known != clean:
            raise ValueError(f"two different items {name} {key[1]!r} in one section")
    distinct: dict[str, Relation] = {}
    for relation in relations:
        made = Relation(
            relation.type,
            _reference(relation.subject, keys),
            _reference(relation.object, keys),
            _values(relation.attributes, relation.type),
            _values(relation.readings, relation.type),
        )
        distinct.setdefault(canonical([made.type, made.subject, made.object, made.attributes]), made)
    return list(items.values()), list(distinct.values())


def value(found: Any, type_name: str, where: str, name: str = "") -> Value:
    """`found` as a valid value of a declared type; raises ValueError naming `where` and, behind a dot, `name`."""
    if isinstance(found, str):
        if type_name == "str" and _plain(found):
            return found
        made: Any = text(found)
    elif isinstance(found, (list, tuple, set, frozenset)):
        made = texts(found) if type_name == "list[str]" else sorted(set(found))
    else:
        made = found
    why = problem(made, type_name)
    if why:
        raise ValueError(f"{where}.{name}: {why}" if name else f"{where}: {why}")
    return made  # type: ignore[no-any-return]


def _item(item: CI) -> CI:
    """The item itself where all of its values are valid as they are."""
    made: dict[str, Any] = {}
    cls: Any = type(item)
    for name, type_name in _declared(cls):
        found = getattr(item, name)
        if found is None or (type_name == "str" and type(found) is str and _plain(found)):
            continue
        right = value(found, type_name, cls.__name__, name)
        if right is not found and (right != found or type(right) is not type(found)):
            made[name] = right
    return dataclasses.replace(item, **made) if made else item


@functools.cache
def _declared(cls: Any) -> tuple[tuple[str, str], ...]:
    """Names and types of the fields of a class."""
    return tuple(field_types(cls).items())


def _plain(found: str) -> bool:
    """True of what nearly every text is: valid as it stands."""
    return len(found) <= _SHORT and found.isascii() and "\0" not in found


def _values(found: Mapping[str, Value], where: str) -> dict[str, Value]:
    return {name: value(v, _type(v), where, name) for name, v in found.items()}


def _type(found: Value) -> str:
    if isinstance(found, bool):
        return "bool"
    if isinstance(found, int):
        return "int"
    if isinstance(found, str):
        return "str"
    return "list[int]" if found and all(type(member) is int for member in found) else "list[str]"


def _reference(reference: Reference, keys: Mapping[tuple[str, str], str]) -> Reference:
    if isinstance(reference, list):
        return [reference[0], keys.get((reference[0], reference[1]), text(reference[1]))]
    if isinstance(reference, dict):
        return {name: text(v) if isinstance(v, str) else v for name, v in reference.items()}
    return reference
