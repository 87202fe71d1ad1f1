"""A query as SQL over the `key` and `text` tables, the same answers as query_language.matches.

Every value goes in as a parameter; fields, classes and types are numbers from the registry.
"""

from __future__ import annotations

from typing import Any

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
    contained_by,
)
from cmdb.model.search_index import index_of
from cmdb.model.text import sort_key
from cmdb.states import Item


def search_rows(item: Item, num: int, codes: dict[str, int]) -> tuple[list[tuple[int, str | int, int]], str]:
    """Rows of the `key` table for a CI, and what the full-text table is given for it.

    That a field is present without any value is a row with an empty BLOB.
    """
    fields, words = index_of(item.class_name, item.name, item.attributes)
    rows: list[Any] = []
    for field, values in fields.items():
        code = codes[field]
        if values:
            for value in values:
                rows.append((code, value, num))  # noqa: PERF401 - measured faster than extend
        else:
            rows.append((code, b"", num))
    return rows, " ".join(words)


def where(query: Query, codes: dict[str, int]) -> tuple[str, list[Any]]:
    """The condition on `ci` that a query's terms make, and its parameters."""
    conditions, parameters = ["1"], []
    for term in query.terms:
        condition, values = _term(term, codes)
        conditions.append(f"NOT ({condition})" if term.negated else condition)
        parameters += values
    return " AND ".join(conditions), parameters


def class_of(query: Query) -> str | None:
    """The one class that can match, None where the query does not say."""
    return next((t.name for t in query.terms if isinstance(t, ClassTerm) and not t.negated), None)


def _term(term: Term, codes: dict[str, int]) -> tuple[str, list[Any]]:
    if isinstance(term, ClassTerm):
        return "ci.class = ?", [codes[term.name]]
    if isinstance(term, IdTerm):
        return "ci.id = ?", [term.id]
    if isinstance(term, ParentTerm):
        # coalesce: a CI without a parent is not "unknown whether", or a negated term would never hold for it.
        return "coalesce(ci.id = ? OR ci.parent = (SELECT num FROM ci WHERE id = ?), 0)", [term.id, term.id]
    if isinstance(term, FreeText):
        asked = " AND ".join(f'"{prefix}" *' for prefix in term.prefixes)
        return "ci.num IN (SELECT rowid FROM text WHERE text MATCH ?)", [asked]
    if isinstance(term, RelationTerm):
        return _relation(term, codes)
    if isinstance(term, HasTerm):
        return "ci.num IN (SELECT ci FROM key WHERE field = ?)", [codes[term.field]]
    return _field(term, codes)


def _relation(term: RelationTerm, codes: dict[str, int]) -> tuple[str, list[Any]]:
    type_code = codes[term.type]
    condition = (
        "(EXISTS (SELECT 1 FROM link WHERE subject = ci.num AND type = ?) "
        "OR EXISTS (SELECT 1 FROM link WHERE object = ci.num AND type = ?)"
    )
    parameters: list[Any] = [type_code, type_code]
    classes = sorted(codes[c] for c in contained_by(term.type))
    if classes:
        marks = ",".join("?" * len(classes))
        condition += (
            f" OR (ci.parent IS NOT NULL AND ci.class IN ({marks}))"
            f" OR EXISTS (SELECT 1 FROM ci part WHERE part.parent = ci.num AND part.class IN ({marks}))"
        )
        parameters += classes * 2
    return condition + ")", parameters


def _field(term: FieldTerm, codes: dict[str, int]) -> tuple[str, list[Any]]:
    code = codes[term.field]
    texts = ""
    parameters: list[Any] = [code]
    if term.operator == "prefix":
        texts = "typeof(value) = 'text' AND value >= ? AND substr(value, 1, ?) = ?"
        parameters += [term.text, len(term.text), term.text]
        upper = _after(term.text)
        if upper is not None:
            texts += " AND value < ?"
            parameters.append(upper)
    else:
        texts = f"typeof(value) = 'text' AND value {term.operator} ?"
        parameters.append(term.text)
    condition = f"ci.num IN (SELECT ci FROM key WHERE field = ? AND {texts}"
    if term.number is not None:
        condition += (
            f" UNION ALL SELECT ci FROM key WHERE field = ? AND typeof(value) = 'integer' AND value {term.operator} ?"
        )
        parameters += [code, term.number]
    return condition + ")", parameters


def _after(prefix: str) -> str | None:
    """The least text above all that begin with `prefix`, None where there is none."""
    point = ord(prefix[-1]) + 1
    return None if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF else prefix[:-1] + chr(point)


def listed(item: Item) -> str:
    """What lists are ordered by within a class."""
    return sort_key(item.name)
