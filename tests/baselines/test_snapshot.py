"""What a scope holds, and who is known to have brought it."""

from __future__ import annotations

from baselines import records
from baselines.snapshot import Snapshot, capture, concerns
from cmdb.model.query_language import parse
from tests.baselines.site import Site, accounts, hardware, network, packages, software, system


def named(snapshot: Snapshot) -> set[tuple[str, str]]:
    return {(item.class_name, item.name) for item in snapshot.items.values()}


def test_the_empty_scope_is_everything_with_its_relations(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl"), software(80), network("192.0.2.1"))

    with site.store.view() as view:
        found = capture(view, "")

    assert named(found) == {
        ("Endpoint", "tcp 0.0.0.0:80"),
        ("Host", "web1"),
        ("IPAddress", "192.0.2.1"),
        ("NetworkInterface", "eth0"),
        ("SoftwareInstance", "nginx"),
        ("SoftwarePackage", "curl"),
    }
    assert {key[1] for key in found.links} == {"EXPOSES", "HAS_ADDRESS"}


def test_records_are_no_configuration(site: Site) -> None:
    site.report("web1", system("web1"))
    records.add(site.store, "change", "CHG1", "ann", cis=["class:Host"], clock=site.clock, randomness=site.randomness)

    with site.store.view() as view:
        assert named(capture(view, "")) == {("Host", "web1")}
        assert named(capture(view, "class:ChangeRecord")) == set()
        assert not capture(view, "").links
        assert {subject for subject, _ in capture(view, "").coverage} == {site.id("web1")}


def test_a_scope_holds_what_it_matches_and_its_parts_but_for_what_a_minus_leaves_out(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl"), accounts("ann"))
    site.report("db1", system("db1"), packages("postgres"))

    with site.store.view() as view:
        found = capture(view, "class:Host name:web* -class:SoftwarePackage")

    assert named(found) == {("Host", "web1"), ("LocalAccount", "ann")}


def test_a_scope_as_of_a_revision_holds_what_was_there_then(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl"))
    then = site.head()
    site.report("web1", system("web1"), packages("nginx"))

    with site.store.view() as view:
        found = capture(view, "class:SoftwarePackage", then)

    assert named(found) == {("SoftwarePackage", "curl")}
    assert found.revision == then


def test_coverage_as_of_a_revision_is_that_of_then(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl", privilege="user"))
    then = site.head()
    site.report("web1", system("web1"), packages("curl", "nginx", privilege="full"))
    host = site.id("web1")

    with site.store.view() as view:
        was, is_now = capture(view, "", then), capture(view, "")

    assert [row.privilege for row in was.coverage[(host, "packages")]] == ["user"]
    assert [row.privilege for row in is_now.coverage[(host, "packages")]] == ["full"]


def test_of_several_sections_that_tell_of_a_class_it_is_known_which_brought_an_attribute(site: Site) -> None:
    site.report("web1", system("web1"), hardware(vendor="ACME"))
    host = site.id("web1")

    with site.store.view() as view:
        found = capture(view, "")

    assert found.tells[(host, "Host", "vendor")] == {"hardware"}
    assert found.tells[(host, "Host", "memory_bytes")] == {"system"}


def test_an_address_is_known_by_the_sections_that_brought_it(site: Site) -> None:
    site.report("web1", system("web1"), network("192.0.2.1"))

    with site.store.view() as view:
        found = capture(view, "class:IPAddress")

    assert found.claims == {site.id("192.0.2.1", "IPAddress"): {(site.id("web1"), "network")}}
    assert (site.id("web1"), "network") in found.coverage


def test_a_scope_of_parts_covers_wholes_that_have_none_yet(site: Site) -> None:
    site.report("web1", system("web1"), packages("nginx"))
    site.report("db1", system("db1"), packages("postgres"))

    with site.store.view() as view:
        anywhere = capture(view, "class:SoftwarePackage name:nginx")
        here = capture(view, f"class:SoftwarePackage in:{site.id('web1')}")

    assert (site.id("db1"), "packages") in anywhere.coverage
    assert (site.id("db1"), "packages") not in here.coverage


def test_a_section_concerns_a_scope_that_does_not_leave_its_classes_out(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl"), software(80))
    host = site.id("web1")
    with site.store.view() as view:
        rows = {row.section: [row] for row in view.coverage([host])}

    assert concerns(parse("class:Host"), rows["packages"], True)
    assert not concerns(parse("class:Host -class:SoftwarePackage"), rows["packages"], True)
    assert concerns(parse("class:SoftwarePackage"), rows["packages"], False)
    assert not concerns(parse("class:SoftwarePackage"), rows["software"], False)
