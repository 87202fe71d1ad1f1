"""Timer as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.timer import Timer
from tests.cmdb.model.classes.declared import check


def test_a_timer_is_known_by_its_unit_and_its_last_run_is_a_reading() -> None:
    made = Timer(name="apt-daily.timer", starts="apt-daily.service", schedules=["OnBootSec=15min"])

    check(made)
    assert made.local_key() == "apt-daily.timer"
    assert "last_run" in CLASSES["Timer"].readings
