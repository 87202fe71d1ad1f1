"""A file that is whole gets its name, and never that of a file which is there.

A hard link does that everywhere but on file systems that have none (FAT, exFAT, some of networks). Linux renames without
replacing there (renameat2(2), RENAME_NOREPLACE), which these can.
"""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path

_HERE = -100
"""AT_FDCWD: paths are as they are written."""
_NO_REPLACE = 1
_CAN_NOT = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL}
"""What says that the file system, and not this file, is why."""


def put_in_place(whole: Path, file: Path) -> bool:
    """Give a file the name `file`; it loses its own name then or keeps both. False where the file system can do that only at
    the risk of replacing. Raises FileExistsError where there is one of that name."""
    for way in (os.link, _rename):
        try:
            way(whole, file)
        except FileExistsError:
            raise
        except OSError as error:
            if error.errno not in _CAN_NOT:
                raise
        else:
            return True
    return False


def _rename(old: Path, new: Path) -> None:
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if rename(_HERE, os.fsencode(old), _HERE, os.fsencode(new), _NO_REPLACE):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(new))
