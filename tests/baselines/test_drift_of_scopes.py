"""Drift of less than everything: what comes into a scope, leaves it, or lies beside it."""

from __future__ import annotations

import pytest

from baselines import records
from baselines.drift import exit_status
from cmdb.model.errors import NotFoundError, UsageError
from tests.baselines.asking import ask, freeze, told
from tests.baselines.site import Site, accounts, failed, network, packages, system


def test_an_address_is_judged_by_the_host_that_brought_it(site: Site) -> None:
    site.report("web1", system("web1"), network("192.0.2.1"))
    site.report("db1", system("db1"), network("192.0.2.2"))
    freeze(site, scope="class:IPAddress")
    site.report("web1", system("web1"), network("192.0.2.10"))
    site.report("db1", system("db1"), network("192.0.2.20"))
    site.report("db1", system("db1"), failed(network()))

    assert told(ask(site)) == [
        ("not_comparable", "Host", "db1", "network"),
        ("removed", "IPAddress", "192.0.2.1"),
        ("added", "IPAddress", "192.0.2.10"),
        ("not_comparable", "IPAddress", "192.0.2.2"),
        ("not_comparable", "IPAddress", "192.0.2.20"),
    ]


def test_a_part_in_scope_may_come_at_a_whole_that_had_none(site: Site) -> None:
    site.report("web1", system("web1"), packages("nginx"))
    site.report("db1", system("db1"), packages("postgres"))
    freeze(site, scope="class:SoftwarePackage name:nginx")
    site.report("db1", system("db1"), packages("postgres", "nginx"))
    site.report("new1", system("new1"), packages("nginx"))

    report = ask(site)

    assert told(report) == [("added", "SoftwarePackage", "nginx")] * 2
    assert exit_status(report) == 1


def test_the_last_part_in_scope_may_go(site: Site) -> None:
    site.report("web1", system("web1"), packages("nginx", "curl"))
    freeze(site, scope=f"class:SoftwarePackage name:nginx in:{site.id('web1')}")
    site.report("web1", system("web1"), packages("curl"))

    assert told(ask(site)) == [("removed", "SoftwarePackage", "nginx")]


def test_what_leaves_the_query_stays_compared_and_what_comes_into_it_is_told_so(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl"))
    site.report("db1", system("db1", 4 << 30))
    freeze(site, scope=f"class:Host memory_bytes:{1 << 30}")
    site.report("web1", system("web1", 2 << 30), packages("curl", "hello"))
    site.report("db1", system("db1"))

    report = ask(site)

    assert told(report) == [
        ("added", "Host", "db1"),
        ("changed", "Host", "web1", "memory_bytes", 1 << 30, 2 << 30),
        ("added", "SoftwarePackage", "hello"),
    ]
    assert report["deviations"][0]["reason"] == "there at the baseline too, but outside the scope"


def test_a_failed_section_elsewhere_does_not_matter_to_a_scope(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl"), accounts("ann"))
    site.report("db1", system("db1"), packages("curl"))
    freeze(site, "one", "class:Host name:web1")
    freeze(site, "two", "class:Host name:web1 -class:LocalAccount")
    site.report("db1", system("db1"), failed(packages()))
    site.report("web1", system("web1"), packages("curl"), failed(accounts()))

    assert told(ask(site, "one")) == [("not_comparable", "Host", "web1", "accounts")]
    assert told(ask(site, "two")) == []


def test_records_are_not_drift(site: Site) -> None:
    site.report("web1", system("web1"))
    freeze(site)
    records.add(site.store, "change", "CHG1", "ann", cis=["class:Host"], clock=site.clock, randomness=site.randomness)

    assert ask(site)["deviations"] == []


def test_baselines_of_different_scopes_are_not_compared(site: Site) -> None:
    site.report("web1", system("web1"))
    freeze(site, "one")
    freeze(site, "two", "class:Host")

    with pytest.raises(UsageError, match="one scope"):
        ask(site, "one", against="two")
    with pytest.raises(UsageError, match="not with both"):
        ask(site, "one", at=1, against="two")
    with pytest.raises(NotFoundError):
        ask(site, "three")
