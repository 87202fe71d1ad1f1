"""A whole store in one file: a head, records (portable.py), and a digest at the end.

gzip over lines of JSON (RFC 1952, RFC 8259). The head is `{"surveymark_backup": 1, "made_at", "genesis", "digest_key",
"born_at", "head": {"number", "committed_at", "digest"}, "fields": {kind: [name, ...]}}`, the last line `{"records": n,
"sha256": digest of all lines before it}`. Who has the file has the store, with the key of keyed digests and the salts: its mode
is 0600, and where it is kept counts as the store does.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import secrets
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cmdb.in_place import put_in_place
from cmdb.model.errors import StoreError, UsageError
from cmdb.model.times import iso
from cmdb.portable import Birth, Decoder, Dump, Encoder, Record, fields
from cmdb.portable_form import MAX_NUMBER, Malformed
from cmdb.states import Head

FORMAT = 1
LEVEL = 4
"""Of zlib. Level 6 takes twice the time for 4 % less."""
EVERY = 5_000
"""Records between two words of progress."""

_HEX = re.compile(r"[0-9a-f]{64}\Z")

MOST_BYTES = 512 * 1024 * 1024
"""Of one line: more than any record has, and little enough to hold."""

Progress = Callable[[int], None]
"""Told how many records are done."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a backup says of itself."""

    birth: Birth
    head: Head
    made_at: int
    records: int
    fields: dict[str, list[str]]


def write(file: Path, dump: Dump, made_at: int, progress: Progress = lambda _: None) -> int:
    """Write a dump into a new file; returns the number of records. It is there whole, or not at all.

    Raises UsageError where the file is there already: a backup is never written over. Raises StoreError that names the file
    where it is whole under another name, since the file system can give this one only at the risk of that.
    """
    # A name of its own: of two backups into one file the first that is whole stands, and the other does not write into it.
    partial = file.with_name(f"{file.name}.{secrets.token_hex(4)}.part")
    if file.exists():
        raise UsageError(f"{file} is there already; name another file, a backup is not written over.")
    kept = False
    opened = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        with os.fdopen(opened, "wb") as raw:
            os.fchmod(raw.fileno(), 0o600)
            count = _written(raw, dump, made_at, progress)
            raw.flush()
            os.fsync(raw.fileno())
        kept = not put_in_place(partial, file)
    except FileExistsError:
        raise UsageError(f"{file} is there already; name another file, a backup is not written over.") from None
    finally:
        if not kept:
            with suppress(FileNotFoundError):
                partial.unlink()
    _settle(file.parent)
    if kept:
        raise StoreError(
            f"The file system of {file} can not name a file without writing over another: the backup is whole, as {partial}; "
            "rename it."
        )
    return count


def verify(file: Path, progress: Progress = lambda _: None) -> Kept:
    """Read all of a backup and compare its digest. Raises StoreError where it is none, cut short, or was altered."""
    reader = _Reader(file)
    head, count = reader.head(), 0
    for count, _ in enumerate(reader.lines(), 1):
        if not count % EVERY:
            progress(count)
    birth = Birth(head["genesis"], bytes.fromhex(head["digest_key"]), head["born_at"])
    return Kept(birth, Head(**head["head"]), head["made_at"], count, head["fields"])


def read(file: Path, progress: Progress = lambda _: None) -> Iterator[Record]:
    """The records of a backup. Raises StoreError for what is no record, and at the end of one that was altered since it was
    verified."""
    reader = _Reader(file)
    decoder = Decoder(reader.head()["fields"])
    for count, line in enumerate(reader.lines(), 1):
        try:
            record = decoder.record(line)
        except Malformed as error:
            raise StoreError(_altered(file, f"its record {count} is none: {error}")) from None
        yield record
        if not count % EVERY:
            progress(count)


@contextmanager
def _readable(file: Path, what: str) -> Iterator[None]:
    """That something can not be decoded, though the digest fits, is said of the file."""
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError) as error:
        raise StoreError(
            f"{file} was not written by Surveymark: {what} can not be read ({type(error).__name__}); use another backup."
        ) from error


def _hex(text: object) -> str:
    """64 hex digits. Raises ValueError."""
    if not isinstance(text, str) or len(text) != 64 or set(text) - set("0123456789abcdef"):
        raise ValueError("no 64 hex digits")
    return text


def told(kept: Kept) -> dict[str, Any]:
    """What a backup says of itself, for people."""
    return {
        "revision": kept.head.number,
        "digest": kept.head.digest,
        "made_at": iso(kept.made_at),
        "records": kept.records,
    }


class _Reader:
    """The lines of a backup, each counted into the digest that the last one has."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._lines = self._raw()

    def head(self) -> dict[str, Any]:
        """The first line. To be called once, before `lines`."""
        first = next(self._lines, b"")
        try:
            head: dict[str, Any] = json.loads(first)
            form = head["surveymark_backup"]
        except (ValueError, TypeError, KeyError, RecursionError):
            raise StoreError(
                f"{self._file} is no backup of Surveymark; name a file that `surveymark backup` wrote."
            ) from None
        if form != FORMAT:
            raise StoreError(
                f"{self._file} is a backup of format {form!r:.20}, this Surveymark reads {FORMAT}: upgrade it."
            )
        why = _head_problem(head)
        if why:
            raise StoreError(_altered(self._file, f"its head {why}"))
        try:
            Decoder(head["fields"])  # refuses what is newer
        except Malformed as error:
            raise StoreError(_altered(self._file, f"its head: {error}")) from None
        self._digest.update(first)
        return head

    def lines(self) -> Iterator[bytes]:
        """The lines of the records. Raises StoreError at the end where they are not those that were written."""
        count = 0
        for line in self._lines:
            if not line.startswith(b"{"):
                self._digest.update(line)
                count += 1
                yield line
                continue
            try:
                end = json.loads(line)
            except (ValueError, RecursionError):
                break
            if next(self._lines, None) is None and end == {"records": count, "sha256": self._digest.hexdigest()}:
                return
            break
        raise StoreError(_altered(self._file, f"its closing digest does not fit after {count} records"))

    def _raw(self) -> Iterator[bytes]:
        if not self._file.is_file() and self._file.exists():
            raise StoreError(f"{self._file} is no regular file; name the file that `surveymark backup` wrote.")
        try:
            with gzip.open(self._file, "rb") as opened:
                while line := opened.readline(MOST_BYTES + 1):
                    if len(line) > MOST_BYTES:
                        raise StoreError(
                            f"{self._file} is no backup of Surveymark: a line has more than {MOST_BYTES:,} bytes."
                        )
                    yield line
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise StoreError(
                f"{self._file} is no backup, cut short, or was altered ({error}); use another one."
            ) from error


def _altered(file: Path, why: str) -> str:
    return f"{file} is cut short or was altered ({why}): nothing of it is taken; use another backup."


def _head_problem(head: dict[str, Any]) -> str:
    """What of the first line is not as `backup` writes it, empty where all is."""
    last: Any = head.get("head")
    wrong = [name for name in ("made_at", "born_at") if not _count(head.get(name))]
    wrong += [name for name in ("genesis", "digest_key") if not _HEX.match(str(head.get(name)))]
    whole = isinstance(last, dict) and set(last) == {"number", "committed_at", "digest"}
    if not (whole and _count(last["number"]) and _count(last["committed_at"]) and isinstance(last["digest"], str)):
        wrong.append("head")
    if not isinstance(head.get("fields"), dict):
        wrong.append("fields")
    return f"has no proper {', '.join(wrong)}" if wrong else ""


def _count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MAX_NUMBER


def _written(raw: BinaryIO, dump: Dump, made_at: int, progress: Progress) -> int:
    encoder, digest, count = Encoder(), hashlib.sha256(), 0
    head = {
        "surveymark_backup": FORMAT,
        "made_at": made_at,
        "genesis": dump.birth.genesis,
        "digest_key": dump.birth.digest_key.hex(),
        "born_at": dump.birth.born_at,
        "head": {"number": dump.head.number, "committed_at": dump.head.committed_at, "digest": dump.head.digest},
        "fields": fields(),
    }
    with gzip.GzipFile("", "wb", LEVEL, raw, 0) as out:
        line = json.dumps(head, separators=(",", ":")).encode() + b"\n"
        digest.update(line)
        out.write(line)
        for count, record in enumerate(dump.records, 1):
            line = encoder.line(record)
            digest.update(line)
            out.write(line)
            if not count % EVERY:
                progress(count)
        out.write(json.dumps({"records": count, "sha256": digest.hexdigest()}).encode() + b"\n")
    return count


def _settle(folder: Path) -> None:
    """That the file is there survives a power cut too."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
