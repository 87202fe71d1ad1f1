"""The registry of CI classes."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

from cmdb.model import classes
from cmdb.model.classes import CLASSES


def test_one_class_a_file_in_the_order_of_names() -> None:
    files = {m.name.replace("_", "") for m in pkgutil.iter_modules(classes.__path__)}

    assert list(CLASSES) == sorted(CLASSES)
    assert {name.lower() for name in CLASSES} == files


def test_every_part_is_a_part_of_what_is_no_part() -> None:
    for declaration in CLASSES.values():
        assert declaration.independent == (not declaration.parents)
        assert all(CLASSES[parent].independent for parent in declaration.parents)


def test_an_attribute_of_one_name_has_one_type() -> None:
    types: dict[str, set[str]] = {}
    for declaration in CLASSES.values():
        for name, attribute in declaration.attributes.items():
            types.setdefault(name, set()).add(attribute.type)

    assert {name: t for name, t in types.items() if len(t) > 1} == {}


def test_one_class_is_had_without_all_the_others() -> None:
    code = (
        "import sys; import cmdb.model.classes.local_group\n"
        "print([m for m in sys.modules if m.startswith('cmdb.model.classes.')])\n"
        "from cmdb.model.classes import CLASSES; print(len(CLASSES) > 20)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['cmdb.model.classes.local_group']\nTrue\n"
