"""What the Neo4j store keeps beside the chain, compared with the states: the `derived` of a View (ports.py).

Anybody who may write to the database may write Cypher, so everything is looked at: each node's properties are those that
its state gives and no others, what search compares among them; each relationship is a relation that a revision made, or
the containment of a part; and there is nothing else. Read in ranges of ids, a few thousand CIs at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from functools import partial
from typing import Any

from cmdb.damage import Damage, Progress
from cmdb.model.classes import CLASSES
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.model.values import bounded
from cmdb.states import Item, Retirement
from cmdb.stores import neo4j_rows as rows
from cmdb.stores.neo4j_audit_beside import CONDITIONS, ONE, PRESENT, READ, STRANGE, Check
from cmdb.stores.neo4j_rows import Properties
from cmdb.stores.neo4j_schema import LABELS
from cmdb.stores.neo4j_view import LINK, Answers

PAGE = 5_000
MOST = 20
"""Rows of one kind of damage that are named."""

UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError, StopIteration)

Row = list[Any]


class Audit(Answers):
    """Answers, and whether what is kept beside the chain agrees with it."""

    def derived(self, progress: Progress | None = None) -> Iterator[Damage]:
        yield from self._listed_damage(ONE)
        yield from self._listed_damage(STRANGE)
        done = 0
        for low, high in self._ranges():
            span = {"low": low, "high": high, "until": self._until}
            done += PAGE
            yield from self._steady(partial(self._range, span))
            if progress is not None:
                progress(f"graph: about {done} CIs")
        yield from self._begun()
        yield from self._identifiers_lead()
        yield from self._listed_damage(CONDITIONS)

    def document_addresses(self) -> Iterator[str]:
        last = ""
        cypher = "MATCH (d:Document) WHERE d.digest > $last RETURN d.digest ORDER BY d.digest LIMIT $limit"
        while found := self._run(cypher, last=last, limit=PAGE):
            for (address,) in found:
                yield address
            last = found[-1][0]

    # -- current and past states -------------------------------------------------------------------------------------------

    def _range(self, span: Properties) -> list[Damage]:
        """What is wrong with all that belongs to the CIs of a range of ids."""
        found: list[Damage] = []
        names: list[tuple[str, str]] = []
        cypher = f"MATCH (n:CI) WHERE {_within('n.id')} AND n.since <= $until RETURN properties(n), labels(n)"
        for row in self._run(cypher, **span):
            try:
                item = rows.item(row)
                found += _differing("ci", item.id, row[0], rows.item_properties(item), item)
                names += [(item.id, value) for value in item.identifiers]
            except UNREADABLE as error:
                found.append(_unreadable("ci", row[0].get("id"), error))
        found += self._past_states(span, names)
        found += self._links_of_range(span)
        found += self._containment(span)
        found += self._unled(names)
        for each in READ:
            found += self._beside(span, each)
        return found

    def _past_states(self, span: Properties, names: list[tuple[str, str]]) -> Iterator[Damage]:
        cypher = f"MATCH (p:Past) WHERE {_within('p.id')}{PRESENT.format('p', 'until')} RETURN properties(p)"
        last: dict[str, Item] = {}
        for (given,) in self._run(cypher, **span):
            try:
                state = rows.past(given)
                expected = rows.past_properties(state, given["until"], _end(state))
                yield from _differing("ci", state.id, given, expected, None, state.since)
            except UNREADABLE as error:
                yield _unreadable("ci", given.get("id"), error)
                continue
            if state.id not in last or (state.until or 0) > (last[state.id].until or 0):
                last[state.id] = state
        retired = {id_: state for id_, state in last.items() if state.ended == "retired" and state.identifiers}
        for id_ in self._gone(list(retired)):
            names += [(id_, value) for value in retired[id_].identifiers]

    def _gone(self, ids: list[str]) -> list[str]:
        """Those that are not there now, nor under another id."""
        if not ids:
            return []
        cypher = (
            "UNWIND $ids AS id OPTIONAL MATCH (n:CI {id: id}) WITH id, n WHERE n IS NULL AND NOT EXISTS "
            "{ MATCH (e:Entry) WHERE e.kind = 'alias' AND e.key = id AND e.since > 0 AND e.until IS NULL } RETURN id"
        )
        return [row[0] for row in self._run(cypher, ids=ids)]

    def _links_of_range(self, span: Properties) -> Iterator[Damage]:
        cypher = f"MATCH (n:CI)-[r]->() WHERE {_within('n.id')} AND r._seal IS NOT NULL RETURN {LINK}"
        for row in self._run(cypher, **span):
            name = f"{row[1]} {row[0]} {row[2]}"
            try:
                if row[0] not in RELATIONSHIP_TYPES:
                    yield Damage("there is no such type of relation", "link", name)
                else:
                    yield from _differing("link", name, row[3], rows.link_properties(rows.link(row)), None)
            except UNREADABLE as error:
                yield _unreadable("link", name, error)
        cypher = f"MATCH (p:PastLink) WHERE {_within('p.subject')}{PRESENT.format('p', 'until')} RETURN properties(p)"
        for (given,) in self._run(cypher, **span):
            name = f"{given.get('subject')} {given.get('type')} {given.get('object')}"
            try:
                state = rows.past_link(given)
                expected = rows.past_link_properties(state, given["until"], _end(state))
                yield from _differing("link", name, given, expected, None, state.since)
            except UNREADABLE as error:
                yield _unreadable("link", name, error)

    def _containment(self, span: Properties) -> Iterator[Damage]:
        """Relationships without a seal are the containment of parts, one each."""
        cypher = (
            f"MATCH (n:CI)-[r]->(o:CI) WHERE {_within('n.id')} AND r._seal IS NULL RETURN type(r), n.id, n._part, labels(n), "
            "n.since, o.id, o._part, labels(o), o.since, properties(r)"
        )
        for kind, subject, whole_of, labels, since, object_, part_of, other_labels, other_since, given in self._run(
            cypher, **span
        ):
            name = f"{subject} {kind} {object_}"
            parts = (
                (whole_of, labels, since, object_, "subject"),
                (part_of, other_labels, other_since, subject, "object"),
            )
            if not any(_contains(kind, *part, given) for part in parts):
                yield Damage("this relationship is of no revision, and no containment of a part", "containment", name)
        cypher = (
            f"MATCH (n:CI) WHERE {_within('n.id')} AND n._part IS NOT NULL AND n.since <= $until "
            "WITH n, COUNT { (n)-[r]-(p:CI) WHERE r._seal IS NULL AND n._part STARTS WITH p.id + ' ' } AS count "
            "WHERE count <> 1 RETURN n.id, count"
        )
        for id_, count in self._run(cypher, **span):
            yield Damage(f"{count} relationships tie this part to its whole, not one", "containment", id_)

    # -- what no revision made ---------------------------------------------------------------------------------------------

    def _begun(self) -> Iterator[Damage]:
        """States that are there, counted by the revision that they say began them, against what revisions say they did."""

        def ask() -> dict[str, Counter[int]]:
            found: dict[str, Counter[int]] = {}
            for kind, cypher in _BEGUN.items():
                found[kind] = Counter()
                for since, count in self._run(cypher, until=self._until):
                    found[kind][since] += count
            return found

        there = self._steady(ask)
        after = 0
        cypher = (
            "MATCH (r:Revision) WHERE r.number > $after AND r.number <= $until "
            "RETURN r.number, r.did ORDER BY r.number LIMIT $limit"
        )
        while found := self._run(cypher, after=after, until=self._until, limit=PAGE // 10):
            for number, did in found:
                told = [line.split(" ", 2) for line in did or ()]
                for kind, counts in there.items():
                    made = {id_ for of, op, id_ in told if of == kind and op != "retired"}
                    if counts.pop(number, 0) > len(made):
                        yield from self._unmade(kind, number, made)
            after = found[-1][0]
        for kind, counts in there.items():
            for number in sorted(counts):
                yield from self._unmade(kind, number, ())

    def _unmade(self, kind: str, number: int, made: Collection[str]) -> Iterator[Damage]:
        found = Counter(row[0] for row in self._run(_NAMED[kind], number=number))
        for id_, count in sorted(found.items()):
            if id_ not in made or count > 1:
                yield Damage("it is said to be of this revision, which did not make it", kind, id_, None, number)

    # -- identifiers -------------------------------------------------------------------------------------------------------

    def _unled(self, names: list[tuple[str, str]]) -> Iterator[Damage]:
        asked = [[bounded(value), id_] for id_, value in names]
        cypher = (
            "UNWIND $rows AS r OPTIONAL MATCH (i:Identifier {value: r[0], id: r[1]}) WITH r, i WHERE i IS NULL RETURN r"
        )
        for ((value, id_),) in self._run(cypher, rows=asked) if asked else ():
            yield Damage(f"{value!r:.80} does not lead to it, though it has that identifier", "identifier", id_)

    def _identifiers_lead(self) -> Iterator[Damage]:
        """Every identifier leads to a CI that has it, or once had it."""
        value, id_ = "", ""
        cypher = (
            "MATCH (i:Identifier) WHERE i.value >= $value AND i.id IS NOT NULL AND (i.value > $value OR i.id > $id) "
            "RETURN i.value, i.id, keys(i) ORDER BY i.value, i.id LIMIT $limit"
        )
        while found := self._run(cypher, value=value, id=id_, limit=PAGE // 5):
            states = self._identified_states({row[1] for row in found})
            for name, of, keys in found:
                if name not in states.get(of, ()):
                    yield Damage(f"{name!r:.80} leads to it, though it never had that identifier", "identifier", of)
                if sorted(keys) != ["id", "value"]:
                    yield Damage(f"{name!r:.80} has properties of nobody's making", "identifier", of)
            value, id_ = found[-1][:2]

    def _identified_states(self, ids: Iterable[str]) -> dict[str, set[str]]:
        """Every identifier that a CI has or had, as the index has it."""
        cypher = (
            "UNWIND $ids AS id MATCH (n:CI {id: id}) RETURN id, coalesce(n._identifiers, []) AS names UNION ALL "
            "UNWIND $ids AS id MATCH (p:Past) WHERE p.id = id AND p.until IS NOT NULL "
            "RETURN id, coalesce(p.identifiers, []) AS names"
        )
        found: dict[str, set[str]] = {}
        for id_, names in self._run(cypher, ids=list(ids)):
            found.setdefault(id_, set()).update(map(bounded, names))
        return found

    # -- records -----------------------------------------------------------------------------------------------------------

    def _beside(self, span: Properties, each: Check) -> Iterator[Damage]:
        condition = f"{_within(f'n.{each.ranged}')}{''.join(PRESENT.format('n', name) for name in each.present)}"
        for (given,) in self._run(f"MATCH (n:{each.label}) WHERE {condition} RETURN properties(n)", **span):
            name = " ".join(str(given.get(part)) for part in (each.ranged, *each.named))
            try:
                problem = each.problem(given)
            except UNREADABLE as error:
                problem = f"it can not be read: {type(error).__name__}"
            if problem:
                yield Damage(problem, each.kind, name)

    def _listed_damage(self, conditions: Iterable[tuple[str, str, str]]) -> Iterator[Damage]:
        for kind, cypher, problem in conditions:
            labels = [*LABELS, *CLASSES]
            found = self._steady(partial(self._run, cypher, labels=labels, ours=list(LABELS[1:]), limit=MOST))
            for id_, told in found:
                yield Damage(problem.format(told), kind, str(id_))


def _within(name: str) -> str:
    return f"{name} > $low AND {name} <= $high"


def _end(state: Any) -> Any:
    """The retirement that ended a state."""
    return Retirement(state.witness, state.ended_not_before) if state.ended == "retired" else None


def _differing(
    kind: str, id_: str, given: Properties, expected: Properties, item: Item | None, revision: int | None = None
) -> Iterator[Damage]:
    """Properties that are not what the state gives."""
    wanted = {name: value for name, value in expected.items() if value is not None}
    for name in sorted({*given, *wanted}):
        there, want = given.get(name), wanted.get(name)
        if name in ("seal", "_seal"):
            there, want = bytes(there or b""), bytes(want or b"")
        elif isinstance(there, float):
            want = None
        if there != want or type(there) is not type(want):
            yield _property(kind, id_, name, item, revision)


def _property(kind: str, id_: str, name: str, item: Item | None, revision: int | None) -> Damage:
    if item is None:
        return Damage("this property is not what its state gives", kind, id_, name, revision)
    if name.startswith(("_folded_", "_sort_")):
        return Damage("search finds it by other values than it has", "search", id_, name.split("_", 2)[2], item.since)
    if name in ("_listed", "_rest", "_text", "_more", "_long"):
        return Damage(f"{name} is not what its attributes give", "search", id_, name, item.since)
    return Damage("this property is not what its state gives", kind, id_, name, item.since)


def _contains(
    kind: str, part_of: str | None, labels: list[str], since: int, whole: str, end: str, given: Properties
) -> bool:
    """True where a relationship is the containment of this part in that whole."""
    if part_of is None or not part_of.startswith(f"{whole} ") or set(given) != {"since"}:
        return False
    declared = next((CLASSES[name] for name in labels if name in CLASSES), None)
    if declared is None or declared.containment != kind or not isinstance(given["since"], int):
        return False
    return RELATIONSHIP_TYPES[kind].part == end and given["since"] <= since


def _unreadable(kind: str, id_: str | None, error: BaseException) -> Damage:
    return Damage(f"it can not be read: {type(error).__name__}: {error}"[:200], kind, id_)


_NAMED = {
    "ci": (
        "MATCH (n:CI) WHERE n.since = $number RETURN n.id AS id UNION ALL "
        "MATCH (n:Past) WHERE n.since = $number RETURN n.id AS id"
    ),
    "link": (
        "MATCH (s:CI)-[r]->(o:CI) WHERE r._seal IS NOT NULL AND r.since = $number "
        "RETURN s.id + ' ' + type(r) + ' ' + o.id AS id "
        "UNION ALL MATCH (p:PastLink) WHERE p.since = $number RETURN p.subject + ' ' + p.type + ' ' + p.object AS id"
    ),
    "entry": "MATCH (e:Entry) WHERE e.since = $number RETURN e.kind + ' ' + e.key",
}
_BEGUN = {
    "ci": (
        "MATCH (n:CI) WHERE n.since <= $until WITH n.since AS since, count(*) AS one RETURN since, one UNION ALL "
        "MATCH (n:Past) WHERE n.since <= $until WITH n.since AS since, count(*) AS one RETURN since, one"
    ),
    "link": (
        "MATCH (:CI)-[r]->(:CI) WHERE r._seal IS NOT NULL AND r.since <= $until "
        "WITH r.since AS since, count(*) AS one RETURN since, one UNION ALL "
        "MATCH (p:PastLink) WHERE p.since <= $until WITH p.since AS since, count(*) AS one RETURN since, one"
    ),
    "entry": "MATCH (e:Entry) WHERE e.since <= $until RETURN e.since, count(*)",
}
"""How many states of each kind began with which revision."""
