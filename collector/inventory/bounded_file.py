"""The text of a file that people keep: UTF-8, bounded in bytes and lines."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cmdb.model.errors import UsageError
from collector.inventory.listed import MOST_BYTES, MOST_LINES


def text_of(path: Path, *, most: int = MOST_BYTES) -> str:
    """The text of a file, its lines ending in "\\n" alone, without a byte order mark.

    Raises UsageError that names the file for one that is absent, no regular file, too long or no text.
    """
    try:
        # Not to wait for the other end of a named pipe.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UsageError(f"{path} is no file: name one file, not a folder or device.")
            data = file.read(most + 1)
    except OSError as error:
        raise UsageError(f"{path} can not be read: {error.strerror or error}.") from None
    if len(data) > most:
        raise UsageError(f"{path} has more than {most} bytes; split it.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8.") from None
    if "\0" in text:
        raise UsageError(f"{path} holds a NUL character, so it is no text.")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") > MOST_LINES:
        raise UsageError(f"{path} has more than {MOST_LINES} lines; split it.")
    return text
