"""What people say of the things that they own."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.people import ATTRIBUTES, GROUP, LIFECYCLES
from cmdb.model.precedence import ROUTES, rank


def test_every_owned_class_has_all_of_it_and_no_other_class_any() -> None:
    names = {attribute.name for attribute in ATTRIBUTES}

    owned = {name for name, declared in CLASSES.items() if declared.type.owned}

    assert {"Host", "SoftwareInstance", "Endpoint", "Subnet"} <= owned
    for name, declared in CLASSES.items():
        said = {n for n, a in declared.attributes.items() if a in ATTRIBUTES}
        assert said == (names if name in owned else set()), name


def test_only_people_and_imports_may_say_it() -> None:
    assert {route for route in ROUTES if rank(GROUP, route) is not None} == {"manual", "import"}
    assert {attribute.group for attribute in ATTRIBUTES} == {GROUP}


def test_the_lifecycle_is_a_closed_set() -> None:
    assert CLASSES["Host"].choices == {"lifecycle": LIFECYCLES}
