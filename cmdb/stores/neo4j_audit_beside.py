"""What is to be true of the nodes that the Neo4j store keeps outside its graph, and of the graph as a whole: as tables.

Used by neo4j_audit; each is a question whose rows are damage, or a look at every node of a label.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from cmdb.stores import neo4j_rows as rows
from cmdb.stores.neo4j_rows import Properties

PRESENT = " AND {}.{} IS NOT NULL"

_OUTCOMES = ("collected", "failed", "not_applicable")


@dataclass(frozen=True, slots=True)
class Check:
    """Look at every node of a label, in ranges of the property `ranged`; `present` are the others of its index, `named`
    what else tells it apart. `problem` says what is wrong with its properties, an empty text where nothing is."""

    label: str
    kind: str
    ranged: str
    present: tuple[str, ...]
    named: tuple[str, ...]
    problem: Callable[[Properties], str]


def _scope(given: Properties) -> str:
    scope = rows.scope(given)
    return _same(given, rows.scope_properties(scope)) or _outcome(scope.outcome)


def _coverage(given: Properties) -> str:
    coverage = rows.coverage(given)
    return _same(given, rows.coverage_properties(coverage)) or _outcome(coverage.outcome)


def _claim(given: Properties) -> str:
    return _same(given, rows.claim_properties(rows.claim(given)))


def _pending(given: Properties) -> str:
    return _same(given, rows.pending_properties(rows.pending(given)))


def _reading(given: Properties) -> str:
    whole = set(given) == {"subject", "section", "value"} and isinstance(json.loads(given["value"]), dict)
    return "" if whole else "its properties are not those of readings"


def _last(given: Properties) -> str:
    whole = set(given) == {"subject", "source", "digest"} and isinstance(given["digest"], str)
    told = given.get("digest", "")
    digest = told == "" or (len(told) == 64 and not set(told) - set("0123456789abcdef"))
    return "" if whole and digest else "it is no digest"


def _same(given: Properties, expected: Properties) -> str:
    """Whether a node has exactly the properties that what it holds would be written with."""
    wanted = {name: value for name, value in expected.items() if value is not None}
    odd = [
        name
        for name in sorted({*given, *wanted})
        if given.get(name) != wanted.get(name) or type(given.get(name)) is not type(wanted.get(name))
    ]
    return f"{', '.join(odd)}: not as it would be written" if odd else ""


def _outcome(told: str) -> str:
    return "" if told in _OUTCOMES else f"its outcome is {told!r:.40}"


READ = (
    Check("Scope", "scope", "subject", ("source", "section"), ("section", "source"), _scope),
    Check("Coverage", "coverage", "subject", ("section", "source", "seen_at"), ("section", "source"), _coverage),
    Check("Claim", "claim", "target", ("scope",), ("scope",), _claim),
    Check("Pending", "pending", "near", (), ("address",), _pending),
    Check("Reading", "reading", "subject", ("section",), ("section",), _reading),
    Check("Same", "same", "subject", ("source",), ("source",), _last),
)

ONE = (
    ("head", "MATCH (h:Head) WITH count(h) AS n WHERE n <> 1 RETURN 'Head', n", "there are {} of it, not one"),
    (
        "head",
        "MATCH (h:Head), (m:Meta) WHERE h.genesis IS NOT NULL AND h.genesis <> m.genesis RETURN 'Head', h.genesis",
        "it is of the store that was born with {}",
    ),
    ("meta", "MATCH (h:Gate) WITH count(h) AS n WHERE n <> 1 RETURN 'Gate', n", "there are {} of it, not one"),
    ("meta", "MATCH (h:Meta) WITH count(h) AS n WHERE n <> 1 RETURN 'Meta', n", "there are {} of it, not one"),
    (
        "meta",
        (
            "MATCH (m:Meta) UNWIND ['genesis', 'digest_key'] AS name WITH m, name "
            "WHERE m[name] IS NULL OR NOT m[name] =~ '[0-9a-f]{64}' RETURN name, ''"
        ),
        "it is not the 64 hex digits that the store was born with",
    ),
    (
        "head",
        (
            "MATCH (h:Head) UNWIND keys(h) AS name WITH name WHERE NOT name IN "
            "['one', 'number', 'committed_at', 'digest', 'scopes', 'lock', 'reader', 'genesis'] RETURN 'Head', name"
        ),
        "its property {} is of nobody's making",
    ),
)

STRANGE = (
    (
        "graph",
        "MATCH (n) WHERE none(l IN labels(n) WHERE l IN $labels) RETURN elementId(n), labels(n) LIMIT $limit",
        "this node, labelled {}, is none of ours",
    ),
    (
        "graph",
        (
            "MATCH (n) WHERE any(l IN labels(n) WHERE l IN $ours) AND size(labels(n)) > 1 "
            "RETURN elementId(n), labels(n) LIMIT $limit"
        ),
        "this node has other labels beside its own: {}",
    ),
    (
        "graph",
        (
            "MATCH (n) WHERE size(labels(n)) > 0 AND NOT n:CI AND none(l IN labels(n) WHERE l IN $ours) "
            "RETURN elementId(n), labels(n) LIMIT $limit"
        ),
        "this node has the label of a class and is no CI: {}",
    ),
    (
        "graph",
        "MATCH (n:CI) WHERE n.id IS NULL OR n.since IS NULL RETURN elementId(n), labels(n) LIMIT $limit",
        "this node, labelled {}, lacks what every CI has",
    ),
    (
        "graph",
        "MATCH (a)-[r]->(b) WHERE NOT a:CI OR NOT b:CI RETURN elementId(r), type(r) LIMIT $limit",
        "this relationship of type {} ties what is no CI",
    ),
    (
        "graph",
        "MATCH (n:CI) WHERE size(labels(n)) <> 2 RETURN coalesce(n.id, elementId(n)), labels(n) LIMIT $limit",
        "this CI is not of one class: {}",
    ),
    *(
        (
            "graph",
            (
                f"MATCH (n:{label}) WHERE {' OR '.join(f'n.{name} IS NULL' for name in names)} "
                "RETURN elementId(n), labels(n) LIMIT $limit"
            ),
            "this node, labelled {}, lacks what it is told by",
        )
        for label, *names in (
            ("Past", "id", "until"),
            ("PastLink", "subject", "until"),
            ("Identifier", "value", "id"),
            ("Revision", "number"),
            ("Scope", "number", "subject", "source", "section"),
            ("Coverage", "subject", "section", "source", "seen_at"),
            ("Claim", "target", "scope"),
            ("Pending", "key", "near"),
            ("Reading", "subject", "section"),
            ("Same", "subject", "source"),
            ("Entry", "kind", "key", "since"),
            ("Note", "kind", "key"),
            ("Sweep", "id", "number", "value"),
            ("SweepTarget", "sweep", "number", "outcome", "value"),
            ("Document", "digest", "data"),
        )
    ),
)

# A merge sets aside what was known of the CI that is no more, under "aside:" and its id.
_KNOWN = "EXISTS {{ MATCH (k:CI {{id: {0}}}) }} OR EXISTS {{ MATCH (k:Past) WHERE k.id = {0} AND k.until IS NOT NULL }}"
_ENTRY = ("kind", "key", "value", "since", "seal", "until", "retired")
_REVISION = (
    *(
        "number",
        "committed_at",
        "kind",
        "source",
        "actor",
        "cause",
        "batch",
        "batch_digest",
        "observed_at",
        "received_at",
    ),
    *("previous", "digest", "changes", "receipt", "did"),
)


def _plain(name: str) -> str:
    return f"replace(n.{name}, 'aside:', '')"


def _others(label: str, names: tuple[str, ...], id_: str) -> str:
    return (
        f"MATCH (n:{label}) UNWIND keys(n) AS name WITH n, name WHERE NOT name IN {list(names)} "
        f"RETURN {id_}, name LIMIT $limit"
    )


CONDITIONS = (
    ("entry", _others("Entry", _ENTRY, "n.kind + ' ' + n.key"), "its property {} is of nobody's making"),
    ("revision", _others("Revision", _REVISION, "n.number"), "its property {} is of nobody's making"),
    ("document", _others("Document", ("digest", "data"), "n.digest"), "its property {} is of nobody's making"),
    (
        "note",
        _others("Note", ("kind", "key", "value"), "n.kind + ' ' + n.key"),
        "its property {} is of nobody's making",
    ),
    (
        "claim",
        (
            "MATCH (c:Claim) WHERE NOT c.target CONTAINS ' ' AND NOT EXISTS { MATCH (n:CI {id: c.target}) } "
            "RETURN c.target, c.scope LIMIT $limit"
        ),
        "the CI of this claim (section {}) is not there",
    ),
    (
        "claim",
        (
            "MATCH (c:Claim) WHERE c.target CONTAINS ' ' WITH c, split(c.target, ' ') AS t WHERE NOT EXISTS "
            "{ MATCH (:CI {id: t[0]})-[k]->(:CI {id: t[2]}) WHERE type(k) = t[1] AND k._seal IS NOT NULL } "
            "RETURN c.target, c.scope LIMIT $limit"
        ),
        "the relation of this claim (section {}) is not there",
    ),
    *(
        (
            kind,
            (
                f"MATCH {pattern} WHERE n.{name} IS NOT NULL AND NOT EXISTS {{ MATCH (:Scope {{number: n.{name}}}) }} "
                f"RETURN {id_}, n.{name} LIMIT $limit"
            ),
            "section {} is not there",
        )
        for kind, pattern, name, id_ in (
            ("ci", "(n:CI)", "_scope", "n.id"),
            ("link", "(s:CI)-[n]->(o:CI)", "_scope", "s.id + ' ' + type(n) + ' ' + o.id"),
            ("claim", "(n:Claim)", "scope", "n.target"),
            ("pending", "(n:Pending)", "scope", "n.near + ' ' + n.address"),
        )
    ),
    *(
        (
            kind,
            f"MATCH (n:{label}) WHERE NOT ({_KNOWN.format(_plain(name))}) RETURN n.{name}, n.{told} LIMIT $limit",
            "its CI was never there ({})",
        )
        for kind, label, name, told in (
            ("scope", "Scope", "subject", "section"),
            ("coverage", "Coverage", "subject", "section"),
            ("reading", "Reading", "subject", "section"),
            ("same", "Same", "subject", "source"),
            ("pending", "Pending", "near", "address"),
        )
    ),
    (
        "pending",
        f"MATCH (n:Pending) WHERE n.far IS NOT NULL AND NOT ({_KNOWN.format('n.far')}) RETURN n.near, n.far LIMIT $limit",
        "it is said to be resolved to {}, which was never there",
    ),
    (
        "coverage",
        (
            "MATCH (s:Scope) MATCH (c:Coverage) WHERE c.subject = s.subject AND c.section = s.section AND c.source = s.source "
            "AND c.seen_at IS NOT NULL WITH s, max(c.seen_at) AS last MATCH (c:Coverage {subject: s.subject, "
            "section: s.section, source: s.source, seen_at: last}) WHERE c.outcome <> s.outcome OR c.reason <> s.reason "
            "OR c.privilege <> s.privilege OR c.version <> s.version OR c.classes <> s.classes OR c.relations <> s.relations "
            "RETURN s.subject + ' ' + s.section, s.source LIMIT $limit"
        ),
        "its coverage by {} is not what its standing says",
    ),
    (
        "scope",
        "MATCH (s:Scope), (h:Head) WHERE s.number > h.scopes RETURN s.subject, s.number LIMIT $limit",
        "its number {} was never given",
    ),
)
"""(kind, statement whose rows are damage as (id, detail), problem)"""
