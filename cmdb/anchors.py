"""Anchors: what a store's newest revision was, kept where who can write the store can not.

An anchor is one line of JSON: {"anchor": 1, "genesis": fingerprint of what the store was born with, "revision": number,
"committed_at", "made_at": ISO 8601, "digest": of that revision}. The digest covers the whole past (chain.py), so a chain
that was made anew, consistent in itself, differs from an anchor of before. An anchor says nothing of later revisions, and
that revisions give the digests they carry is for chain.py to say: both together say that the past is what it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cmdb.damage import Damage
from cmdb.model.errors import InvalidDocument
from cmdb.model.times import iso
from cmdb.ports import Store, View

VERSION = 1
MOST_CHARACTERS = 4096
"""Of one line, with what a log daemon puts before the anchor."""
MOST_LINES = 1_000_000

_TEXTS = {"genesis": 64, "digest": 64}
_START = '{"anchor"'


@dataclass(frozen=True, slots=True)
class Anchor:
    """The newest revision of a store at a time, microseconds; 0 and "" of one that has none."""

    genesis: str
    revision: int
    committed_at: str
    digest: str
    made_at: str

    def document(self) -> dict[str, Any]:
        return {
            "anchor": VERSION,
            "genesis": self.genesis,
            "revision": self.revision,
            "committed_at": self.committed_at,
            "digest": self.digest,
            "made_at": self.made_at,
        }

    def line(self) -> str:
        """Without a newline."""
        return json.dumps(self.document())


def fingerprint(genesis: str) -> str:
    """What tells a store from others without telling what its ids are minted from: 64 hex digits."""
    return hashlib.sha256(b"surveymark anchor\0" + genesis.encode()).hexdigest()


def anchor(store: Store, at: int) -> Anchor:
    """That of the store's newest revision, made at a time (microseconds)."""
    with store.view() as view:
        head = view.head()
    return Anchor(fingerprint(store.genesis()), head.number, iso(head.committed_at), head.digest, iso(at))


def read(line: str) -> Anchor:
    """The anchor of a line; what a log daemon wrote before it is passed over. Raises InvalidDocument saying what is wrong."""
    if len(line) > MOST_CHARACTERS:
        raise InvalidDocument(f"it has more than {MOST_CHARACTERS} characters")
    start = line.find(_START)
    try:
        found = json.loads(line[start:]) if start >= 0 else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InvalidDocument("it is no anchor")
    if found.get("anchor") != VERSION or isinstance(found["anchor"], bool):
        raise InvalidDocument(
            f"it is an anchor of version {found.get('anchor')!r:.20}; this Surveymark reads {VERSION}"
        )
    number = found.get("revision")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 2**62:
        raise InvalidDocument("its revision is no number")
    for name in ("genesis", "digest", "committed_at", "made_at"):
        if not isinstance(found.get(name), str):
            raise InvalidDocument(f"its {name} is no text")
    for name, digits in _TEXTS.items():
        text = found[name]
        if not (name == "digest" and number == 0 and text == "") and (
            len(text) != digits or set(text) - set("0123456789abcdef")
        ):
            raise InvalidDocument(f"its {name} is not {digits} hex digits")
    return Anchor(found["genesis"], number, found["committed_at"], found["digest"], found["made_at"])


def compare(view: View, genesis: str, lines: Iterable[str]) -> Iterator[Damage]:
    """What differs from the anchors, in the order of the lines, which are numbered from 1; empty ones are passed over.

    `genesis` is the store's own. Lines are numbered in what is said, the place is the revision that an anchor names.
    """
    own, head = fingerprint(genesis), view.head().number
    for number, line in enumerate(lines, 1):
        if number > MOST_LINES:
            yield Damage(f"there are more than {MOST_LINES:,} lines; split the file", "anchor")
            return
        if not line.strip():
            continue
        try:
            found = read(line)
        except InvalidDocument as error:
            yield Damage(f"line {number} can not be read: {error.message}", "anchor")
            continue
        problem = _differs(view, own, head, found)
        if problem:
            told = f"line {number}, made at {found.made_at[:40]}: {problem}"
            yield Damage(told, "anchor", revision=found.revision)


def _differs(view: View, own: str, head: int, found: Anchor) -> str | None:
    if found.genesis != own:
        return "it is of another store"
    if found.revision == 0:
        return None
    revision = view.revision(found.revision)
    if revision is None:
        return f"the revision is not there, the newest one is {head}"
    if revision.digest != found.digest:
        return f"the revision was {found.digest[:16]}, it is {revision.digest[:16]} now: the past was made anew"
    if iso(revision.committed_at) != found.committed_at:
        return f"the revision was committed at {found.committed_at[:40]}, it says {iso(revision.committed_at)} now"
    return None
