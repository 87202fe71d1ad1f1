"""One fact a file: what it needs, a pure parse, a pure observe.

`FACTS` maps a section's name to the module that is its fact, in the order of names.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import cast

from agent.fact import Fact


def _found() -> dict[str, Fact]:
    modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    facts = [cast(Fact, module) for module in modules]
    return {fact.NAME: fact for fact in sorted(facts, key=lambda f: f.NAME)}


FACTS: dict[str, Fact] = _found()
