"""Programs that the agent may run, and how it runs them.

A program is run only where its path stands in `PROGRAMS` and every directory on the way to it, links included, and the
file itself belong to root and can be written by nobody else. So neither PATH nor anything learned from a process or a
configuration decides what runs as root.
"""

from __future__ import annotations

import os
import selectors
import signal
import stat
import subprocess
import time
from collections.abc import Mapping

from agent.fact import Command, Missing, Output

PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "/usr/bin/crictl": ("/usr/bin/crictl", "/usr/local/bin/crictl"),
    "/usr/bin/docker": ("/usr/bin/docker", "/usr/local/bin/docker"),
    "/usr/bin/dpkg-query": ("/usr/bin/dpkg-query",),
    "/usr/bin/passwd": ("/usr/bin/passwd",),
    "/usr/bin/rpm": ("/usr/bin/rpm", "/bin/rpm"),
    "/usr/bin/setpriv": ("/usr/bin/setpriv", "/bin/setpriv"),
    "/usr/bin/systemctl": ("/usr/bin/systemctl", "/bin/systemctl"),
    "/usr/bin/uname": ("/usr/bin/uname", "/bin/uname"),
    "/usr/sbin/bridge": ("/usr/sbin/bridge", "/sbin/bridge", "/usr/bin/bridge", "/bin/bridge"),
    "/usr/sbin/dmidecode": ("/usr/sbin/dmidecode", "/sbin/dmidecode"),
    "/usr/sbin/lldpctl": ("/usr/sbin/lldpctl", "/usr/bin/lldpctl"),
    "/usr/sbin/lvm": ("/usr/sbin/lvm", "/sbin/lvm"),
    "/usr/sbin/ip6tables-save": ("/usr/sbin/ip6tables-save", "/sbin/ip6tables-save"),
    "/usr/sbin/iptables-save": ("/usr/sbin/iptables-save", "/sbin/iptables-save"),
    "/usr/sbin/nft": ("/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft"),
    "/usr/sbin/ip": ("/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip"),
}
"""The first word of a command, as facts write it, and where the program is looked for, in this order."""

OWN_ACCOUNT: Mapping[str, str] = {"/usr/sbin/lldpctl": "_lldpd"}
"""Programs that an account of their own owns on some systems, as on Debian: there they are run with the rights of that account,
since whoever may have them run as root gives the account the rights of root. A rule of sudo can not look at the owner."""

ENVIRONMENT: Mapping[str, str] = {"LC_ALL": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent"}
"""All that a program gets to see of an environment."""

_STDERR_LIMIT = 64 * 1024
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def run(command: Command, privileged: bool) -> Output | Missing:
    """Output of a command of the fixed list, or why it was not run or came to no end."""
    name = command.argv[0]
    if name not in PROGRAMS:
        return Missing("unsupported", f"{name} is not in the list of programs that may be run")
    lacks: list[str] = []
    for path in PROGRAMS[name]:
        why = distrust(path)
        if why is None and command.root and not privileged:
            return Missing("denied", f"{' '.join(command.argv)} tells this to root only; run as root")
        if why is None:
            return _run(command, path)
        lacks += [why] if why else []
    return Missing("denied", lacks[0]) if lacks else Missing("absent", f"{name} is not installed")


def distrust(path: str) -> str | None:
    """Why the program at `path` must not be run; an empty text where there is none, None where it may be run.

    The check needs no protection against a race: where it passes only root can change what it looked at.
    """
    todo = path.strip("/").split("/")[::-1]
    done: list[str] = []
    links = 0
    why = _writable("/", os.lstat("/"))
    while todo and not why:
        part = todo.pop()
        if part in ("", "."):
            continue
        if part == "..":
            del done[-1:]
            continue
        here = "/" + "/".join([*done, part])
        try:
            found = os.lstat(here)
        except OSError:
            return ""
        if stat.S_ISLNK(found.st_mode):
            links += 1
            if links > 40:
                return f"{path}: too many symbolic links"
            target = os.readlink(here)  # noqa: PTH115 - as text, not made a path of
            done = [] if target.startswith("/") else done
            todo += target.split("/")[::-1]
            continue
        why = _writable(here, found)
        done.append(part)
        if not todo and not why:
            if not stat.S_ISREG(found.st_mode) or not found.st_mode & 0o111:
                return f"{path} is no executable file"
            return None
    return why or f"{path} is no executable file"


def _writable(path: str, found: os.stat_result) -> str:
    if found.st_uid == 0 and not found.st_mode & _OTHERS_WRITE:
        return ""
    return f"{path} can be written by others than root, so nothing is run from there; chown root and chmod go-w it"


def _run(command: Command, path: str) -> Output | Missing:
    shown = " ".join(command.argv)
    try:
        process = subprocess.Popen(
            command.argv,
            executable=path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(ENVIRONMENT),
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        return Missing("failed", f"{shown}: {error.strerror}")
    with process:
        lack = None
        try:
            found = _read(process, command)
            if isinstance(found, Missing):
                lack = found
        finally:
            _end(process)
    if lack:
        return lack
    assert isinstance(found, tuple)
    return Output(found[0], found[1], process.returncode)


def _read(process: subprocess.Popen[bytes], command: Command) -> tuple[bytes, bytes] | Missing:
    shown = " ".join(command.argv)
    assert process.stdout is not None
    assert process.stderr is not None
    out, err = process.stdout.fileno(), process.stderr.fileno()
    chunks: dict[int, list[bytes]] = {out: [], err: []}
    size = {out: 0, err: 0}
    end = time.monotonic() + command.seconds
    late = Missing("timeout", f"{shown} did not end within {command.seconds:g} s")
    with selectors.DefaultSelector() as selector:
        for fd in (out, err):
            selector.register(fd, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(max(0.0, end - time.monotonic()))
            if not ready:
                return late
            for key, _ in ready:
                data = os.read(key.fd, 65536)
                if not data:
                    selector.unregister(key.fd)
                    continue
                size[key.fd] += len(data)
                if key.fd == err and size[err] > _STDERR_LIMIT:
                    continue
                if size[out] > command.limit:
                    return Missing("too_big", f"{shown} printed more than {command.limit} bytes")
                chunks[key.fd].append(data)
    try:
        process.wait(max(0.0, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        return late
    return b"".join(chunks[out]), b"".join(chunks[err])


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kills the process group unless the program ended well.

    As long as we have not waited for the program its number stays taken, even where it left only children behind.
    """
    if process.returncode is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
