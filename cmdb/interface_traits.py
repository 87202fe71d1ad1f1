"""What attributes of interfaces say of which stands on which, in compact arrays.

A trait is one row of two numbers: 8 x node + its kind, and a number that stands for a text. Such numbers are equal where
the texts are, within one process; nothing is to be read from them, and nothing kept.

Addresses of scope link, and single addresses (/32, /128) name no subnet (RFC 4291 section 2.5.6, RFC 3927).
"""

from __future__ import annotations

import socket
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from cmdb.states import Item

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

NAME, MASTER, LOWER, BOND, SUBNET = range(5)
KINDS = 8
MOST = 1_000
"""Addresses of an interface that count; a list may come from a host that lies."""
MOST_LOWER = 64
"""Interfaces that one names as those it stands on, that count. What is below many, as a bridge, is named by them (`master`)."""
BONDS = frozenset({"aggregate", "bond", "ieee8023adLag", "lag", "team"})
"""Kinds of interfaces that go on while one of their members does: as the kernel, devices and IF-MIB call them."""

Trait = tuple[str, int, int]
"""(id of the interface, kind, what stands for the text)"""


def traits(item: Item) -> Iterable[Trait]:
    """Rows of one interface; none of another class."""
    if item.class_name != "NetworkInterface":
        return
    told = item.attributes
    yield item.id, NAME, hash(told.get("name") or item.key)
    if isinstance(master := told.get("master"), str):
        yield item.id, MASTER, hash(master)
    for lower in _texts(told.get("lower"), MOST_LOWER):
        yield item.id, LOWER, hash(lower)
    if told.get("kind") in BONDS:
        yield item.id, BOND, 0
    for address in _texts(told.get("addresses"), MOST):
        prefix = _subnet(address)
        if prefix is not None:
            yield item.id, SUBNET, hash(prefix)


def rows(nodes: Ints, found: list[Trait]) -> Longs:
    """The rows in order, each once; `nodes` has the node of each trait. Traits of no node are left out."""
    if not found:
        return np.zeros((0, 2), np.int64)
    kinds = np.array([kind for _, kind, _ in found], np.int64)
    values = np.array([value for _, _, value in found], np.int64)
    inside = nodes >= 0
    return ordered(np.stack([nodes.astype(np.int64) * KINDS + kinds, values], axis=1)[inside])


def ordered(found: Longs) -> Longs:
    """Rows in order, each once."""
    if not len(found):
        return found
    found = found[np.lexsort((found[:, 1], found[:, 0]))]
    new = np.ones(len(found), np.bool_)
    new[1:] = (found[1:] != found[:-1]).any(axis=1)
    return found[new]


def of_kind(found: Longs, kind: int) -> tuple[Ints, Longs]:
    """Nodes and values of the rows of one kind."""
    here = found[found[:, 0] % KINDS == kind]
    return (here[:, 0] // KINDS).astype(np.int32), here[:, 1]


def _texts(value: object, most: int) -> list[str]:
    return [each for each in value[:most] if isinstance(each, str)] if isinstance(value, list) else []


def _subnet(address: str) -> tuple[int, int, int] | None:
    """Family, network and prefix length of "address/length"; None where that names no subnet."""
    text, _, length = address.partition("/")
    family, width = (socket.AF_INET6, 128) if ":" in text else (socket.AF_INET, 32)
    try:
        bits, value = int(length), int.from_bytes(socket.inet_pton(family, text.partition("%")[0]), "big")
    except (ValueError, OSError):
        return None
    if not 0 < bits < width or (value >> 118 == 0x3FA if width == 128 else value >> 16 == 0xA9FE):
        return None
    return width, value >> (width - bits), bits
