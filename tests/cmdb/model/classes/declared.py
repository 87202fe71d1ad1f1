"""What holds of every CI class, asked of one."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.declaration import CI
from cmdb.model.precedence import GROUPS
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.model.values import NAME, problem


def check(ci: CI) -> None:
    """`ci` is an example of its class with all of its key; its class is declared as the model wants it."""
    declaration = CLASSES[type(ci).__name__]
    assert declaration.type is type(ci)
    assert declaration.text.endswith(".")
    every = {**declaration.attributes, **declaration.readings}
    for name, attribute in every.items():
        assert NAME.match(name), name
        assert attribute.text.endswith("."), name
        assert attribute.group in GROUPS, name
        assert attribute.unit != "", name
    assert set(declaration.key) <= set(declaration.attributes)
    assert declaration.name_from in declaration.attributes
    assert declaration.containment in RELATIONSHIP_TYPES
    assert bool(declaration.marks) != bool(declaration.key), "identified by marks, or by a key"
    for parent in declaration.parents:
        assert parent in CLASSES
    for name, value in {**ci.attributes(), **ci.readings()}.items():
        assert problem(value, every[name].type) == "", name
