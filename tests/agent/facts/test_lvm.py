"""Volume groups and logical volumes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.fact import Collected, Content, Failed, Links, Missing, NotApplicable, Output
from agent.facts import lvm
from tests.agent.facts.machines import INSIDE
from tests.agent.supplied import made, run

REPORT = (Path(__file__).parent / "lvm_report.json").read_text("utf-8")
"""What LVM 2.03.16 of Debian 12 printed of a group on two devices."""
PHYSICAL = {Links("/dev/disk/by-id/lvm-pv-uuid-*"): {"/dev/disk/by-id/lvm-pv-uuid-I3ijvW": "../../loop0"}}


def host(report: Any = REPORT, **mapped: str) -> dict[Any, Any]:
    texts = {
        f"/sys/block/{name.replace('_', '-')}/dm/uuid": Content(f"{uuid}\n".encode()) for name, uuid in mapped.items()
    }
    return {**PHYSICAL, lvm._MAPPED: texts, lvm._REPORT: report}


def test_a_group_and_its_volumes_of_a_real_report() -> None:
    outcome = run(lvm, made(host(dm_0="LVM-k8IsK7aWsv2IH0AhjK3Czea1rQY83j1cg23BKkr31VkXRWcL3DhtvY5mYtNyFYcn")))

    assert isinstance(outcome, Collected), outcome
    group, data, striped = outcome.items
    assert group.attributes() == {
        "name": "lab0",
        "uuid": "k8IsK7-aWsv-2IH0-AhjK-3Cze-a1rQ-Y83j1c",
        "size_bytes": 120 * 1024**2,
        "free_bytes": 84 * 1024**2,
        "physical_volumes": ["I3ijvW-WO3q-6ySi-VLCC-13M7-ZM5c-FNNhI0", "deNqE4-bR3x-Vt3P-NEYI-LI0i-d2fu-y45KMX"],
    }
    assert group.readings() == {"devices": ["/dev/loop0", "/dev/loop1"]}
    assert data.attributes() == {
        "volume_group": "lab0",
        "name": "data",
        "uuid": "g23BKk-r31V-kXRW-cL3D-htvY-5mYt-NyFYcn",
        "size_bytes": 20 * 1024**2,
        "layout": "linear",
        "active": True,
    }
    assert (striped.attributes()["layout"], striped.attributes()["active"]) == ("striped", False)


def test_hidden_parts_a_lost_disk_and_what_is_wrong() -> None:
    report = {
        "report": [
            {
                "vg": [{"vg_name": "vg", "vg_uuid": "a-b", "vg_size": "10", "vg_free": "0"}],
                "pv": [{"pv_name": "[unknown]", "pv_uuid": "p-1", "pv_missing": "missing"}],
                "lv": [
                    {"lv_name": "m", "lv_uuid": "c", "lv_size": "5", "lv_layout": "raid,raid1", "lv_role": "public",
                     "lv_health_status": "partial"},
                    {"lv_name": "[m_rimage_0]", "lv_uuid": "d", "lv_size": "5", "lv_role": "private,raid,image"},
                    {"lv_name": "t", "lv_uuid": "e", "lv_size": "9", "lv_layout": "thin,sparse",
                     "lv_role": "public,origin", "pool_lv": "pool"},
                    {"lv_name": "s", "lv_uuid": "f", "lv_size": "9", "lv_role": "public,snapshot", "origin": "t"},
                ],
            },
            {"vg": [], "pv": [{"pv_name": "/dev/sdz", "pv_uuid": "p-2", "pv_missing": ""}]},
        ]
    }  # fmt: skip
    outcome = run(lvm, made(host(json.dumps(report), dm_3="LVM-abe-tpool")))

    assert isinstance(outcome, Collected)
    found = {i.local_key(): i.attributes() for i in outcome.items}
    assert found["vg"]["physical_volumes"] == ["p-1 missing"]
    assert set(found) == {"vg", "vg/m", "vg/t", "vg/s"}
    assert found["vg/m"]["health"] == "partial"
    assert (found["vg/t"]["pool"], found["vg/t"]["active"]) == ("pool", True)
    assert found["vg/s"]["origin"] == "t"


def test_without_lvm_nothing_is_asked() -> None:
    assert isinstance(
        run(lvm, made({lvm._MAPPED: {"/sys/block/dm-0/dm/uuid": Content(b"CRYPT-LUKS2-x\n")}})), NotApplicable
    )
    assert isinstance(run(lvm, made({**host(), **INSIDE})), NotApplicable)


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (Output(b"", b"  Invalid reportformat\n", 3), "status 3"),
        (Missing("timeout", "lvm did not end"), "did not end"),
        (REPORT[:200], "not understood"),
        ('{"report": [{"vg": [{"vg_name": "a", "vg_size": "much"}]}]}', "no number of bytes"),
        ("[" * 100_000, "not understood"),
        ('{"report": 1}', "not understood"),
    ],
)
def test_a_report_that_failed_or_is_cut_fails_the_section(report: Any, reason: str) -> None:
    outcome = run(lvm, made(host(report)))

    assert isinstance(outcome, Failed)
    assert reason in outcome.reason
