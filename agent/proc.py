"""Processes of a host.

Sources: stat, status, cmdline, cgroup and the links exe and fd of /proc/<pid>, proc(5). A process that ends while it is
read is left out; kernel threads and zombies are none. Command lines are scrubbed of secrets when they are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from agent.fact import Content, File, Files, Links, Material, Missing, Need, ParseError, Unavailable
from cmdb.model.dataclass import dataclass
from cmdb.model.times import SECOND

_STAT = Files("/proc/[0-9]*/stat", 64 * 1024, 400_000)
_STATUS = Files("/proc/[0-9]*/status", 64 * 1024, 400_000, keep=("Uid", "VmRSS", "NSpid"), kernel_threads=False)
_COMMAND = Files("/proc/[0-9]*/cmdline", 4 * 1024 * 1024, 400_000, kernel_threads=False)
_CGROUP = Files("/proc/[0-9]*/cgroup", 64 * 1024, 400_000, kernel_threads=False)
_EXE = Links("/proc/[0-9]*/exe", kernel_threads=False)
_FD = Links("/proc/[0-9]*/fd/*", 4_000_000, starting="socket:[", kernel_threads=False)
NEEDS: tuple[Need, ...] = (_STAT, _STATUS, _COMMAND, _CGROUP, _EXE, _FD)
UPTIME = File("/proc/uptime")
TICKS = 100
"""USER_HZ, the unit of times in /proc a second, is 100 on every architecture that Linux runs on today."""

_WANTED = re.compile(r"^(Uid|VmRSS|NSpid):(.*)$", re.MULTILINE)
_KERNEL_THREAD = 0x00200000  # PF_KTHREAD, include/linux/sched.h


@dataclass(frozen=True)
class Process:
    """A process. `argv` is not scrubbed and must not leave the fact; `start` is in clock ticks since boot; `exe` is
    empty where it may not be read; `depth` is how many pid namespaces below ours it lives; `sockets` are inodes of its
    sockets, empty too where its files may not be listed."""

    pid: int
    parent: int
    session: int
    terminal: int
    start: int
    name: str
    uid: int
    resident_bytes: int
    depth: int
    argv: tuple[str, ...]
    cgroup: str
    exe: str
    sockets: frozenset[int]


def read(material: Material) -> dict[int, Process]:
    """Processes by pid, in the order of pids; raises Unavailable where /proc can not be read."""
    stats = material.files(_STAT)
    statuses = _by_pid(material.files(_STATUS))
    commands = _by_pid(material.files(_COMMAND))
    cgroups = _by_pid(material.files(_CGROUP))
    exes = {_pid(path): target for path, target in material.links(_EXE).items() if isinstance(target, str)}
    sockets = parse_sockets(material.links(_FD))
    found = {}
    for path, content in stats.items():
        if isinstance(content, Missing):
            continue
        pid = _pid(path)
        if pid not in statuses or pid not in commands:
            continue
        stat = parse_stat(content.text)
        status = parse_status(statuses[pid])
        if stat is None:
            continue
        parent, session, terminal, start, name = stat
        uid, resident, depth = status
        found[pid] = Process(
            pid=pid,
            parent=parent,
            session=session,
            terminal=terminal,
            start=start,
            name=name,
            uid=uid,
            resident_bytes=resident,
            depth=depth,
            argv=parse_command(commands[pid]),
            cgroup=parse_cgroup(cgroups.get(pid, "")),
            exe=exes.get(pid, "").removesuffix(" (deleted)"),
            sockets=sockets.get(pid, frozenset()),
        )
    if not found:
        raise Unavailable("/proc shows no process; it may be mounted with hidepid, run as root")
    return dict(sorted(found.items()))


def parse_stat(text: str) -> tuple[int, int, int, int, str] | None:
    """(parent, session, terminal, start, name) from /proc/<pid>/stat, None of a kernel thread, a zombie or nothing.

    Raises ParseError, quoting the text, where there are not the 22 fields of the manual.
    """
    head, _, tail = text.rpartition(")")
    fields = tail.split()
    if not text:
        return None
    try:
        state, flags = fields[0], int(fields[6])
        found = (int(fields[1]), int(fields[3]), int(fields[4]), int(fields[19]), head.partition("(")[2])
    except (IndexError, ValueError):
        raise ParseError(f"/proc/<pid>/stat: not understood: {text[:200]!r}") from None
    return None if flags & _KERNEL_THREAD or state in "ZXx" else found


def parse_uptime(text: str) -> int:
    """Microseconds since boot from /proc/uptime; raises ParseError where it does not begin with a number."""
    try:
        return int(float(text.split()[0]) * SECOND)
    except (IndexError, ValueError, OverflowError):
        raise ParseError(f"/proc/uptime: not understood: {text[:200]!r}") from None


def parse_status(text: str) -> tuple[int, int, int]:
    """(effective uid, resident bytes, depth of the pid namespace) from /proc/<pid>/status.

    Raises ParseError, quoting the first line, where there is no Uid.
    """
    found = {name: value.split() for name, value in _WANTED.findall(text)}
    try:
        # NSpid came with Linux 4.1, VmRSS is missing of what has no memory of its own.
        return int(found["Uid"][1]), int(found.get("VmRSS", ["0"])[0]) * 1024, len(found.get("NSpid", ["0"])) - 1
    except (KeyError, IndexError, ValueError):
        raise ParseError(f"/proc/<pid>/status: not understood: {text[:200]!r}") from None


def parse_command(text: str) -> tuple[str, ...]:
    """Arguments from /proc/<pid>/cmdline; a title that the process gave itself is one argument with blanks."""
    return tuple(text.rstrip("\0 ").split("\0")) if text.strip("\0 ") else ()


def parse_cgroup(text: str) -> str:
    """The control group that systemd or a container engine made, from /proc/<pid>/cgroup, cgroups(7): that of systemd's
    own hierarchy, else that of version 2.

    Raises ParseError, quoting the line, where there are not three fields.
    """
    found = {}
    for line in text.splitlines():
        parts = line.split(":", 2)
        if len(parts) != 3:
            raise ParseError(f"/proc/<pid>/cgroup: not understood: {line[:200]!r}")
        found[parts[1]] = parts[2]
    own = found.get("name=systemd", "/")
    return own if own != "/" else found.get("", "/")


def parse_sockets(links: Mapping[str, str | Missing]) -> dict[int, frozenset[int]]:
    """Inodes of sockets by pid from the links of /proc/<pid>/fd; other files are left out."""
    found: dict[int, set[int]] = {}
    for path, target in links.items():
        if isinstance(target, str) and target.startswith("socket:["):
            found.setdefault(_pid(path), set()).add(int(target[8:-1]))
    return {pid: frozenset(inodes) for pid, inodes in found.items()}


def _by_pid(files: Mapping[str, Content | Missing]) -> dict[int, str]:
    return {_pid(path): content.text for path, content in files.items() if isinstance(content, Content)}


def _pid(path: str) -> int:
    return int(path.split("/", 3)[2])
