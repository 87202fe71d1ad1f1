"""Reports that the server does not have yet, on disk until it does.

One file a report: its batch (cmdb.model.batch), packed by gzip, so that half a file shows. A file is written beside its place,
brought to the disk, put in its place, and the folder brought to the disk; so after a power cut each is there whole or not at
all. They leave in the order of their sequence. A newer state of a section takes the place of an older one that waits: what was
seen in between is told by nobody, and nothing that was seen last is lost. The first report may be with the server already, its
answer lost, so it stays as it is.

The spool is bounded: where it is full the oldest reports go, which is said. Where the disk is full a report is kept in memory
until there is room, which is said too; the agent goes on.
"""

from __future__ import annotations

import contextlib
import logging
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Optional

from agent.whole_file import UNFINISHED, sync, write_whole
from cmdb.model.batch import MAX_BATCH_BYTES, Batch, Header, Section, decode, encode
from cmdb.model.dataclass import dataclass
from cmdb.model.errors import InvalidDocument, SurveymarkError

_NAME = re.compile(r"([0-9]{16})-([0-9a-f]{32})\.batch\Z")
_COLLECTED = "collected"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """How much may wait: bytes as packed, on disk and of those that there is no room for in memory, and reports."""

    bytes: int = 64 * 1024 * 1024
    memory_bytes: int = 4 * 1024 * 1024
    reports: int = 500


@dataclass
class Waiting:
    """A report that waits. `sections` says which of its sections count still, and whether each was collected."""

    sequence: int
    id: str
    sections: dict[str, bool]
    size: int
    data: Optional[bytes] = None
    """The report itself, where the disk had no room for it."""

    @property
    def order(self) -> tuple[int, str]:
        return self.sequence, self.id

    @property
    def name(self) -> str:
        return f"{self.sequence:016d}-{self.id}.batch"


class Spool:
    """The reports that wait in a folder. One process at a time uses it (Delivery sees to that)."""

    def __init__(self, folder: Path, limits: Optional[Limits] = None) -> None:
        """Finds again what waited. Raises SurveymarkError where the folder can not be had."""
        self._folder = folder
        self._limits = limits or Limits()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for above in (folder.parent, folder.parent.parent):  # both may be new at the first start
                with contextlib.suppress(PermissionError):
                    sync(above)
            self._waiting = self._found()
        except OSError as error:
            raise SurveymarkError(f"{folder} can not be used: {error.strerror}.") from error
        self._sent = bool(self._waiting)  # who ended before us may have sent the first of them
        self._fold(self._waiting[1:])

    def __len__(self) -> int:
        return len(self._waiting)

    def first(self) -> Optional[Waiting]:
        """The report that is to be handed in next."""
        return self._waiting[0] if self._waiting else None

    def sending(self) -> None:
        """From here on the first report may be with the server, and stays as it is."""
        self._sent = True

    def read(self, one: Waiting) -> Batch:
        """What waits, with the sections that count still. Raises InvalidDocument where the disk has spoilt it."""
        try:
            batch = _unpacked(one.data if one.data is not None else (self._folder / one.name).read_bytes())
        except (OSError, ValueError, zlib.error) as error:
            raise InvalidDocument(f"the report {one.name} can not be read: {error}") from error
        return replace(batch, sections=[s for s in batch.sections if s.name in one.sections])

    def put(self, header: Header, sections: Iterable[Section], held: Mapping[str, str]) -> None:
        """Keep a report. Bodies whose digest is `held` for their section are left out, unless what is with the server already
        tells another."""
        kept = list(sections)
        before = self._waiting[0].sections if self._sent else {}
        held = {name: digest for name, digest in held.items() if name not in before}
        data = packed(encode(header, kept, held))
        counts = {s.name: s.outcome == _COLLECTED for s in kept}
        one = Waiting(header.sequence, header.id, counts, len(data))
        if len(data) > self._limits.bytes:
            _log.error(
                "a report of %d bytes, more than the spool may have (%d): it is left out", len(data), self._limits.bytes
            )
            return
        self.settle()
        reason = self._written(one.name, data)
        if reason:
            _log.error("the spool %s takes nothing: %s; what is out of date is removed", self._folder, reason)
            self._fold(
                [one]
            )  # before, not behind it: that may make room, and is lost only where the power fails just now
            reason = self._written(one.name, data)
        if reason:
            one.data = data
            _log.error("a report of %d bytes is kept in memory until the spool has room: %s", len(data), reason)
        self._waiting = sorted([*self._waiting, one], key=lambda w: w.order)
        self._fold([one])
        self._bound(one)

    def settle(self) -> None:
        """Bring to the disk what is in memory, as far as there is room now."""
        for one in self._waiting:
            if one.data is not None and not self._written(one.name, one.data):
                one.data = None
                _log.warning("a report that was kept in memory is in the spool %s now", self._folder)

    def done(self, one: Waiting) -> None:
        """A report that needs to be kept no longer."""
        self._waiting.remove(one)
        self._sent = False
        self._unlink(one.name)

    def divided(self, one: Waiting, ids: tuple[str, str]) -> None:
        """Two reports in the place of one that is too large, each with half of its sections."""
        batch = self.read(one)
        half = len(batch.sections) // 2
        for id_, sections in zip(ids, (batch.sections[:half], batch.sections[half:])):
            self.again(batch.header, id_, sections)
        self.done(one)

    def again(self, header: Header, id_: str, sections: list[Section]) -> None:
        """Keep sections of a report once more under another id, as they were seen then."""
        data = packed(encode(replace(header, id=id_), sections))
        one = Waiting(header.sequence, id_, {s.name: s.outcome == _COLLECTED for s in sections}, len(data))
        one.data = data if self._written(one.name, data) else None
        self._waiting = sorted([*self._waiting, one], key=lambda w: w.order)

    # -- what is out of date ---------------------------------------------------------------------------------------------

    def _fold(self, newer: Iterable[Waiting]) -> None:
        """Take out of older reports the sections that newer ones tell anew."""
        for new in newer:
            for old in [w for w in self._waiting[int(self._sent) :] if w.order < new.order]:
                gone = [n for n, seen in old.sections.items() if n in new.sections and (new.sections[n] or not seen)]
                if not gone and old.sections:
                    continue
                for name in gone:
                    del old.sections[name]
                if not old.sections:
                    self._waiting.remove(old)
                    self._unlink(old.name)
                else:
                    self._rewrite(old)

    def _rewrite(self, one: Waiting) -> None:
        """Without the sections that count no longer; where that fails they are passed over when it is read."""
        try:
            batch = self.read(one)
        except InvalidDocument as error:
            _log.error("%s", error.message)
            return
        data = packed(encode(batch.header, batch.sections))
        if one.data is not None:
            one.data, one.size = data, len(data)
        elif not self._written(one.name, data):
            one.size = len(data)

    def _bound(self, new: Waiting) -> None:
        """Remove the oldest reports, but for the first one that may be with the server, until the rest keeps to the limits."""
        while True:
            size = sum(w.size for w in self._waiting)
            memory = sum(w.size for w in self._waiting if w.data is not None)
            crowded = memory > self._limits.memory_bytes
            if not crowded and size <= self._limits.bytes and len(self._waiting) <= self._limits.reports:
                return
            may_go = [w for w in self._waiting[int(self._sent) :] if w.data is not None or not crowded]
            if not may_go:
                return  # The limits became narrower since: what is left goes as soon as it is handed in.
            oldest = next((w for w in may_go if w is not new), new)
            _log.error(
                "the spool is full: a report of %d sections is lost, %d bytes", len(oldest.sections), oldest.size
            )
            self._waiting.remove(oldest)
            self._unlink(oldest.name)

    # -- the disk --------------------------------------------------------------------------------------------------------

    def _found(self) -> list[Waiting]:
        found = []
        for path in sorted(self._folder.iterdir()):
            named = _NAME.match(path.name)
            if path.name.endswith(UNFINISHED):
                _log.warning("%s was not written to its end, and is removed", path)
                path.unlink()
            elif named is not None:
                try:
                    data = path.read_bytes()
                    size, batch = len(data), _unpacked(data)
                except OSError as error:
                    _log.error("%s can not be read, and is left alone: %s", path, error.strerror)
                    continue
                except (ValueError, zlib.error, InvalidDocument) as error:
                    _log.error("%s is no whole report, and is removed: %s", path, error)
                    path.unlink()
                    continue
                sections = {s.name: s.outcome == _COLLECTED for s in batch.sections}
                found.append(Waiting(int(named.group(1)), named.group(2), sections, size))
        return found

    def _written(self, name: str, data: bytes) -> str:
        """Write a file so that it is there whole or not at all; returns why it is not."""
        try:
            write_whole(self._folder / name, data)
        except OSError as error:
            return error.strerror or str(error)
        return ""

    def _unlink(self, name: str) -> None:
        try:
            (self._folder / name).unlink()
        except FileNotFoundError:
            pass
        except OSError as error:
            _log.error("%s can not be removed: %s", self._folder / name, error.strerror)


def packed(lines: Iterable[bytes]) -> bytes:
    """Lines packed by gzip, of which no more than one is held beside it: a report may be large, and the agent small."""
    packing = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return b"".join([packing.compress(line) for line in lines]) + packing.flush()


def _unpacked(data: bytes) -> Batch:
    unpacking = zlib.decompressobj(16 + zlib.MAX_WBITS)
    found = unpacking.decompress(data, MAX_BATCH_BYTES)
    if not unpacking.eof or unpacking.unconsumed_tail:
        raise ValueError("it ends too early")
    return decode(found)
