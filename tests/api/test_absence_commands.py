"""`ci retire` and `ci restore` on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.api.conftest import Done
from tests.baselines.site import Site

Run = Callable[..., Done]


def test_an_item_is_retired_by_query_and_restored_by_id(surveymark: Run, site: Site) -> None:
    host = site.id("web")

    gone = surveymark("ci", "retire", "class:Host name:web", "--reason", "scrapped")
    shown = surveymark("ci", "show", host)
    back = surveymark("ci", "restore", host, "--reason", "by mistake", "--json")

    assert (gone.status, shown.status, back.status) == (0, 0, 0)
    assert f"{host} is retired since revision 2" in gone.err
    assert "scrapped" in shown.out
    assert json.loads(back.out)["state"] == "current"


def test_a_reason_is_needed_and_an_unknown_id_is_said(surveymark: Run, site: Site) -> None:
    assert surveymark("ci", "retire", "class:Host").status == 2
    assert surveymark("ci", "restore", "0" * 26, "--reason", "x").status == 2
    assert site.head() == 1
