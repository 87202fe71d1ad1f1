"""Files that hold secrets or decide about them: a regular file of ours, mode 0600, read whole and replaced whole.

Reading refuses what others may read or write and what is not ours, as ssh(1) does with private keys; the message names the
remedy and never the content. What systemd hands a service (systemd.exec(5), LoadCredential=) may be root's.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cmdb.model.errors import SurveymarkError, UsageError


def read(path: Path, limit: int, what: str = "") -> bytes:
    """The content, at most `limit` bytes. `what` says in messages what the file is.

    Raises UsageError: missing, no regular file, another's, open to others, too long.
    """
    name = f"{what} {path}".strip()
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        raise UsageError(f"{name} can not be read: {error.strerror}.") from None
    except ValueError:
        raise UsageError(f"{name!r} is no name of a file.") from None
    try:
        _private(os.fstat(handle), path, name)
        with open(handle, "rb", closefd=False) as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise UsageError(f"{name} can not be read: {error.strerror}.") from None
    finally:
        os.close(handle)
    if len(content) > limit:
        raise UsageError(f"{name} is longer than {limit} bytes; is it the right file?")
    return content


def check(path: Path, what: str = "") -> None:
    """Raises UsageError as `read` does, without reading."""
    name = f"{what} {path}".strip()
    try:
        found = path.stat()
    except OSError as error:
        raise UsageError(f"{name} can not be read: {error.strerror}.") from None
    except ValueError:
        raise UsageError(f"{name!r} is no name of a file.") from None
    _private(found, path, name)


def _private(found: os.stat_result, path: Path, name: str) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise UsageError(f"{name} is no regular file.")
    given_by_systemd = found.st_uid == 0 and _below_credentials(path)
    if found.st_uid != os.geteuid() and not given_by_systemd:
        raise UsageError(f"{name} belongs to another user (uid {found.st_uid}); chown it to the one who runs this.")
    # The mask of an access list, by which systemd lets the service's user read, stands in the place of the group's rights.
    if found.st_mode & (0o037 if given_by_systemd else 0o077):
        raise UsageError(f"{name} is open to others (mode {stat.S_IMODE(found.st_mode):04o}); chmod 600 {path}")


def _below_credentials(path: Path) -> bool:
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    return bool(folder) and path.parent == Path(folder)


def folder(path: Path) -> Path:
    """The folder, made with mode 0700 where it is missing. Raises UsageError where others may write it."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = path.stat().st_mode
    except OSError as error:
        raise SurveymarkError(f"{path} can not be made: {error.strerror}.") from None
    if mode & 0o022:
        raise UsageError(f"{path} may be written by others; chmod 700 {path}")
    return path


def replace(path: Path, content: bytes) -> None:
    """Write the content whole and then give it its name: a crash leaves the old file or the new one, a reader sees no half."""
    folder(path.parent)
    new = path.with_name(f".{path.name}.new")
    try:
        new.unlink(missing_ok=True)
        with open(
            os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600), "wb"
        ) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.rename(path)
        directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as error:
        raise SurveymarkError(f"{path} can not be written: {error.strerror}.") from None


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock beside `path` (flock(2)), against other processes and other threads; it waits for its turn."""
    folder(path.parent)
    beside = path.with_name(f".{path.name}.lock")
    try:
        handle = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SurveymarkError(f"{beside} can not be opened: {error.strerror}.") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
