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


def numbers_of(term: Term, codes: dict[str, int]) -> tuple[str, list[Any]]:
    """A SELECT of `num` of the CIs that meet a term, negated or not, one of them several times where several values do."""
    if isinstance(term, ClassTerm):
        return "SELECT num FROM ci WHERE class = ?", [codes[term.name]]
    if isinstance(term, IdTerm):
        return "SELECT num FROM ci WHERE id = ?", [term.id]
    if isinstance(term, ParentTerm):
        sql = "SELECT num FROM ci WHERE id = ? UNION ALL SELECT num FROM ci WHERE parent = (SELECT num FROM ci WHERE id = ?)"
        return sql, [term.id, term.id]
    if isinstance(term, FreeText):
        return "SELECT rowid AS num FROM text WHERE text MATCH ?", [
            " AND ".join(f'"{prefix}" *' for prefix in term.prefixes)
        ]
    if isinstance(term, HasTerm):
        return "SELECT ci AS num FROM key WHERE field = ?", [codes[term.field]]
    if isinstance(term, FieldTerm):
        return _field(term, codes)
    raise TypeError(f"no index tells all CIs of {term}")


def class_of(query: Query) -> str | None:
    """The one class that can match, None where the query does not say."""
    return next((t.name for t in query.terms if isinstance(t, ClassTerm) and not t.negated), None)


def condition_of(term: Term, codes: dict[str, int]) -> tuple[str, list[Any]]:
    """The condition on `ci` that a term makes, negated or not, and its parameters."""
    if isinstance(term, ClassTerm):
        return "ci.class = ?", [codes[term.name]]
    if isinstance(term, IdTerm):
        return "ci.id = ?", [term.id]
    if isinstance(term, ParentTerm):
        # coalesce: a CI without a parent is not "unknown whether", or a negated term would never hold for it.
        return "coalesce(ci.id = ? OR ci.parent = (SELECT num FROM ci WHERE id = ?), 0)", [term.id, term.id]
    if isinstance(term, RelationTerm):
        return _relation(term, codes)
    if isinstance(term, HasTerm):
        # Of one CI again; field names are from the registry, and hold nothing that a path would have to quote.
        return ("1", []) if term.field == "name" else ("json_type(ci.attributes, ?) IS NOT NULL", [f"$.{term.field}"])
    if isinstance(term, FieldTerm) and term.operator == "=":
        # Of one CI, so that what many have is not gathered first.
        condition = "EXISTS (SELECT 1 FROM key WHERE key.field = ? AND key.value = ? AND key.ci = ci.num)"
        values = [term.text] if term.number is None else [term.text, term.number]
        return f"({' OR '.join([condition] * len(values))})", [
            v for value in values for v in (codes[term.field], value)
        ]
    source, parameters = numbers_of(term, codes)
    return f"ci.num IN ({source})", parameters


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
    source = f"SELECT ci AS num FROM key WHERE field = ? AND {texts}"
    if term.number is not None:
        source += (
            f" UNION ALL SELECT ci FROM key WHERE field = ? AND typeof(value) = 'integer' AND value {term.operator} ?"
        )
        parameters += [code, term.number]
    return source, parameters


def _after(prefix: str) -> str | None:
    """The least text above all that begin with `prefix`, None where there is none."""
    point = ord(prefix[-1]) + 1
    return None if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF else prefix[:-1] + chr(point)


def listed(item: Item) -> str:
    """What lists are ordered by within a class."""
    return sort_key(item.name)
