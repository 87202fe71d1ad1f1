"""What a server does by itself."""

from __future__ import annotations

import logging

import pytest

from api.schedule import scheduler
from cmdb.model.errors import StoreError


def test_time_and_this_host_are_looked_at_every_hour_and_never_twice_at_a_time() -> None:
    did: list[str] = []
    made = scheduler(lambda: did.append("freshness"), lambda: did.append("look"))

    for job in made.get_jobs():
        job.func(*job.args)
        assert job.trigger.interval.total_seconds() == 3600

    assert did == ["freshness", "look"]


def test_the_past_is_freed_once_a_day() -> None:
    did: list[str] = []
    _, job = scheduler(lambda: None, free=lambda: did.append("freed")).get_jobs()

    job.func(*job.args)

    assert did == ["freed"]
    assert (job.id, job.trigger.interval.total_seconds()) == ("retention", 86_400)


def test_a_server_without_a_host_of_its_own_looks_at_time_only() -> None:
    assert [job.id for job in scheduler(lambda: None).get_jobs()] == ["freshness"]


def test_a_job_that_fails_is_logged_and_does_not_end_the_schedule(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise StoreError("The disk is full.")

    (job,) = scheduler(fail).get_jobs()
    with caplog.at_level(logging.ERROR):
        job.func(*job.args)
    assert "freshness failed: The disk is full." in caplog.text


def test_links_are_looked_after_every_minute() -> None:
    did: list[str] = []
    _, job = scheduler(lambda: None, derive=lambda: did.append("derived")).get_jobs()

    job.func(*job.args)

    assert did == ["derived"]
    assert (job.id, job.trigger.interval.total_seconds()) == ("links", 60)


def test_an_anchor_is_looked_after_every_hour() -> None:
    did: list[str] = []
    _, job = scheduler(lambda: None, send_anchor=lambda: did.append("sent")).get_jobs()
    job.func(*job.args)
    assert (job.id, job.trigger.interval.total_seconds(), did) == ("anchor", 3600, ["sent"])
