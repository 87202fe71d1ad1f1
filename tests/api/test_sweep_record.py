"""The record of a sweep under way: begun with all its targets, told of, closed, and taken up again."""

from __future__ import annotations

from typing import Any

import pytest

from api import sweep_record
from api.local_estate import LocalEstate
from api.sweep_record import Record, pages, result, whole
from cmdb.model.errors import NotFoundError, UsageError
from collector.outcome import DONE, FAILED, INTERRUPTED, Evidence, TargetOutcome
from collector.target import Hop, Target
from collector.work import Job

WEB = Target("web", "10.0.0.1", jumps=(Hop("10.0.0.9"),), credentials=("root",))
DB = Target("db", "10.0.0.2", 2222)
OUTSIDE = TargetOutcome("far", "8.8.8.8", FAILED, "resolve", "outside of the permitted ranges", "--permit 8.8.8.8")


def begin(estate: LocalEstate) -> tuple[Record, list[Job]]:
    return Record.begin(estate, "ssh:1", [WEB, DB], [OUTSIDE], ["10.0.0.0/30"], "default")


def end(target: Target, outcome: str = DONE, **more: Any) -> TargetOutcome:
    return TargetOutcome(target.name, target.address, outcome, **more)


def test_it_begins_with_all_targets_and_those_that_are_not_gone_to_have_their_end(estate: LocalEstate) -> None:
    record, jobs = begin(estate)
    found = whole(estate, record.id)

    assert jobs == [Job(1, WEB), Job(2, DB)]
    assert [(t["target"], t["outcome"]) for t in found["targets"]] == [
        ("web", "waiting"), ("db", "waiting"), ("far", "failed"),
    ]  # fmt: skip
    assert (found["state"], found["total"], found["waiting"], found["words"]) == ("running", 3, 2, ["10.0.0.0/30"])
    assert found["targets"][2]["remedy"] == "--permit 8.8.8.8"


def test_ends_are_written_together_and_all_of_them_when_it_is_closed(estate: LocalEstate) -> None:
    record, _ = begin(estate)
    record.tell([(1, end(WEB, ci="C" * 26, seconds=1.5))])
    early = whole(estate, record.id)["counts"]
    record.tell([(2, end(DB, "refused"))])
    record.close("done")
    found = whole(estate, record.id)

    assert early == {"failed": 1}
    assert found["counts"] == {"done": 1, "failed": 1, "refused": 1}
    assert (found["state"], found["waiting"], found["targets"][0]["ci"]) == ("done", 0, "C" * 26)


def test_what_waits_is_written_before_long_and_a_silent_one_gives_a_sign_of_life(
    estate: LocalEstate, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, _ = begin(estate)
    monkeypatch.setattr(sweep_record, "TOGETHER_SECONDS", 0.0)
    record._waiting.append({"number": 1, "result": result(end(WEB))})
    record.beat()
    assert whole(estate, record.id)["counts"] == {"done": 1, "failed": 1}

    before = estate.sweep(record.id)["updated_at"]
    record.beat()
    assert estate.sweep(record.id)["updated_at"] == before
    monkeypatch.setattr(sweep_record, "HEARTBEAT_SECONDS", 0.0)
    record.beat()
    assert estate.sweep(record.id)["updated_at"] > before


def test_what_has_no_end_or_was_interrupted_is_gone_on_with_exactly_as_it_was_planned(estate: LocalEstate) -> None:
    record, _ = begin(estate)
    record.tell([(1, end(WEB, INTERRUPTED))])
    record.close("interrupted")

    again, jobs = Record.resume(estate, record.id)

    assert (again.id, jobs) == (record.id, [Job(1, WEB), Job(2, DB)])
    again.tell([(1, end(WEB)), (2, end(DB))])
    again.close("done")
    found = whole(estate, record.id)
    assert (found["counts"], found["words"], found["source"]) == ({"done": 2, "failed": 1}, ["10.0.0.0/30"], "ssh:1")
    assert Record.resume(estate, record.id)[1] == []


def test_one_that_is_under_way_or_that_there_is_not_is_not_gone_on_with(estate: LocalEstate) -> None:
    record, _ = begin(estate)
    with pytest.raises(UsageError, match="under way"):
        Record.resume(estate, record.id)
    with pytest.raises(NotFoundError):
        Record.resume(estate, "f" * 16)


def test_many_targets_are_written_and_read_page_by_page(estate: LocalEstate) -> None:
    targets = [Target(f"h{n}", f"10.1.{n // 250}.{n % 250}") for n in range(2500)]
    record, jobs = Record.begin(estate, "ssh:1", targets, [], [], "default")
    record.tell([(job.number, end(job.target)) for job in jobs[:1200]])
    record.close("interrupted")

    assert [len(page["targets"]) for page in pages(estate, record.id)] == [1000, 1000, 500]
    assert Record.resume(estate, record.id)[1] == jobs[1200:]
    assert len(whole(estate, record.id, ["done"])["targets"]) == 1200


def test_whatever_a_host_wrote_fits_into_the_record(estate: LocalEstate) -> None:
    record, _ = begin(estate)
    evidence = Evidence("S" * 10_000, "K" * 10_000, ("w" * 50,) * 500)
    nasty = end(WEB, "failed", reason="\ud800\0<b>" * 10_000, remedy="r" * 10**6, evidence=evidence)
    record.tell([(1, nasty)])
    record.close("done")

    assert whole(estate, record.id)["counts"]["failed"] == 2


def test_too_many_targets_are_refused_before_anything_is_written(
    estate: LocalEstate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_record, "MAX_TARGETS", 2)
    with pytest.raises(UsageError, match="3 targets"):
        begin(estate)
    assert estate.sweeps()["items"] == []
