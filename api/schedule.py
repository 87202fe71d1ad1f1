"""What a server does by itself: look at its own host again every hour."""

from __future__ import annotations

import logging
from collections.abc import Callable

from apscheduler.schedulers.background import BackgroundScheduler

from cmdb.model.errors import SurveymarkError

HOURS = 1

_log = logging.getLogger(__name__)


def scheduler(rediscover: Callable[[], object]) -> BackgroundScheduler:
    """A scheduler, not started yet; a job that is late is run once, never twice at a time."""
    made = BackgroundScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 600}
    )

    def run() -> None:
        try:
            rediscover()
        except SurveymarkError as error:
            _log.error("discovery of this host failed: %s", error.message)

    made.add_job(run, "interval", hours=HOURS, id="discovery of this host")
    return made
