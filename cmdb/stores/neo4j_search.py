"""What search compares on a CI's node, and a query as a Cypher condition: the same answers as query_language.matches.

Properties, all computed by us:

- `_listed`: class and sort_key(name), which lists are ordered by; `_rest` is what an index key has no room for.
- `_text`: " " + tokens of free text, a space between; those beyond 30,000 bytes stand in `_more`, and `_long` says so.
- `_folded_<field>`: index values of a field, only where they differ from the attribute itself.
- `_sort_<field>`: their sort keys, only where those differ again. Neo4j compares some text by UTF-16 unit and some by code
  point; a sort key has one order.

Every value goes in as a parameter; labels, types and property names come from the registry.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any

from cmdb.model.classes import CLASSES
from cmdb.model.query_language import (
    ClassTerm,
    FieldTerm,
    FreeText,
    HasTerm,
    IdTerm,
    ParentTerm,
    Query,
    RelationTerm,
    Term,
)
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.model.search_index import index_of
from cmdb.model.text import sort_key, tokens
from cmdb.states import Item

TEXT_BYTES = 30_000
LISTED_CHARACTERS = 600
"""Of a sort key; each has at most 3 bytes of UTF-8, since none lies beyond U+FFFF."""

SHORT = 400
"""Characters of a value that is certainly indexed as it is, without a digest at its end."""

_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "=": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "prefix": str.startswith,
}


def search_properties(item: Item, found: dict[str, Any]) -> None:
    """Add to the properties of a CI's node what search compares."""
    fields, words = index_of(item.class_name, item.name, item.attributes)
    for field, values in fields.items():
        value = found.get(field)
        if isinstance(value, (bool, int)):
            continue
        single = field == "name" or not isinstance(value, list)
        folded: Any = values[0] if single else values
        if folded != value:
            found["_folded_" + field] = folded
        ordered: Any = sort_key(folded) if single else [v if isinstance(v, int) else sort_key(v) for v in values]
        if ordered != folded:
            found["_sort_" + field] = ordered
    listed, rest = place(item.class_name, sort_key(item.name))
    found["_listed"] = listed
    if rest:
        found["_rest"] = rest
    text = " " + " ".join(words)
    if len(text) * 4 > TEXT_BYTES and len(text.encode()) > TEXT_BYTES:
        text, found["_more"] = _split(words)
        found["_long"] = True
    found["_text"] = text


def place(class_name: str, key: str) -> tuple[str, str]:
    """Where a CI stands in lists: (_listed, _rest) of its class and the sort key of its name."""
    return f"{class_name} {key[:LISTED_CHARACTERS]}", key[LISTED_CHARACTERS:]


class Condition:
    """A query as the condition on a node `n`, with its parameters.

    `labels` follow `n` in the pattern. `cypher` is the condition of all terms; `without_relations` leaves those about
    relations out, whose answer depends on more than the node.
    """

    def __init__(self, query: Query) -> None:
        self.parameters: dict[str, Any] = {}
        only = next((t.name for t in query.terms if isinstance(t, ClassTerm) and not t.negated), None)
        self.classes = [only] if only else list(CLASSES)
        self.labels = f":CI:{only}" if only else ":CI"
        terms = [(term, self._term(term, query)) for term in query.terms]
        self.cypher = _all(_signed(t, c) for t, c in terms)
        self.without_relations = _all(_signed(t, c) for t, c in terms if not isinstance(t, RelationTerm))
        self.relations = any(isinstance(t, RelationTerm) for t in query.terms)

    def _term(self, term: Term, query: Query) -> str:
        if isinstance(term, ClassTerm):
            return f"n:{_class(term.name)}"
        if isinstance(term, IdTerm):
            return f"n.id = {self._given(term.id)}"
        if isinstance(term, ParentTerm):
            if " " in term.id:
                return "false"
            return f"(n.id = {self._given(term.id)} OR n._part STARTS WITH {self._given(term.id + ' ')})"
        if isinstance(term, RelationTerm):
            return f"EXISTS {{ (n)-[:{_type(term.type)}]-() }}"
        if isinstance(term, FreeText):
            return _all(self._word(prefix) for prefix in term.prefixes)
        return self._field(term, query)

    def _word(self, prefix: str) -> str:
        given = self._given(" " + prefix)
        return f"(n._text CONTAINS {given} OR (n._long = true AND n._more CONTAINS {given}))"

    def _field(self, term: HasTerm | FieldTerm, query: Query) -> str:
        if term.field == "name":
            return "true" if isinstance(term, HasTerm) else self._compared("name", "str", term)
        groups: dict[str, list[str]] = {}
        for name in self.classes:
            told = query.vocabulary.attribute(name, term.field)
            if told is not None and query.vocabulary.searches(name, term.field):
                groups.setdefault(told.type, []).append(name)
        conditions = [
            f"({_of_class(names, self.classes)}{self._compared(term.field, kind, term)})"
            for kind, names in sorted(groups.items())
        ]
        return f"({' OR '.join(conditions)})" if conditions else "false"

    def _compared(self, field: str, kind: str, term: HasTerm | FieldTerm) -> str:
        if isinstance(term, HasTerm):
            return f"n.`{field}` IS NOT NULL"
        if kind == "bool":
            test = _COMPARISONS[term.operator]
            return f"n.`{field}` IN {self._given([v == 'true' for v in ('true', 'false') if test(v, term.text)])}"
        if kind in ("int", "list[int]"):
            if term.number is None:
                return "false"
            given = self._given(term.number)
            if kind == "int":
                return f"n.`{field}` {term.operator} {given}"
            return f"any(v IN n.`{field}` WHERE v {term.operator} {given})"
        if term.operator in ("=", "prefix"):
            cypher = "=" if term.operator == "=" else "STARTS WITH"
            found, given = f"coalesce(n.`_folded_{field}`, n.`{field}`)", self._given(term.text)
        else:
            cypher, given = term.operator, self._given(sort_key(term.text))
            found = f"coalesce(n.`_sort_{field}`, n.`_folded_{field}`, n.`{field}`)"
        if kind == "str":
            return f"{found} {cypher} {given}{self._hint(term)}"
        return f"any(v IN {found} WHERE v {cypher} {given}){self._hint(term)}"

    def _hint(self, term: FieldTerm) -> str:
        """A condition that follows from the term and that the text index answers: tokens of the value are free text."""
        sure = term.operator in ("=", "prefix") and len(term.text) < SHORT
        words = tokens(term.value) if sure else []
        return f" AND {self._word(max(words, key=len))}" if words else ""

    def _given(self, value: Any) -> str:
        name = f"q{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"


def _signed(term: Term, condition: str) -> str:
    # coalesce: what is absent is no answer to a term, and so is one to its opposite.
    return f"NOT coalesce({condition}, false)" if term.negated else condition


def _all(conditions: Iterable[str]) -> str:
    return " AND ".join(conditions) or "true"


def _of_class(names: list[str], among: list[str]) -> str:
    return "" if set(names) == set(among) else f"n:{'|'.join(_class(n) for n in names)} AND "


def _class(name: str) -> str:
    return CLASSES[name].name


def _type(name: str) -> str:
    return RELATIONSHIP_TYPES[name].name


def _split(words: list[str]) -> tuple[str, str]:
    """Tokens that the text index has room for, and the others."""
    room, kept = TEXT_BYTES, 0
    for word in words:
        room -= 1 + len(word.encode())
        if room < 0:
            break
        kept += 1
    return " " + " ".join(words[:kept]), " " + " ".join(words[kept:])
