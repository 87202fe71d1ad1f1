"""What facts tell of recorded hosts is taken whole by a store, and changes nothing when it is told again."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from agent.fact import Collected, Context
from agent.facts import FACTS
from agent.report import section
from agent.run import collect_pass
from tests.agent.supplied import KEY, recorded
from tests.cmdb.building import Receiver, Reporter, open_store

TOLD = {
    "debian12-authorized-keys": ("authorized_keys",),
    "debian12-cron": ("cron",),
    "debian12-firewall": ("firewall",),
    "debian12-kernel-settings": ("kernel_settings",),
    "debian12-sudo": ("sudo",),
    "debian12-systemd": ("services", "timers"),
    "el9-packages": ("packages_rpm",),
    "flatpak-1.14": ("packages_flatpak",),
}


def told() -> list[Any]:
    found = []
    for name, facts in TOLD.items():
        results = collect_pass(recorded(name), Context(digest_key=KEY), [FACTS[fact] for fact in facts])
        assert all(isinstance(result.outcome, Collected) for result in results), results
        found += results
    return found


def test_sections_of_recorded_hosts_are_stored_whole_and_a_second_time_change_nothing(tmp_path: Path) -> None:
    results = told()
    items = sum(len(result.outcome.items) for result in results)

    with closing(open_store(tmp_path / "cmdb.db")) as store:
        cmdb, host = Receiver(store), Reporter("web1")
        first = cmdb.take(host.batch(*map(section, results)))
        again = cmdb.take(host.batch(*map(section, told()), at=60))
        packages = len(cmdb.found("class:SoftwarePackage"))
        cmdb.sound()

    assert first["created"] == items + 1
    assert not [line for line in first["sections"] if line["outcome"] == "refused"]
    assert (again["created"], again["updated"], again["retired"]) == (0, 0, 0)
    # Of rpm and of flatpak: one section says nothing of another's packages.
    assert packages == 6


def test_what_one_source_tells_of_one_manager_ends_nothing_that_another_source_told_of_another(tmp_path: Path) -> None:
    results = {result.section: section(result) for result in told()}

    with closing(open_store(tmp_path / "cmdb.db")) as store:
        cmdb = Receiver(store)
        cmdb.take(Reporter("web1").batch(results["packages_rpm"]))
        cmdb.now = 600
        swept = Reporter("web1", source="ssh:1", route="ssh")
        receipt = cmdb.take(swept.batch(results["packages_flatpak"], at=600))
        packages = len(cmdb.found("class:SoftwarePackage"))

    assert receipt["retired"] == 0
    assert packages == 6
