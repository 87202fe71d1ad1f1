"""`dataclass` as that of the standard library, made in half the time.

An agent is started on every host, and half of that start went into the methods that `dataclasses` writes and compiles for each
class. What compares, hashes and shows is the same for all of them, so here it is written once.
"""

from __future__ import annotations

import dataclasses
import functools
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls: Any = None, *, frozen: bool = False) -> Any:
        """The class as `dataclasses.dataclass` makes it."""
        if cls is None:
            return functools.partial(dataclass, frozen=frozen)
        own = vars(cls)
        given = [name for name in ("__repr__", "__eq__", "__hash__") if name in own]
        if not cls.__doc__:
            cls.__doc__ = cls.__name__  # or the signature is looked up, to be written there
        made = dataclasses.dataclass(cls, frozen=frozen, repr=False, eq=False)
        for name, method in (("__repr__", _repr), ("__eq__", _eq), ("__hash__", _hash if frozen else None)):
            if name not in given:
                setattr(made, name, method)
        return made


def _eq(self: Any, other: object) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    cls: Any = self.__class__
    compared = _compared(cls)
    return compared(self) == compared(other)


def _hash(self: Any) -> int:
    cls: Any = self.__class__
    return hash(_compared(cls)(self))


def _repr(self: Any) -> str:
    shown = ", ".join(f"{f.name}={getattr(self, f.name)!r}" for f in dataclasses.fields(self) if f.repr)
    return f"{self.__class__.__qualname__}({shown})"


@functools.cache
def _compared(cls: Any) -> Callable[[Any], Any]:
    """The values by which objects of a class are told apart."""
    names = [field.name for field in dataclasses.fields(cls) if field.compare]
    return operator.attrgetter(*names) if names else lambda _: ()
