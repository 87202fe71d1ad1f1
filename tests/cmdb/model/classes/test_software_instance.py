"""SoftwareInstance as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.software_instance import SoftwareInstance
from tests.cmdb.model.classes.declared import check


def test_running_software_is_known_by_what_runs_it_never_by_a_pid() -> None:
    made = SoftwareInstance(instance="unit nginx.service", name="nginx", pids=[5, 4])

    check(made)
    assert made.local_key() == "unit nginx.service"
    assert made.readings() == {"pids": [4, 5]}
    assert CLASSES["SoftwareInstance"].containment == "RUNS_ON"
    assert CLASSES["SoftwareInstance"].topology
