"""One known_hosts file, read once and asked often.

Source: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. A line is `[marker] names type key [comment]`; names are a comma separated list
with * and ?, ! for exceptions, [host]:port for ports other than 22, or one name hashed as |1|salt|hash (HMAC-SHA1).
Lines that are none of this are left out, as OpenSSH does.

Plain names and keys are dictionaries. A hashed name can only be found by hashing with every salt of the file (about a
microsecond each), so it is looked for by the key that the host showed, which leaves a line or two; only for a key that the
file does not have are all lines tried.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

CERT_AUTHORITY = "@cert-authority"
REVOKED = "@revoked"
LARGEST_FILE = 64 * 1024 * 1024
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


class Entry(NamedTuple):
    """One line. `key` is the key blob in base64, `names` the field as it stands there."""

    marker: str
    names: str
    type: str
    key: str
    file: Path
    line: int

    @property
    def place(self) -> str:
        return f"{self.file} line {self.line}"


class HostKeyIndex:
    """The entries of one file, by name and by key."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lines = 0
        self._plain: dict[str, list[Entry]] = {}
        self._patterns: list[tuple[re.Pattern[str], re.Pattern[str] | None, Entry]] = []
        self._hashed: list[Entry] = []
        self._hashed_by_key: dict[str, list[Entry]] = {}
        self._pads: list[tuple[bytes, bytes, bytes, Entry]] | None = None

    def add(self, text: bytes) -> None:
        """Take more lines; numbered on from those that are there."""
        for number, line in enumerate(text.decode("utf-8", "surrogateescape").split("\n"), self._lines + 1):
            fields = line.split(None, 4)
            if not fields or fields[0][0] == "#":
                continue
            marker = ""
            if fields[0][0] == "@":
                marker = fields.pop(0)
                if marker not in (CERT_AUTHORITY, REVOKED):
                    continue
            if len(fields) < 3 or fields[1].isdigit():
                continue
            names = fields[0]
            self._put(Entry(marker, names, fields[1], fields[2], self.file, number))
        self._lines += text.count(b"\n")

    def _put(self, entry: Entry) -> None:
        names = entry.names
        if names.startswith("|"):
            self._hashed.append(entry)
            self._hashed_by_key.setdefault(entry.key, []).append(entry)
            self._pads = None
        elif "*" in names or "?" in names or "!" in names:
            parts = names.lower().split(",")
            excepted = [translated(part[1:]) for part in parts if part.startswith("!")]
            wanted = [translated(part) for part in parts if part and not part.startswith("!")]
            if wanted:
                but = re.compile("|".join(excepted)) if excepted else None
                self._patterns.append((re.compile("|".join(wanted)), but, entry))
        else:
            for name in names.lower().split(","):
                self._plain.setdefault(name, []).append(entry)

    def named(self, names: Iterable[str]) -> Iterator[Entry]:
        """Entries whose names are not hashed and match one of these (in lower case)."""
        for name in names:
            yield from self._plain.get(name, ())
            for wanted, but, entry in self._patterns:
                if wanted.fullmatch(name) and not (but and but.fullmatch(name)):
                    yield entry

    def hashed_with(self, names: Iterable[str], key: str) -> Iterator[Entry]:
        """Hashed entries of this key that match one of the names."""
        for entry in self._hashed_by_key.get(key, ()):
            pads = _pads(entry)
            if pads and any(_hash(name, pads[0], pads[1]) == pads[2] for name in names):
                yield entry

    def hashed(self, names: Iterable[str]) -> list[Entry]:
        """All hashed entries that match one of the names: every line is tried."""
        if not self._hashed:
            return []
        if self._pads is None:
            self._pads = [(*pads, entry) for entry in self._hashed if (pads := _pads(entry))]
        sha1 = hashlib.sha1
        return [
            entry
            for name in map(str.encode, names)
            for inner, outer, wanted, entry in self._pads
            if sha1(outer + sha1(inner + name).digest()).digest() == wanted
        ]


def translated(pattern: str) -> str:
    """A pattern of ssh_config(5), PATTERNS, as a regular expression for the whole name."""
    return "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)


def _pads(entry: Entry) -> tuple[bytes, bytes, bytes] | None:
    """The two blocks of HMAC that the salt makes, and the hash; None for what is no |1|salt|hash."""
    parts = entry.names.split("|")
    if len(parts) != 4 or parts[1] != "1":
        return None
    try:
        salt, wanted = base64.b64decode(parts[2]), base64.b64decode(parts[3])
    except (binascii.Error, ValueError):
        return None
    if len(salt) != 20:
        return None
    block = salt.ljust(64, b"\0")
    return block.translate(_INNER), block.translate(_OUTER), wanted


def _hash(name: str, inner: bytes, outer: bytes) -> bytes:
    return hashlib.sha1(outer + hashlib.sha1(inner + name.encode()).digest()).digest()  # noqa: S324 - as above
