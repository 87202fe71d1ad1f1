"""The lines of an OpenSSH client configuration: words and quotes, blocks, files that are included. Bounded in all of it.

Source: ssh_config(5). A block's lines stand in order, what an Include names between them as further blocks.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cmdb.model.checked import shown
from cmdb.model.errors import UsageError
from collector.inventory.bounded_file import text_of

MOST_FILE_BYTES = 4 * 1024 * 1024
MOST_FILES = 1_000
MOST_LINES = 200_000
MOST_DEPTH = 16
"""As deep as OpenSSH goes."""
_KEYWORD = re.compile(r"([^\s=\"]+|\"[^\"]*\")(?:\s*=\s*|\s+|\Z)")


@dataclass(frozen=True, slots=True)
class Line:
    """One option: `name` in small letters and as `written`, its words, and where it stands ("~/.ssh/config line 3")."""

    name: str
    written: str
    words: tuple[str, ...]
    where: str


@dataclass(slots=True)
class Block:
    """What stands behind one Host or Match (`line`; None: at the begin of a file), in order."""

    line: Line | None
    items: list[Line | list[Block]] = field(default_factory=list)


def load_blocks(path: Path, home: Path) -> list[Block]:
    """The blocks of a file. Raises UsageError that names the file, and the line where there is one."""
    return _Reader(home).file(path, 0)


def words_of(text: str) -> list[str]:
    """The words of an option's value: quoted by " or ', a backslash before a quote, a backslash or a space, # ends.

    Raises ValueError for a quote without its end.
    """
    words: list[str] = []
    at = 0
    while at < len(text):
        if text[at] in " \t":
            at += 1
            continue
        if text[at] == "#":
            break
        word: list[str] = []
        quote = ""
        while at < len(text):
            sign = text[at]
            following = text[at + 1 : at + 2]
            if sign == "\\" and following and (following in "'\"\\" or (not quote and following == " ")):
                word.append(following)
                at += 1
            elif not quote and sign in " \t":
                break
            elif not quote and sign in "'\"":
                quote = sign
            elif quote and sign == quote:
                quote = ""
            else:
                word.append(sign)
            at += 1
        if quote:
            raise ValueError("a quote has no end")
        words.append("".join(word))
    return words


class _Reader:
    def __init__(self, home: Path) -> None:
        self._home = home
        self._files = self._lines = 0

    def file(self, path: Path, depth: int) -> list[Block]:
        self._files += 1
        if self._files > MOST_FILES:
            raise UsageError(f"{path} is the {self._files}th file that is included; at most {MOST_FILES} are read.")
        text = text_of(path, most=MOST_FILE_BYTES)
        _ours(path)
        self._lines += text.count("\n") + 1
        if self._lines > MOST_LINES:
            raise UsageError(f"{path}: the configuration has more than {MOST_LINES} lines.")
        name = self._shown(path)
        block = Block(None)
        blocks = [block]
        for number, raw in enumerate(text.split("\n"), 1):
            line = _line(raw, f"{name} line {number}")
            if line is None:
                continue
            if line.name in ("host", "match"):
                block = Block(line)
                blocks.append(block)
            elif line.name == "include":
                block.items.append(self._included(line, depth))
            else:
                block.items.append(line)
        return blocks

    def _included(self, line: Line, depth: int) -> list[Block]:
        if depth + 1 > MOST_DEPTH:
            raise UsageError(f"{line.where}: files include each other deeper than {MOST_DEPTH} times.")
        found: list[Block] = []
        for word in line.words:
            pattern = str(self._home) + word[1:] if word.startswith("~/") else word
            if not pattern.startswith("/"):
                pattern = f"{self._home}/.ssh/{pattern}"
            for path in _glob(pattern):
                found += self.file(path, depth + 1)
        return found

    def _shown(self, path: Path) -> str:
        text = str(path)
        return f"~{text[len(str(self._home)) :]}" if text.startswith(f"{self._home}/") else text


def _glob(pattern: str) -> list[Path]:
    """The files that a pattern means, in the order of their names; none where none is there."""
    start = Path("/")
    parts = pattern.lstrip("/")
    if not any(sign in parts for sign in "*?["):
        return [start / parts] if (start / parts).exists() else []
    return sorted(path for path in start.glob(parts) if path.is_file())[: MOST_FILES + 1]


def _ours(path: Path) -> None:
    """Refuses a file that others may write, as OpenSSH does: it says where secrets are sent."""
    status = path.stat()
    if status.st_uid not in (0, os.getuid()) or status.st_mode & 0o022:
        raise UsageError(f"{path} can be written by others, so it is not read: chmod go-w it, and own it.")


def _line(raw: str, where: str) -> Line | None:
    text = raw.strip(" \t\r\n\f")
    if not text or text.startswith("#"):
        return None
    found = _KEYWORD.match(text)
    if found is None:
        raise UsageError(f"{where}: {shown(text)} is no option with its value.")
    written = found[1].strip('"')
    try:
        words: Sequence[str] = words_of(text[found.end() :])
    except ValueError as error:
        raise UsageError(f"{where}: {error}.") from None
    return Line(written.lower(), written, tuple(words), where)
