"""When a difference came about."""

from __future__ import annotations

from baselines.happened import NEVER, Happened
from cmdb.model.times import iso
from tests.baselines.site import Site, packages, software, system


def test_an_attribute_changed_when_it_took_the_value_that_it_has_at_the_end(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl=1"))
    first, seen = site.head(), site.time
    site.report("web1", system("web1"), packages("curl=2"))
    site.report("web1", system("web1"), packages("curl=3"))
    seen = site.time
    changed = site.head() + 1
    site.report("web1", system("web1"), packages("curl=2"))
    site.report("web1", system("web1", memory_bytes=2 << 30), packages("curl=2"))
    curl = site.id("curl", "SoftwarePackage")

    with site.store.view() as view:
        event = Happened(view, first, site.head()).attribute(curl, "versions")

    assert (event.revision, event.source) == (changed, "agent:web1")
    assert event.not_before == iso(seen - 1_000_000)
    assert event.not_after == iso(seen)


def test_a_ci_came_with_the_first_revision_of_its_last_stay(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl"))
    site.report("web1", system("web1"), packages())
    gone = site.head()
    site.report("web1", system("web1"), packages("curl=1"))
    back = site.head()
    site.report("web1", system("web1"), packages("curl=2"))
    curl = site.id("curl", "SoftwarePackage")

    with site.store.view() as view:
        assert Happened(view, gone, site.head()).item(curl).revision == back
        assert Happened(view, 1, gone).item(curl).revision == gone


def test_the_end_of_a_ci_lies_between_the_last_look_that_saw_it_and_the_first_that_did_not(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl"))
    site.report("web1", system("web1"), packages("curl"))
    last_seen = site.time - 1_000_000
    curl = site.id("curl", "SoftwarePackage")
    first_missed = site.time
    site.report("web1", system("web1"), packages())

    with site.store.view() as view:
        event = Happened(view, 1, site.head()).item(curl)

    assert (event.not_before, event.not_after) == (iso(last_seen), iso(first_missed))


def test_a_relation_comes_and_goes_likewise(site: Site) -> None:
    site.report("web1", system("web1"), software(80))
    site.report("web1", system("web1"), software(80, 81))
    with site.store.view() as view:
        added = max(view.scan_links(["EXPOSES"]), key=lambda link: link.since).key
        assert Happened(view, 1, 2).link(added).revision == 2
    site.report("web1", system("web1"), software(80))

    with site.store.view() as view:
        assert Happened(view, 2, 3).link(added).revision == 3


def test_what_history_does_not_say_is_left_open(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl"))
    curl = site.id("curl", "SoftwarePackage")

    with site.store.view() as view:
        assert Happened(view, 0, 1).item("0" * 26) == NEVER
        assert Happened(view, 1, 1).item(curl) == NEVER
