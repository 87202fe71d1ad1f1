"""Interfaces that got another name: the permanent MAC finds them, so that the part keeps its id and its past.

Only hardware has a permanent MAC of its own (a VLAN or a bridge has that of what it stands on). A name that is still there
stays with its interface, whatever hardware is behind it now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from cmdb.model.values import Value
from cmdb.observation import ItemKey
from cmdb.states import Item

if TYPE_CHECKING:
    from cmdb.merge import SectionWork

CLASS = "NetworkInterface"

Says = Mapping[ItemKey, "list[tuple[SectionWork, dict[str, Value] | None]]"]
"""What each section says of an item, None where it no longer lists it."""


def renamed(known: Mapping[ItemKey, Item], says: Says) -> dict[ItemKey, ItemKey]:
    """The old key by the new one, of interfaces that one section alone told of and tells of now by another name."""
    gone = [(key, item) for key, item in known.items() if key[0] == CLASS and _is_left(item, says.get(key, []))]
    new = [(key, said[0]) for key, said in says.items() if key[0] == CLASS and key not in known and len(said) == 1]
    if not gone or not new:
        return {}
    before = _unique((_permanent(item.attributes), key) for key, item in gone)
    after = _unique((_permanent(attributes or {}), key) for key, (_, attributes) in new)
    number = {key: work.scope.number for key, (work, _) in new}
    found = {after[mac]: key for mac, key in before.items() if mac in after}
    return {key: old for key, old in found.items() if known[old].scope == number[key]}


def _is_left(item: Item, said: list[tuple[SectionWork, dict[str, Value] | None]]) -> bool:
    return len(said) == 1 and said[0][1] is None and item.scope == said[0][0].scope.number


def _permanent(attributes: Mapping[str, Value]) -> str:
    if attributes.get("kind") != "physical":
        return ""
    return str(attributes.get("permanent_mac") or attributes.get("mac") or "")


def _unique(pairs: Iterable[tuple[str, ItemKey]]) -> dict[str, ItemKey]:
    """By MAC, those of which no other has it."""
    found: dict[str, list[ItemKey]] = {}
    for mac, key in pairs:
        if mac:
            found.setdefault(mac, []).append(key)
    return {mac: keys[0] for mac, keys in found.items() if len(keys) == 1}
