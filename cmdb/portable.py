"""All that a store keeps as a stream of records that is of no store's make: what backup, restore and copy carry.

A record is one of the dataclasses of RECORDS. In a file it is a line of JSON, `[kind, value, ...]` in the order of the kind's
fields, which the file's head names; so a field that has come since takes its default when an older file is read. Bytes are
base64. What follows from the rest is left out: what search compares, the store's own numbers of CIs.

Order: revisions, CIs before their parts, links, and all that speaks of those after them.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from cmdb.model.checked import shown
from cmdb.model.classes import CLASSES
from cmdb.model.errors import StoreError
from cmdb.portable_form import Malformed, check, fits_of, raw
from cmdb.states import (
    Change,
    Claim,
    Coverage,
    Entry,
    Head,
    Item,
    Link,
    Pending,
    Raw,
    Revision,
    Scope,
    SweepRecord,
    SweepTarget,
)

PASSING_NOTES = ("session", "code")
"""Kinds of unversioned notes that are of one server's moment, and not carried: who signed in must do so again."""

Did = tuple[Literal["ci", "link", "entry"], Change, str]
"""(kind, change, id) as View.changed has it."""


@dataclass(slots=True)
class KeptRevision(Revision):
    """A revision with the receipt of its batch, and what it changed."""

    receipt: dict[str, Any] | None = None
    did: list[Did] = field(default_factory=list)


@dataclass(slots=True)
class KeptEntry(Entry):
    """A state of an entry, and whether the entry ended with it."""

    retired: bool = False


@dataclass(slots=True)
class Identifier:
    """An identifier, as View.identified looks for it, of a CI that is or was."""

    value: str
    id: str


@dataclass(slots=True)
class Reading:
    """The readings of one section of a subject."""

    subject: str
    section: str
    value: dict[str, Any]


@dataclass(slots=True)
class Same:
    """Digest of the section lines of the last accepted batch of a source."""

    source: str
    subject: str
    digest: str


@dataclass(slots=True)
class Note:
    """Something unversioned, by kind and key."""

    kind: str
    key: str
    value: dict[str, Any]


@dataclass(slots=True)
class Document:
    """A document, compressed by zlib, under the digest that it is addressed by."""

    digest: str
    data: bytes


@dataclass(slots=True)
class RawBody:
    """A body of raw batches, compressed by zlib, and how many of them have it."""

    digest: str
    uses: int
    data: bytes


Record = (
    KeptRevision
    | Item
    | Link
    | Identifier
    | Scope
    | Coverage
    | Claim
    | Pending
    | Reading
    | Same
    | KeptEntry
    | Note
    | Document
    | Raw
    | RawBody
    | SweepRecord
    | SweepTarget
)

RECORDS: dict[str, type[Record]] = {
    "revision": KeptRevision,
    "ci": Item,
    "link": Link,
    "identifier": Identifier,
    "scope": Scope,
    "coverage": Coverage,
    "claim": Claim,
    "pending": Pending,
    "reading": Reading,
    "same": Same,
    "entry": KeptEntry,
    "note": Note,
    "document": Document,
    "raw": Raw,
    "raw_body": RawBody,
    "sweep": SweepRecord,
    "sweep_target": SweepTarget,
}
"""Records by their kind in a file, in the order in which they come."""

_LEFT_OUT = {"ci": ("text",)}
_KIND = {of: kind for kind, of in RECORDS.items()}
_FITS = {kind: fits_of(of) for kind, of in RECORDS.items()}
_NEEDED = {
    kind: {f.name for f in dataclasses.fields(of) if f.default is f.default_factory is dataclasses.MISSING}
    for kind, of in RECORDS.items()
}
_BYTES = {kind: {f.name for f in dataclasses.fields(of) if f.type == "bytes"} for kind, of in RECORDS.items()}


@dataclass(frozen=True, slots=True)
class Birth:
    """What a store was born with, and which a copy of it has too."""

    genesis: str
    digest_key: bytes
    born_at: int


@dataclass(slots=True)
class Dump:
    """A whole store as of one moment. `records` are read while the store that gave it is held."""

    birth: Birth
    head: Head
    records: Iterator[Record]


def fields() -> dict[str, list[str]]:
    """The fields of each kind in the order of a line."""
    return {
        kind: [f.name for f in dataclasses.fields(of) if f.name not in _LEFT_OUT.get(kind, ())]
        for kind, of in RECORDS.items()
    }


def kept_revision(revision: Revision, receipt: str | None, did: list[Did]) -> KeptRevision:
    """A revision with its receipt, which is JSON."""
    found: dict[str, Any] = {name: getattr(revision, name) for name in Revision.__slots__}
    return KeptRevision(**found, receipt=json.loads(receipt) if receipt else None, did=did)


def kept_entry(entry: Entry, retired: bool) -> KeptEntry:
    """A state of an entry, and whether it ended with it."""
    found: dict[str, Any] = {name: getattr(entry, name) for name in Entry.__slots__}
    return KeptEntry(**found, retired=retired)


def did_of(kind: str, change: str, id_: str) -> Did:
    """A change as View.changed has it, of its three words."""
    return cast("Did", (kind, change, id_))


def parents_first() -> list[str]:
    """Names of classes, those whose CIs may be parents before those of their parts."""
    depths: dict[str, int] = {}

    def depth(name: str) -> int:
        if name not in depths:
            depths[name] = 0
            depths[name] = max((1 + depth(parent) for parent in CLASSES[name].parents), default=0)
        return depths[name]

    return sorted(CLASSES, key=lambda name: (depth(name), name))


class Encoder:
    """Records as lines of JSON."""

    def __init__(self) -> None:
        self._fields = fields()

    def line(self, record: Record) -> bytes:
        kind = _KIND[type(record)]
        values = [kind, *(getattr(record, name) for name in self._fields[kind])]
        return json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=_text).encode() + b"\n"


class Decoder:
    """Lines of JSON as records. `named` are the fields of each kind as the head of the file has them.

    Raises StoreError where that is of a newer Surveymark, Malformed where it is nothing that any wrote.
    """

    def __init__(self, named: Mapping[str, Sequence[str]]) -> None:
        lists = named.values() if isinstance(named, dict) else [None]
        if not all(isinstance(names, list) and all(isinstance(n, str) for n in names) for names in lists):
            raise Malformed("what names the fields is no object of lists")
        unknown = sorted(named.keys() - RECORDS.keys())
        own = fields()
        unknown += [f"{kind}.{name}" for kind in own for name in named.get(kind, ()) if name not in own[kind]]
        if unknown:
            raise StoreError(
                f"It holds {', '.join(unknown[:5])}, which this Surveymark does not know: upgrade Surveymark."
            )
        for kind, names in named.items():
            missing = sorted(_NEEDED[kind].difference(names))
            if missing or len(names) != len(set(names)):
                raise Malformed(f"a {kind} has {f'no {missing[0]}' if missing else 'a field twice'}")
        self._named = named

    def record(self, line: bytes) -> Record:
        """The record of a line. Raises Malformed."""
        try:
            values = json.loads(line, parse_constant=_no_constant)
            if b"\\u" in line:
                json.dumps(values, ensure_ascii=False).encode()  # a lone surrogate can be written no other way
        except (ValueError, RecursionError) as error:
            raise Malformed(f"no line of JSON that a store can hold ({shown(str(error))})") from None
        kind = values[0] if isinstance(values, list) and values else None
        if not isinstance(kind, str) or kind not in self._named:
            raise Malformed(f"no kind of record: {shown(kind)}")
        names = self._named[kind]
        if len(values) != len(names) + 1:
            raise Malformed(f"a {kind} has {len(names)} values, and not {len(values) - 1}")
        found = dict(zip(names, values[1:], strict=True))
        check(kind, _FITS[kind], found)
        for name in _BYTES[kind] & found.keys():
            found[name] = raw(found[name])
        make = _MADE.get(kind) or cast("Callable[..., Record]", RECORDS[kind])
        return make(**found)


@contextmanager
def fitting() -> Iterator[None]:
    """Turn what records lead to that do not fit each other (a part without its whole, one thing twice) into one sentence."""
    try:
        yield
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, AssertionError) as error:
        raise misfit(error) from error


def misfit(error: Exception) -> StoreError:
    """For records that do not fit each other."""
    return StoreError(
        f"What was read does not fit together ({type(error).__name__}: {shown(str(error))}), so it was damaged or altered: use "
        "another backup; of a store that is copied, `doctor --chain` tells what is wrong."
    )


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no value")


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} is no value of a record")


def _claim(target: str | list[str], **found: Any) -> Record:
    if isinstance(target, str):
        return Claim(target=target, **found)
    subject, type_name, object_ = target
    return Claim(target=(subject, type_name, object_), **found)


def _revision(did: list[list[str]], **found: Any) -> Record:
    return KeptRevision(**found, did=[did_of(*one) for one in did])


_MADE: dict[str, Callable[..., Record]] = {"claim": _claim, "revision": _revision}
