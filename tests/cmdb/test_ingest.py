"""Batches become revisions: once, in order, and one batch's trouble is its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cmdb.ingest as ingest_module
from cmdb.ingest import Ingest
from cmdb.model.errors import InvalidDocument, StoreError
from cmdb.taking import Receipt, Sender, Taking
from tests.cmdb.building import (
    ME,
    Receiver,
    Reporter,
    accounts,
    flows,
    network,
    open_store,
    outcomes,
    packages,
    raw,
    receiver,
    software,
    system,
)


def test_the_same_batch_twice_has_no_second_effect(cmdb: Receiver) -> None:
    data = Reporter("web").batch(system("web"), packages("a"))

    first, second = cmdb.take(data), cmdb.take(data)

    assert first["revision"] == 1
    assert second == first
    assert cmdb.head() == 1


def test_unchanged_sections_make_no_revision_and_are_seen_again(cmdb: Receiver) -> None:
    web = Reporter("web")
    cmdb.take(web.batch(system("web"), packages("a")))
    cmdb.now = 60

    receipt = cmdb.take(web.batch(system("web"), packages("a"), at=50))

    assert (receipt["revision"], cmdb.head()) == (None, 1)
    assert outcomes(receipt) == {"os": "unchanged", "packages": "unchanged"}
    standing = cmdb.scopes("web")[("packages", "agent:web")]
    assert (standing.sequence, standing.seen_at - standing.observed_at) == (2, 10_000_000)


def test_what_came_back_to_how_it_was_applies(cmdb: Receiver) -> None:
    web = Reporter("web")
    for names in (["a"], ["a", "b"], ["a"]):
        cmdb.take(web.batch(system("web"), packages(*names)))

    assert cmdb.head() == 3
    assert [cmdb.names("class:SoftwarePackage", at) for at in (1, 2, 3)] == [["a"], ["a", "b"], ["a"]]


def test_a_body_is_left_out_where_its_digest_is_the_last_accepted(cmdb: Receiver) -> None:
    web = Reporter("web")
    said = packages("a")
    cmdb.take(web.batch(system("web"), said))

    again = web.batch(system("web"), said, held={"packages": said.digest})

    assert b"SoftwarePackage" in again
    assert b'"items":[{"attributes":{"architecture"' not in again
    assert outcomes(cmdb.take(again))["packages"] == "unchanged"


def test_a_body_left_out_of_any_earlier_digest_is_asked_for(cmdb: Receiver) -> None:
    web = Reporter("web")
    old = packages("a")
    cmdb.take(web.batch(system("web"), old))
    cmdb.take(web.batch(system("web"), packages("b")))

    receipt = cmdb.take(web.batch(system("web"), old, held={"packages": old.digest}))

    assert outcomes(receipt) == {"os": "unchanged", "packages": "refused"}
    assert "send it" in str(receipt["sections"])
    assert cmdb.names("class:SoftwarePackage") == ["b"]


def test_batches_in_one_transaction_are_one_revision_each(cmdb: Receiver) -> None:
    batches = [Reporter(f"host{n}").batch(system(f"host{n}")) for n in range(40)]

    receipts = cmdb.ingest.submit_many(batches, ME)

    assert [r["revision"] for r in receipts] == list(range(1, 41))
    assert len(cmdb.found("class:Host")) == 40


def test_batches_share_a_transaction_up_to_a_number_of_bytes(cmdb: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest_module, "GROUP", 3)
    begun: list[int] = []
    together = Ingest._together

    def noted(self: Ingest, group: list[Any]) -> bool:
        begun.append(len(group))
        return together(self, group)

    monkeypatch.setattr(Ingest, "_together", noted)
    batches = [Reporter(f"host{n}").batch(system(f"host{n}")) for n in range(5)]

    cmdb.ingest.submit_many(batches, ME)
    monkeypatch.setattr(ingest_module, "GROUP_BYTES", len(batches[0]) + 1)
    cmdb.ingest.submit_many([Reporter(f"other{n}").batch(system(f"other{n}")) for n in range(2)], ME)

    assert begun == [3, 2, 1, 1]
    assert len(cmdb.found("class:Host")) == 7


def test_a_batch_that_fails_costs_those_that_waited_with_it_nothing(
    cmdb: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = Taking.run

    def breaks(self: Taking) -> Receipt:
        receipt = taken(self)
        if self.batch.header.source == "agent:bad":
            raise KeyError("a fault of ours")
        return receipt

    monkeypatch.setattr(Taking, "run", breaks)
    batches = [Reporter(name).batch(system(name)) for name in ("a", "bad", "b")]

    with pytest.raises(KeyError):
        cmdb.ingest.submit_many(batches, ME)

    assert cmdb.names("class:Host") == ["a", "b"]
    assert cmdb.head() == 2


def test_a_batch_that_is_refused_as_a_whole_leaves_nothing(cmdb: Receiver) -> None:
    web = Reporter("web")
    cmdb.take(web.batch(system("web")))
    other = web.batch(system("web"), packages("a"), same=True)

    with pytest.raises(InvalidDocument) as refused:
        cmdb.ingest.submit_many([other, Reporter("db").batch(system("db"))], ME)

    assert refused.value.path == "/1/same"
    assert cmdb.names("class:Host") == ["db", "web"]
    assert set(cmdb.scopes("web")) == {("os", "agent:web"), ("subject", "agent:web")}


def test_a_batch_id_of_another_source_is_not_taken_for_a_repetition(cmdb: Receiver) -> None:
    cmdb.take(Reporter("a").batch(system("a"), id="one"))

    with pytest.raises(InvalidDocument, match="another source"):
        cmdb.take(Reporter("b").batch(system("b"), id="one"))

    assert cmdb.names("class:Host") == ["a"]


def test_source_and_route_are_the_receivers_to_say(cmdb: Receiver) -> None:
    forged = Reporter("web", source="agent:victim", route="manual").batch(system("web"))

    cmdb.take(forged, Sender("token:7", source="agent:own", route="ssh"))

    assert {(s.source, s.route) for s in cmdb.scopes("web").values()} == {("agent:own", "ssh")}
    with cmdb.view() as view:
        revision = view.revision(1)
    assert revision is not None
    assert (revision.source, revision.actor) == ("agent:own", "token:7")


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("ssh:7@10.0.0.1:22", "ssh:7@10.0.0.1:22"),
        ("ssh:8@[::1]:22", "ssh:7@[::1]:22"),
        ("ssh:8", "ssh:7"),
        ("", "ssh:7"),
    ],
)
def test_a_collector_reports_of_each_host_as_a_source_of_its_own(cmdb: Receiver, said: str, taken: str) -> None:
    cmdb.take(Reporter("web", source=said).batch(system("web")), Sender("token:7", source="ssh:7", route="ssh"))

    assert {s.source for s in cmdb.scopes("web").values()} == {taken}


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        ({"route": "telepathy"}, "/0/route"),
        ({"subject_class": "Endpoint"}, "/0/subject/class"),
        ({"subject_class": "Nonsense"}, "/0/subject/class"),
        ({"subject_class": "Subnet", "marks": {}}, "/0/subject/identifiers/key"),
        ({"subject_class": "Subnet", "marks": {"key": ["10.0.0.0/8"]}}, "/0/subject/identifiers/key"),
        ({"subject_class": "Subnet", "marks": {"key": "x" * 2001}}, "/0/subject/identifiers/key"),
    ],
)
def test_a_header_that_means_nothing_is_refused(cmdb: Receiver, parts: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        cmdb.take(Reporter("web").batch(**parts))

    assert refused.value.path == path
    assert cmdb.head() == 0


def test_a_subject_without_identifier_is_quarantined_and_the_missing_part_named(cmdb: Receiver) -> None:
    receipt = cmdb.take(Reporter("web", marks={"host_name": "web"}).batch(system("web")))

    assert "machine-id" in receipt["quarantined"][0]["reason"]
    assert cmdb.found("class:Host") == []
    assert (receipt["revision"], cmdb.head()) == (1, 1)
    again = cmdb.take(Reporter("web", marks={"host_name": "web"}, sequence=1).batch(system("web")))
    assert again["revision"] is None


def test_many_threads_lose_nothing(cmdb: Receiver) -> None:
    receipts: list[Receipt] = []

    def report(name: str) -> None:
        reporter = Reporter(name)
        for names in (["a"], ["a", "b"], ["b"]):
            receipts.append(cmdb.take(reporter.batch(system(name), packages(*names))))  # noqa: PERF401 - one at a time

    threads = [threading.Thread(target=report, args=(f"host{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(r["revision"] for r in receipts) == list(range(1, 19))
    assert cmdb.names("class:SoftwarePackage") == ["b"] * 6


def test_an_error_of_the_store_reaches_everybody_who_waited(tmp_path: Path) -> None:
    store = open_store(tmp_path / "cmdb.db")
    ingest = Ingest(store)
    store.close()

    with pytest.raises(StoreError, match="closed"):
        ingest.submit_many([Reporter(name).batch(system(name)) for name in ("a", "b")], ME)


def test_hosts_get_the_same_ids_from_the_same_genesis() -> None:
    made = []
    for seed in ("x", "y"):
        with receiver(seed) as cmdb:
            cmdb.take(Reporter("web").batch(system("web"), packages("b", "a"), network("10.0.0.1")))
            made.append({i.id: (i.class_name, i.key) for i in cmdb.found("")})

    assert made[0] == made[1]
    assert len(made[0]) == 5


def test_a_clock_ahead_is_clamped_and_said(cmdb: Receiver) -> None:
    receipt = cmdb.take(Reporter("web").batch(system("web"), at=3600))

    assert receipt["clock"] == {"skew_seconds": 3600, "clamped": True, "corrected": False}
    assert cmdb.scopes("web")[("os", "agent:web")].observed_at == cmdb.scopes("web")[("os", "agent:web")].seen_at


def test_committed_times_grow_even_where_the_clock_does_not(cmdb: Receiver) -> None:
    web = Reporter("web")
    for now, names in ((100, ["a"]), (50, ["b"]), (50, ["c"])):
        cmdb.now = now
        cmdb.take(web.batch(system("web"), packages(*names)))

    with cmdb.view() as view:
        times = [r.committed_at for r in view.revisions()]
    assert times == sorted(set(times))


def test_one_refused_section_does_not_hold_up_the_valid_ones(cmdb: Receiver) -> None:
    web = Reporter("web")
    bad = raw("software", {"items": [{"class": "Endpoint", "key": "x", "attributes": {"port": "80"}}], "relations": []})
    bad.classes = ["Endpoint"]

    receipt = cmdb.take(web.batch(system("web"), bad, packages("a")))

    assert outcomes(receipt) == {"os": "collected", "packages": "collected", "software": "refused"}
    problem = next(line["problem"] for line in receipt["sections"] if line["outcome"] == "refused")
    assert problem == {
        "title": "expected an integer, found a string",
        "path": "/sections/software/0/items/0/attributes/port",
    }
    assert cmdb.names("class:SoftwarePackage") == ["a"]
    assert ("software", "agent:web") not in cmdb.scopes("web")


def test_a_refused_section_is_no_witness_and_does_not_count_as_accepted(cmdb: Receiver) -> None:
    web = Reporter("web")
    cmdb.take(web.batch(system("web"), packages("a")))
    broken = raw("packages", {"items": [], "relations": [{}]}, ["SoftwarePackage"])

    assert outcomes(cmdb.take(web.batch(system("web"), broken)))["packages"] == "refused"
    assert cmdb.names("class:SoftwarePackage") == ["a"]
    assert outcomes(cmdb.take(web.batch(system("web"), packages("a"))))["packages"] == "unchanged"


def test_readings_make_no_revision_and_are_overwritten(cmdb: Receiver) -> None:
    web = Reporter("web")
    said = system("web")

    def with_uptime(seconds: object) -> bytes:
        row = {"class": "Host", "key": ".", "readings": {"uptime_seconds": seconds}}
        said.readings = {"items": [row]}
        return web.batch(said)

    cmdb.take(with_uptime(10))
    assert cmdb.take(with_uptime(20))["revision"] is None
    refused = cmdb.take(with_uptime(float("1.5")))

    with cmdb.view() as view:
        kept = view.readings(cmdb.one("class:Host").id)
    assert kept["os"]["items"][0]["readings"] == {"uptime_seconds": 20}
    assert refused["sections"][0]["readings"]["path"] == "/sections/os/readings"
    assert cmdb.head() == 1


@pytest.mark.parametrize("make", [packages, accounts, software, network, flows])
def test_a_section_without_anything_is_fine(cmdb: Receiver, make: Callable[[], object]) -> None:
    receipt = cmdb.take(Reporter("web").batch(system("web"), make()))  # type: ignore[arg-type]

    assert set(outcomes(receipt).values()) == {"collected"}


def test_a_receipt_is_kept_with_its_revision(cmdb: Receiver) -> None:
    receipt = cmdb.take(Reporter("web").batch(system("web"), id="one"))

    with cmdb.store.transaction() as tx:
        assert tx.receipt("one") == receipt
