"""What a server does by itself."""

from __future__ import annotations

import logging

import pytest

from api.schedule import scheduler
from cmdb.model.errors import StoreError


def test_this_host_is_looked_at_every_hour_and_never_twice_at_a_time() -> None:
    looked = []
    made = scheduler(lambda: looked.append(1))
    (job,) = made.get_jobs()
    job.func()
    assert looked == [1]
    assert job.trigger.interval.total_seconds() == 3600


def test_a_look_that_fails_is_logged_and_does_not_end_the_schedule(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise StoreError("The disk is full.")

    (job,) = scheduler(fail).get_jobs()
    with caplog.at_level(logging.ERROR):
        job.func()
    assert "The disk is full." in caplog.text
