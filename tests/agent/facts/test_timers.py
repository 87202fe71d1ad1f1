"""What systemd starts on a schedule."""

from __future__ import annotations

from typing import Any

from agent import systemd
from agent.fact import Collected, Failed, NotApplicable, Outcome, Output
from agent.facts import timers
from tests.agent.supplied import made, recorded, run

UNITS = "ssh.service loaded active running OpenBSD Secure Shell server\n"
SHOWN = """\
Type=oneshot
ExecStart={ path=/bin/true ; argv[]=/bin/true ; ignore_errors=no ; start_time=[n/a] ; pid=0 ; code=(null) }
DynamicUser=yes
Id=a.service
ActiveState=inactive
UnitFileState=static

Unit=a.service
TimersMonotonic={ OnUnitInactiveUSec=1h ; next_elapse=5min }
LastTriggerUSec=Wed 2026-11-25 16:30:00 CET
Id=a.timer
ActiveState=active
UnitFileState=static

Unit=b.service
Id=b.timer
ActiveState=inactive
UnitFileState=disabled

Unit=run-u5.service
Id=run-u5.timer
ActiveState=active
UnitFileState=transient
"""


def found(outcome: Outcome) -> dict[str, dict[str, Any]]:
    assert isinstance(outcome, Collected), outcome
    return {i.local_key(): {**i.attributes(), **i.readings()} for i in outcome.items}


def test_timers_of_a_recorded_host_with_what_they_start() -> None:
    known = found(run(timers, recorded("debian12-systemd")))

    assert known["dump.timer"] == {
        "name": "dump.timer",
        "startup": "enabled",
        "active": True,
        "schedules": ["OnBootSec=1h", "OnCalendar=Mon..Fri *-*-* 01:30:00"],
        "random_delay": "10min",
        "starts": "dump.service",
        "user": "alice",
        "command": "/usr/bin/env mysqldump --password=*** all ; /bin/sh -c echo one ; echo two",
        "file": "/etc/systemd/system/dump.timer",
    }
    assert known["fstrim.timer"]["active"] is False  # its condition does not hold in a container
    assert known["apt-daily.timer"]["persistent"] is True
    # `systemctl list-timers --all` listed as many.
    assert len(known) == 9


def test_the_last_run_is_a_reading_and_a_timer_that_is_off_or_made_for_once_is_none() -> None:
    known = found(run(timers, made({systemd.UNITS: UNITS, systemd.DETAILS: SHOWN})))

    assert list(known) == ["a.timer"]
    assert known["a.timer"]["last_run"] == "Wed 2026-11-25 16:30:00 CET"
    assert known["a.timer"]["schedules"] == ["OnUnitInactiveSec=1h"]
    assert known["a.timer"]["user"] == "dynamic"


def test_where_systemd_does_not_run_the_host_there_are_none() -> None:
    assert isinstance(run(timers, made({})), NotApplicable)


def test_details_that_are_not_told_are_a_failure() -> None:
    shell = made({systemd.UNITS: UNITS, systemd.DETAILS: Output(b"", b"Failed to connect to bus\n", 1)})

    assert isinstance(run(timers, shell), Failed)
