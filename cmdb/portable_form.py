"""What a record of a file must look like: the types of its fields, and names that the vocabulary has.

A file is written by others for all that is known: each value is checked before a store sees it, so that a damaged or crafted
one ends with a sentence and not in the middle of a store.
"""

from __future__ import annotations

import base64
import types
from collections.abc import Callable, Mapping
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from cmdb.model.checked import shown
from cmdb.model.classes import CLASSES
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.model.values import NAME, Value

MAX_NUMBER = 2**63 - 1
"""Greatest whole number that both stores hold."""

Fits = Callable[[Any], bool]


class Malformed(ValueError):
    """Why a line is no record."""


def fits_of(record: type) -> dict[str, Fits]:
    """By field whether a value, as JSON has it, is one of its type."""
    found = {name: _fits(kind) for name, kind in get_type_hints(record).items()}
    return {name: _VOCABULARY.get((record.__name__, name), fits) for name, fits in found.items()}


def check(kind: str, fits: Mapping[str, Fits], values: Mapping[str, Any]) -> None:
    """Raises Malformed with the first field that has no value of its type."""
    for name, value in values.items():
        if not fits[name](value):
            raise Malformed(f"{name} of a {kind} can not be {shown(value)}")


def raw(value: str) -> bytes:
    """Bytes that a line has as base64. Raises Malformed."""
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        raise Malformed(f"{shown(value)} is no base64") from None


def _fits(kind: Any) -> Fits:
    origin, args = get_origin(kind), get_args(kind)
    if kind == dict[str, Value]:
        return _attributes
    if kind is Any:
        return _anything
    if origin in (Union, types.UnionType):
        several = [_fits(one) for one in args]
        return lambda value: any(one(value) for one in several)
    if origin is Literal:
        return lambda value: type(value) is str and value in args
    if origin is list:
        one = _fits(args[0])
        return lambda value: type(value) is list and all(map(one, value))
    if origin is tuple:
        each = [_fits(arg) for arg in args]
        return lambda value: (
            type(value) is list and len(value) == len(each) and all(f(v) for f, v in zip(each, value, strict=True))
        )
    return _PLAIN[origin or kind]


def _anything(_: Any) -> bool:
    return True


def _attributes(value: Any) -> bool:
    return type(value) is dict and all(NAME.match(name) and _value(one) for name, one in value.items())


def _value(value: Any) -> bool:
    if type(value) is list:
        kinds = set(map(type, value))
        return kinds <= {str} or (kinds == {int} and all(map(_number, value)))
    return type(value) in (str, bool) or _number(value)


def _number(value: Any) -> bool:
    return type(value) is int and -MAX_NUMBER <= value <= MAX_NUMBER


def _target(value: Any) -> bool:
    if type(value) is list:
        return len(value) == 3 and all(type(part) is str for part in value) and value[1] in RELATIONSHIP_TYPES
    return type(value) is str


_PLAIN: dict[Any, Fits] = {
    str: lambda value: type(value) is str,
    bytes: lambda value: type(value) is str,
    bool: lambda value: type(value) is bool,
    int: _number,
    dict: lambda value: type(value) is dict,
    types.NoneType: lambda value: value is None,
}


def _class(value: Any) -> bool:
    return type(value) is str and value in CLASSES


def _type(value: Any) -> bool:
    return type(value) is str and value in RELATIONSHIP_TYPES


_VOCABULARY: dict[tuple[str, str], Fits] = {
    ("Item", "class_name"): _class,
    ("Link", "type"): _type,
    ("Pending", "type"): _type,
    ("Claim", "target"): _target,
}
