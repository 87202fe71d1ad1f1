"""What may tell a value that is to be erased, looked for before the transaction that erases it: nobody waits to write meanwhile.

Retired parts, raw batches, documents and targets of sweeps are many, and all of them have to be read. `search` reads them in
pages, each in a view of its own. The transaction reads what came since (`renewed`): parts that retired after the revision at
which the search began, raw batches behind the last one that it saw, documents at other addresses, sweeps that went on. Neither a
raw batch nor a document is ever changed so that it tells more, and the numbers of raw batches grow as long as the last one that
was seen is there. Where it is not, or where more is to be looked for than was, the search is `Outdated` and has to be made anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from cmdb import aliases, sweep_traces, traces
from cmdb.model.classes import CLASSES
from cmdb.ports import View
from cmdb.raw import whole
from cmdb.states import Item, Link, Raw
from cmdb.sweep_traces import Looked, Machine
from cmdb.traces import LONG, Told

PAGE = 100
DOCUMENTS = 20
"""Documents that are read at a time: a chunk of a baseline has up to some megabytes."""

Opening = Callable[[], AbstractContextManager[View]]


class Outdated(Exception):
    """What was found is not all that there is now."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for: in raw batches `texts` as JSON has them, and `named` where they are about `subject`; in documents
    `ids`, of the CI, its whole, and relations' states that tell the value by their digest."""

    subject: str
    wholes: frozenset[str]
    named: bytes
    texts: frozenset[bytes]
    ids: frozenset[bytes]

    def covers(self, other: Sought) -> bool:
        """True where whatever the other finds is found by this one."""
        same = (self.subject, self.wholes, self.named) == (other.subject, other.wholes, other.named)
        return same and self.texts >= other.texts and self.ids >= other.ids


@dataclass(frozen=True, slots=True)
class Searched:
    """What was found: parts of the wholes that are retired, numbers of raw batches, addresses of documents, targets of
    `sweeps`; with what is there that was looked at: up to revision `head`, up to the raw batch `last`, documents at the addresses
    `read`, and sweeps as their records stood."""

    sought: Sought
    head: int
    gone: frozenset[str]
    raws: list[int]
    last: Raw | None
    documents: frozenset[str]
    read: frozenset[str]
    machine: Machine
    sweeps: Looked


def sought(view: View, item: Item, told: Told, links: Iterable[Link]) -> Sought:
    """`item` is the last state of the CI, `links` are the states of relations that tell the value."""
    subject = item.parent or item.id
    texts = [v for v in told.values if isinstance(v, str)]
    texts += [each for v in told.values if isinstance(v, list) for each in v if isinstance(each, str)]
    written = [(t, json.dumps(t, ensure_ascii=ascii_only)) for t in texts for ascii_only in (True, False)]
    return Sought(
        subject,
        frozenset(aliases.sides(view, subject)),
        json.dumps(told.name).encode(),
        frozenset((quoted[1:-1] if len(text) >= LONG else quoted).encode() for text, quoted in written),
        frozenset(text.encode() for text in (item.id, subject, *(link.digest.hex() for link in links))),
    )


def search(opened: Opening, item: Item, told: Told) -> Searched:
    """Look through all that there is, each page in a view that is opened for it."""
    with opened() as view:
        head = view.head().number
        wholes = aliases.sides(view, item.parent or item.id)
        parts = [name for name, declared in CLASSES.items() if not declared.independent]
        gone = frozenset(part.id for part in view.retired(parts) if part.parent in wholes)
        family = traces.family(view, wholes, gone)
        wanted = sought(view, item, told, [link for link, _ in traces.telling_links(view, family, told)])
        addresses = list(view.document_addresses())
        machine = sweep_traces.machine(view, wanted.subject)
    raws, last = _raws(opened, wanted, None)
    documents, read = _documents(opened, wanted, addresses)
    sweeps = sweep_traces.look(opened, machine)
    return Searched(wanted, head, gone, raws, last, frozenset(documents), frozenset(read), machine, sweeps)


def gone_now(view: View, found: Searched) -> frozenset[str]:
    """Parts of the wholes that are or were retired, up to now."""
    since = {id_ for kind, op, id_ in view.changed(found.head, view.head().number) if (kind, op) == ("ci", "retired")}
    states = view.last_states(since).values() if since else ()
    return found.gone | {state.id for state in states if state.parent in found.sought.wholes}


def renewed(view: View, found: Searched, wanted: Sought) -> Searched:
    """What was found with what came since. Raises Outdated where that can not be told from it."""
    if not found.sought.covers(wanted):
        raise Outdated
    if found.last is not None and view.raws(found.last.number - 1, 1) != [found.last]:
        raise Outdated
    raws, _ = _raws(inside(view), found.sought, found.last)
    new = [address for address in view.document_addresses() if address not in found.read]
    documents, _ = _documents(inside(view), found.sought, new)
    machine = sweep_traces.machine(view, wanted.subject)
    sweeps = sweep_traces.look(inside(view), machine, found.sweeps if machine == found.machine else None)
    found = replace(found, machine=machine, sweeps=sweeps)
    return replace(found, raws=[*found.raws, *raws], documents=found.documents.union(documents))


def inside(view: View) -> Opening:
    """What to search in where it has to be this very view."""
    return lambda: _Open(view)


class _Open:
    """A view that is open already, and stays so."""

    def __init__(self, view: View) -> None:
        self._view = view

    def __enter__(self) -> View:
        return self._view

    def __exit__(self, *_: object) -> None:
        return None


def _raws(opened: Opening, wanted: Sought, last: Raw | None) -> tuple[list[int], Raw | None]:
    """Numbers of the raw batches behind the last one that tell it, and the last of all."""
    found = list[int]()
    while True:
        with opened() as view:
            page = view.raws(last.number if last is not None else 0, PAGE)
            if not page:
                return found, last
            last = page[-1]
            for raw in page:
                data = whole(view, raw)
                if any(text in data for text in wanted.texts) or (raw.ci == wanted.subject and wanted.named in data):
                    found.append(raw.number)


def _documents(opened: Opening, wanted: Sought, addresses: Sequence[str]) -> tuple[set[str], set[str]]:
    """Of these addresses those of documents that tell it, and all that were read."""
    found, read = set[str](), set[str]()
    for start in range(0, len(addresses), DOCUMENTS):
        with opened() as view:
            for address, data in view.documents(addresses[start : start + DOCUMENTS]).items():
                read.add(address)
                if any(text in data for text in wanted.ids):
                    found.add(address)
    return found, read
