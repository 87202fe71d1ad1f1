"""Arrays and controllers that join disks."""

from __future__ import annotations

from typing import Any

import pytest

from agent.fact import Collected, Content, Failed, Links, NotApplicable
from agent.facts import raid
from agent.facts.raid import parse
from tests.agent.facts.machines import INSIDE
from tests.agent.supplied import made, run

MDSTAT = """Personalities : [raid1] [raid6] [raid5] [raid4] [raid0]
md127 : active raid6 sdf1[5] sde1[4](F) sdd1[3] sdc1[2] sdb1[1] sda1[0](W)
      7813529600 blocks super 1.2 level 6, 512k chunk, algorithm 2 [6/5] [UUUU_U]
      [==>..................]  recovery = 12.6% (37043392/292945152) finish=127.5min speed=33440K/sec
      bitmap: 0/22 pages [0KB], 65536KB chunk

md0 : active raid1 sdh1[1] sdg1[0] sdi1[2](S)
      1046528 blocks super 1.2 [2/2] [UU]

md1 : active (auto-read-only) raid0 nvme0n1p2[0] nvme1n1p2[1]
      2093056 blocks super 1.2 512k chunks

md2 : inactive sdj1[0](S)
      104320 blocks super 1.2

unused devices: <none>
"""


def test_arrays_whole_degraded_and_at_rest() -> None:
    content: dict[Any, Any] = {
        "/proc/mdstat": MDSTAT,
        Links("/dev/disk/by-id/md-uuid-*"): {
            "/dev/disk/by-id/md-uuid-7be6a3b1:11c7c1c7:6a1c4a04:2a6ad0c4": "../../md127",
            "/dev/disk/by-id/md-uuid-7be6a3b1:11c7c1c7:6a1c4a04:2a6ad0c4-part1": "../../md127p1",
        },
        raid._SIZES: {"/sys/block/md127/size": Content(b"15627059200\n")},
        raid._ATTRIBUTES["metadata_version"]: {"/sys/block/md127/md/metadata_version": Content(b"1.2\n")},
    }

    outcome = run(raid, made(content))

    assert isinstance(outcome, Collected), outcome
    found = {i.local_key(): i for i in outcome.items[1:]}
    broken = found["uuid 7be6a3b1:11c7c1c7:6a1c4a04:2a6ad0c4"]
    assert broken.attributes() == {
        "array": "uuid 7be6a3b1:11c7c1c7:6a1c4a04:2a6ad0c4",
        "level": "raid6",
        "metadata": "1.2",
        "size_bytes": 15627059200 * 512,
        "slots": 6,
        "state": "degraded",
        "missing": 1,
        "failed": 1,
        "spares": 0,
    }
    assert broken.readings() == {
        "kernel_name": "md127",
        "members": ["sda1 write-mostly", "sdb1", "sdc1", "sdd1", "sde1 faulty", "sdf1"],
        "progress": "recovery 12.6%",
    }
    assert {
        key: (i.attributes()["state"], i.attributes().get("missing"), i.attributes()["spares"])
        for key, i in found.items()
    } == {
        "uuid 7be6a3b1:11c7c1c7:6a1c4a04:2a6ad0c4": ("degraded", 1, 0),
        "name md0": ("optimal", 0, 1),
        "name md1": ("optimal", None, 0),
        "name md2": ("inactive", None, 1),
    }


def test_a_check_that_waits_is_told_as_it_stands() -> None:
    [array] = parse(
        "Personalities : [raid1]\nmd0 : active raid1 a[0] b[1]\n      8 blocks [2/2] [UU]\n      \tresync=DELAYED\n"
    )

    assert array.progress == "resync DELAYED"


def test_controllers_are_told_by_their_drivers_and_numbers() -> None:
    content: dict[Any, Any] = {
        raid._HOSTS: {
            "/sys/class/scsi_host/host0": "../../devices/pci0000:3a/0000:3a:00.0/0000:3b:00.0/host0/scsi_host/host0",
            "/sys/class/scsi_host/host1": "../../devices/pci0000:00/0000:00:17.0/ata1/host1/scsi_host/host1",
        },
        raid._DRIVERS: {
            "/sys/class/scsi_host/host0/proc_name": Content(b"megaraid_sas\n"),
            "/sys/class/scsi_host/host1/proc_name": Content(b"ahci\n"),
        },
        raid._PCI["vendor"]: {"/sys/bus/pci/devices/0000:3b:00.0/vendor": Content(b"0x1000\n")},
        raid._PCI["device"]: {"/sys/bus/pci/devices/0000:3b:00.0/device": Content(b"0x005d\n")},
    }

    outcome = run(raid, made(content))

    assert isinstance(outcome, Collected)
    assert [i.attributes() for i in outcome.items] == [{"raid_controllers": ["megaraid_sas 1000:005d 0000:3b:00.0"]}]


@pytest.mark.parametrize(
    "text", ["", "Personalities : \nunused devices: <none>\n", "Personalities : [raid1]\nunused devices: <none>\n"]
)
def test_a_host_without_any_has_none(text: str) -> None:
    assert isinstance(run(raid, made({"/proc/mdstat": text})), NotApplicable)
    assert isinstance(run(raid, made({"/proc/mdstat": MDSTAT, **INSIDE})), NotApplicable)


@pytest.mark.parametrize("text", ["garbage\n", "Personalities : [raid1]\nsomething else : active\n"])
def test_a_table_that_is_not_understood_fails_the_section(text: str) -> None:
    outcome = run(raid, made({"/proc/mdstat": text}))

    assert isinstance(outcome, Failed)
    assert "not understood" in outcome.reason
