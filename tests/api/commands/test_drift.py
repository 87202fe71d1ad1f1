"""`surveymark drift`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api.conftest import Done
from tests.baselines.site import Site, failed, packages

Run = Callable[..., Done]


@pytest.fixture
def frozen(surveymark: Run) -> Run:
    surveymark("baseline", "create", "b", "--scope", "")
    return surveymark


def test_no_drift_is_status_0(frozen: Run) -> None:
    done = frozen("drift", "b")
    assert done.status == 0
    assert done.out.startswith("0 findings against baseline b (not approved)")


def test_drift_is_status_1_and_named(frozen: Run, site: Site) -> None:
    site.report("web", packages("curl=2", "nano=1"))
    done = frozen("drift", "b")

    assert done.status == 1
    assert "versions  1 -> 2" in done.out
    assert "removed" in done.out
    assert frozen("drift", "b", "--at", "1").status == 0


def test_what_could_not_be_compared_is_status_3_also_beside_findings(frozen: Run, site: Site) -> None:
    site.report("web", failed(packages(), "dpkg is locked"))
    done = frozen("drift", "b", "--json")
    assert done.status == 3
    assert done.json["coverage"]["not_comparable"] == 1


def test_two_baselines_are_compared(frozen: Run, site: Site) -> None:
    site.report("web", packages("curl=2", "vim=1"))
    frozen("baseline", "create", "c", "--scope", "")
    assert frozen("drift", "b", "--against", "c").status == 1
    assert frozen("drift", "b", "--against", "c", "--at", "1").status == 2


def test_a_report_is_kept(frozen: Run) -> None:
    assert len(frozen("drift", "b", "--keep", "--json").json["document"]) == 64
    assert "Kept as document " in frozen("drift", "b", "--keep").out
