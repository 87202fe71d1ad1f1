"""File systems mounted on a host.

Source: /proc/self/mountinfo, proc_pid_mountinfo(5), and statvfs(2) of what is no network mount.
Yields a FileSystem for each mount point in sight that holds data of its own.

Left out: pseudo file systems, overlay and tmpfs (unless they are the root), snaps, what container engines mount, and
bind mounts of a directory whose file system is mounted elsewhere too, since that one is listed and has the same space.
Network mounts are listed and never touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from agent import mounts
from agent.fact import Capacity, Context, File, Material
from agent.mounts import Mount
from agent.scrub import scrub_text
from cmdb.model.classes.file_system import FileSystem

NAME = "filesystems"
VERSION = 1
CLASSES = ("FileSystem",)
RELATIONS: tuple[str, ...] = ()
NEEDS = (File("/proc/self/mountinfo"), Capacity())
LIMITED = False


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PSEUDO = _set(
    "aufs autofs binder binfmt_misc bpf cgroup cgroup2 configfs debugfs devfs devpts devtmpfs efivarfs functionfs "
    "fuse.gvfsd-fuse fuse.lxcfs fuse.portal fuse.snapfuse fusectl hugetlbfs mqueue nfsd nsfs overlay proc pstore "
    "ramfs resctrl rootfs rpc_pipefs securityfs selinuxfs smackfs sysfs tmpfs tracefs usbfs xenfs"
)

_CONTAINER = re.compile(
    r"/(var/lib/(docker|containerd|containers|kubelet|lxc|lxd|machines|cni|rancher/k3s/agent)|var/snap/(lxd|docker)/common"
    r"|run/(containerd|containers|docker|k3s|netns|user|snapd|credentials)|snap|var/lib/snapd/snap)/."
)
"""Below these container engines, snapd and login sessions mount what comes and goes with them."""

_FOR_CONTAINER = frozenset({"/etc/hostname", "/etc/hosts", "/etc/resolv.conf"})
"""Single files that a container engine mounts into a container."""

_KERNEL = ("/dev/", "/proc/", "/sys/")
_PASSING = re.compile(r"(fd|rfdno|wfdno|pgrp|pipe_ino|minproto|maxproto|mountport|timeout)=")
"""Options that are other ones after each mount."""


def collect(material: Material, context: Context) -> Iterator[FileSystem]:  # noqa: ARG001 - as every fact
    """Mounted file systems; raises Unavailable where the mount table can not be read."""
    table = mounts.parse(material.file("/proc/self/mountinfo").data.decode("utf-8", "surrogateescape"))
    return observe(table, material.capacity())


def observe(table: Iterable[Mount], capacity: Mapping[str, tuple[int, int]]) -> Iterator[FileSystem]:
    """What the CMDB should know of the mounts; `capacity` is (size, free) bytes by mount point."""
    for mount in in_sight(table):
        size, free = capacity.get(mount.point, (None, None))
        yield FileSystem(
            mount_point=mount.point,
            type=mount.type,
            # curlftpfs#ftp://user:password@host has a secret; in device names only what looks like one would be masked.
            source=scrub_text(mount.source) if re.search(r"[@?=]", mount.source) else mount.source,
            options=sorted(
                {scrub_text(o) for o in {*mount.options, *mount.super_options} if o and not _PASSING.match(o)}
            ),
            network=mounts.is_network(mount.type),
            # The size of a ZFS dataset is what it uses and what the pool has left, so it changes all the time.
            size_bytes=None if mount.type == "zfs" else size,
            free_bytes=free,
        )


def in_sight(table: Iterable[Mount]) -> list[Mount]:
    """The mounts that are listed, each mount point once, in the order of mount points."""
    top = {mount.point: mount for mount in table}
    kept = [top[point] for point in sorted(top) if _counts(top[point])]
    wide = {(m.device, m.root) for m in kept}
    return [m for m in kept if m.point == "/" or not _is_bind(m, wide)]


def _counts(mount: Mount) -> bool:
    if mount.point == "/":
        return mount.type != "rootfs"
    if mount.type in _PSEUDO or mount.point in _FOR_CONTAINER or mount.point.startswith(_KERNEL):
        return False
    return _CONTAINER.match(mount.point) is None


def _is_bind(mount: Mount, wide: set[tuple[str, str]]) -> bool:
    """True where a directory is mounted and a directory above it of the same file system is listed as well."""
    parts = mount.root.rstrip("/").split("/")
    above = {"/".join(parts[:n]) or "/" for n in range(1, len(parts))}
    # A subvolume of btrfs is mounted like a directory, but is configured and kept on its own.
    return f"subvol={mount.root}" not in mount.super_options and any((mount.device, a) in wide for a in above)
