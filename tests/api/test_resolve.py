"""Which configuration item a person means."""

from __future__ import annotations

import pytest

from api.local_estate import LocalEstate
from api.resolve import the_one
from cmdb.model.errors import NotFoundError, UsageError
from tests.baselines.site import Site, packages


def test_an_id_is_taken_as_it_is_and_a_query_has_to_match_one(estate: LocalEstate, site: Site) -> None:
    assert the_one(estate, "0" * 26) == "0" * 26
    assert the_one(estate, "class:Host") == site.id("web")
    with pytest.raises(NotFoundError, match="Nothing matches"):
        the_one(estate, "name:none")
    with pytest.raises(UsageError, match=r"SoftwarePackage curl \(.{26}\), SoftwarePackage vim"):
        the_one(estate, "class:SoftwarePackage")


def test_a_query_is_asked_as_of_the_same_time(estate: LocalEstate, site: Site) -> None:
    vim = site.id("vim", "SoftwarePackage")
    site.report("web", packages("curl=1"))
    assert the_one(estate, "name:vim", "1") == vim
    with pytest.raises(NotFoundError):
        the_one(estate, "name:vim")
