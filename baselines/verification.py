"""Is a baseline what was approved: every value is checked against its digest, every document against its address.

Where a value differs from its digest, the store's history (if it still has the state) tells which attribute it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from baselines.documents import VERSION, Document, chunk_address, content_id
from cmdb.damage import Damage, Progress
from cmdb.history import changed
from cmdb.model.errors import StoreError
from cmdb.model.values import canonical, digest, text
from cmdb.ports import View
from cmdb.reconcile import item_content, link_content, seal
from cmdb.redacted import Seals, seals
from cmdb.states import Item, Link


def verify(view: View, address: str) -> Document:
    """{"digest", "sound", "documents", "items", "problems": [{"document", "ci", "item", "attribute", "problem"}]} of
    the baseline whose header has this address. `documents` and `items` count what was checked."""
    return _Check(view).baseline(address)


def verify_documents(view: View, progress: Progress | None = None) -> Iterator[Damage]:
    """Every document of the store that is not what its address says, whatever kind it is; chunks value by value."""
    for count, address in enumerate(view.document_addresses(), 1):
        check = _Check(view)
        check.any(address)
        for problem in check.problems:
            told = problem["problem"] if problem["item"] is None else f"{problem['item']}: {problem['problem']}"
            yield Damage(told, "document", address, problem["attribute"])
        if progress is not None and count % 1000 == 0:
            progress(f"documents: {count}")


class _Damage(Exception):
    """A document that is not what its address says."""


class _Check:
    def __init__(self, view: View) -> None:
        self._view = view
        self._documents = 0
        self._items = 0
        self.problems: list[Document] = []
        self._seals: Seals | None = None

    def _erased(self, was: str, now: str) -> bool:
        """True where a redaction names this in the place of that digest."""
        if self._seals is None:
            self._seals = seals(self._view)
        return now in self._seals.get(was, ())

    def baseline(self, address: str) -> Document:
        try:
            self._header(address, self._stored(address))
        except _Damage as damage:
            self._note(address, f"header: {damage}")
        return {
            "digest": address,
            "sound": not self.problems,
            "documents": self._documents,
            "items": self._items,
            "problems": self.problems,
        }

    def any(self, address: str) -> None:
        """Check one document by itself, without those that it names."""
        try:
            data = self._stored(address)
            if digest(data) == address or self._erased(address, digest(data)):
                return
            document = _decoded(data)
            if document.get("document") != "baseline-chunk":
                raise _Damage(f"its SHA-256 is {digest(data)}")
            rows = document.get("rows")
            count = len(rows) if isinstance(rows, list) else 0
            self._chunk([str(document.get("of")), str(document.get("group")), address, count], data)
        except _Damage as damage:
            self._note(address, str(damage))

    def _header(self, address: str, data: bytes) -> None:
        whole = digest(data) == address
        if not whole:
            self._note(address, f"header: its SHA-256 is {digest(data)}")
        header = _decoded(data)
        chunks, coverage = header.get("chunks"), header.get("coverage")
        if not isinstance(chunks, list) or not isinstance(coverage, list):
            raise _Damage("it lists no documents")
        for row in chunks:
            if not isinstance(row, list) or len(row) != 4 or not all(isinstance(v, str) for v in row[:3]):
                raise _Damage(f"{row!r:.200} names no chunk")
            self._part(row[2], row[0], lambda data, row=row: self._chunk(row, data))
        for row in coverage:
            if not isinstance(row, list) or len(row) != 2 or not all(isinstance(v, str) for v in row):
                raise _Damage(f"{row!r:.200} names no coverage")
            self._part(row[1], row[0], lambda data, row=row: self._coverage(row[1], data))

    def _part(self, address: str, of: str, check: Any) -> None:
        try:
            check(self._stored(address))
        except _Damage as damage:
            self._note(address, str(damage), ci=of)

    def _coverage(self, address: str, data: bytes) -> None:
        if digest(data) == address:
            return
        _decoded(data)
        raise _Damage(f"coverage: its SHA-256 is {digest(data)}")

    def _chunk(self, listed: list[Any], data: bytes) -> None:
        of, group, address, count = listed
        before = len(self.problems)
        document = _decoded(data)
        rows = document.get("rows")
        if not isinstance(rows, list):
            raise _Damage("it has no rows")
        told = [self._row(of, address, row) for row in rows]
        if len(rows) != count:
            self._note(address, f"it has {len(rows)} rows, the header says {count}", of)
        if chunk_address(told) != address and len(self.problems) == before:
            self._note(address, "its rows do not give its address", of)
        frame = {name: value for name, value in document.items() if name != "rows"}
        if frame != {"document": "baseline-chunk", "group": group, "of": of, "version": VERSION}:
            raise _Damage(f"it says of itself {frame!r:.200}, the header lists it as {of!r} {group!r}")
        if len(self.problems) == before and canonical(document).encode() != data:
            raise _Damage("its JSON is not canonical")

    def _row(self, of: str, address: str, row: Any) -> tuple[str, str]:
        """Check one row; returns its id and digest."""
        try:
            id_, given, salt = text(content_id(row["content"])), str(row["digest"]), bytes.fromhex(row["salt"])
            sealed = seal(salt, canonical(row["content"])).hex()
        except (KeyError, TypeError, ValueError) as error:
            raise _Damage(f"a row that is none: {error!r:.80}, in {row!r:.200}") from None
        self._items += 1
        if sealed != given and not self._erased(given, sealed):
            for attribute in self._differing(id_, row):
                self._note(address, "its digest is not that of its content", of, id_, attribute)
        if row["salt"] != salt.hex():  # another writing of the same bytes: the seal holds, the document differs
            self._note(address, "its salt is not in lower case hexadecimal", of, id_, "salt")
        if set(row) != {"content", "digest", "salt"}:
            self._note(address, f"members that a row does not have: {sorted(row)!r:.200}", of, id_)
        return id_, given

    def _differing(self, id_: str, row: Document) -> Iterator[str | None]:
        """Names of what differs from the state that history has of it; None where it has none to compare."""
        content = row["content"]
        states: list[Item] | list[Link] = (
            self._view.history(id_) if "id" in content else self._view.link_history(str(content["subject"]))
        )
        for state in states:
            if row["digest"] != state.digest.hex() and row["salt"] != state.salt.hex():
                continue
            was = json.loads(item_content(state) if isinstance(state, Item) else link_content(state))
            if row["digest"] != state.digest.hex():
                yield "digest"
            elif row["salt"] != state.salt.hex():
                yield "salt"
            else:
                yield from (name for name, _, _ in changed(_attributes(was), _attributes(content)))
                yield from (n for n in sorted({*was, *content} - {"attributes"}) if was.get(n) != content.get(n))
            return
        yield None

    def _stored(self, address: str) -> bytes:
        self._documents += 1
        try:
            found = self._view.documents([address]).get(address)
        except StoreError as error:  # a store that compresses meets damage before we do
            raise _Damage(f"it can not be read: {error}") from error
        if found is None:
            raise _Damage("it is not there")
        return found

    def _note(
        self, document: str, problem: str, ci: str = "", item: str | None = None, attribute: str | None = None
    ) -> None:
        self.problems.append(
            {"document": document, "ci": ci or None, "item": item, "attribute": attribute, "problem": problem}
        )


def _decoded(data: bytes) -> Document:
    try:
        document = json.loads(data.decode())
    except UnicodeDecodeError as error:
        raise _Damage(f"no UTF-8 at byte {error.start}, near {_near(data, error.start)}") from None
    except json.JSONDecodeError as error:
        raise _Damage(f"no JSON at character {error.pos}, near {_near(data, error.pos)}") from None
    except (ValueError, RecursionError) as error:
        raise _Damage(f"no JSON: {error}") from None
    if not isinstance(document, dict):
        raise _Damage("no JSON object")
    return document


def _near(data: bytes, place: int) -> str:
    return repr(data[max(0, place - 60) : place + 20].decode("utf-8", "replace"))


def _attributes(content: Document) -> Document:
    found = content.get("attributes")
    return found if isinstance(found, dict) else {}
