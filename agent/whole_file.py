"""Files that are there whole or not at all, also after a power cut: they get their names once they are on the disk."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

UNFINISHED = ".new"
"""How the name of a file ends that was not written whole."""


def write_whole(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write a file that is there whole or as it was before. Raises OSError."""
    new = path.with_name(f".{path.name}{UNFINISHED}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        _write(new, flags, data, mode)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    sync(path.parent)


def born(path: Path, secret: bytes) -> None:
    """Make the file of mode 0600 where there is none: nobody ever reads half of a secret, and the first one stays. Raises
    OSError."""
    if path.exists():
        return
    new = path.with_name(f".{path.name}.{os.urandom(4).hex()}")  # of this thread alone
    try:
        _write(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, secret, 0o600)
        with contextlib.suppress(FileExistsError):
            os.link(new, path)
    finally:
        new.unlink(missing_ok=True)
    sync(path.parent)


def sync(folder: Path) -> None:
    """Bring the names in a folder to the disk. Raises OSError."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _write(path: Path, flags: int, data: bytes, mode: int) -> None:
    with open(os.open(path, flags, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
