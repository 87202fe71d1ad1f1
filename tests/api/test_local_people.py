"""What people say of things, in a store."""

from __future__ import annotations

import pytest

from api.caller import Caller
from api.local_estate import LocalEstate
from cmdb.model.errors import ForbiddenError
from tests.baselines.site import Site

SAID = {"set": {"owner": "ann"}, "reason": "handed over"}


def test_an_edit_is_of_the_caller(estate: LocalEstate, site: Site) -> None:
    estate.edit("class:Host", SAID)

    assert estate.history(site.id("web"))["items"][-1]["actor"] == "os:root"


@pytest.mark.parametrize("role", ["reader", "agent"])
def test_who_does_not_operate_may_not(estate: LocalEstate, role: str) -> None:
    with pytest.raises(ForbiddenError, match="operator, admin"):
        estate.of(Caller("joe", (role,))).edit("class:Host", SAID)
