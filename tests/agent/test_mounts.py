"""The mount table."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.fact import ParseError
from agent.mounts import closed, is_network, may_hang, parse

TABLE = r"""22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
40 27 254:0 /srv/data /data rw,relatime shared:1 master:2 - ext4 /dev/vda rw
41 27 0:50 / /mnt/with\040space\134x rw - nfs4 server:/export\040a rw,vers=4.2
42 27 0:51 / /home/a/remote rw - fuse.sshfs a@b: rw
43 27 0:52 / /auto rw - autofs systemd-1 rw
44 43 0:53 / /auto rw - ext4 /dev/sdb1 rw
45 27 0:54 / /none rw - tmpfs  rw
"""


def test_each_line_is_a_mount_with_or_without_optional_fields() -> None:
    mounts = parse(TABLE)

    assert [m.point for m in mounts][:4] == ["/proc", "/", "/data", "/mnt/with space\\x"]
    assert (mounts[2].root, mounts[2].type, mounts[2].source, mounts[2].device) == (
        "/srv/data",
        "ext4",
        "/dev/vda",
        "254:0",
    )
    assert mounts[3].source == "server:/export a"
    assert mounts[3].super_options == ("rw", "vers=4.2")


def test_what_may_hang_is_closed_unless_something_else_is_mounted_over_it() -> None:
    assert closed(parse(TABLE)) == {"/mnt/with space\\x", "/home/a/remote"}


def test_the_process_table_of_a_chroot_is_closed() -> None:
    more = "50 27 0:60 / /srv/root/proc rw - proc proc rw\n51 22 0:21 /sys /proc/sys ro - proc proc rw\n"

    assert closed(parse(TABLE + more)) - closed(parse(TABLE)) == {"/srv/root/proc"}


def test_the_table_of_this_machine_is_understood() -> None:
    assert "/" in {m.point for m in parse(Path("/proc/self/mountinfo").read_text())}


@pytest.mark.parametrize("text", ["nonsense", "22 27 0:21 / /proc rw - proc", "a b 0:21 / /proc rw - proc proc rw"])
def test_a_line_that_is_none_is_an_error_that_quotes_it(text: str) -> None:
    with pytest.raises(ParseError, match=text[:8]):
        parse(TABLE + text)


def test_network_and_user_file_systems_are_told_apart() -> None:
    assert is_network("nfs4")
    assert is_network("fuse.sshfs")
    assert not is_network("fuse.portal")
    assert may_hang("fuse.portal")
    assert not may_hang("fuseblk")
    assert not may_hang("ext4")
