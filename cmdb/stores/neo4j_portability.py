"""A Neo4j store as records of no store's make, and the other way round (cmdb/portable.py).

The community edition has no snapshots, and shows each committed row as soon as it can: a dump is read while holding the lock
on :Head, when nobody commits. A load is many transactions, since one of a million nodes needs more memory than a server has;
`Meta.loading` says meanwhile that the database is no store yet.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import groupby, islice
from typing import Any, Protocol

from cmdb.model.errors import StoreError
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.model.values import MAX_INDEXED_BYTES, bounded
from cmdb.portable import (
    PASSING_NOTES,
    Birth,
    Document,
    Identifier,
    KeptEntry,
    KeptRevision,
    Note,
    RawBody,
    Reading,
    Record,
    Same,
    did_of,
    kept_entry,
    kept_revision,
    parents_first,
)
from cmdb.states import (
    Claim,
    Commit,
    Coverage,
    Head,
    Item,
    Link,
    Pending,
    Raw,
    Retirement,
    Revision,
    Scope,
    SweepRecord,
    SweepTarget,
)
from cmdb.stores import neo4j_rows as rows
from cmdb.stores import neo4j_sweeps as sweeps
from cmdb.stores.neo4j_outbox import Phase
from cmdb.stores.neo4j_records import Run
from cmdb.stores.neo4j_schema import PRODUCT
from cmdb.stores.neo4j_transaction import RAW, SAME, Neo4jTransaction
from cmdb.stores.neo4j_view import LINK, REVISION

CHUNK = 5_000
"""Records that are written in one transaction."""

CARRIED = {
    *("CI", "Identifier", "Past", "PastLink", "Revision", "Scope", "Coverage", "Claim", "Pending", "Reading", "Same"),
    *("Entry", "Note", "Document", "Raw", "RawBody", "Sweep", "SweepTarget"),
}
"""Labels that records are made of."""

DERIVED = {"Meta", "Head", "Gate"}
"""Labels that follow from them, or are born with the store. A test sees that no label is in neither."""

HALF = (
    "{} was being filled from a backup or another store, which did not complete: restore or copy into it again, which takes "
    "away what is there."
)

Writing = Callable[[], AbstractContextManager[Neo4jTransaction]]
"""A transaction that is committed at the end of the block."""


class Stream(Protocol):
    """Runs a statement and gives its rows one by one; each is read to its end before the next is run."""

    def __call__(self, cypher: str, /, **parameters: Any) -> Iterator[list[Any]]: ...


def birth(meta: dict[str, Any]) -> Birth:
    return Birth(meta["genesis"], bytes.fromhex(meta["digest_key"]), int(meta["born_at"]))


def records(stream: Stream) -> Iterator[Record]:
    """Everything that there is."""
    cypher = f"MATCH (r:Revision) WHERE r.number > 0 RETURN r {{{REVISION}}}, r.receipt, r.did ORDER BY r.number"
    for properties, receipt, did in stream(cypher):
        changes = sorted(did_of(*one.split(" ", 2)) for one in did or ())
        yield kept_revision(rows.revision(properties), receipt, changes)
    for name in parents_first():
        yield from map(rows.item, stream(f"MATCH (n:CI&{name}) RETURN properties(n), labels(n)"))
    for row in stream("MATCH (p:Past) RETURN properties(p)"):
        yield rows.past(row[0])
    yield from _identifiers(stream)
    for name in RELATIONSHIP_TYPES:
        cypher = f"MATCH (:CI)-[r:{name}]->(:CI) WHERE r._seal IS NOT NULL RETURN {LINK}"
        yield from map(rows.link, stream(cypher))
    for row in stream("MATCH (p:PastLink) RETURN properties(p)"):
        yield rows.past_link(row[0])
    yield from _beside(stream)


def _identifiers(stream: Stream) -> Iterator[Identifier]:
    """Values longer than an index holds stand there cut; the states of their CI have them whole."""
    cut: dict[tuple[str, str], None] = {}
    for value, id_ in stream("MATCH (i:Identifier) RETURN i.value, i.id"):
        if len(value.encode()) > MAX_INDEXED_BYTES - 101:
            cut[(value, id_)] = None
        else:
            yield Identifier(value, id_)
    for value, id_ in cut:
        cypher = (
            "MATCH (n:CI {id: $id}) RETURN n._identifiers AS found UNION ALL "
            "MATCH (p:Past) WHERE p.id = $id AND p.until > 0 RETURN p.identifiers AS found"
        )
        known = {bounded(whole): whole for row in stream(cypher, id=id_) for whole in row[0] or ()}
        yield Identifier(known.get(value, value), id_)


def _beside(stream: Stream) -> Iterator[Record]:
    """What stands beside states."""
    for row in stream("MATCH (s:Scope) RETURN properties(s)"):
        yield rows.scope(row[0])
    for row in stream("MATCH (c:Coverage) RETURN properties(c)"):
        yield rows.coverage(row[0])
    for row in stream("MATCH (c:Claim) RETURN properties(c)"):
        yield rows.claim(row[0])
    for row in stream("MATCH (p:Pending) RETURN properties(p)"):
        yield rows.pending(row[0])
    for subject, section, value in stream("MATCH (r:Reading) RETURN r.subject, r.section, r.value"):
        yield Reading(subject, section, json.loads(value))
    for row in stream("MATCH (s:Same) RETURN s.source, s.subject, s.digest"):
        yield Same(*row)
    for row in stream("MATCH (e:Entry) RETURN properties(e)"):
        yield kept_entry(rows.entry(row[0]), bool(row[0].get("retired")))
    for kind, key, value in stream("MATCH (n:Note) RETURN n.kind, n.key, n.value"):
        if kind not in PASSING_NOTES:
            yield Note(kind, key, json.loads(value))
    for digest, data in stream("MATCH (d:Document) RETURN d.digest, d.data"):
        yield Document(digest, bytes(data))
    for row in stream("MATCH (r:Raw) RETURN properties(r)"):
        yield rows.raw(row[0])
    for digest, uses, data in stream("MATCH (b:RawBody) RETURN b.digest, b.uses, b.data"):
        yield RawBody(digest, uses, bytes(data))
    yield from map(sweeps.record, stream(f"MATCH (s:Sweep) RETURN {sweeps.SWEEP}"))
    yield from map(sweeps.target, stream(f"MATCH (t:SweepTarget) RETURN {sweeps.TARGET}"))


def load(run: Run, writing: Writing, given: Birth, head: Head, found: Iterable[Record]) -> None:
    """Fill an empty store. `run` is a statement in a transaction of its own. Raises StoreError where it is not empty, or the
    records do not end with `head`; what was written by then is left, under the mark of a store that is not whole."""
    _begin(run)
    for of, alike in groupby(found, type):
        while chunk := list(islice(alike, CHUNK)):
            with writing() as tx:
                _WRITE[of](tx, chunk)
    last = run(
        "MATCH (r:Revision) WHERE r.number > 0 RETURN r.number, r.committed_at, r.digest ORDER BY r.number DESC LIMIT 1"
    )
    if (last[0] if last else [0, 0, ""]) != [head.number, head.committed_at, head.digest]:
        raise StoreError(
            f"What was read ends with revision {last[0][0] if last else 0}, not with {head.number}: use another one."
        )
    run(
        "OPTIONAL MATCH (s:Scope) WITH coalesce(max(s.number), 0) AS scopes "
        "MATCH (h:Head), (m:Meta {product: $product}) "
        "SET h.number = $number, h.committed_at = $time, h.digest = $digest, h.scopes = scopes, h.genesis = $genesis, "
        "m.genesis = $genesis, m.digest_key = $key, m.born_at = $born REMOVE m.loading",
        product=PRODUCT,
        number=head.number,
        time=head.committed_at,
        digest=head.digest,
        genesis=given.genesis,
        key=given.digest_key.hex(),
        born=given.born_at,
    )


def _begin(run: Run) -> None:
    """Mark the store as being loaded; what an earlier load that failed has left is taken away."""
    number, loading, used = run(
        "MATCH (h:Head), (m:Meta {product: $product}) RETURN h.number, m.loading, EXISTS { (:Scope|Document|CI) }",
        product=PRODUCT,
    )[0]
    if (number or used) and not loading:
        raise StoreError(
            "The store is not empty: a backup is restored into a new one only. Name another database, or empty this one."
        )
    # Who has the empty store open would mint from its genesis: the mark on :Head is seen by each that begins to write.
    run("MATCH (h:Head), (m:Meta {product: $product}) SET m.loading = true, h.genesis = ''", product=PRODUCT)
    labels = "|".join(sorted(CARRIED))
    while loading and run(f"MATCH (n:{labels}) WITH n LIMIT {CHUNK} DETACH DELETE n RETURN count(n)")[0][0]:
        pass


def _put(tx: Neo4jTransaction, cypher: str, of: Iterable[Any], made: int = 0) -> None:
    tx._outbox.put(Phase.RECORDS, cypher, of, made)


def _revisions(tx: Neo4jTransaction, of: Sequence[KeptRevision]) -> None:
    names = Revision.__slots__
    made = [
        {
            **{name: getattr(r, name) for name in names},
            "receipt": None if r.receipt is None else json.dumps(r.receipt),
            "did": [" ".join(one) for one in r.did],
        }
        for r in of
    ]
    _put(tx, "UNWIND $rows AS r CREATE (n:Revision) SET n = r", made, made=1)


def _items(tx: Neo4jTransaction, of: Sequence[Item]) -> None:
    tx._create([i for i in of if i.until is None])
    past = [rows.past_properties(i, i.until, _end(i)) for i in of if i.until is not None]
    _put(tx, "UNWIND $rows AS r CREATE (p:Past) SET p = r", past, made=1)


def _links(tx: Neo4jTransaction, of: Sequence[Link]) -> None:
    tx._create_links([k for k in of if k.until is None])
    past = [rows.past_link_properties(k, k.until, _end(k)) for k in of if k.until is not None]
    _put(tx, "UNWIND $rows AS r CREATE (p:PastLink) SET p = r", past, made=1)


def _end(state: Item | Link) -> Retirement | None:
    return Retirement(state.witness or "", state.ended_not_before) if state.ended == "retired" else None


def _entries(tx: Neo4jTransaction, of: Sequence[KeptEntry]) -> None:
    made = [
        rows.entry_properties(e) | ({} if e.until is None else {"until": e.until, "retired": e.retired}) for e in of
    ]
    _put(tx, "UNWIND $rows AS r CREATE (e:Entry) SET e = r", made, made=1)


_WRITE: dict[type, Callable[[Neo4jTransaction, Sequence[Any]], None]] = {
    KeptRevision: _revisions,
    Item: _items,
    Link: _links,
    Identifier: lambda tx, of: _put(
        tx, "UNWIND $rows AS r MERGE (:Identifier {value: r[0], id: r[1]})", [[bounded(i.value), i.id] for i in of]
    ),
    Scope: lambda tx, of: tx._put_scopes(of),
    Coverage: lambda tx, of: tx.write(Commit(coverage=list(of))),
    Claim: lambda tx, of: tx.write(Commit(claims=list(of))),
    Pending: lambda tx, of: tx.write(Commit(pending=list(of))),
    Reading: lambda tx, of: tx.write(Commit(readings=[(r.subject, r.section, r.value) for r in of])),
    Same: lambda tx, of: _put(tx, SAME, [[s.source, s.subject, s.digest] for s in of]),
    KeptEntry: _entries,
    Note: lambda tx, of: _put(
        tx,
        "UNWIND $rows AS r MERGE (n:Note {kind: r[0], key: r[1]}) SET n.value = r[2]",
        [[n.kind, n.key, json.dumps(n.value)] for n in of],
    ),
    Document: lambda tx, of: _put(
        tx, "UNWIND $rows AS r CREATE (d:Document {digest: r[0], data: r[1]})", [[d.digest, d.data] for d in of], made=1
    ),
    Raw: lambda tx, of: _put(tx, RAW, map(rows.raw_properties, of), made=1),
    RawBody: lambda tx, of: _put(
        tx,
        "UNWIND $rows AS r CREATE (b:RawBody {digest: r[0], uses: r[1], size_bytes: r[2], data: r[3]})",
        [[b.digest, b.uses, len(b.data), b.data] for b in of],
        made=1,
    ),
    SweepRecord: lambda tx, of: _put(tx, sweeps.PUT_SWEEPS, map(sweeps.row_of, of)),
    SweepTarget: lambda tx, of: _put(tx, sweeps.PUT_TARGETS, map(sweeps.target_row, of)),
}
