"""The text that goes into the ticket."""

from __future__ import annotations

from typing import Any

from baselines import baseline, records
from baselines.documents import save
from baselines.summary import visible
from tests.baselines.site import Site, packages, software, system

HOSTILE = "<script>\x1b[31m\u202eexe\n=cmd|' /C calc'!A0\t" + "x" * 200


def add(site: Site, key: str = "CHG1", **given: Any) -> str:
    made = records.add(site.store, "change", key, "ann", clock=site.clock, randomness=site.randomness, **given)
    return str(made["summary"])


def test_a_record_without_anything_says_so(site: Site) -> None:
    assert add(site) == "Change local/CHG1\nAffects: nothing\nNothing is pinned.\n"


def test_the_summary_says_what_was_pinned_and_what_it_says_in_numbers(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl=1"), software(80))
    frozen = baseline.create(site.store, "base", "class:Host", "ann", clock=site.clock, randomness=site.randomness)
    site.report("web1", system("web1"), packages("curl=2", "hello"), software(80))
    add(
        site,
        title="Upgrade",
        link="https://itsm.example.org/1",
        start="2026-01-10T20:00:00Z",
        end="2026-01-10T22:00:00Z",
        cis=["class:Endpoint"],
    )
    records.pin_impact(site.store, "change", "CHG1", "ann", clock=site.clock, randomness=site.randomness)

    made = records.pin_drift(site.store, "change", "CHG1", "ann", "base", clock=site.clock, randomness=site.randomness)

    digests = {pin["kind"]: pin["digest"] for pin in made["pins"]}
    assert digests["baseline"] == frozen["digest"]
    assert made["summary"].splitlines() == [
        "Change local/CHG1: Upgrade",
        "https://itsm.example.org/1",
        "Window: 2026-01-10T20:00:00.000000Z to 2026-01-10T22:00:00.000000Z (end exclusive)",
        "Affects: Endpoint tcp 0.0.0.0:80",
        "Baseline base: 4 CIs and 1 relations, scope class:Host, revision 1",
        f"  sha256 {digests['baseline']}",
        f"  /api/v1/documents/{digests['baseline']}",
        "Drift from baseline base: 2 findings (1 added, 1 changed), revision 5",
        f"  sha256 {digests['drift']}",
        f"  /api/v1/documents/{digests['drift']}",
        "Impact of Endpoint tcp 0.0.0.0:80: 1 impacted (1 degraded), complete, revision 4",
        f"  sha256 {digests['impact']}",
        f"  /api/v1/documents/{digests['impact']}",
    ]


def test_many_pins_and_cis_stay_within_25_lines(site: Site) -> None:
    site.report("web1", system("web1"), packages(*[f"p{n}" for n in range(20)]))
    digests = [
        save(site.store, "impact", {"n": n, "seeds": [], "impacted": [], "complete": True, "revision": 1})
        for n in range(30)
    ]

    found = add(
        site,
        title="x" * 1000,
        link="https://h/" + "x" * 1000,
        start="2026-01-10T20:00:00Z",
        cis=["class:SoftwarePackage"],
        pins=digests,
    )

    assert len(found.splitlines()) <= 25
    assert "and 24 more pins" in found
    assert "and 15 more" in found


def test_what_a_host_calls_itself_makes_no_line_and_acts_on_no_terminal(site: Site) -> None:
    site.report("web1", system(HOSTILE), packages("curl"))
    baseline.create(site.store, "base", "", "ann", clock=site.clock, randomness=site.randomness)

    found = add(site, title=HOSTILE, cis=["class:Host"])

    assert len(found.splitlines()) == 3
    assert "\x1b" not in found
    assert "\u202e" not in found
    assert "<U+001B>" in found


def test_a_long_text_is_cut_visibly() -> None:
    assert visible("x" * 100) == "x" * 100
    assert visible("x" * 101) == "x" * 99 + "\u2026"
    assert visible("a\nb\u2028c\u200e") == "a<U+000A>b<U+2028>c<U+200E>"
