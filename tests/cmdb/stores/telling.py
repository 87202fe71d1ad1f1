"""All that the port can tell of a store, as one JSON document, so that two stores can be compared as a whole.

`ASKED` names every method of View and Transaction that answers: a test sees that none is missing, so whoever adds a question
to the port adds it here, and with that to what a copy, a restored backup and a migrated store are compared by.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

from cmdb.model.classes import CLASSES
from cmdb.model.query_language import parse
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.natural import natural_digest
from cmdb.ports import Store, Transaction
from cmdb.states import Item, Link

QUERIES = ("", "class:Host", "name:web", "libssl", "rel:RUNS_ON", "-class:SoftwarePackage", "port:>1024", "has:os")
KINDS = ("baseline", "token", "conflict", "quarantine", "shared_identifier")


class _Asking:
    """One transaction, asked for everything about all that there is."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx
        self.head = tx.head()
        self.revisions = tx.revisions(0, 1_000_000)
        self.numbers = range(self.head.number + 1)
        changed = tx.changed(0, self.head.number)
        self.ids = sorted({id_ for kind, _, id_ in changed if kind == "ci"})
        self.links = [_key(id_) for id_ in sorted({i for kind, _, i in changed if kind == "link"})]
        self.entries = sorted({(i.split(" ")[0], i.split(" ", 1)[1]) for kind, _, i in changed if kind == "entry"})
        self.scopes = sorted((s for id_ in self.ids for s in tx.scopes(id_)), key=lambda s: s.number)
        self.scope_numbers = [s.number for s in self.scopes]
        self.identifiers = sorted({i for id_ in self.ids for state in tx.history(id_) for i in state.identifiers})
        self.sources = sorted({s.source for s in self.scopes})
        pending = tx.pending(self.ids)
        self.places = sorted({(p.domain, p.address) for p in pending})

    def documents(self) -> dict[str, Any]:
        values = [json.dumps(e.value) for kind, key in self.entries for e in self.tx.entry_history(kind, key)]
        values += [json.dumps(state.attributes) for id_ in self.ids for state in self.tx.history(id_)]
        found: dict[str, Any] = {}
        asked = {word for value in values for word in _digests(value)}
        while asked:
            new = {d: data.decode() for d, data in self.tx.documents(asked).items()}
            found |= new
            asked = {word for text in new.values() for word in _digests(text)} - found.keys()
        return dict(sorted(found.items()))


ASKED: dict[str, Callable[[_Asking], Any]] = {
    "head": lambda a: a.head,
    "revision": lambda a: [a.tx.revision(n) for n in a.numbers],
    "revision_at": lambda a: [a.tx.revision_at(r.committed_at + d) for r in a.revisions for d in (-1, 0)],
    "revisions": lambda a: a.revisions,
    "items": lambda a: [sorted(a.tx.items(a.ids, n).values(), key=_id) for n in (*a.numbers, None)],
    "last_states": lambda a: sorted(a.tx.last_states(a.ids).values(), key=_id),
    "parts": lambda a: [[a.tx.parts(id_, None, n) for n in (*a.numbers, None)] for id_ in _hosts(a)],
    "links": lambda a: [a.tx.links(a.ids, n) for n in (*a.numbers, None)],
    "history": lambda a: [a.tx.history(id_) for id_ in a.ids],
    "link_history": lambda a: [a.tx.link_history(id_) for id_ in a.ids],
    "find": lambda a: [a.tx.find(parse(q), n) for q in QUERIES for n in (None, a.head.number // 2)],
    "retired": lambda a: [sorted(a.tx.retired(list(CLASSES), n), key=_id) for n in (*a.numbers, None)],
    "scan": lambda a: [sorted(a.tx.scan(None, n), key=_id) for n in (*a.numbers, None)],
    "scan_links": lambda a: [sorted(a.tx.scan_links(None, n), key=_link) for n in (*a.numbers, None)],
    "changed": lambda a: [a.tx.changed(n - 1, n) for n in a.numbers],
    "coverage": lambda a: [a.tx.coverage(None, t) for t in (None, *(r.committed_at for r in a.revisions))],
    "coverage_history": lambda a: [a.tx.coverage_history(id_) for id_ in a.ids],
    "scopes": lambda a: [a.tx.scopes(id_) for id_ in a.ids],
    "scopes_by_number": lambda a: sorted(a.tx.scopes_by_number(a.scope_numbers).items()),
    "scopes_after": lambda a: [a.tx.scopes_after(id_, 2) for id_ in ("", *a.ids)],
    "scopes_from": lambda a: [a.tx.scopes_from(source) for source in a.sources],
    "claims": lambda a: a.tx.claims([*a.ids, *a.links]),
    "readings": lambda a: [a.tx.readings(id_) for id_ in a.ids],
    "pending": lambda a: a.tx.pending(a.ids),
    "unseen": lambda a: a.tx.unseen(sorted(RELATIONSHIP_TYPES), 2**62, 1000),
    "entry": lambda a: [a.tx.entry(kind, key, n) for kind, key in a.entries for n in (*a.numbers, None)],
    "entries": lambda a: [a.tx.entries(kind, n) for kind in _kinds(a) for n in (*a.numbers, None)],
    "entry_history": lambda a: [a.tx.entry_history(kind, key) for kind, key in a.entries],
    "documents": _Asking.documents,
    "document_addresses": lambda a: list(a.tx.document_addresses()),
    "derived": lambda a: list(map(str, a.tx.derived())),
    "past_states": lambda a: a.tx.past_states(dict.fromkeys(CLASSES, a.head.number), ("", 0), 1_000_000),
    "past_links": lambda a: a.tx.past_links(a.head.number, "", 1_000_000),
    "raws": lambda a: a.tx.raws(0, 1_000_000),
    "raw_bodies": lambda a: sorted(a.tx.raw_bodies([d for r in a.tx.raws(0, 1_000_000) for d in r.bodies]).items()),
    "raw_standing": lambda a: a.tx.raw_standing(),
    "receipts": lambda a: a.tx.receipts(0, 1_000_000),
    "sweep": lambda a: [a.tx.sweep(s.id) for s in a.tx.sweeps()],
    "sweeps": lambda a: [a.tx.sweeps(), a.tx.sweeps(2, 1)],
    "sweep_targets": lambda a: [
        a.tx.sweep_targets(s.id, n, 2, o, h)
        for s in a.tx.sweeps()
        for n, o, h in ((0, None, None), (1, ["done"], None), (0, None, ["10.", "none"]))
    ],
    "sweep_counts": lambda a: [a.tx.sweep_counts(s.id) for s in a.tx.sweeps()],
    "sweep_standing": lambda a: a.tx.sweep_standing(),
    "counts": lambda a: a.tx.counts(),
    "scopes_of": lambda a: [sorted(a.tx.scopes_of(s, id_).items()) for s in a.sources for id_ in a.ids],
    "identified": lambda a: sorted(a.tx.identified(a.identifiers).items()),
    "retired_parts": lambda a: [
        sorted((k, v) for k, v in a.tx.retired_parts(id_, _part_keys(a, id_)).items()) for id_ in a.ids
    ],
    "claims_of": lambda a: sorted(a.tx.claims_of(a.scope_numbers), key=lambda c: (str(c.target), c.scope)),
    "links_of": lambda a: a.tx.links_of(a.scope_numbers),
    "links_by_key": lambda a: list(a.tx.links_by_key(a.links).values()),
    "pending_of": lambda a: a.tx.pending_of(a.scope_numbers),
    "pending_at": lambda a: [a.tx.pending_at(domain, [address]) for domain, address in a.places],
    "pending_to": lambda a: a.tx.pending_to(a.ids),
    "receipt": lambda a: [a.tx.receipt(r.batch) for r in a.revisions if r.batch],
    "same": lambda a: [a.tx.same(s, id_) for s in a.sources for id_ in a.ids],
    "unversioned": lambda a: a.tx.unversioned("setting", "kept"),
    "unversioned_of": lambda a: a.tx.unversioned_of("setting", "", 100),
}
"""The question behind each answer, by the name of the method."""

WRITES = {
    "foresee",
    "free",
    "rewrite",
    "number_scopes",
    "write",
    "seen_again",
    "put_document",
    "put_raw",
    "drop_raws",
    "put_sweep",
    "put_sweep_targets",
    "drop_sweep",
    "remove_entry_value",
    "put_unversioned",
}
"""Methods that answer nothing."""


def told(store: Store) -> dict[str, Any]:
    """Everything, JSON values only."""
    with store.transaction() as tx:
        asking = _Asking(tx)
        found = {name: ask(asking) for name, ask in ASKED.items()}
        found["natural"] = [natural_digest(tx, n) for n in (*asking.numbers, None)]
    found["store"] = [store.genesis(), store.digest_key().hex()]
    plain: dict[str, Any] = json.loads(json.dumps(found, default=_plain))
    return plain


def still(noted: Any, now: Any) -> str:
    """Where `now` does not say what was noted; fields that have come since do not count. Empty where all is there."""
    if isinstance(noted, dict) and isinstance(now, dict):
        for name, value in noted.items():
            if name not in now:
                return f"{name} is missing"
            why = still(value, now[name])
            if why:
                return f"{name}: {why}"
        return ""
    if isinstance(noted, list) and isinstance(now, list) and len(noted) == len(now):
        return next(
            (f"[{n}] {why}" for n, pair in enumerate(zip(noted, now, strict=True)) if (why := still(*pair))), ""
        )
    return "" if noted == now else f"{str(now)[:300]} instead of {str(noted)[:300]}"


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    found = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    found.pop("text", None)  # is there or not, as it comes
    return found


def _kinds(asking: _Asking) -> list[str]:
    return sorted({*KINDS, *(kind for kind, _ in asking.entries)})


def _hosts(asking: _Asking) -> list[str]:
    last = asking.tx.last_states(asking.ids)
    return [i for i in asking.ids if not CLASSES[last[i].class_name].parents]


def _part_keys(asking: _Asking, parent: str) -> list[tuple[str, str]]:
    states = asking.tx.last_states(asking.ids).values()
    return [(state.class_name, state.key) for state in states if state.parent == parent]


def _key(id_: str) -> tuple[str, str, str]:
    subject, type_name, object_ = id_.split(" ")
    return subject, type_name, object_


def _id(item: Item) -> str:
    return item.id


def _link(link: Link) -> tuple[str, str, str]:
    return link.key


def _digests(text: str) -> list[str]:
    """What may be the address of a document."""
    words = "".join(c if c in "0123456789abcdef" else " " for c in text).split()
    return [word for word in words if len(word) == 64]
