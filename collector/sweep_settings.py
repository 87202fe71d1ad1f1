"""Settings of sweeps: `sweep.toml` in the folder of settings, TOML 1.0, without a secret in it.

    permitted_ranges = ["10.20.0.0/16", "fd00:20::/32", "*.internal"]

It says where sweeps go, so it is the one's who sweeps or root's, and nobody else may write it.
"""

from __future__ import annotations

import os
import stat
import tomllib
from dataclasses import dataclass
from pathlib import Path

from cmdb.model.errors import UsageError
from collector.permitted import Permitted

MAX_BYTES = 1024 * 1024
MAX_RANGES = 10_000
_RANGES = "permitted_ranges"


@dataclass(frozen=True, slots=True)
class SweepSettings:
    """`permitted_ranges` is what may be swept without `--permit`, in the place of what is nobody's on the Internet; None where
    nothing is said of it."""

    permitted_ranges: tuple[str, ...] | None = None


def load(path: Path) -> SweepSettings:
    """The settings of a file; the defaults where it is missing. Raises UsageError where others may write it, where it is no
    such TOML, and for a range that is none."""
    try:
        # Not to wait for the other end of a named pipe.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise UsageError(f"{path} is no regular file.")
            if found.st_uid not in (0, os.geteuid()) or found.st_mode & 0o022:
                raise UsageError(f"{path} can be written by others, so it is not read: chmod go-w it, and own it.")
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return SweepSettings()
    except OSError as error:
        raise UsageError(f"{path} can not be read: {error.strerror}.") from None
    if len(content) > MAX_BYTES:
        raise UsageError(f"{path} is longer than {MAX_BYTES} bytes; is it the right file?")
    return _read(content, str(path))


def _read(content: bytes, name: str) -> SweepSettings:
    try:
        document = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and TOMLDecodeError are ValueErrors.
        raise UsageError(f"{name} is no TOML: {error}.") from None
    for key in sorted(document.keys() - {_RANGES}):
        raise UsageError(f"{name}: {key!r:.80} is no setting of sweeps; {_RANGES} is.")
    ranges = document.get(_RANGES)
    if ranges is None:
        return SweepSettings()
    if not isinstance(ranges, list) or not all(isinstance(each, str) for each in ranges):
        raise UsageError(f'{name}: {_RANGES} is a list of texts, as in ["10.20.0.0/16", "*.internal"].')
    if len(ranges) > MAX_RANGES:
        raise UsageError(f"{name}: {len(ranges)} permitted ranges; {MAX_RANGES} are the most.")
    for each in ranges:
        try:
            Permitted([each])
        except UsageError as error:
            raise UsageError(f"{name}: {_RANGES}: {error}") from None
    return SweepSettings(tuple(ranges))
