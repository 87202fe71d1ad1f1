"""Reading files as root without being led astray.

Outside /proc and /sys a path is walked component by component from / with openat(2), and a symbolic link is followed
only where root owns every directory on the way and nobody else can write them; so /etc/os-release, a link to
../usr/lib/os-release, works and a link planted in a user's directory does not. Only regular files are read (never a
fifo or device that took a file's place), without blocking, and up to a limit. Mounts that may hang are not entered. No
process' environment is ever read.

/proc and /sys are the kernel's: their links are followed on the way, never as the last component.
"""

from __future__ import annotations

import errno
import fnmatch
import hashlib
import os
import re
import stat
from dataclasses import replace
from typing import Callable, NamedTuple, TypeVar

from agent.fact import Certificates, Content, Digests, FileDigest, Files, Links, Missing

_T = TypeVar("_T")

_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOFOLLOW
_DIRECTORY = os.O_CLOEXEC | os.O_DIRECTORY | os.O_NOFOLLOW | getattr(os, "O_PATH", 0)
_CHUNK = 256 * 1024
_MOST_LINKS = 40
_KERNEL = ("/proc/", "/sys/")
_STAT = "/proc/[0-9]*/stat"
_FORBIDDEN = re.compile(r"/proc/(.*/)?(environ|(root|cwd|fd|map_files)/.*)", re.DOTALL)
_FILE_OF_PROCESS = re.compile(r"/proc/[0-9]+/(?:stat|status|cmdline|cgroup)\Z")
_LINK_OF_PROCESS = re.compile(r"/proc/[0-9]+/(?:exe|fd/[0-9]+)\Z")
"""What most of a pass is, known to be plain: a link is read, never followed."""
_WILD = re.compile(r"[*?[]")
_CERTIFICATE = re.compile(
    rb"^-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END (?:X509 |TRUSTED )?CERTIFICATE-----",
    re.MULTILINE,
)


class FileAccess:
    """Reads files, links and digests; `closed` are mount points that are not entered."""

    def __init__(self, closed: frozenset[str] = frozenset()) -> None:
        self._closed = closed
        # Many patterns go through the same folders at one moment; such an object is made anew for each.
        self._names: dict[str, list[str]] = {}
        self._kernel_threads: frozenset[str] = frozenset()

    def read(self, path: str, limit: int) -> Content | Missing:
        """Content of a regular file of at most `limit` bytes."""
        try:
            return self._read(path, limit)
        except (_Lack, OSError) as error:
            return _missing(path, error)

    def contents(self, need: Files) -> dict[str, Content | Missing] | Missing:
        """Content of the regular files that match; what vanishes meanwhile is left out."""
        without = frozenset() if need.kernel_threads else self._kernel_threads
        found = self._each(need.pattern, need.count, lambda path: self._read(path, need.limit), without)
        if need.pattern == _STAT and not isinstance(found, Missing):
            self._kernel_threads = frozenset(path.split("/")[2] for path, stat in found.items() if _of_kernel(stat))
        return found

    def digests(self, need: Digests) -> dict[str, FileDigest | Missing] | Missing:
        """Digests of the regular files that match."""
        return self._each(need.pattern, need.count, lambda path: self._digest(path, need.limit))

    def certificates(self, need: Certificates) -> dict[str, Content | Missing] | Missing:
        """Certificate blocks of the PEM files that match, and nothing else of them."""
        return self._each(need.pattern, need.count, lambda path: self._certificates(path, need.limit))

    def links(self, need: Links) -> dict[str, str | Missing] | Missing:
        """Targets of the links that match.

        In all of these a directory that can not be listed is a member too, with its path and the reason.
        """
        without = frozenset() if need.kernel_threads else self._kernel_threads
        found = self._each(need.pattern, need.count, self._link, without)
        if need.starting and not isinstance(found, Missing):
            return {p: to for p, to in found.items() if isinstance(to, Missing) or to.startswith(need.starting)}
        return found

    def _each(
        self, pattern: str, count: int, get: Callable[[str], _T], without: frozenset[str] = frozenset()
    ) -> dict[str, _T | Missing] | Missing:
        """What `get` gets of each path that matches; `without` are processes that are left out."""
        found: dict[str, _T | Missing] = {}
        paths, unlisted = self._expand(pattern, without)
        if len(paths) > count:
            return Missing("too_big", f"{pattern} matches {len(paths)} files; at most {count} are read")
        found.update(unlisted)
        for path in paths:
            try:
                found[_shown(path)] = get(path)
            except (_Lack, OSError) as error:  # noqa: PERF203 - each file fails by itself
                lack = _missing(path, error)
                if lack.kind != "absent" and not isinstance(error, _NoRegularFile):
                    found[_shown(path)] = lack
        return dict(sorted(found.items()))

    # ------------------------------------------------------------------------------------------------- one file
    def _read(self, path: str, limit: int) -> Content:
        fd, _ = self._open(path)
        try:
            status = self._status(fd, path, limit)
            # One byte beyond what is expected makes the end of the file seen with the second read; /proc says size 0.
            data = os.read(fd, min(limit, status.st_size or 4095) + 1)
            chunks, size = [data], len(data)
            while data and size <= limit:
                data = os.read(fd, min(_CHUNK, limit + 1 - size))
                chunks.append(data)
                size += len(data)
        finally:
            os.close(fd)
        if size > limit:
            raise _Lack("too_big", f"{path} has more than {limit} bytes")
        return Content(b"".join(chunks), stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid)

    def _digest(self, path: str, limit: int) -> FileDigest:
        fd, entered = self._open(path)
        try:
            status = self._status(fd, path, limit)
            size, sha = 0, hashlib.sha256()
            while True:
                data = os.read(fd, _CHUNK)
                size += len(data)
                if size > limit:
                    raise _Lack("too_big", f"{path} has more than {limit} bytes")
                if not data:
                    break
                sha.update(data)
        finally:
            os.close(fd)
        mode = stat.S_IMODE(status.st_mode)
        return FileDigest(
            sha.hexdigest(), size, mode, status.st_uid, status.st_gid, entered and bool(mode & stat.S_IROTH)
        )

    def _certificates(self, path: str, limit: int) -> Content:
        found = self._read(path, limit)
        return replace(found, data=certificates_of(found.data))

    def _link(self, path: str) -> str:
        if _LINK_OF_PROCESS.match(path):
            return _shown(os.readlink(path))  # noqa: PTH115 - as text
        _plain(path)
        if path.startswith(_KERNEL):
            return _shown(os.readlink(path))  # noqa: PTH115 - as text
        stack, name = self._walk(path, "link")
        try:
            return _shown(os.readlink(name, dir_fd=stack[-1].fd))
        finally:
            _close(stack)

    def _open(self, path: str) -> tuple[int, bool]:
        """A descriptor, and whether everyone may enter all directories on the way (not looked at in /proc and /sys)."""
        if _FILE_OF_PROCESS.match(path):  # what most files of a pass are
            return os.open(path, _FLAGS), False
        _plain(path)
        if path.startswith(_KERNEL):
            _permitted(path)
            return os.open(path, _FLAGS), False
        stack, name = self._walk(path)
        try:
            return os.open(name, _FLAGS, dir_fd=stack[-1].fd), all(directory.entered for directory in stack)
        finally:
            _close(stack)

    def _status(self, fd: int, path: str, limit: int) -> os.stat_result:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            raise _NoRegularFile("failed", f"{path} is no regular file")
        if status.st_size > limit and not path.startswith(_KERNEL):
            raise _Lack("too_big", f"{path} has {status.st_size} bytes; at most {limit} are read")
        return status

    # ------------------------------------------------------------------------------------------------- the way there
    def _walk(self, path: str, want: str = "file") -> tuple[list[_Directory], str]:
        """Opens the directories from / down to the one that holds the file, and says the file's name there.

        `want` is "file", "directory" (opened too, the name is empty) or "link" (which then is not followed).
        """
        todo = _parts(path)
        links = 0
        stack = [_root()]
        try:
            while todo:
                name = todo.pop()
                if name == "..":
                    if len(stack) > 1:
                        os.close(stack.pop().fd)
                    continue
                directory, trusted, _, above = stack[-1]
                here = f"{above}/{name}"
                if here in self._closed:
                    raise _Lack(
                        "unsupported",
                        f"{path} lies on the mount {here}, which is not entered: it may hang or shows processes",
                    )
                status = os.stat(name, dir_fd=directory, follow_symlinks=False)
                if stat.S_ISLNK(status.st_mode) and (todo or want != "link"):
                    links += 1
                    if not trusted or links > _MOST_LINKS:
                        reason = (
                            f"{path}: {here} is a symbolic link where others than root can write, so it is not followed"
                        )
                        raise _Lack("denied", reason)
                    target = os.readlink(name, dir_fd=directory)
                    if target.startswith("/"):
                        _close(stack[1:])
                        del stack[1:]
                    todo += _parts(target)
                elif todo or want == "directory":
                    stack.append(_directory(os.open(name, _DIRECTORY, dir_fd=directory), trusted, here))
                else:
                    _permitted(here)
                    if want == "file" and not stat.S_ISREG(status.st_mode):
                        raise _NoRegularFile("failed", f"{path} is no regular file")
                    return stack, name
            if want != "directory":
                raise _NoRegularFile("failed", f"{path} is a directory")
            return stack, ""
        except BaseException:
            _close(stack)
            raise

    def _expand(self, pattern: str, without: frozenset[str]) -> tuple[list[str], dict[str, Missing]]:
        """Paths that match a glob, as glob(7) has it, and the directories that could not be listed."""
        unlisted: dict[str, Missing] = {}
        paths = [""]
        for part in pattern.strip("/").split("/"):
            if not _WILD.search(part):
                paths = [f"{path}/{part}" for path in paths]
                continue
            matches = _matches(part)
            hidden = part.startswith(".")
            grown: list[str] = []
            for path in paths:
                try:
                    names = self._list(path)
                except (_Lack, OSError) as error:
                    lack = _missing(path, error)
                    if lack.kind != "absent" and not isinstance(error, _NoRegularFile):
                        unlisted[_shown(path)] = lack
                    continue
                if without and path == "/proc":
                    names = [name for name in names if name not in without]
                grown += [f"{path}/{name}" for name in names if matches(name) and (hidden or name[0] != ".")]
            paths = grown
        return paths, unlisted

    def _list(self, path: str) -> list[str]:
        _plain(path)
        if path == "/proc" or path.startswith(_KERNEL):
            return os.listdir(path)  # noqa: PTH208 - names alone
        if path not in self._names:
            self._names[path] = self._listed(path)
        return self._names[path]

    def _listed(self, path: str) -> list[str]:
        stack, _ = self._walk(path, "directory")
        try:
            # An O_PATH descriptor can not be listed.
            fd = os.open(".", os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY, dir_fd=stack[-1].fd)
        finally:
            _close(stack)
        try:
            return os.listdir(fd)  # noqa: PTH208 - of a descriptor
        finally:
            os.close(fd)


def certificates_of(pem: bytes) -> bytes:
    """The certificate blocks of a PEM file, and nothing else of it."""
    return b"\n".join(_CERTIFICATE.findall(pem))


class _Lack(Exception):
    """A file that can not be read."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.missing = Missing(kind, reason)


class _NoRegularFile(_Lack):
    """Something else, which a glob leaves out."""


class _Directory(NamedTuple):
    """A directory on the way: its descriptor, whether only root can write it and all above it, whether everyone may
    enter it, and its path."""

    fd: int
    trusted: bool
    entered: bool
    path: str


def _directory(fd: int, trusted: bool, path: str) -> _Directory:
    status = os.fstat(fd)
    return _Directory(fd, trusted and _only_root(status), bool(status.st_mode & stat.S_IXOTH), path)


def _root() -> _Directory:
    return _directory(os.open("/", _DIRECTORY), True, "")


def _only_root(status: os.stat_result) -> bool:
    return status.st_uid == 0 and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _close(stack: list[_Directory]) -> None:
    for directory in stack:
        os.close(directory.fd)


def _matches(part: str) -> Callable[[str], object]:
    """Whether a name matches a part of a glob."""
    return bool if part == "*" else re.compile(fnmatch.translate(part)).match


def _of_kernel(stat: Content | Missing) -> bool:
    """True of /proc/<pid>/stat of a kernel thread: the flag PF_KTHREAD of include/linux/sched.h, proc_pid_stat(5)."""
    if isinstance(stat, Missing):
        return False
    fields = stat.data.rpartition(b")")[2].split(None, 7)
    return len(fields) > 6 and fields[6].isdigit() and bool(int(fields[6]) & 0x00200000)


def _parts(path: str) -> list[str]:
    """Components, the last first."""
    return [p for p in path.split("/") if p not in ("", ".")][::-1]


def _shown(path: str) -> str:
    r"""A path as it leaves the shell: bytes that are no UTF-8 are written as \xff, so that names stay distinct text."""
    return path if path.isascii() else path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _plain(path: str) -> None:
    if path[:1] != "/" or (".." in path and "/../" in f"{path}/") or "\0" in path:
        raise _Lack("failed", f"{path!r} is no plain absolute path")


def _permitted(path: str) -> None:
    if path.startswith("/proc/") and _FORBIDDEN.fullmatch(path):
        raise _Lack("denied", f"{path} is never read: it is a process' environment, or leads out of /proc")


def _missing(path: str, error: Exception) -> Missing:
    if isinstance(error, _Lack):
        return error.missing
    assert isinstance(error, OSError)
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ESRCH):
        return Missing("absent", f"{path} does not exist")
    if error.errno in (errno.EACCES, errno.EPERM):
        remedy = "" if os.geteuid() == 0 else "; run as root"
        return Missing("denied", f"{path} may not be read: {error.strerror}{remedy}")
    if error.errno == errno.ELOOP:
        return Missing("denied", f"{path} is a symbolic link and is not followed")
    return Missing("failed", f"{path} can not be read: {error.strerror}")
