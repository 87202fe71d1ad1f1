"""What is gone or long unseen, in a store that this process opened."""

from __future__ import annotations

import pytest

from api.caller import Caller
from api.local_estate import LocalEstate
from cmdb.model.errors import ConflictError, ForbiddenError
from cmdb.model.times import SECOND
from tests.baselines.site import Site

DAY = 86_400 * SECOND


def test_a_retirement_is_in_the_name_of_its_caller_and_can_be_taken_back(estate: LocalEstate, site: Site) -> None:
    host = site.id("web")

    gone = estate.of(Caller("ann", ("operator",))).retire(host, "scrapped")
    with site.store.view() as view:
        made = view.revision(gone["revision"])
    back = estate.restore(host, "by mistake")

    assert made is not None
    assert (made.actor, made.cause, made.kind) == ("ann", "scrapped", "retirement")
    assert (back["items"], back["relations"]) == (gone["items"], gone["relations"])
    assert site.id("web") == host
    with pytest.raises(ConflictError):
        estate.restore(host, "again")


def test_time_changes_nothing_in_a_dry_run_and_then_what_was_foretold(estate: LocalEstate, site: Site) -> None:
    host, head = site.id("web"), site.head()
    site.time += 8 * DAY

    foretold = estate.freshness(dry_run=True)
    assert (site.head(), estate.show(host)["state"]) == (head, "current")
    done = estate.freshness()

    assert foretold["stale"] == done["stale"] == 1
    assert (done["revisions"], estate.show(host)["state"]) == ([head + 1], "stale")


@pytest.mark.parametrize(
    ("role", "use_case", "arguments"),
    [
        ("reader", "retire", ("x",)),
        ("reader", "restore", ("x",)),
        ("reader", "freshness", ()),
        ("operator", "freshness", ()),
    ],
)
def test_who_may_not_changes_nothing(
    estate: LocalEstate, site: Site, role: str, use_case: str, arguments: tuple[str, ...]
) -> None:
    host, head = site.id("web"), site.head()
    site.time += 8 * DAY

    with pytest.raises(ForbiddenError):
        getattr(estate.of(Caller("joe", (role,))), use_case)(*([host, *arguments] if arguments else []))
    assert (site.head(), site.id("web")) == (head, host)
