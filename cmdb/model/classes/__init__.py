"""CI classes, one a file; a class is declared when a source yields it, not before.

`CLASSES` maps a class name to its declaration, in the order of names by code point.
"""

from __future__ import annotations

import importlib
import pkgutil

from cmdb.model.declaration import CI, Declaration, declare
from cmdb.model.people import ATTRIBUTES


def _declared() -> dict[str, Declaration]:
    found: dict[str, Declaration] = {}
    for module in pkgutil.iter_modules(__path__):
        for value in vars(importlib.import_module(f"{__name__}.{module.name}")).values():
            if isinstance(value, type) and issubclass(value, CI) and value is not CI:
                found[value.__name__] = declare(value, ATTRIBUTES)
    return dict(sorted(found.items()))


CLASSES: dict[str, Declaration] = _declared()
