"""What a process did to the files of a folder, system call by system call, and what a power cut would leave of them.

`recorded` runs a command under strace(1), which sees every call that changes a file, with its bytes. `Disk` replays such a
record, and knows at each call what is certainly on the disk: what was written before the last fsync(2) of its file, names
before the last one of their folder (neither says anything about the other). Of everything since, a power cut leaves all,
nothing, or some 512-byte sectors of some writes. Shared memory is no part of it: SQLite makes that of a WAL anew.
"""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

CALLS = (
    "openat,creat,mkdir,mkdirat,unlink,unlinkat,rename,renameat,renameat2,link,linkat,"
    "write,writev,pwrite64,pwritev,pwritev2,truncate,ftruncate,fallocate,copy_file_range,sendfile,fsync,fdatasync,"
    "sync_file_range,msync"
)
SECTOR = 512
_CALL = re.compile(
    r"\d+ +(?P<name>\w+)\((?P<fd>AT_FDCWD|\d+)?(?:<(?P<of>(?:\\x..)*)>)?(?:\(deleted\))?(?:, )?"
    r'(?:"(?P<text>(?:\\x..)*)")?(?P<rest>[^"]*)(?:"(?P<to>(?:\\x..)*)"[^"]*)?\) += (?P<result>-?\d+)'
)


@dataclass
class Call:
    """One system call that succeeded: `path` is of the file or folder, `data` what was written at `offset`, `to` a new name."""

    name: str
    path: PurePosixPath
    data: bytes = b""
    offset: int = 0
    flags: str = ""
    to: PurePosixPath | None = None


def recorded(command: Sequence[str], log: Path, cwd: Path) -> list[Call]:
    """Run a command to its end under strace, a line on its standard input; what it did, in order."""
    how = [
        "strace",
        "-f",
        "--seccomp-bpf",
        "-qq",
        "-xx",
        "-y",
        "-s",
        str(1 << 24),
        "-e",
        f"trace={CALLS}",
        "-o",
        str(log),
    ]
    outcome = subprocess.run([*how, *command], cwd=cwd, input=b"\n", capture_output=True, check=False)
    assert outcome.returncode == 0, outcome.stderr.decode()
    return list(_calls(log))


def _calls(log: Path) -> Iterator[Call]:
    with log.open() as lines:
        for line in lines:
            if " = -1 " in line or line.rstrip().endswith("+++"):
                continue
            found = _CALL.match(line)
            assert found is not None, f"a call that was not understood: {line[:200]}"
            yield _call(found)


def _call(found: re.Match[str]) -> Call:
    name, of, text, rest = (found[group] or "" for group in ("name", "of", "text", "rest"))
    said = _bytes(text)
    if name in ("openat", "creat", "mkdir", "mkdirat", "unlink", "unlinkat"):
        return Call(name, PurePosixPath(_bytes(of).decode()) / said.decode(), flags=rest)
    if name == "rename":
        return Call(name, PurePosixPath(said.decode()), to=PurePosixPath(_bytes(found["to"]).decode()))
    path = PurePosixPath(_bytes(of).decode())
    numbers = [int(n) for n in re.findall(r"\b\d+\b", rest)]
    if name == "pwrite64":
        assert int(found["result"]) == len(said), "a short write"
        return Call(name, path, said, numbers[1])
    return Call(name, path, said, numbers[0] if name == "ftruncate" else 0)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


@dataclass
class _File:
    durable: bytearray = field(default_factory=bytearray)
    since: list[tuple[int, bytes | None]] = field(default_factory=list)
    """(offset, data) of writes, (size, None) of truncations, that no fsync has followed."""


class Disk:
    """The files below `folder`, as calls change them. Refuses calls that it does not know how to replay."""

    def __init__(self, folder: Path) -> None:
        self.folder = PurePosixPath(folder)
        self._files: dict[PurePosixPath, _File | None] = {}
        self._certain: dict[PurePosixPath, _File | None] = {}

    def do(self, call: Call) -> bool:
        """Replay a call; False where it is about other files."""
        if self.folder not in call.path.parents and call.path != self.folder:
            return False
        if call.path.name.endswith("-shm"):
            return False
        if call.name in ("openat", "creat"):
            return self._open(call)
        if call.name in ("mkdir", "mkdirat"):
            self._files[call.path] = None
        elif call.name in ("unlink", "unlinkat"):
            del self._files[call.path]
        elif call.name in ("fsync", "fdatasync"):
            self._sync(call.path)
        elif call.name == "pwrite64":
            self._file(call.path).since.append((call.offset, call.data))
        elif call.name == "write":  # behind what is there: nobody here seeks
            file = self._file(call.path)
            file.since.append((len(_with(file.durable, file.since)), call.data))
        elif call.name == "rename":
            assert call.to is not None
            self._files[call.to] = self._files.pop(call.path)
        elif call.name == "ftruncate":
            self._file(call.path).since.append((call.offset, None))
        else:
            raise AssertionError(f"{call.name} of {call.path} can not be replayed")
        return True

    def all_of_it(self) -> dict[PurePosixPath, bytes | None]:
        """The files as the process saw them, None for a folder."""
        return {path: None if f is None else _with(f.durable, f.since) for path, f in self._files.items()}

    def certain(self) -> dict[PurePosixPath, bytes | None]:
        """What is there if nothing was kept but what had to be."""
        kept = {path: None if f is None else bytes(f.durable) for path, f in self._certain.items()}
        return self._reachable(kept)

    def torn(self, drawn: random.Random) -> dict[PurePosixPath, bytes | None]:
        """What is there if some sectors of some writes were kept, and some changes of names."""
        kept: dict[PurePosixPath, bytes | None] = {}
        for path in {**self._certain, **self._files}:
            names = [n[path] for n in (self._certain, self._files) if path in n]
            if len(names) < 2 and drawn.random() < 0.5:
                continue
            file = drawn.choice(names)
            kept[path] = None if file is None else _with(file.durable, _some(file.since, drawn))
        return self._reachable(kept)

    def _open(self, call: Call) -> bool:
        if "O_CREAT" not in call.flags and call.name != "creat":
            return False
        if call.path in self._files:
            assert "O_TRUNC" not in call.flags, f"{call.path} is emptied by opening it"
            return False
        self._files[call.path] = _File()
        return True

    def _sync(self, path: PurePosixPath) -> None:
        file = self._files.get(path)
        if file is not None:
            file.durable = bytearray(_with(file.durable, file.since))
            file.since = []
            return
        for names, other in ((self._files, self._certain), (self._certain, self._files)):
            for name in [n for n in names if n.parent == path]:
                if name in self._files:
                    self._certain[name] = self._files[name]
                elif name not in other:
                    del self._certain[name]

    def _file(self, path: PurePosixPath) -> _File:
        file = self._files[path]
        assert file is not None, f"{path} is a folder"
        return file

    def _reachable(self, kept: dict[PurePosixPath, bytes | None]) -> dict[PurePosixPath, bytes | None]:
        """Without what lies in a folder that is not there."""
        return {
            path: data
            for path, data in kept.items()
            if all(p in kept for p in path.parents if self.folder in p.parents)
        }


def _with(durable: bytearray, since: Iterable[tuple[int, bytes | None]]) -> bytes:
    content = bytearray(durable)
    for offset, data in since:
        if data is None:
            del content[offset:]
            content.extend(bytes(offset - len(content)))
        else:
            content.extend(bytes(max(offset - len(content), 0)))
            content[offset : offset + len(data)] = data
    return bytes(content)


def _some(since: Sequence[tuple[int, bytes | None]], drawn: random.Random) -> Iterator[tuple[int, bytes | None]]:
    """Each write wholly, not at all, or some sectors of it."""
    for offset, data in since:
        how = drawn.random()
        if how < 0.4:
            yield offset, data
        elif how < 0.6 and data is not None:
            place = 0
            while place < len(data):
                length = SECTOR - (offset + place) % SECTOR
                if drawn.random() < 0.5:
                    yield offset + place, data[place : place + length]
                place += length
