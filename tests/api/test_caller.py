"""Who may do what."""

from __future__ import annotations

import pytest

from api.caller import Caller
from cmdb.model.errors import ForbiddenError

ALLOWED = {
    "reader": {"read"},
    "operator": {"read", "operate"},
    "agent": {"report"},
    "enrol": {"enrol"},
    "collector": {"report", "sweep"},
    "admin": {"read", "operate", "report", "sweep", "administer"},
}


@pytest.mark.parametrize("role", ALLOWED)
def test_a_role_may_no_more_than_it_needs(role: str) -> None:
    caller = Caller("somebody", (role,))
    assert {p for p in ("read", "operate", "report", "enrol", "sweep", "administer") if caller.may(p)} == ALLOWED[role]


def test_whoever_lacks_a_permission_is_told_which_role_has_it() -> None:
    with pytest.raises(ForbiddenError, match="needs one of: operator, admin"):
        Caller("joe", ("reader",)).needs("operate")
    with pytest.raises(ForbiddenError, match="joe is nobody"):
        Caller("joe", ()).needs("read")


def test_a_role_that_there_is_not_may_nothing() -> None:
    assert not Caller("joe", ("king",)).may("read")
