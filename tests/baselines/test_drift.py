"""Drift: what differs, and what could not be compared."""

from __future__ import annotations

from typing import Any

import pytest

from baselines.documents import Document
from baselines.drift import exit_status
from cmdb.model.batch import Section
from cmdb.model.classes.endpoint import Endpoint
from cmdb.model.times import iso
from tests.baselines.asking import ask, freeze, told
from tests.baselines.site import (
    Site,
    accounts,
    collected,
    failed,
    hardware,
    not_applicable,
    packages,
    software,
    system,
)


def kinds(report: Document) -> set[str]:
    return {row["kind"] for row in report["deviations"]}


def test_an_unchanged_estate_has_no_drift(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl"))
    freeze(site)
    site.report("web1", system("web1"), packages("curl"))

    report = ask(site)

    assert report["deviations"] == []
    assert report["coverage"] == {"compared": 2, "stale": 0, "failed": 0, "not_comparable": 0}
    assert (report["findings"], report["left_out"], exit_status(report)) == (0, 0, 0)


def test_each_change_is_one_deviation_and_undone_there_is_none(site: Site) -> None:
    was = [system("web1"), packages("curl=1", "nginx"), accounts("ann"), software(80)]
    site.report("web1", *was)
    freeze(site)
    site.report("web1", system("web1", 2 << 30), packages("curl=2", "hello"), accounts("ann", "eve"), software(80, 81))

    report = ask(site)

    assert told(report) == [
        ("added", "Endpoint", "tcp 0.0.0.0:81"),
        ("changed", "Host", "web1", "memory_bytes", 1 << 30, 2 << 30),
        ("added", "LocalAccount", "eve"),
        ("changed", "SoftwareInstance", "nginx", "ports", ["tcp/80"], ["tcp/80", "tcp/81"]),
        ("added", "SoftwareInstance", "nginx", "EXPOSES"),
        ("changed", "SoftwarePackage", "curl", "versions", ["1"], ["2"]),
        ("added", "SoftwarePackage", "hello"),
        ("removed", "SoftwarePackage", "nginx"),
    ]
    assert (report["findings"], exit_status(report)) == (8, 1)
    site.report("web1", *was)
    assert (told(ask(site)), exit_status(ask(site))) == ([], 0)


def test_a_deviation_says_when_by_which_revision_and_from_where(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl=1"))
    freeze(site)
    site.report("web1", system("web1"), packages("curl=1"))
    last_seen = site.time - 1_000_000
    first_seen = site.time
    site.report("web1", system("web1"), packages("curl=2"))

    report = ask(site)

    assert report["deviations"] == [
        {
            "ci": site.id("curl", "SoftwarePackage"),
            "class": "SoftwarePackage",
            "name": "curl",
            "kind": "changed",
            "attribute": "versions",
            "relation": None,
            "section": None,
            "before": ["1"],
            "after": ["2"],
            "not_before": iso(last_seen),
            "not_after": iso(first_seen),
            "revision": site.head(),
            "source": "agent:web1",
            "verdict": "no record",
            "change": None,
            "reason": None,
        }
    ]
    assert (report["baseline"], report["state"], report["revision"]) == ("base", "proposed", site.head())


def test_what_was_not_reported_anew_is_counted_as_stale(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl"))
    site.report("db1", system("db1"))
    freeze(site)
    site.report("db1", system("db1"))

    assert ask(site)["coverage"]["stale"] == 2


def test_a_baseline_as_a_user_and_drift_as_root_has_no_findings(site: Site) -> None:
    site.report("web1", system("web1"), hardware("user"), packages("curl"), software(80, privilege="user"))
    freeze(site)
    site.report("web1", system("web1"), hardware(vendor="ACME"), packages("curl"), software(80, 631))

    report = ask(site)

    assert told(report) == [
        ("not_comparable", "Endpoint", "tcp 0.0.0.0:631"),
        ("not_comparable", "Host", "web1", "vendor", "ACME"),
        ("not_comparable", "SoftwareInstance", "nginx", "ports", ["tcp/80"], ["tcp/631", "tcp/80"]),
        ("not_comparable", "SoftwareInstance", "nginx", "EXPOSES"),
    ]
    assert (report["findings"], report["coverage"]["not_comparable"], exit_status(report)) == (0, 4, 3)
    assert "ordinary user at the baseline" in report["deviations"][0]["reason"]


def test_what_root_no_longer_finds_or_finds_otherwise_is_drift_though_a_user_froze_it(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl=1", "nginx", privilege="user"))
    freeze(site)
    site.report("web1", system("web1"), packages("curl=2", "secret"))

    assert told(ask(site)) == [
        ("changed", "SoftwarePackage", "curl", "versions", ["1"], ["2"]),
        ("removed", "SoftwarePackage", "nginx"),
        ("not_comparable", "SoftwarePackage", "secret"),
    ]


def test_what_a_user_does_not_find_is_not_gone_and_that_is_said(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl", "nginx"))
    freeze(site)
    site.report("web1", system("web1"), packages("curl=2", "hello", privilege="user"))

    report = ask(site)

    assert told(report) == [
        ("not_comparable", "Host", "web1", "packages"),
        ("changed", "SoftwarePackage", "curl", "versions", ["1.0"], ["2"]),
        ("added", "SoftwarePackage", "hello"),
    ]
    assert (report["findings"], exit_status(report)) == (2, 3)


@pytest.mark.parametrize("later", [failed, not_applicable])
def test_a_section_that_did_not_look_now_is_told_once_and_nothing_of_it_is_drift(site: Site, later: Any) -> None:
    site.report("web1", system("web1"), packages("curl"))
    freeze(site)
    site.report("web1", system("web1", 2 << 30), packages("hello"))
    site.report("web1", system("web1", 2 << 30), later(packages("hello"), "no time today"))

    report = ask(site)

    assert told(report) == [
        ("not_comparable", "Host", "web1", "packages"),
        ("changed", "Host", "web1", "memory_bytes", 1 << 30, 2 << 30),
        ("not_comparable", "SoftwarePackage", "curl"),
        ("not_comparable", "SoftwarePackage", "hello"),
    ]
    assert all("no time today" in row["reason"] for row in report["deviations"] if row["kind"] == "not_comparable")
    assert report["coverage"]["failed"] == (later is failed)
    assert exit_status(report) == 3


@pytest.mark.parametrize("earlier", [failed, not_applicable, None])
def test_a_section_that_did_not_look_at_the_baseline_is_told_once_and_nothing_of_it_is_drift(
    site: Site, earlier: Any
) -> None:
    site.report("web1", system("web1"), *([earlier(packages())] if earlier else []))
    freeze(site)
    site.report("web1", system("web1"), packages("curl"))

    report = ask(site)

    assert told(report) == [
        ("not_comparable", "Host", "web1", "packages"),
        ("not_comparable", "SoftwarePackage", "curl"),
    ]


def test_a_section_that_has_nothing_to_look_at_on_both_sides_was_looked_at(site: Site) -> None:
    site.report("web1", system("web1"), not_applicable(packages()))
    freeze(site)
    site.report("web1", system("web1"), not_applicable(packages()))

    assert (ask(site)["deviations"], exit_status(ask(site))) == ([], 0)


def test_a_section_that_failed_on_both_sides_is_told(site: Site) -> None:
    site.report("web1", system("web1"), failed(packages()))
    freeze(site)

    assert told(ask(site)) == [("not_comparable", "Host", "web1", "packages")]


def test_another_version_of_the_fact_makes_its_differences_not_comparable(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl=1", "nginx"))
    freeze(site)
    site.report("web1", system("web1"), packages("curl=1:1", "hello", version=2))

    report = ask(site)

    assert kinds(report) == {"not_comparable"}
    assert len(report["deviations"]) == 3
    assert "fact version 1 at the baseline, 2 now" in report["deviations"][0]["reason"]


def test_a_failed_section_does_not_hide_what_another_section_tells_of_the_same_class(site: Site) -> None:
    site.report("web1", system("web1"), hardware(vendor="ACME", product="One"))
    freeze(site)
    site.report("web1", system("web1", 2 << 30), hardware(product="Two"))
    site.report("web1", system("web1", 2 << 30), failed(hardware()))

    assert told(ask(site)) == [
        ("not_comparable", "Host", "web1", "hardware"),
        ("changed", "Host", "web1", "memory_bytes", 1 << 30, 2 << 30),
        ("not_comparable", "Host", "web1", "product", "One", "Two"),
        ("not_comparable", "Host", "web1", "vendor", "ACME"),
    ]


def test_of_parts_that_several_sections_tell_of_the_one_that_brought_them_counts(site: Site) -> None:
    def listening(*ports: int) -> Section:
        return collected("sockets", ["Endpoint"], _endpoints(*ports))

    site.report("web1", system("web1"), software(80), listening(22))
    freeze(site)
    site.report("web1", system("web1"), software(80), listening(22, 23))
    site.report("web1", system("web1"), failed(software()), listening(22, 23))

    assert told(ask(site)) == [
        ("added", "Endpoint", "tcp 0.0.0.0:23"),
        ("not_comparable", "Host", "web1", "software"),
    ]


def test_a_whole_that_is_new_is_one_deviation_with_its_parts_counted(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl"))
    freeze(site)
    site.report("db1", system("db1"), packages("postgres", "curl"), software(5432))

    report = ask(site)

    assert told(report) == [("added", "Host", "db1")]
    assert (report["left_out"], report["findings"]) == (5, 1)


def test_drift_as_of_another_time_is_asked_of_what_was_known_then(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl=1"))
    first = site.head()
    site.report("web1", system("web1"), packages("curl=2"))
    freeze(site)
    site.report("web1", system("web1"), packages("curl=3"))
    third = site.head()
    site.report("web1", system("web1"), failed(packages()))

    back, then = ask(site, at=first), ask(site, at=third)

    assert told(back) == [("changed", "SoftwarePackage", "curl", "versions", ["2"], ["1"])]
    assert back["deviations"][0]["revision"] == 2
    assert told(then) == [("changed", "SoftwarePackage", "curl", "versions", ["2"], ["3"])]
    assert (back["revision"], then["revision"]) == (first, third)


def test_two_baselines_of_one_scope_are_compared_without_asking_the_present(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl", "nginx"))
    freeze(site, "one")
    site.report("web1", system("web1"), packages("curl", "hello"))
    freeze(site, "two")
    site.report("web1", system("web1"), packages("other"))

    report = ask(site, "one", against="two")

    assert told(report) == [("added", "SoftwarePackage", "hello"), ("removed", "SoftwarePackage", "nginx")]
    assert {row["revision"] for row in report["deviations"]} == {3}
    assert report["against"]["baseline"] == "two"
    assert [row[0] for row in told(ask(site, "two", against="one"))] == ["removed", "added"]


def test_a_ci_that_came_back_as_it_was_has_another_digest_and_does_not_differ(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl"))
    freeze(site)
    site.report("web1", system("web1"), packages())
    site.report("web1", system("web1"), packages("curl"))

    assert ask(site)["deviations"] == []


def _endpoints(*ports: int) -> list[Endpoint]:
    return [Endpoint(name=f"tcp 0.0.0.0:{p}", protocol="tcp", address="0.0.0.0", port=p) for p in ports]
