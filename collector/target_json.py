"""A target as plain JSON and back, so that a record of a sweep, or a queue, can carry how it is reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, asdict, fields
from typing import Any, get_type_hints

from collector.target import Hop, Target


def document(target: Target) -> dict[str, Any]:
    """What differs from the defaults, lists for tuples, hops as objects."""
    return _document(target)


def target_of(found: Mapping[str, Any]) -> Target:
    """The target that a document tells of; members that are not known are left out. Raises ValueError."""
    try:
        made: Target = _made(Target, found)
    except TypeError as error:
        raise ValueError(f"that is no target of a sweep: {error}") from None
    return made


def _document(value: Target | Hop) -> dict[str, Any]:
    known = {f.name: f.default for f in fields(value)}
    made = {}
    for name, default in known.items():
        own = getattr(value, name)
        if default is MISSING or own != default:
            made[name] = [asdict(o) if isinstance(o, Hop) else o for o in own] if isinstance(own, tuple) else own
    return made


def _made(of: type[Any], found: Mapping[str, Any]) -> Any:
    hints = get_type_hints(of)
    return of(**{name: _value(name, hints[name], value) for name, value in found.items() if name in hints})


def _value(name: str, kind: Any, value: Any) -> Any:
    if kind == tuple[Hop, ...] and isinstance(value, list):
        return tuple(_made(Hop, one) for one in value if isinstance(one, Mapping))
    if kind == tuple[str, ...] and isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    if kind in (str, int, bool) and type(value) is kind:
        return value
    raise ValueError(f"{name} of a target can not be {value!r:.80}")
