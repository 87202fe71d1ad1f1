"""Writing to the Neo4j store: one database transaction that holds the lock on :Head is one Transaction (ports.py)."""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from cmdb.model.classes import CLASSES
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.model.values import bounded
from cmdb.states import Commit, Head, Item, Link, Raw, Retirement, Revision, Scope
from cmdb.stores import neo4j_rows as rows
from cmdb.stores.neo4j_erasing import Erasing
from cmdb.stores.neo4j_freeing import FREE_LINKS, FREE_STATES
from cmdb.stores.neo4j_outbox import Phase, Send
from cmdb.stores.neo4j_questions import END_CLAIMS
from cmdb.stores.neo4j_records import Run
from cmdb.stores.neo4j_rows import Properties
from cmdb.stores.neo4j_schema import by_class, link_pattern, links_by_type
from cmdb.stores.neo4j_sweeps_writing import SweepWriting
from cmdb.stores.neo4j_touched import altered, mentioned

CONTAINMENT: dict[str | None, str] = {
    "subject": "(p)<-[:{}{{since: r.since}}]-",
    "object": "(p)-[:{}{{since: r.since}}]->",
}
"""The relationship between a part and its parent `p`, by the end that the part is."""

NEW_SCOPES = "UNWIND $rows AS r CREATE (s:Scope) SET s = r"
SCOPES = "UNWIND $rows AS r MERGE (s:Scope {number: r.number}) SET s = r"
LEAVE: dict[str | None, str] = {
    "subject": "UNWIND $rows AS r MATCH (n:CI {{id: r}})-[k:{}]->(:CI) WHERE k._seal IS NULL DELETE k",
    "object": "UNWIND $rows AS r MATCH (:CI)-[k:{}]->(n:CI {{id: r}}) WHERE k._seal IS NULL DELETE k",
}
"""Takes a part from its parent, by the end that the part is; relations of the same type have a seal."""
UNIDENTIFY = "UNWIND $rows AS r MATCH (i:Identifier {value: r[0], id: r[1]}) DELETE i"
SEEN_AGAIN = (
    "UNWIND $rows AS r MATCH (s:Scope {number: r[0]}) "
    "SET s.observed_at = r[1], s.seen_at = r[2], s.sequence = r[3], s.cost = r[4], s.collected_at = r[5], "
    "s.collected_sequence = r[6]"
)
AGAIN = ("observed_at", "seen_at", "sequence", "cost", "collected_at", "collected_sequence")
"""What SEEN_AGAIN writes, in order."""
SAME = "UNWIND $rows AS r MERGE (s:Same {subject: r[1], source: r[0]}) SET s.digest = r[2]"
RAW = "UNWIND $rows AS r CREATE (n:Raw) SET n = r"
RAW_BODY = (
    "UNWIND $rows AS r MERGE (b:RawBody {digest: r[0]}) ON CREATE SET b.data = r[1], b.size_bytes = r[2], b.uses = 1 "
    "ON MATCH SET b.uses = b.uses + 1"
)
NUMBERED = "UNWIND $rows AS r MATCH (h:Head) SET h.scopes = r"
HEAD = "UNWIND $rows AS r MATCH (h:Head) SET h.number = r[0], h.committed_at = r[1], h.digest = r[2]"


class Neo4jTransaction(SweepWriting, Erasing):
    """A view that sees its own writes."""

    def __init__(self, run: Run, send: Send, head: Head) -> None:
        super().__init__(run, send, head)
        self._numbered: int | None = None
        self._raw: int | None = None
        self._standing: dict[int, Properties] = {}
        """Scopes that wait to be written, by number; `_new` are those that are not in the graph."""
        self._new: set[int] = set()
        self._again: dict[int, list[Any]] = {}
        """Scopes of which only times moved, as rows of SEEN_AGAIN."""

    # -- writing -------------------------------------------------------------------------------------------------------

    def number_scopes(self, scopes: Sequence[Scope]) -> None:
        if not scopes:
            return
        if self._numbered is None:
            with self._about(()):
                self._numbered = int(self._run("MATCH (h:Head) RETURN h.scopes")[0][0])
        for scope in scopes:
            self._numbered += 1
            scope.number = self._numbered
            self._new.add(scope.number)
        self._outbox.replace(Phase.SCOPES, NUMBERED, self._numbered)
        self._put_scopes(scopes)

    def seen_again(self, scopes: Sequence[Scope]) -> None:
        self._ahead.seen_again(scopes)
        for s in scopes:
            row = [
                s.number,
                s.observed_at,
                s.seen_at,
                s.sequence,
                json.dumps(s.cost),
                s.collected_at,
                s.collected_sequence,
            ]
            waiting = self._standing.get(s.number)
            if waiting is None:
                self._again[s.number] = row
            else:
                waiting.update(zip(AGAIN, row[1:], strict=True))
            self._outbox.touched.update((s.number, rows.standing(s.subject)))

    def send_all(self) -> None:
        new = [self._standing.pop(n) for n in list(self._standing) if n in self._new]
        self._outbox.put(Phase.SCOPES, NEW_SCOPES, new, made=1)
        self._outbox.put(Phase.SCOPES, SCOPES, self._standing.values())
        self._outbox.put(Phase.SCOPES, SEEN_AGAIN, self._again.values())
        self._standing, self._again, self._new = {}, {}, set()
        super().send_all()

    def put_document(self, digest: str, data: bytes) -> None:
        cypher = "MERGE (d:Document {digest: $digest}) ON CREATE SET d.data = $data"
        self._send(cypher, digest=digest, data=zlib.compress(data, 6))

    def put_raw(self, raw: Raw, bodies: Mapping[str, bytes]) -> None:
        if self._raw is None:
            with self._about(()):
                newest = self._run("MATCH (r:Raw) WHERE r.number > 0 RETURN max(r.number)")
            self._raw = int(newest[0][0] or 0)
        self._raw = raw.number = self._raw + 1
        self._outbox.put(Phase.RECORDS, RAW, [rows.raw_properties(raw)], made=1)
        self._outbox.put(Phase.RECORDS, RAW_BODY, [[digest, data, len(data)] for digest, data in bodies.items()])

    def drop_raws(self, numbers: Collection[int]) -> None:
        self._raw = None
        self._send(
            "UNWIND $numbers AS number MATCH (r:Raw {number: number}) WITH r, r.bodies AS bodies DELETE r "
            "WITH bodies UNWIND bodies AS digest MATCH (b:RawBody {digest: digest}) SET b.uses = b.uses - 1 "
            "WITH DISTINCT b WHERE b.uses <= 0 DELETE b",
            numbers=list(numbers),
        )

    def free(self, states: Sequence[Item], links: Sequence[Link]) -> None:
        freed = [[i.id, i.until, rows.seal(b"", i.digest)] for i in states]
        self._send(FREE_STATES, rows=freed)
        self._send(FREE_LINKS, rows=[[k.subject, k.type, k.object, k.until, rows.seal(b"", k.digest)] for k in links])

    def put_unversioned(self, kind: str, key: str, value: Mapping[str, Any]) -> None:
        cypher = "MERGE (n:Note {kind: $kind, key: $key}) SET n.value = $value"
        self._send(cypher, kind=kind, key=key, value=json.dumps(value))

    def remove_entry_value(self, kind: str, key: str) -> None:
        self._send("MATCH (n:Note {kind: $kind, key: $key}) DELETE n", kind=kind, key=key)

    def write(self, commit: Commit) -> None:
        if not self._outbox.touched.isdisjoint(altered(commit)):
            self.send_all()
        if commit.scopes:
            self._put_scopes(commit.scopes)
        if commit.revision is not None:
            did = self._changes(commit, commit.revision.number)
            self._revision(commit.revision, commit.receipt, did)
        self._claims(commit)
        put = self._outbox.put
        cypher = "UNWIND $rows AS r MATCH (n:CI {id: r[0]}) SET n._scope = r[1]"
        put(Phase.RESCOPED, cypher, [[i.id, i.scope] for i in commit.rescoped])
        for name, links in links_by_type(commit.links_rescoped).items():
            cypher = f"UNWIND $rows AS r {link_pattern(name)} SET k._scope = r[2]"
            put(Phase.RESCOPED, cypher, [[one.subject, one.object, one.scope] for one in links])
        cypher = (
            "UNWIND $rows AS r MERGE (c:Coverage {subject: r.subject, section: r.section, source: r.source, "
            "seen_at: r.seen_at}) SET c = r"
        )
        put(Phase.RECORDS, cypher, map(rows.coverage_properties, commit.coverage))
        cypher = "UNWIND $rows AS r MERGE (n:Reading {subject: r[0], section: r[1]}) SET n.value = r[2]"
        put(Phase.RECORDS, cypher, [[subject, name, json.dumps(value)] for subject, name, value in commit.readings])
        cypher = "UNWIND $rows AS r MATCH (p:Pending {key: r}) DELETE p"
        put(Phase.REFERENCES_REMOVED, cypher, map(rows.pending_key, commit.removed_pending))
        cypher = "UNWIND $rows AS r MERGE (p:Pending {key: r.key}) SET p = r"
        put(Phase.REFERENCES, cypher, map(rows.pending_properties, commit.pending))
        if commit.same is not None:
            put(Phase.RECORDS, SAME, [list(commit.same)])
        self._outbox.touched.update(mentioned(commit))
        self._ahead.written(commit)

    def _put_scopes(self, scopes: Sequence[Scope]) -> None:
        self._ahead.stand(scopes)
        for scope in scopes:
            self._again.pop(scope.number, None)
            self._standing[scope.number] = rows.scope_properties(scope)
            self._outbox.touched.update((scope.number, rows.standing(scope.subject)))

    def _revision(self, one: Revision, receipt: dict[str, Any] | None, did: list[str]) -> None:
        self.revisions_written.append(one)
        self._head = Head(one.number, one.committed_at, one.digest)
        kept = None if receipt is None else json.dumps(receipt)
        row = {**rows.revision_properties(one), "receipt": kept, "did": did}
        self._outbox.put(Phase.REVISION, "UNWIND $rows AS r CREATE (n:Revision) SET n = r", [row], made=1)
        self._outbox.replace(Phase.HEAD, HEAD, [one.number, one.committed_at, one.digest])

    # -- states --------------------------------------------------------------------------------------------------------

    def _changes(self, commit: Commit, number: int) -> list[str]:
        """Write the states that a revision makes and ends; returns what it did, as `changed` tells it."""
        ended = [(one, end) for one, end in commit.links_retired]
        self._end_links([*ended, *((old, None) for old, _ in commit.links_updated)], number)
        self._update_links(commit.links_updated)
        self._end_items([*commit.retired, *((old, None) for old, _ in commit.updated)], number)
        self._retire(commit.retired)
        self._update(commit.updated)
        self._create(commit.created)
        self._create_links(commit.links_created)
        did = [f"ci created {i.id}" for i in commit.created]
        did += [f"ci updated {old.id}" for old, _ in commit.updated]
        did += [f"ci retired {i.id}" for i, _ in commit.retired]
        did += [f"link created {rows.target(one.key)}" for one in commit.links_created]
        did += [f"link updated {rows.target(old.key)}" for old, _ in commit.links_updated]
        did += [f"link retired {rows.target(one.key)}" for one, _ in commit.links_retired]
        return did + self._entries_changed(commit, number)

    def _create(self, items: Sequence[Item]) -> None:
        """New CIs and their containment: one nested UNWIND a class, the parent matched once; parents before parts."""
        new = {item.id for item in items}
        left: Sequence[Item] = items
        while left:
            ready = [i for i in left if i.parent not in new]
            if not ready:
                raise ValueError(f"{left[0].id} is a part of itself")
            for class_name, alike in by_class(i for i in ready if i.parent is None).items():
                cypher = f"UNWIND $rows AS r CREATE (n:CI:{class_name}) SET n = r"
                self._outbox.put(Phase.CREATED, cypher, map(rows.item_properties, alike), made=1)
            for class_name, alike in by_class(i for i in ready if i.parent is not None).items():
                self._create_parts(class_name, alike)
            new.difference_update(i.id for i in ready)
            left = [i for i in left if i.parent in new or i.id in new]
        self._identify(items)

    def _identify(self, items: Iterable[Item]) -> None:
        for item in items:
            known = "MERGE" if item.born != item.since else "CREATE"
            cypher = f"UNWIND $rows AS r {known} (:Identifier {{value: r[0], id: r[1]}})"
            self._outbox.put(Phase.IDENTIFIERS, cypher, [[bounded(value), item.id] for value in item.identifiers])

    def _create_parts(self, class_name: str, items: Sequence[Item]) -> None:
        containment = RELATIONSHIP_TYPES[CLASSES[class_name].containment]
        pattern = CONTAINMENT[containment.part].format(containment.name)
        cypher = (
            "UNWIND $rows AS g MATCH (p:CI {id: g[0]}) UNWIND g[1] AS r "
            f"CREATE {pattern}(n:CI:{class_name}) SET n = r"
        )
        below: dict[tuple[int, str], list[Properties]] = {}
        for item in items:
            parent = item.parent or ""
            below.setdefault((self._outbox.level(item.id, parent), parent), []).append(rows.item_properties(item))
        for (level, parent), made in below.items():
            self._outbox.put_below(level, cypher, parent, made)

    def _update(self, pairs: Sequence[tuple[Item, Item]]) -> None:
        changed = []
        for old, new in pairs:
            before, after = rows.item_properties(old), rows.item_properties(new)
            changed.append([old.id, rows.changes(before, after)])
        put = self._outbox.put
        put(Phase.UPDATED, "UNWIND $rows AS r MATCH (n:CI {id: r[0]}) SET n += r[1]", changed)
        self._move([new for old, new in pairs if old.parent != new.parent])
        gone = [[bounded(v), old.id] for old, new in pairs for v in old.identifiers if v not in new.identifiers]
        put(Phase.UPDATED, UNIDENTIFY, gone)
        new_ones = [[bounded(v), new.id] for old, new in pairs for v in new.identifiers if v not in old.identifiers]
        put(Phase.IDENTIFIERS, "UNWIND $rows AS r MERGE (:Identifier {value: r[0], id: r[1]})", new_ones)

    def _move(self, parts: Sequence[Item]) -> None:
        """Have parts belong to the parent that they have now, which may be created by the same commit."""
        for class_name, alike in by_class(parts).items():
            containment = RELATIONSHIP_TYPES[CLASSES[class_name].containment]
            self._outbox.put(Phase.UPDATED, LEAVE[containment.part].format(containment.name), [new.id for new in alike])
            cypher = (
                "UNWIND $rows AS r MATCH (n:CI {id: r.id}) MATCH (p:CI {id: r.parent}) "
                f"CREATE {CONTAINMENT[containment.part].format(containment.name)}(n)"
            )
            moved = [{"id": new.id, "parent": new.parent, "since": new.since} for new in alike]
            self._outbox.put(Phase.MOVED, cypher, moved, made=1)

    def _end_items(self, states: Sequence[tuple[Item, Retirement | None]], number: int) -> None:
        past = (rows.past_properties(state, number, end) for state, end in states)
        self._outbox.put(Phase.PAST, "UNWIND $rows AS r CREATE (p:Past) SET p = r", past, made=1)

    def _retire(self, retired: Sequence[tuple[Item, Retirement]]) -> None:
        ids = [item.id for item, _ in retired]
        self._outbox.put(Phase.RETIRED, END_CLAIMS, ids)
        self._outbox.put(Phase.RETIRED, "UNWIND $rows AS r MATCH (n:CI {id: r}) DETACH DELETE n", ids)
        merged = [[bounded(value), item.id] for item, end in retired if end.merged for value in item.identifiers]
        self._outbox.put(Phase.RETIRED, UNIDENTIFY, merged)

    def _create_links(self, links: Sequence[Link]) -> None:
        for name, alike in links_by_type(links).items():
            cypher = (
                "UNWIND $rows AS r MATCH (s:CI {id: r[0]}) MATCH (o:CI {id: r[1]}) "
                f"CREATE (s)-[k:{name}]->(o) SET k = r[2]"
            )
            made = [[k.subject, k.object, rows.link_properties(k)] for k in alike]
            self._outbox.put(Phase.LINKS_CREATED, cypher, made, made=1)

    def _update_links(self, pairs: Sequence[tuple[Link, Link]]) -> None:
        for name, alike in links_by_type([new for _, new in pairs]).items():
            cypher = f"UNWIND $rows AS r {link_pattern(name)} SET k = r[2]"
            moved = [[k.subject, k.object, rows.link_properties(k)] for k in alike]
            self._outbox.put(Phase.LINKS_UPDATED, cypher, moved)

    def _end_links(self, states: Sequence[tuple[Link, Retirement | None]], number: int) -> None:
        past = (rows.past_link_properties(state, number, end) for state, end in states)
        put = self._outbox.put
        put(Phase.PAST_LINKS, "UNWIND $rows AS r CREATE (p:PastLink) SET p = r", past, made=1)
        retired = [state for state, end in states if end is not None]
        put(Phase.LINKS_ENDED, END_CLAIMS, [rows.target(one.key) for one in retired])
        for name, alike in links_by_type(retired).items():
            cypher = f"UNWIND $rows AS r {link_pattern(name)} DELETE k"
            put(Phase.LINKS_ENDED, cypher, [[k.subject, k.object] for k in alike])

    # -- entries and claims --------------------------------------------------------------------------------------------

    def _entries_changed(self, commit: Commit, number: int) -> list[str]:
        did = []
        for entry, _ in commit.entries_removed:
            self._end_entry(entry.kind, entry.key, number, retired=True)
            did.append(f"entry retired {entry.kind} {entry.key}")
        for entry in commit.entries_put:
            known = self.entry(entry.kind, entry.key) is not None
            if known:
                self._end_entry(entry.kind, entry.key, number, retired=False)
            self._send("CREATE (e:Entry) SET e = $row", 1, row=rows.entry_properties(entry))
            self._kinds[entry.kind] = True
            did.append(f"entry {'updated' if known else 'created'} {entry.kind} {entry.key}")
        return did

    def _end_entry(self, kind: str, key: str, number: int, retired: bool) -> None:
        self._send(
            "MATCH (e:Entry) WHERE e.kind = $kind AND e.key = $key AND e.since > 0 AND e.until IS NULL "
            "SET e.until = $number, e.retired = $retired",
            kind=kind,
            key=key,
            number=number,
            retired=retired,
        )

    def _claims(self, commit: Commit) -> None:
        cypher = "UNWIND $rows AS r MATCH (c:Claim {target: r[0], scope: r[1]}) DELETE c"
        removed = [[rows.target(of), scope] for scope, of in commit.removed_claims]
        self._outbox.put(Phase.CLAIMS_REMOVED, cypher, removed)
        cypher = "UNWIND $rows AS r MERGE (c:Claim {target: r.target, scope: r.scope}) SET c = r"
        self._outbox.put(Phase.CLAIMS, cypher, map(rows.claim_properties, commit.claims))
