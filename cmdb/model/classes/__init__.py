"""CI classes, one a file; a class is declared when a source yields it, not before.

`CLASSES` maps a class name to its declaration, in the order of names by code point. It is made when it is first asked for: an
agent needs the classes that its facts yield, and no others.
"""

from __future__ import annotations

import functools
from typing import Any

from cmdb.model.declaration import CI, Declaration, declare

CLASSES: dict[str, Declaration]


@functools.cache
def _declared() -> dict[str, Declaration]:
    import importlib
    import pkgutil

    from cmdb.model.people import ATTRIBUTES

    found: dict[str, Declaration] = {}
    for module in pkgutil.iter_modules(__path__):
        for value in vars(importlib.import_module(f"{__name__}.{module.name}")).values():
            if isinstance(value, type) and issubclass(value, CI) and value is not CI:
                found[value.__name__] = declare(value, ATTRIBUTES)
    return dict(sorted(found.items()))


def __getattr__(name: str) -> Any:
    """`CLASSES` (PEP 562)."""
    if name != "CLASSES":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return globals().setdefault(name, _declared())
