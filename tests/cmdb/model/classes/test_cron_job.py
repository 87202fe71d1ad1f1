"""CronJob as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.cron_job import CronJob
from tests.cmdb.model.classes.declared import check


def test_a_job_is_known_by_where_it_stands_who_runs_it_and_what_it_runs() -> None:
    made = CronJob(file="/etc/crontab", user="root", command="/usr/bin/true", schedules=["0 1 * * *", "@daily"])

    check(made)
    assert made.local_key() == "%2Fetc%2Fcrontab/root//usr/bin/true"
    assert CLASSES["CronJob"].attributes["schedules"].security
