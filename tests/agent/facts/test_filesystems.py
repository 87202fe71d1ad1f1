"""Mounted file systems."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from agent import mounts
from agent.fact import Capacity, Collected, Failed
from agent.facts import filesystems
from agent.facts.filesystems import in_sight, observe
from agent.shell import LocalShell
from tests.agent.supplied import made, run

HOST = r"""22 27 0:21 / /proc rw,relatime - proc proc rw
24 27 0:6 / /dev rw,relatime - devtmpfs devtmpfs rw,size=12334524k
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,discard
28 27 254:15 / /boot/efi rw,relatime - vfat /dev/vda15 rw,errors=remount-ro
29 27 7:1 / /snap/core20/1328 ro,nodev,relatime - squashfs /dev/loop1 ro
30 27 0:40 / /run rw,nosuid - tmpfs tmpfs rw,size=402604k
31 27 254:0 /var/lib/docker/containers /var/lib/docker/containers rw,relatime - ext4 /dev/vda1 rw,discard
32 27 0:45 / /var/lib/docker/overlay2/ab/merged rw,relatime - overlay overlay rw,lowerdir=/a
33 27 254:16 / /srv/my\040data rw,noexec,relatime - xfs /dev/vdb rw,attr2
34 27 254:16 /exports /srv/exports ro,relatime - xfs /dev/vdb rw,attr2
35 27 0:50 / /home rw,relatime - autofs systemd-1 rw,fd=28,pgrp=1,timeout=0
36 27 0:51 / /home rw,relatime - nfs4 10.0.0.7:/home rw,vers=4.2,addr=10.0.0.7,clientaddr=10.0.0.2
37 27 0:52 /@ /btr rw,relatime - btrfs /dev/vdc rw,subvolid=256,subvol=/@
38 27 0:52 /@data /btr/data rw,relatime - btrfs /dev/vdc rw,subvolid=257,subvol=/@data
39 27 0:52 / /btr/all rw,relatime - btrfs /dev/vdc rw,subvolid=5,subvol=/
40 27 0:53 / /tank rw,relatime - zfs tank rw,xattr
41 27 0:54 / /ftp rw - fuse.curlftpfs curlftpfs#ftp://joe:hunter2@ftp.example/ rw,user_id=0
"""

CONTAINER = """1 0 0:60 / / rw,relatime - overlay overlay rw,lowerdir=/l,upperdir=/u,workdir=/w
2 1 0:61 / /proc rw - proc proc rw
3 1 254:1 /var/lib/docker/containers/ab/hostname /etc/hostname rw,relatime - ext4 /dev/vda1 rw
4 1 254:1 /var/lib/docker/volumes/data/_data /data rw,relatime - ext4 /dev/vda1 rw
"""


def test_what_holds_data_is_listed_once() -> None:
    points = [m.point for m in in_sight(mounts.parse(HOST))]

    assert points == ["/", "/boot/efi", "/btr", "/btr/all", "/btr/data", "/ftp", "/home", "/srv/my data", "/tank"]


def test_a_file_system_with_its_size_and_options() -> None:
    capacity = {"/": (100, 40), "/tank": (7, 3)}
    found = {f.mount_point: f for f in observe(mounts.parse(HOST), capacity)}

    assert found["/"].attributes() == {
        "mount_point": "/",
        "type": "ext4",
        "source": "/dev/vda1",
        "options": ["discard", "relatime", "rw"],
        "network": False,
        "size_bytes": 100,
    }
    assert found["/"].readings() == {"free_bytes": 40}
    assert found["/srv/my data"].options == ["attr2", "noexec", "relatime", "rw"]
    assert "size_bytes" not in found["/tank"].attributes()


def test_a_network_mount_is_listed_and_not_touched() -> None:
    found = {f.mount_point: f for f in observe(mounts.parse(HOST), {})}

    assert (found["/home"].network, found["/home"].source, found["/home"].size_bytes) == (True, "10.0.0.7:/home", None)


def test_a_password_in_options_or_behind_a_question_mark_is_masked() -> None:
    line = "50 27 0:70 / /mnt rw - fuse.webdav https://h/dav?token=Tr0ub4dor rw,user=joe,password=Tr0ub4dor\n"
    found = {f.mount_point: f for f in observe(mounts.parse(HOST + line), {})}["/mnt"]

    assert found.source == "https://h/dav?token=***"
    assert found.options == ["password=***", "rw", "user=joe"]


def test_a_password_in_a_source_is_masked() -> None:
    found = {f.mount_point: f for f in observe(mounts.parse(HOST), {})}

    assert "hunter2" not in str(found["/ftp"].source)
    assert "ftp.example" in str(found["/ftp"].source)


def test_a_container_that_is_a_host_has_its_overlay_root_and_volumes() -> None:
    assert [m.point for m in in_sight(mounts.parse(CONTAINER))] == ["/", "/data"]


def test_a_line_that_is_cut_fails_the_section() -> None:
    outcome = run(filesystems, made({"/proc/self/mountinfo": "27 1 254:0 / / rw", Capacity(): {}}))

    assert isinstance(outcome, Failed)
    assert "27 1 254:0 / / rw" in outcome.reason


def test_this_machine_has_the_file_systems_that_findmnt_lists() -> None:
    command = ["findmnt", "--json", "--list", "--bytes", "--output", "TARGET,SOURCE,FSTYPE,SIZE", "--real"]
    listed = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["filesystems"]

    outcome = run(filesystems, LocalShell())  # type: ignore[arg-type]
    assert isinstance(outcome, Collected)
    found = {(i.mount_point, i.source, i.type, i.size_bytes) for i in outcome.items}  # type: ignore[attr-defined]
    # findmnt shows a bind mount as source[/directory]; of those each is left out whose file system is listed itself.
    assert found == {(f["target"], f["source"], f["fstype"], f["size"]) for f in listed if "[" not in f["source"]}


@pytest.mark.shared
def test_a_foreign_host_has_the_file_systems_of_its_disks(recordings: Path) -> None:
    text = (recordings / "ssh" / "centos-7.7" / "findmnt.out").read_text()
    rows = [line.lstrip("│├└─ ").split() for line in text.splitlines()[1:]]
    lines = []
    for number, (target, source, fstype, options) in enumerate(rows, 2):
        device, _, root = source.partition("[")
        lines.append(f"{number} 1 {device} /{root[1:-1]} {target} {options} - {fstype} {device} rw")

    found = list(observe(mounts.parse("\n".join(lines)), {}))
    assert [(f.mount_point, f.source, f.type) for f in found] == [
        ("/", "/dev/mapper/centos-root", "xfs"),
        ("/boot", "/dev/sda1", "xfs"),
    ]


def test_a_host_observed_twice_has_the_same_attributes() -> None:
    shell = LocalShell()
    first, second = (run(filesystems, shell) for _ in range(2))  # type: ignore[arg-type]

    assert isinstance(first, Collected)
    assert isinstance(second, Collected)
    assert [i.attributes() for i in first.items] == [i.attributes() for i in second.items]
