"""Change and incident records: references, what they affect, and what they pin."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from baselines import baseline, records
from baselines.documents import Document, resolve, save
from cmdb.model.errors import ConflictError, NotFoundError, UsageError
from tests.baselines.site import Site, network, packages, software, system

REPORT: Document = {"seeds": [], "impacted": [], "complete": True, "left_out": 0, "revision": 1}


def add(site: Site, key: str = "CHG1", kind: str = "change", **given: Any) -> Document:
    return records.add(site.store, kind, key, "ann", clock=site.clock, randomness=site.randomness, **given)


def show(site: Site, key: str = "CHG1", kind: str = "change", at: int | None = None) -> Document:
    with site.store.view() as view:
        return records.show(view, kind, key, at)


@pytest.fixture
def running(site: Site) -> Site:
    """A host with a server that listens, and a baseline of everything."""
    site.report("web1", system("web1"), packages("curl=1"), software(80), network("192.0.2.1"))
    baseline.create(site.store, "base", "", "ann", clock=site.clock, randomness=site.randomness)
    return site


def test_a_record_is_shown_as_it_was_given(running: Site) -> None:
    made = add(
        running,
        "sn.example.org/CHG0030001",
        title="  Upgrade\n nginx ",
        link="https://sn.example.org/chg?id=1",
        start="2026-01-10T20:00:00+01:00",
        end="2026-01-10T22:00:00+01:00",
        cis=["class:SoftwareInstance", running.id("web1")],
    )

    assert made == show(running, "sn.example.org/CHG0030001")
    assert (made["kind"], made["key"], made["instance"]) == ("change", "sn.example.org/CHG0030001", "sn.example.org")
    assert (made["number"], made["title"]) == ("CHG0030001", "Upgrade nginx")
    assert made["window"] == {"start": "2026-01-10T19:00:00.000000Z", "end": "2026-01-10T21:00:00.000000Z"}
    assert [(row["class"], row["name"]) for row in made["affects"]] == [("Host", "web1"), ("SoftwareInstance", "nginx")]
    assert made["pins"] == []


def test_a_record_is_a_ci_that_people_reported_with_a_revision(running: Site) -> None:
    made = add(running, cis=["class:Host"])

    with running.store.view() as view:
        item = view.items([made["id"]])[made["id"]]
        revision = view.revision(item.since)
        links = [link.key for link in view.links([made["id"]])]
    assert revision is not None
    assert (item.class_name, item.name) == ("ChangeRecord", "CHG1")
    assert (revision.source, revision.actor, revision.cause) == ("people", "ann", "record")
    assert links == [(made["id"], "AFFECTS", running.id("web1"))]


def test_adding_again_updates_what_is_given_and_leaves_the_rest(running: Site) -> None:
    first = add(running, title="One", link="http://itsm/1", cis=["class:Host"])
    add(running, title="Two")
    add(running, link="")

    made = add(running, cis=["class:Endpoint"])

    assert (made["id"], made["title"], made["link"]) == (first["id"], "Two", None)
    assert [row["class"] for row in made["affects"]] == ["Endpoint"]
    told = [(row["kind"], row["attribute"], row["after"]) for row in made["history"] if row["attribute"]]
    assert told == [("updated", "title", "Two"), ("updated", "link", None)]


def test_adding_the_same_again_makes_no_revision(running: Site) -> None:
    add(running, title="One", cis=["class:Host"])
    head = running.head()

    add(running, title="One", cis=["class:Host"])

    assert running.head() == head


def test_a_clock_that_went_back_loses_no_word(running: Site) -> None:
    add(running, title="One")
    running.time -= 3_600_000_000

    assert add(running, title="Two")["title"] == "Two"


def test_a_number_alone_is_enough_while_one_instance_has_it(running: Site) -> None:
    add(running, "sn.example.org/CHG1", title="there")

    assert show(running, "chg1")["title"] == "there"
    assert add(running, "CHG1", title="still there")["key"] == "sn.example.org/CHG1"
    assert add(running, "CHG2")["key"] == "local/CHG2"

    add(running, "local/CHG1")
    with pytest.raises(ConflictError, match=r"local/CHG1.*sn\.example\.org/CHG1"):
        show(running, "CHG1")
    with pytest.raises(ConflictError):
        add(running, "CHG1")
    assert show(running, "SN.example.org/CHG1")["title"] == "still there"


def test_changes_and_incidents_are_told_apart(running: Site) -> None:
    add(running, "42", title="a change")
    add(running, "42", "incident", title="an incident")

    assert show(running, "42", "incident")["title"] == "an incident"
    with running.store.view() as view:
        listed = records.recorded(view, "incident")
    assert [(row["key"], row["title"]) for row in listed["items"]] == [("local/42", "an incident")]
    assert listed["total"] == 1


@pytest.mark.parametrize(
    "given",
    [
        {"link": "javascript:alert(1)"},
        {"start": "tomorrow"},
        {"start": "2026-01-10T20:00:00Z", "end": "2026-01-10T20:00:00Z"},
        {"start": "2026-01-10T20:00:00Z", "end": "2026-01-10T20:30:00+01:00"},
        {"cis": ["port:abc"]},
        {"pins": ["0" * 64]},
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(running: Site, given: dict[str, Any]) -> None:
    head = running.head()

    with pytest.raises(UsageError):
        add(running, **given)

    assert running.head() == head


def test_an_end_before_the_start_that_is_kept_is_refused(running: Site) -> None:
    add(running, start="2026-01-10T20:00:00Z")

    with pytest.raises(UsageError, match="not after its start"):
        add(running, end="2026-01-09T20:00:00Z")


def test_records_do_not_affect_records(running: Site) -> None:
    other = add(running, "CHG2", title="nginx")

    with pytest.raises(NotFoundError):
        add(running, cis=[other["id"]])
    assert [row["class"] for row in add(running, cis=["nginx"])["affects"]] == ["SoftwareInstance"]


def test_a_record_that_there_is_not_is_said(running: Site) -> None:
    with pytest.raises(NotFoundError, match="change add"):
        show(running, "CHG9")
    with pytest.raises(UsageError, match="no kind"):
        show(running, "CHG9", "problem")


def test_what_was_pinned_resolves_to_the_same_bytes_while_the_graph_moves_on(running: Site) -> None:
    add(running, cis=["class:Endpoint"])
    records.pin_impact(running.store, "change", "CHG1", "ann", clock=running.clock, randomness=running.randomness)
    records.pin_drift(
        running.store, "change", "CHG1", "ann", "base", clock=running.clock, randomness=running.randomness
    )
    pinned = {pin["kind"]: pin for pin in show(running)["pins"]}
    with running.store.view() as view:
        before = {kind: resolve(view, pin["digest"]) for kind, pin in pinned.items()}
    running.report("web1", system("web1"), packages("curl=2"), software(80, 81), network("192.0.2.1"))

    made = records.pin_drift(
        running.store, "change", "CHG1", "ann", "base", clock=running.clock, randomness=running.randomness
    )

    with running.store.view() as view:
        after = {kind: resolve(view, pin["digest"]) for kind, pin in pinned.items()}
    assert set(pinned) == {"baseline", "drift", "impact"}
    assert after == before
    assert [pin["kind"] for pin in made["pins"]] == ["baseline", "drift", "drift", "impact"]
    assert pinned["drift"] in made["pins"]
    assert pinned["impact"]["permalink"] == f"/api/v1/documents/{pinned['impact']['digest']}"
    assert json.loads(before["drift"])["findings"] == 0


def test_the_impact_of_named_cis_is_pinned_as_asked(running: Site) -> None:
    add(running, "INC1", "incident")

    made = records.pin_impact(
        running.store, "incident", "INC1", "ann", ["class:Host"], clock=running.clock, randomness=running.randomness
    )

    with running.store.view() as view:
        report = json.loads(resolve(view, made["pins"][0]["digest"]))
    assert [seed["name"] for seed in report["seeds"]] == ["web1"]
    assert {row["class"] for row in report["impacted"]} == {"Endpoint", "NetworkInterface", "SoftwareInstance"}


def test_impact_of_a_record_that_affects_nothing_is_refused(running: Site) -> None:
    add(running)

    with pytest.raises(UsageError, match="Impact of what"):
        records.pin_impact(running.store, "change", "CHG1", "ann")


def test_pins_stay_and_only_reports_and_baselines_are_pinned(running: Site) -> None:
    with running.store.view() as view:
        header = baseline.show(view, "base")["digest"]
        chunk = baseline.load(view, "base").header["chunks"][0][2]
    first = add(running, pins=[header])

    again = add(running, title="no word of pins", pins=[save(running.store, "impact", REPORT)])

    assert [pin["kind"] for pin in again["pins"]] == ["baseline", "impact"]
    assert first["pins"][0] in again["pins"]
    with pytest.raises(UsageError, match="baseline-chunk"):
        add(running, pins=[chunk])


def test_pins_of_several_people_at_once_are_all_kept(running: Site) -> None:
    add(running)
    digests = [save(running.store, "impact", {**REPORT, "n": n}) for n in range(8)]
    people = [
        threading.Thread(target=records.add, args=(running.store, "change", "CHG1", f"p{n}"), kwargs={"pins": [digest]})
        for n, digest in enumerate(digests)
    ]

    for one in people:
        one.start()
    for one in people:
        one.join()

    with running.store.view() as view:
        (item,) = view.scan(["ChangeRecord"])
    assert item.attributes["pins"] == sorted(f"impact {digest}" for digest in digests)


def test_what_a_record_affects_goes_with_the_ci(running: Site) -> None:
    add(running, cis=["class:Endpoint", "class:Host"])
    running.report("web1", system("web1"), packages("curl=1"), software(), network("192.0.2.1"))

    made = add(running, title="later")

    assert [row["class"] for row in made["affects"]] == ["Host"]


def test_a_record_is_shown_as_of_a_revision(running: Site) -> None:
    add(running, title="One", cis=["class:Host"])
    then = running.head()
    add(running, title="Two", cis=["class:Endpoint"])

    was = show(running, at=then)

    assert (was["title"], was["affects"][0]["class"]) == ("One", "Host")
