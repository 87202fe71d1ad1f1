"""The mount table, and which mounts are never entered.

Source: /proc/self/mountinfo, proc_pid_mountinfo(5); octal escapes stand for space, tab, newline and backslash.
"""

from __future__ import annotations

import re

from agent.fact import ParseError
from cmdb.model.dataclass import dataclass

NETWORK_TYPES = frozenset(
    [
        "9p",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "coda",
        "davfs",
        "gfs",
        "gfs2",
        "glusterfs",
        "gpfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "ocfs2",
        "orangefs",
        "pvfs2",
        "smb2",
        "smb3",
        "smbfs",
    ]
)
"""File system types whose data lies on another machine, or whose answer depends on one."""


@dataclass(frozen=True)
class Mount:
    """One line of the mount table; `root` is the folder of its file system that is mounted, "/" but in bind mounts."""

    id: int
    parent: int
    device: str
    root: str
    point: str
    options: tuple[str, ...]
    type: str
    source: str
    super_options: tuple[str, ...]


def parse(mountinfo: str) -> list[Mount]:
    """Mounts in the order in which they were made, so that the last one of a mount point is the one in sight.

    Raises ParseError where a line has not the ten fields of the manual, quoting it.
    """
    return [_mount(line) for line in mountinfo.splitlines() if line]


def is_network(type_name: str) -> bool:
    """True of a file system whose data lies on another host."""
    return type_name in NETWORK_TYPES or (type_name.startswith("fuse.") and type_name[5:] in _NETWORK_FUSE)


def may_hang(type_name: str) -> bool:
    """True where another machine or a user's process answers, or where touching it mounts something."""
    return type_name == "autofs" or type_name == "fuse" or type_name.startswith("fuse.") or is_network(type_name)


def closed(mounts: list[Mount]) -> frozenset[str]:
    """Mount points that are never entered: what is in sight there may hang, or is the kernel's process table once more
    (that of a chroot, say), where an environment would go unnoticed."""
    top = {m.point: m.type for m in mounts}
    return frozenset(
        p for p, name in top.items() if may_hang(name) or (name == "proc" and not f"{p}/".startswith("/proc/"))
    )


def _mount(line: str) -> Mount:
    left, _, right = line.partition(" - ")
    fields, tail = left.split(" "), right.split(" ")
    if len(fields) < 6 or len(tail) < 3 or not (fields[0].isdigit() and fields[1].isdigit()):
        raise ParseError(f"/proc/self/mountinfo: not understood: {line[:200]!r}")
    return Mount(
        id=int(fields[0]),
        parent=int(fields[1]),
        device=fields[2],
        root=_unescape(fields[3]),
        point=_unescape(fields[4]),
        options=tuple(fields[5].split(",")),
        type=tail[0],
        source=_unescape(tail[1]),
        super_options=tuple(" ".join(tail[2:]).split(",")),
    )


def _unescape(field: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda m: chr(int(m.group(1), 8)), field) if "\\" in field else field


_NETWORK_FUSE = frozenset(
    [
        "sshfs",
        "glusterfs",
        "s3fs",
        "gcsfuse",
        "blobfuse2",
        "rclone",
        "davfs2",
        "curlftpfs",
        "ceph-fuse",
        "mfs",
        "juicefs",
    ]
)
