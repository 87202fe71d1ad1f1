"""Disks of a host."""

from __future__ import annotations

from typing import Any

import pytest

from agent.fact import Collected, Content, Failed, Links, Missing, NotApplicable
from agent.facts import block_devices
from agent.facts.block_devices import parse_serial_page
from tests.agent.supplied import made, recorded, run

PCI = "../devices/pci0000:00/0000:00:1f.2"
SATA = f"{PCI}/ata1/host0/target0:0:0/0:0:0:0/block/sda"


def disks(places: dict[str, str], content: dict[str, Any], ways: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """Attributes of the disks of a host: places in sysfs by name, content by path below /sys/block."""
    outcome = run(block_devices, made(supplied(places, content, ways)))
    assert isinstance(outcome, Collected), outcome
    return [item.attributes() for item in outcome.items]


def supplied(places: dict[str, str], content: dict[str, Any], ways: dict[str, str] | None = None) -> dict[Any, Any]:
    needs: dict[Any, Any] = {
        Links("/sys/block/*"): {f"/sys/block/{name}": place for name, place in places.items()},
        Links("/dev/disk/by-path/*"): {
            f"/dev/disk/by-path/{way}": f"../../{name}" for way, name in (ways or {}).items()
        },
    }
    for need in (
        block_devices._SIZES,
        block_devices._PARTS,
        block_devices._PART_SIZES,
        *block_devices._ATTRIBUTES.values(),
    ):
        depth, end = need.pattern.count("/"), need.pattern.rpartition("*")[2]
        needs[need] = {
            path: Content(value if isinstance(value, bytes) else value.encode())
            for name, value in content.items()
            if (path := f"/sys/block/{name}").endswith(end) and path.count("/") == depth
        }
    return needs


def test_the_recorded_virtual_machine() -> None:
    outcome = run(block_devices, recorded("debian12-disks"))

    assert isinstance(outcome, Collected)
    [disk] = outcome.items
    assert disk.attributes() == {
        "device": "serial 19966364163513928",
        "serial": "19966364163513928",
        "transport": "virtio",
        "size_bytes": 256 * 1024**3,
        "rotational": True,
        "removable": False,
        "read_only": False,
        "partitions": [],
    }
    assert disk.readings() == {"kernel_names": ["vda"]}


def test_a_sata_disk_by_its_world_wide_name_with_the_serial_number_of_its_vital_product_data() -> None:
    [found] = disks(
        {"sda": SATA},
        {
            "sda/size": "7814037168\n",
            "sda/queue/rotational": "1\n",
            "sda/removable": "0\n",
            "sda/ro": "0\n",
            "sda/device/vendor": "ATA     \n",
            "sda/device/model": "ST4000NM0035-1V4\n",
            "sda/device/rev": "TN04\n",
            "sda/device/wwid": "naa.5000c500a1b2c3d4\n",
            "sda/device/type": "0\n",
            "sda/device/vpd_pg80": b"\x00\x80\x00\x14            ZC1ABCDE",
            "sda/sda1/partition": "1\n",
            "sda/sda1/size": "2048\n",
            "sda/sda10/partition": "10\n",
            "sda/sda10/size": "4096\n",
        },
    )

    assert found == {
        "device": "wwn naa.5000c500a1b2c3d4",
        "model": "ST4000NM0035-1V4",
        "serial": "ZC1ABCDE",
        "wwn": "naa.5000c500a1b2c3d4",
        "firmware_version": "TN04",
        "transport": "sata",
        "size_bytes": 7814037168 * 512,
        "rotational": True,
        "removable": False,
        "read_only": False,
        "partitions": ["1 1048576", "10 2097152"],
    }


def test_nvme_with_several_paths_is_the_disk_where_they_come_together() -> None:
    found = disks(
        {
            "nvme0n1": "../devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1",
            "nvme0c0n1": "../devices/pci0000:00/0000:00:1d.0/0000:03:00.0/nvme/nvme0/nvme0c0n1",
            "nvme1n1": "../devices/pci0000:00/0000:00:1c.0/0000:02:00.0/nvme/nvme1/nvme1n1",
        },
        {
            "nvme0n1/size": "1000\n",
            "nvme0c0n1/size": "1000\n",
            "nvme1n1/size": "2000\n",
            "nvme0n1/wwid": "eui.0025385b71b0c1d2\n",
            "nvme1n1/wwid": "nvme.8086-50484\n",
            "nvme1n1/device/serial": "PHKS7335001K      \n",
            "nvme1n1/device/firmware_rev": "E201\n",
            "nvme1n1/device/model": "INTEL SSDPE21K375GA\n",
            "nvme1n1/device/vendor": "0x8086\n",
        },
    )

    assert [d["device"] for d in found] == ["wwn eui.0025385b71b0c1d2", "wwn nvme.8086-50484"]
    assert found[1]["serial"] == "PHKS7335001K"
    assert found[1]["firmware_version"] == "E201"
    assert [d["transport"] for d in found] == ["nvme", "nvme"]
    assert all("vendor" not in d for d in found)


def test_several_paths_to_one_disk_are_one_device() -> None:
    fabric = "../devices/pci0000:00/0000:05:00.{0}/host{0}/rport-{0}:0-0/target{0}:0:0/{0}:0:0:1/block/sd{1}"
    places = {"sdb": fabric.format(1, "b"), "sdc": fabric.format(2, "c")}
    content = {f"{n}/size": "100\n" for n in places} | {f"{n}/device/wwid": "naa.600a0980\n" for n in places}
    outcome = run(block_devices, made(supplied(places, content)))

    assert isinstance(outcome, Collected)
    [found] = outcome.items
    assert found.attributes()["paths"] == 2
    assert found.attributes()["transport"] == "fc"
    assert found.readings() == {"kernel_names": ["sdb", "sdc"]}


def test_a_disk_without_numbers_is_known_by_its_way_and_never_by_the_kernels_name() -> None:
    place = f"{PCI}/host2/target2:0:1/2:0:1:0/block/sdc"
    content = {"sdc/size": "8\n", "sdc/device/model": "Virtual disk\n", "sdc/device/vendor": "VMware  \n"}

    [by_way] = disks({"sdc": place}, content, {"pci-0000:00:1f.2-scsi-0:0:1:0": "sdc"})
    [by_place] = disks({"sdc": place}, content)

    assert by_way["device"] == "path pci-0000:00:1f.2-scsi-0:0:1:0"
    assert by_place["device"] == "path pci0000:00/0000:00:1f.2/host2/target2:0:1/2:0:1:0"
    assert (by_way["vendor"], by_way["model"]) == ("VMware", "Virtual disk")


def test_what_the_kernel_makes_of_others_and_drives_without_a_medium_are_left_out() -> None:
    places = {
        "sda": SATA,
        "loop0": "../devices/virtual/block/loop0",
        "dm-0": "../devices/virtual/block/dm-0",
        "md0": "../devices/virtual/block/md0",
        "sr0": f"{PCI}/ata2/host1/target1:0:0/1:0:0:0/block/sr0",
        "sdz": f"{PCI}/usb1/1-1/host7/target7:0:0/7:0:0:0/block/sdz",
    }
    content = {f"{name}/size": "100\n" for name in places} | {"sr0/device/type": "5\n", "sdz/size": "0\n"}

    assert [d["device"] for d in disks(places, content, {"pci-0000:00:1f.2-ata-1": "sda"})] == [
        "path pci-0000:00:1f.2-ata-1"
    ]


def test_a_placeholder_is_no_serial_number() -> None:
    [found] = disks(
        {"sda": SATA}, {"sda/size": "8\n", "sda/serial": "0000000000000000\n"}, {"pci-0000:00:1f.2-ata-1": "sda"}
    )

    assert found["device"] == "path pci-0000:00:1f.2-ata-1"
    assert "serial" not in found


@pytest.mark.parametrize("page", [b"", b"\x00\x80", b"\x00\x83\x00\x04ABCD", b"\x00\x80\x00\x00"])
def test_a_page_that_is_cut_or_another_one_has_no_serial_number(page: bytes) -> None:
    assert parse_serial_page(page) == ""


def test_a_size_that_is_no_number_fails_the_section() -> None:
    outcome = run(block_devices, made(supplied({"sda": SATA}, {"sda/size": "many\n"})))

    assert isinstance(outcome, Failed)
    assert "/sys/block/sda/size: no number" in outcome.reason


def test_without_sysfs_nobody_looked() -> None:
    assert isinstance(run(block_devices, made({Links("/sys/block/*"): {}})), Failed)
    assert isinstance(run(block_devices, made({Links("/sys/block/*"): Missing("denied", "no")})), Failed)


def test_a_container_has_no_disks_of_its_own_and_a_diskless_host_none() -> None:
    inside = supplied({"sda": SATA}, {"sda/size": "8\n"})
    inside |= {Links("/proc/self/ns/pid"): {"/proc/self/ns/pid": "pid:[1]"}, "/run/.containerenv": ""}
    diskless = supplied({"loop0": "../devices/virtual/block/loop0"}, {"loop0/size": "8\n"})

    assert run(block_devices, made(inside)) == NotApplicable(
        "inside a container (podman) the kernel shows the disks of the machine below"
    )
    assert isinstance(run(block_devices, made(diskless)), NotApplicable)
