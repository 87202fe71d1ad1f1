"""What a server does by itself: every minute it derives links where evidence came, every hour it looks at its own host again and
has time change what it may, and every day it frees the past that is older than an age that was set, and sends an anchor away."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from api.caller import Caller
from cmdb.model.errors import SurveymarkError

HOURS = 1
DAILY = 24
MINUTES = 1
ITSELF = Caller("surveymark:schedule", ("admin",))
"""Whom revisions name that nobody asked for."""

_log = logging.getLogger(__name__)


def scheduler(
    refresh: Callable[[], object],
    rediscover: Callable[[], object] | None = None,
    free: Callable[[], object] | None = None,
    send_anchor: Callable[[], object] | None = None,
    derive: Callable[[], object] | None = None,
) -> BackgroundScheduler:
    """A scheduler, not started yet; a job that is late is run once, never twice at a time.

    `send_anchor` is asked every hour, and sends what is a day old or failed; `derive` every minute, and derives links where that
    is due (links_due.py).
    """
    made = BackgroundScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 600}
    )
    jobs = {
        "freshness": (refresh, HOURS),
        "discovery of this host": (rediscover, HOURS),
        "retention": (free, DAILY),
        "anchor": (send_anchor, HOURS),
    }
    for name, (job, hours) in jobs.items():
        if job is not None:
            first = datetime.now(UTC) + timedelta(hours=HOURS)  # not a day after a start that comes daily
            made.add_job(_run, "interval", hours=hours, id=name, args=[name, job], start_date=first)
    if derive is not None:
        made.add_job(_run, "interval", minutes=MINUTES, id="links", args=["links", derive])
    return made


def _run(name: str, job: Callable[[], object]) -> None:
    try:
        job()
    except SurveymarkError as error:
        _log.error("%s failed: %s", name, error.message)
