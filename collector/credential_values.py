"""Values of the keys of an entry in the file of credentials. Errors tell the key and never a value that may be a secret."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from collector.scope import Network, Scope, is_name, is_zone, network
from collector.secret_refs import SecretRef, reference

MAX_ITEMS = 1000
MAX_TEXT = 4096
DEFAULT_ZONE = "default"

_USER = re.compile(r"[^\s\0-\x1f\x7f:/][^\0-\x1f\x7f:/]{0,255}\Z")
_Value = TypeVar("_Value")


class Wrong(Exception):
    """What is wrong with one key of one entry."""


def scope_of(entry: dict[str, Any]) -> Scope:
    """Where the entry may be used. Raises Wrong where it does not say."""
    ranges: tuple[Network, ...] = of(entry, "ranges", (), each(address_range))
    names: tuple[str, ...] = of(entry, "names", (), each(host_name))
    zones: tuple[str, ...] = of(entry, "zones", (), each(zone))
    if not ranges and not names and not zones:
        raise Wrong('it has no scope: write `ranges = ["10.0.0.0/8"]`, or `zones`, for where it may be used')
    return Scope(zones or (DEFAULT_ZONE,), ranges, names)


def of(entry: dict[str, Any], key: str, otherwise: _Value, read: Callable[[Any], _Value]) -> _Value:
    """The value of a key as `read` makes it, `otherwise` where the key is not there. Raises Wrong, which names the key."""
    if key not in entry:
        return otherwise
    try:
        return read(entry[key])
    except Wrong as wrong:
        raise Wrong(f"`{key}` {wrong}") from None


def text(value: Any) -> str:
    if not isinstance(value, str) or not value or len(value) > MAX_TEXT or "\0" in value:
        raise Wrong(f"wants a text of 1 to {MAX_TEXT} characters")
    return value


def user(value: Any) -> str:
    if not _USER.match(text(value)):
        raise Wrong("is no name of a user")
    return str(value)


def path(value: Any) -> Path:
    written = text(value)
    if not written.startswith(("/", "~/")):
        raise Wrong("wants the path of a file, from / or ~/")
    try:
        return Path(written).expanduser()
    except RuntimeError:
        raise Wrong("begins with ~, and this user has no home folder") from None


def secret_reference(value: Any) -> SecretRef:
    try:
        return reference(text(value))
    except ValueError as error:
        raise Wrong(
            f"{error}: secrets do not stand here, but where env:NAME, file:/PATH, systemd:NAME or vault:NAME leads "
            "(`surveymark credential set NAME` puts one into the vault)"
        ) from None


def boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Wrong("is true or false")
    return value


def one_of(*words: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in words:
            raise Wrong(f"is one of {', '.join(words)}")
        return str(value)

    return read


def whole(least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise Wrong(f"is a whole number from {least} to {most}")
        return value

    return read


def each(read: Callable[[Any], _Value]) -> Callable[[Any], tuple[_Value, ...]]:
    def every(value: Any) -> tuple[_Value, ...]:
        if not isinstance(value, list) or not 0 < len(value) <= MAX_ITEMS:
            raise Wrong(f"wants a list of 1 to {MAX_ITEMS} texts")
        return tuple(read(item) for item in value)

    return every


def address_range(value: Any) -> Network:
    try:
        return network(text(value))
    except ValueError:
        raise Wrong(f"has {value!r:.80}, which is no range: write 10.0.0.0/8, fd00::/8 or an address") from None


def host_name(value: Any) -> str:
    if not is_name(text(value)):
        raise Wrong(f"has {value!r:.80}, which is no name of a host: write bastion.example.org or *.example.org")
    return str(value)


def zone(value: Any) -> str:
    if not is_zone(text(value)):
        raise Wrong(f"has {value!r:.80}, which is no name of a zone: letters, digits and _ . -")
    return str(value)
