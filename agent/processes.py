"""Processes that were started to look, and their end: what they have used so far, and that nothing of them stays.

Sources: /proc/<pid>/stat and statm, proc(5). Where there is no /proc nothing is known of them but that they run.
"""

from __future__ import annotations

import os
import signal
import time

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_PATIENCE_SECONDS = 5.0
_MOST_ROUNDS = 20


def used(pid: int) -> tuple[float, int]:
    """(seconds of CPU, ended children included; bytes of resident memory) of a process, zeros where they are not told."""
    try:
        fields = _fields(pid)
        resident = int(_read(f"/proc/{pid}/statm").split()[1]) * _PAGE
        return sum(map(int, fields[11:15])) / _TICKS, resident
    except (OSError, IndexError, ValueError):
        return 0.0, 0


def end(pid: int, patience_seconds: float = _PATIENCE_SECONDS) -> bool:
    """Kills a child of ours and all that it started, and waits for it; false where it can not be ended yet, since it waits
    for the kernel (state D of proc(5))."""
    _signal(pid, signal.SIGSTOP, group=False)  # so that it starts nothing while it is looked for
    for _ in range(_MOST_ROUNDS):
        found = descendants(pid)
        for child in found:
            _signal(child, signal.SIGKILL, group=True)
        if not any(_alive(child) for child in found):
            break
        time.sleep(0.01)
    _signal(pid, signal.SIGKILL, group=True)
    late = time.monotonic() + patience_seconds
    while not gone(pid):
        if time.monotonic() > late:
            return False
        time.sleep(0.005)
    return True


def gone(pid: int) -> bool:
    """True where a child of ours has ended; it is waited for then."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def descendants(pid: int) -> list[int]:
    """Processes that a process started and those that these started, as far as they still hang together."""
    children: dict[int, list[int]] = {}
    try:
        names = [name for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208 - names alone
    except OSError:
        return []
    for name in names:
        try:
            children.setdefault(int(_fields(int(name))[1]), []).append(int(name))
        except (OSError, IndexError, ValueError):  # noqa: PERF203 - each ends by itself
            continue
    found, todo = [], [pid]
    while todo:
        new = children.get(todo.pop(), [])
        found += new
        todo += new
    return found


def _alive(pid: int) -> bool:
    try:
        return _fields(pid)[0] not in ("Z", "X")
    except (OSError, IndexError):
        return False


def _signal(pid: int, number: int, group: bool) -> None:
    """To the process, and with `group` to the process group that it leads, if it leads one."""
    try:
        if group and os.getpgid(pid) == pid:
            os.killpg(pid, number)
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def _fields(pid: int) -> list[str]:
    """Fields of /proc/<pid>/stat behind the name: state, parent, process group, ..."""
    return _read(f"/proc/{pid}/stat").rpartition(")")[2].split()


def _read(path: str) -> str:
    with open(path, "rb", 0) as file:
        return file.read().decode("utf-8", "replace")
