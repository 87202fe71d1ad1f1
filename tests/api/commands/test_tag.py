"""`surveymark tag`."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.conftest import Done
from tests.baselines.site import Site

Run = Callable[..., Done]


def test_tags_are_put_on_listed_and_taken_off(surveymark: Run, site: Site) -> None:
    surveymark("tag", "add", "class:Host", "pci", "dmz", "--reason", "audit", "--yes")
    assert site.item("web").attributes["tags"] == ["dmz", "pci"]
    assert surveymark("tag", "list").out.split()[-4:] == ["dmz", "1", "pci", "1"]

    surveymark("tag", "remove", "tag:pci", "pci", "--reason", "moved", "--yes")
    assert surveymark("tag", "list", "--json").json["items"] == [{"tag": "dmz", "count": 1}]
    assert "pci" in surveymark("tag", "list", "--at", "2").out


def test_a_dry_run_puts_on_nothing(surveymark: Run, site: Site) -> None:
    done = surveymark("tag", "add", "class:Host", "pci", "--reason", "audit", "--dry-run")

    assert (done.status, site.head()) == (0, 1)
    assert "pci" in done.out
