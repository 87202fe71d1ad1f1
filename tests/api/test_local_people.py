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


def test_attributes_and_tags_are_asked_as_of_a_time(estate: LocalEstate) -> None:
    made = estate.add_attribute("Host", "cost", {"type": "integer", "reason": "needed"})
    estate.edit("class:Host", {"set": {"cost": 4}, "tag": ["pci"], "reason": "asked"})

    assert estate.attributes()["items"] == [made]
    assert estate.attributes("1")["items"] == estate.tags("1")["items"] == []
    assert estate.tags()["items"] == [{"tag": "pci", "count": 1}]
    assert estate.remove_attribute("Host", "cost", "unused")["values"] == 1


@pytest.mark.parametrize("role", ["reader", "agent"])
def test_who_does_not_operate_may_not(estate: LocalEstate, role: str) -> None:
    with pytest.raises(ForbiddenError, match="operator, admin"):
        estate.of(Caller("joe", (role,))).edit("class:Host", SAID)
