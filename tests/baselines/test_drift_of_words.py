"""Drift of what people say: known on both sides, whoever looked."""

from __future__ import annotations

from typing import Any

from cmdb.edit import Words, edit
from tests.baselines.asking import ask, freeze, told
from tests.baselines.site import Site, failed, hardware, software, system


def say(site: Site, query: str, **values: Any) -> None:
    edit(site.store, query, Words(values), "ann", "why", clock=site.clock, randomness=site.randomness)


def test_what_people_say_is_drift_and_saying_it_makes_nothing_else_incomparable(site: Site) -> None:
    site.report("web1", system("web1"), software(80))
    freeze(site)

    say(site, "class:Host", owner="ann")
    say(site, "class:SoftwareInstance", lifecycle="retired")

    report = ask(site)
    assert told(report) == [
        ("changed", "Host", "web1", "owner", "ann"),
        ("changed", "SoftwareInstance", "nginx", "lifecycle", "retired"),
    ]
    assert report["coverage"]["not_comparable"] == 0


def test_a_failed_section_hides_nothing_that_people_say(site: Site) -> None:
    site.report("web1", system("web1"), hardware(vendor="ACME"))
    say(site, "class:Host", owner="ann")
    freeze(site)
    site.report("web1", system("web1"), failed(hardware()))
    say(site, "class:Host", owner="bob")

    assert told(ask(site)) == [
        ("not_comparable", "Host", "web1", "hardware"),
        ("changed", "Host", "web1", "owner", "ann", "bob"),
    ]
