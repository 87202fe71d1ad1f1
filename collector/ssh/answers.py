"""What LocalShell would say of each need, worked out from the tables of one journey.

A need that nothing was told of is a failure, never an absence: that something is not there counts only where the host's
programs have worked and the answer is whole.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from agent.commands import PROGRAMS
from agent.fact import (
    Capacity,
    Certificates,
    Command,
    Content,
    Digests,
    File,
    FileDigest,
    Files,
    Links,
    Missing,
    Need,
    Output,
    Portable,
    Supplied,
)
from collector.ssh.frames import Frames, Section
from collector.ssh.globs import WILD, matcher
from collector.ssh.harvest import Harvest, blamed
from collector.ssh.observer import without
from collector.ssh.script import PATIENCE_SECONDS
from collector.ssh.wanted import KERNEL, Wanted, plain
from collector.ssh.way import Place, Ways

_ABSENT = frozenset({"No such file or directory", "No such process", "Not a directory"})
_DENIED = frozenset({"Permission denied", "Operation not permitted"})
_FORBIDDEN = re.compile(r"/proc/(.*/)?(environ|(root|cwd|fd|map_files)/.*)", re.DOTALL)
_TCP = ("/proc/net/tcp", "/proc/net/tcp6")


class Answers:
    """The answers of one journey; `raised_said` is what programs with the rights of root printed on standard error."""

    def __init__(
        self,
        found: Harvest,
        frames: Frames,
        closed: frozenset[str],
        asked: Wanted,
        root: bool,
        raised_said: Mapping[str, bytes],
    ) -> None:
        self._found, self._frames, self._root = found, frames, root
        self._ways = Ways(found.rows.items(), closed)
        self._numbers = {each: number for number, each in enumerate(asked.commands)}
        self._raised_said = raised_said
        for paths in (asked.texts, asked.lines, asked.files, asked.digests, asked.links, asked.kernel_links):
            for pattern in filter(WILD.search, paths):  # a pattern that matched nothing was no path
                for errors in (found.errors, found.link_errors):
                    errors.pop(pattern.replace("?", "*"), None)
        self._refused = frozenset(path for path, said in found.errors.items() if said in _DENIED)
        self._failed = [path for path, said in found.errors.items() if said not in _ABSENT]
        self._pids = [path.split("/", 3)[2] for path in found.texts if path.endswith("/stat") and path[6:7].isdigit()]

    def of(self, need: Need) -> Supplied:
        """The answer."""
        if isinstance(need, Command):
            return self._program(need)
        if isinstance(need, Capacity):
            return self._whole("capacity") or self._found.capacity
        if isinstance(need, Portable):
            return Missing("unsupported", "psutil is not asked over SSH")
        path = need.path if isinstance(need, File) else need.pattern
        if not plain(path):
            return Missing("failed", f"{path!r} is no plain absolute path")
        if isinstance(need, File):
            return self._text(path, need.limit)
        if isinstance(need, Files):
            return self._each(need, "texts" if path.startswith(KERNEL) else "files", self._member)
        if isinstance(need, Digests):
            return self._each(need, "digests", self._digest)
        if isinstance(need, Certificates):
            return self._each(need, "certificates", self._certificates)
        return self._each(need, "links", self._link)

    def skipped(self, need: Need) -> bool:
        """True of a command that the script did not run, since its condition did not hold."""
        return isinstance(need, Command) and not {f"c{self._numbers[need]}", f"x{self._numbers[need]}"} & set(
            self._frames.sections
        )

    # ------------------------------------------------------------------------------------------------- files
    def _each(
        self, need: Files | Links | Digests | Certificates, section: str, get: Callable[[Any, str], Any]
    ) -> dict[str, Any] | Missing:
        cut = self._whole("lines0" if isinstance(need, Files) and need.keep else section)
        if not need.pattern.startswith(KERNEL):
            cut = self._whole("way") or cut
        if cut:
            return cut
        if need.pattern.endswith("/cmdline") and self._cuts_at_zeros():
            return Missing("failed", "the grep of the host cuts lines at a zero byte, so command lines are not whole")
        if WILD.search(need.pattern):
            matches = matcher(need.pattern)
            paths = [path for path in self._candidates(need) if matches(path)]
        else:
            paths = [need.pattern]
        if len(paths) > need.count:
            return Missing("too_big", f"{need.pattern} matches {len(paths)} files; at most {need.count} are read")
        unlisted = dict(self._unlisted(need.pattern))
        found: dict[str, Any] = {_shown(path): lack for path, lack in unlisted.items()}
        for path in paths:
            if path.rpartition("/")[0] in unlisted:
                continue  # known by its name from elsewhere
            answer = get(need, path)
            if answer is not None and not (isinstance(answer, Missing) and answer.kind == "absent"):
                found[_shown(path)] = answer
        return dict(sorted(found.items()))

    def _candidates(self, need: Files | Links | Digests | Certificates) -> Iterable[str]:
        pattern = need.pattern
        if isinstance(need, Links):
            top = pattern.split("/", 2)[1]
            if WILD.search(top):
                return [path for paths in self._by_root.values() for path in paths]
            return self._by_root.get(top, ())
        if pattern.startswith(KERNEL):
            last = pattern.rpartition("/")[2]
            own = "" if WILD.search(last) else f"/{last}"
            named = self._by_name.get(own, ()) if own else [p for each in self._by_name.values() for p in each]
            paths = dict.fromkeys(named)
            if pattern == "/proc/[0-9]*/cmdline":
                # grep shows nothing of an empty file, such as the command line of a process that has wiped it out. Other
                # files of a process are never empty: one that is not there has ended meanwhile.
                paths.update(dict.fromkeys(f"/proc/{pid}{own}" for pid in self._pids))
            return paths
        folder = pattern.rpartition("/")[0]
        if not WILD.search(folder):
            return self._by_folder.get(folder, ())
        return (path for paths in self._by_folder.values() for path in paths)

    @cached_property
    def _by_root(self) -> dict[str, list[str]]:
        """Links by the first component of their paths."""
        return _grouped([*self._found.links, *self._found.link_errors], lambda path: path.split("/", 2)[1])

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        """Files of the kernel by their last component."""
        return _grouped([*self._found.texts, *self._failed], lambda path: path[path.rfind("/") :])

    @cached_property
    def _by_folder(self) -> dict[str, list[str]]:
        """Files on disk by the folder that they lie in."""
        return _grouped([*self._found.rows, *self._failed], lambda path: path.rpartition("/")[0])

    def _unlisted(self, pattern: str) -> Iterable[tuple[str, Missing]]:
        parts = pattern.strip("/").split("/")
        folders = ["/" + "/".join(parts[:n]) for n, part in enumerate(parts) if WILD.search(part)]
        for folder in folders:
            matches = matcher(folder)
            for path in self._found.unlisted:
                if matches(path) and not self._looked_into(path):
                    yield path, self._denied(path)
            if pattern.startswith("/proc/"):
                denied = (p for p, said in self._found.link_errors.items() if said in _DENIED and matches(p))
                yield from ((path, self._denied(path)) for path in denied)

    def _cuts_at_zeros(self) -> bool:
        """True where no argument of any process has its end, as with BusyBox of old."""
        titles = [data for path, data in self._found.texts.items() if path.endswith("/cmdline")]
        return bool(titles) and not any(b"\0" in data for data in titles)

    def _looked_into(self, folder: str) -> bool:
        return folder in self._found.raised_rows

    def _member(self, need: Files, path: str) -> Content | Missing | None:
        found = self._text(path, need.limit, b"" if path.startswith("/proc/") else None)
        return None if isinstance(found, Missing) and found.reason.endswith("is no regular file") else found

    def _text(self, path: str, limit: int, empty: bytes | None = None) -> Content | Missing:
        found = self._found
        if path.startswith(KERNEL):
            if _FORBIDDEN.fullmatch(path):
                return Missing("denied", f"{path} is never read: it is a process' environment, or leads out of /proc")
            data = found.texts.get(path)
            if data is None:
                if path in found.errors:
                    return self._lack(path, found.errors[path])
                if empty is None and not self._frames.whole:
                    return Missing("failed", f"{path}: the answer of the host is not whole")
                return self._whole("texts") or Content(empty or b"", 0o444)
            if data.endswith(b"\0\n") or path.endswith("/cmdline"):
                data = data[:-1]
            if path in _TCP:
                data = without(data, found.about.get("connection", ""))
            if len(data) > limit:
                return Missing("too_big", f"{path} has more than {limit} bytes")
            return Content(data, 0o444)
        place = self._place(path)
        if isinstance(place, Missing):
            return place
        status = place.status
        if not stat.S_ISREG(status.mode):
            return Missing("failed", f"{path} is no regular file")
        lack = self._file_lack(path, status.size, limit)
        if lack:
            return lack
        data = found.texts.get(path, found.texts.get(place.path))
        if data is None:
            if status.size:
                return self._whole("files") or Missing("failed", f"{path} can not be read: it changed meanwhile")
            data = b""
        data = _once(data, status.size)
        if len(data) > limit:
            return Missing("too_big", f"{path} has more than {limit} bytes")
        return Content(data, stat.S_IMODE(status.mode), status.uid, status.gid)

    def _digest(self, need: Digests, path: str) -> FileDigest | Missing | None:
        place = self._place(path)
        if isinstance(place, Missing):
            return place
        status = place.status
        if not stat.S_ISREG(status.mode):
            return None
        lack = self._file_lack(path, status.size, need.limit)
        if lack:
            return lack
        sha = self._found.digests.get(path, self._found.digests.get(place.path))
        if sha is None:
            return self._whole("digests") or Missing("failed", f"{path} can not be read: it changed meanwhile")
        mode = stat.S_IMODE(status.mode)
        public = place.entered and bool(mode & stat.S_IROTH)
        return FileDigest(sha, status.size, mode, status.uid, status.gid, public)

    def _certificates(self, need: Certificates, path: str) -> Content | Missing | None:
        place = self._place(path)
        if isinstance(place, Missing):
            return place
        status = place.status
        if not stat.S_ISREG(status.mode):
            return None
        known = self._found.certificates
        if path not in known:
            return self._whole("certificates") or Missing("failed", f"{path} can not be read: it changed meanwhile")
        data = known[path]
        if data is None:
            return self._denied(path)
        lack = self._file_lack(path, status.size, need.limit)
        return lack or Content(data, stat.S_IMODE(status.mode), status.uid, status.gid)

    def _link(self, need: Links, path: str) -> str | Missing | None:
        if not path.startswith(KERNEL):
            place = self._ways.find(path.rpartition("/")[0] or "/", denied=self._refused)
            if isinstance(place, Missing):
                return place
        target = self._found.links.get(path)
        if not target:
            said = self._found.link_errors.get(path)
            return self._lack(path, said or "Invalid argument")
        return _shown(target) if target.startswith(need.starting) else None

    def _place(self, path: str) -> Place | Missing:
        """Where the path ends, or why that is not told; a Missing with its full reason."""
        place = self._ways.find(path, denied=self._refused)
        if not isinstance(place, Missing):
            return place
        if place.kind == "absent":
            if path not in self._found.errors and not self._frames.whole:
                return Missing("failed", f"{path}: the answer of the host is not whole")
            return self._whole("way") or self._lack(path, "No such file or directory")
        return place if place.reason != path else self._denied(path)

    def _file_lack(self, path: str, size: int, limit: int) -> Missing | None:
        said = self._found.errors.get(path)
        if said and path not in self._found.texts and path not in self._found.digests:
            return self._lack(path, said)
        if size > limit:
            return Missing("too_big", f"{path} has {size} bytes; at most {limit} are read")
        return None

    def _lack(self, path: str, said: str) -> Missing:
        if said in _ABSENT:
            return Missing("absent", f"{path} does not exist")
        if said in _DENIED:
            return self._denied(path, said)
        if said == "Too many levels of symbolic links":
            return Missing("denied", f"{path} is a symbolic link and is not followed")
        return Missing("failed", f"{path} can not be read: {said[:100]}")

    def _denied(self, path: str, said: str = "Permission denied") -> Missing:
        return Missing("denied", f"{path} may not be read: {said}{'' if self._root else '; run as root'}")

    def _whole(self, key: str) -> Missing | None:
        """Why a section is not there, None where it is."""
        if key in self._frames.sections:
            section = self._frames.sections[key]
            if section.status == "143":
                return self._late(key)
            if self._speechless(key, section):
                said = section.errors.decode("utf-8", "replace").strip().splitlines()
                shown = f": {said[0][:200]}" if said else ""
                return Missing("failed", f"the host's programs showed nothing for section {key!r}{shown}")
            return None
        if self._frames.too_big:
            return Missing("too_big", "the host sent more than is taken of one host")
        return Missing("failed", f"the answer of the host ends before its section {key!r}")

    def _speechless(self, key: str, section: Section) -> bool:
        """True where the program itself did not work (another dialect, not installed): that it showed nothing says
        nothing then."""
        if key == "way":
            return "/" not in self._found.rows
        return section.status != "0" and not section.data and key != "unlisted" and not blamed(section)

    def _late(self, what: str) -> Missing:
        return Missing("timeout", f"{what} did not end within {PATIENCE_SECONDS} s")

    # ------------------------------------------------------------------------------------------------- programs
    def _program(self, need: Command) -> Output | Missing:
        name, shown = need.argv[0], " ".join(need.argv)
        if name not in PROGRAMS:
            return Missing("unsupported", f"{name} is not in the list of programs that may be run")
        number = self._numbers[need]
        section = self._frames.sections.get(f"x{number}") or self._frames.sections.get(f"c{number}")
        if section is None:
            return self._whole(f"c{number}") or Missing("failed", f"{shown} was not run")
        if section.status == "absent":
            return Missing("absent", f"{name} is not installed")
        if section.status == "root":
            return Missing("denied", f"{shown} tells this to root only; run as root")
        where = (
            section.status.removeprefix("denied ") if section.status.startswith("denied ") else self._led_astray(name)
        )
        if where:
            return Missing(
                "denied",
                f"{where} can be written by others than root, so nothing is run from there; chown root and chmod go-w it",
            )
        if section.status == "143":
            return self._late(shown)
        if not section.status.isdecimal():
            return Missing("failed", f"{shown}: not understood: status {section.status[:100]!r}")
        if len(section.data) > need.limit:
            return Missing("too_big", f"{shown} printed more than {need.limit} bytes")
        errors = section.errors + self._raised_said.get(f"x{number}", b"")
        return Output(section.data, errors[: 64 * 1024], int(section.status))

    def _led_astray(self, name: str) -> str | None:
        """What of a program's way others can write; the script itself looks at the usual ways only."""
        for place in PROGRAMS[name]:
            end = self._ways.find(place)
            if not isinstance(end, Missing):
                return self._ways.untrusted(place)
        return None


def _grouped(paths: Iterable[str], by: Callable[[str], str]) -> dict[str, list[str]]:
    """Each path once, in the order in which they come."""
    found: dict[str, list[str]] = {}
    for path in dict.fromkeys(paths):
        found.setdefault(by(path), []).append(path)
    return found


def _once(data: bytes, size: int) -> bytes:
    """A file's content, once where several patterns have named it; grep ends the last line where the file does not."""
    for unit in (data[:size], data[: size + 1]):
        if unit and unit.endswith(b"\n") and len(data) % len(unit) == 0 and data == unit * (len(data) // len(unit)):
            return unit if len(unit) == size else unit[:-1]
    return data


def _shown(path: str) -> str:
    return path if path.isascii() else path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
