"""Records of sweeps in a store."""

from __future__ import annotations

import pytest

from api.caller import Caller
from api.local_estate import LocalEstate
from cmdb.model.errors import ForbiddenError, SurveymarkError, UsageError
from tests.api.routes.test_batches import batch
from tests.api.routes.test_sweeps import ID, PLAN, SAID
from tests.baselines.site import Site


def test_a_record_is_of_the_caller_and_makes_no_revision(estate: LocalEstate) -> None:
    before = estate.find("")["revision"]
    made = estate.put_sweep(ID, SAID)
    told = estate.put_sweep_targets(ID, [{"number": 1, "plan": PLAN, "result": {"outcome": "done"}}])

    assert made["actor"] == "os:root"
    assert told["counts"] == {"done": 1}
    assert estate.sweep(ID, ["done"])["targets"][0]["target"] == "web"
    assert estate.sweeps()["items"][0]["sweep"] == ID
    assert estate.find("")["revision"] == before


def test_of_many_batches_one_that_is_refused_costs_no_other(estate: LocalEstate, site: Site) -> None:
    good = batch(site)
    found = estate.submit_many([good, b"nonsense", good])

    assert [isinstance(one, SurveymarkError) for one in found] == [False, True, False]


@pytest.mark.parametrize("role", ["reader", "operator", "agent"])
def test_who_is_no_collector_may_not(estate: LocalEstate, role: str) -> None:
    somebody = estate.of(Caller("joe", (role,), "agent:x"))
    with pytest.raises(ForbiddenError, match="collector"):
        somebody.put_sweep(ID, SAID)
    with pytest.raises(ForbiddenError):
        somebody.put_sweep_targets(ID, [])
    with pytest.raises(ForbiddenError):
        somebody.sweep(ID, plan=True)


def test_a_page_is_bounded(estate: LocalEstate) -> None:
    for limit in (0, 1001):
        with pytest.raises(UsageError):
            estate.sweeps(limit=limit)
