"""Where a secret is found: in files, texts, and in what processes show of themselves (proc(5))."""

from __future__ import annotations

import base64
import gzip
import json
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from urllib.parse import quote


def forms(secret: str) -> set[bytes]:
    """The secret as it may stand somewhere: plain, quoted, in JSON, hexadecimal, or base64 at each of its three places."""
    plain = secret.encode()
    found = {plain, quote(secret).encode(), json.dumps(secret)[1:-1].encode(), repr(secret)[1:-1].encode(),
             plain.hex().encode(), plain.hex().upper().encode(), secret.encode("utf-16-le"), plain[::-1]}  # fmt: skip
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + plain)
        start = (before * 8 + 5) // 6
        found.add(coded[start : len(coded) // 4 * 4 - 4])
    return {form for form in found if len(form) >= 8}


def found_in(content: bytes, secrets: Mapping[str, str]) -> list[str]:
    """The names of the secrets that stand in it, or in what it is a compressed form of."""
    contents = [content]
    for unpack in (gzip.decompress, zlib.decompress):
        try:
            contents.append(unpack(content))
        except (OSError, EOFError, zlib.error):
            pass
    return [name for name, secret in secrets.items() if any(form in c for c in contents for form in forms(secret))]


def found_in_files(folder: Path, secrets: Mapping[str, str], but: Iterable[Path] = ()) -> list[str]:
    """ "FILE: NAME" for each secret in a file below `folder`; `but` are the files that hold secrets by right."""
    left_out = {path.resolve() for path in but}
    return [
        f"{path}: {name}"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.resolve() not in left_out
        for name in found_in(path.read_bytes(), secrets)
    ]


class Watch:
    """Looks again and again at the command lines and environments of all processes, as a context manager.

    `seen` is how often it looked, `found` has "PID: WHERE: NAME" for each secret. A process for which `by_right` is true (its
    command line is given) may have secrets in its environment, where its user put them.
    """

    def __init__(self, secrets: Mapping[str, str], by_right: Callable[[bytes], bool]) -> None:
        self._secrets, self._by_right = secrets, by_right
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.seen = 0
        self.watched: set[bytes] = set()
        self.found: set[str] = set()

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(0.02):
            for folder in _processes():
                self._look(folder)
            self.seen += 1

    def _look(self, folder: Path) -> None:
        try:
            command = (folder / "cmdline").read_bytes()
            environment = (folder / "environ").read_bytes()
        except OSError:
            return  # It has ended.
        self.watched.add(command)
        shown = [("command line", command)] + ([] if self._by_right(command) else [("environment", environment)])
        for where, content in shown:
            self.found |= {f"{folder.name} ({command[:200]!r}): {where}: {n}" for n in found_in(content, self._secrets)}


def _processes() -> Iterator[Path]:
    own = threading.get_native_id()
    return (p for p in Path("/proc").iterdir() if p.name.isdigit() and int(p.name) != own)
