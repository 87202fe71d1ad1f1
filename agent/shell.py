"""LocalShell: supplies the needs of facts from the host that it runs on.

What it may run stands in commands.py, how it opens files in files.py. On another system than Linux what psutil tells
(portable.py) is all there is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from agent import commands, mounts, portable
from agent.fact import (
    Capacity,
    Certificates,
    Command,
    Digests,
    File,
    Files,
    Links,
    Missing,
    Need,
    Portable,
    Supplied,
    Unavailable,
)
from agent.files import FileAccess

_MOUNTINFO = "/proc/self/mountinfo"
_MOUNTS_OF_HOST = "/proc/1/mountinfo"
_MOUNTINFO_LIMIT = 16 * 1024 * 1024


class LocalShell:
    """The host itself, seen with the rights of this process."""

    def __init__(self) -> None:
        # Windows has no such number, and psutil does not say who is an administrator.
        self.privilege = "full" if hasattr(os, "geteuid") and os.geteuid() == 0 else "user"
        self.own_pids: frozenset[int] = frozenset((os.getpid(),))
        self._mounted: tuple[bytes, list[mounts.Mount], frozenset[str]] = (b"", [], frozenset())
        """The mount table as it was read last, parsed, and what of it is not entered."""

    def supply(self, needs: Iterable[Need]) -> dict[Need, Supplied]:
        """What each need asks for, or why it could not be had. The mount table is read anew each time."""
        if not sys.platform.startswith("linux"):
            return {need: _elsewhere(need) for need in needs}
        lack = self._look_at_mounts()
        if lack is not None:  # nobody knows then what may hang
            return dict.fromkeys(needs, lack)
        _, table, closed = self._mounted
        files = FileAccess(closed)
        return {need: self._one(need, files, table) for need in needs}

    def _one(self, need: Need, files: FileAccess, table: list[mounts.Mount]) -> Supplied:
        if isinstance(need, File):
            return files.read(_MOUNTS_OF_HOST if need.path == _MOUNTINFO and _confined() else need.path, need.limit)
        if isinstance(need, Files):
            return files.contents(need)
        if isinstance(need, Links):
            return files.links(need)
        if isinstance(need, Digests):
            return files.digests(need)
        if isinstance(need, Certificates):
            return files.certificates(need)
        if isinstance(need, Command):
            return commands.run(need, self.privilege == "full")
        return _capacity(table) if isinstance(need, Capacity) else _elsewhere(need)

    def _look_at_mounts(self) -> Missing | None:
        """Reads the mount table, which is parsed where it has changed."""
        found = FileAccess().read(_MOUNTINFO, _MOUNTINFO_LIMIT)
        if isinstance(found, Missing):
            return found
        if found.data != self._mounted[0]:
            try:
                table = mounts.parse(found.data.decode("utf-8", "surrogateescape"))
            except Unavailable as error:
                return Missing("failed", str(error))
            self._mounted = (found.data, table, mounts.closed(table))
        return None


def _elsewhere(need: Need) -> Supplied:
    """What there is where the kernel has no files to read."""
    if isinstance(need, Portable):
        return portable.supply(need.topic)
    return Missing("unsupported", f"not looked at on {sys.platform}")


def _confined() -> bool:
    """True where this process sees the host's files by a mount table of its own, as a service of systemd with ProtectSystem= does
    (systemd.exec(5)): there `/` is read-only for the service and not for the host, whose table the first process has.

    In a container or a changed root the first process has another `/`, or can not be looked at: then our own table counts.
    """
    try:
        if Path("/proc/self/ns/mnt").stat().st_ino == Path("/proc/1/ns/mnt").stat().st_ino:
            return False
        ours, first = Path("/").stat(), Path("/proc/1/root/").stat()
    except OSError:
        return False
    return (ours.st_dev, ours.st_ino) == (first.st_dev, first.st_ino)


def _capacity(table: list[mounts.Mount]) -> dict[str, tuple[int, int]]:
    """Size and free bytes by mount point; what may hang, can not be asked or has no size is left out."""
    found: dict[str, tuple[int, int]] = {}
    for point, type_name in {m.point: m.type for m in table}.items():
        if mounts.may_hang(type_name):
            continue
        try:
            status = os.statvfs(point)
        except OSError:
            continue
        if status.f_blocks:
            found[point] = (status.f_blocks * status.f_frsize, status.f_bavail * status.f_frsize)
    return found
