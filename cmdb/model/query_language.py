"""The query language: what `ci find`, `q=` of the API, scopes and the page's search field understand.

Terms stand side by side, separated by white space, and all must hold: `class:Host name:web* os_version:12 port:>1024
has:owner rel:RUNS_ON -env:test "free text"`. The grammar stands in docs/query.md. Both stores answer as `matches` does,
which is why everything that they compare or index by is computed by us (search_index.py).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import field
from typing import Protocol, Union

from cmdb.model.classes import CLASSES
from cmdb.model.dataclass import dataclass
from cmdb.model.errors import UsageError
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.model.search_index import KEPT_BYTES, index_value, indexed, text_of
from cmdb.model.text import fold, sort_key, tokens
from cmdb.model.values import MAX_INT, Value
from cmdb.model.vocabulary import DECLARED, Vocabulary

MAX_QUERY_BYTES = 4096
MAX_TERMS = 64

RESERVED = ("class", "has", "id", "in", "is", "rel")
"""Words before the colon that are no fields; no attribute may be called so."""

ALIASES = {"tag": "tags"}
"""Other words for a field; no attribute may be called so."""


@dataclass(frozen=True)
class ClassTerm:
    """`class:Host`: the CI is of that class; `name` is as declared."""

    name: str
    negated: bool = False

    def __str__(self) -> str:
        return _written(self.negated, "class:" + self.name)


@dataclass(frozen=True)
class FieldTerm:
    """`field:value`: the name, or an attribute (any member of a list), compares so; an absent one does not.

    `operator` is one of = > < >= <= prefix. Text compares on `text`, in the order of `sort_key`; a number on `number`,
    and not at all where that is None or the operator is "prefix".
    """

    field: str
    operator: str
    value: str
    negated: bool = False

    @property
    def text(self) -> str:
        """What indexed text is compared with."""
        return str(index_value(self.value))

    @property
    def number(self) -> int | None:
        """What indexed numbers are compared with."""
        return int(self.value) if self.operator != "prefix" and _is_number(self.value) else None

    def __str__(self) -> str:
        written = {"=": "", "prefix": ""}.get(self.operator, self.operator) + _quoted(self.value)
        return _written(self.negated, f"{self.field}:{written}{'*' if self.operator == 'prefix' else ''}")


@dataclass(frozen=True)
class HasTerm:
    """`has:field`: the attribute is present. Every CI has a name."""

    field: str
    negated: bool = False

    def __str__(self) -> str:
        return _written(self.negated, "has:" + self.field)


@dataclass(frozen=True)
class RelationTerm:
    """`rel:TYPE`: the CI is an end, either one, of a relation of that type; a part and its whole too."""

    type: str
    negated: bool = False

    def __str__(self) -> str:
        return _written(self.negated, "rel:" + self.type)


@dataclass(frozen=True)
class FreeText:
    """A bare word or a quoted text: each prefix begins some token of the CI (see `text_of`)."""

    prefixes: tuple[str, ...]
    negated: bool = False

    def __str__(self) -> str:
        return _written(self.negated, _quoted(" ".join(self.prefixes)))


@dataclass(frozen=True)
class IdTerm:
    """`id:…`: the CI with this id."""

    id: str
    negated: bool = False

    def __str__(self) -> str:
        return _written(self.negated, "id:" + _quoted(self.id))


@dataclass(frozen=True)
class ParentTerm:
    """`in:…`: the CI with this id, and its parts."""

    id: str
    negated: bool = False

    def __str__(self) -> str:
        return _written(self.negated, "in:" + _quoted(self.id))


Term = Union[ClassTerm, FieldTerm, HasTerm, RelationTerm, FreeText, IdTerm, ParentTerm]


@dataclass(frozen=True)
class Query:
    """Terms that must all hold; without any, every CI is meant. `text` is what was asked, `str()` that rewritten."""

    terms: tuple[Term, ...]
    text: str
    vocabulary: Vocabulary = field(default=DECLARED, compare=False, repr=False)
    """What the fields were taken from."""

    def __str__(self) -> str:
        return " ".join(map(str, self.terms))


class Searched(Protocol):
    """What `matches` looks at; an Item of the stores is one."""

    @property
    def id(self) -> str: ...
    @property
    def class_name(self) -> str: ...
    @property
    def parent(self) -> str | None: ...
    @property
    def name(self) -> str: ...
    @property
    def attributes(self) -> Mapping[str, Value]: ...


def parse(text: str, vocabulary: Vocabulary = DECLARED) -> Query:
    """The query that `text` asks; its fields are those of the vocabulary. Raises UsageError, which says what was not
    understood and what to write instead; its detail `field` names a field that there is not."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise UsageError("The query holds a lone surrogate, which no stored text can hold.") from None
    if size > MAX_QUERY_BYTES:
        raise UsageError(f"The query has {size} bytes; at most {MAX_QUERY_BYTES} are read.")
    if "\0" in text:
        raise UsageError("The query holds a NUL character, which no stored text can hold.")
    terms: list[Term] = []
    position = _SPACE.match(text).end()  # type: ignore[union-attr]
    while position < len(text):
        found = _TERM.match(text, position)
        if not found:
            raise UsageError(_unreadable(text[position:]))
        if len(terms) == MAX_TERMS:
            raise UsageError(f"The query has more than {MAX_TERMS} terms.")
        terms.append(_term(found, vocabulary))
        position = found.end()
    return Query(tuple(terms), text, vocabulary)


STATES = ("current", "retired", "stale")
"""Discovery states, what may stand behind `is:`."""


def split_state(text: str) -> tuple[str, str | None]:
    """A query without its term `is:…`, and the discovery state that this asks for; None where there is none."""
    state = None
    rest = text
    position = _SPACE.match(text).end()  # type: ignore[union-attr]
    while position < len(text) and (found := _TERM.match(text, position)):
        position = found.end()
        if found["key"] is None or fold(found["key"]) != "is":
            continue
        value = fold(found["quoted"] if found["quoted"] is not None else found["plain"])
        if found["minus"] or found["operator"] or found["star"] or value not in STATES:
            raise UsageError(f"is: takes one of {', '.join(STATES)}, and can not be negated.")
        if state is not None:
            raise UsageError("A CI is in one state: write is: once.")
        state, rest = value, text[: found.start()] + text[found.end() :]
    return rest, state


def matches(query: Query, item: Searched, relation_types: Collection[str]) -> bool:
    """True where all terms hold: the reference that both stores are compared with.

    `relation_types` are the types of all relations of which the CI is an end, containment included: the type of its own
    class where it has a parent, and those of the classes of its parts (see `contained_by`).
    """
    return all(_holds(term, item, relation_types) is not term.negated for term in query.terms)


def contained_by(type_name: str) -> frozenset[str]:
    """Classes whose being part of their parent is a relation of this type: for RUNS_ON, SoftwareInstance."""
    return frozenset(n for n, c in CLASSES.items() if c.parents and c.containment == type_name)


def _holds(term: Term, item: Searched, relation_types: Collection[str]) -> bool:
    if isinstance(term, ClassTerm):
        return item.class_name == term.name
    if isinstance(term, IdTerm):
        return item.id == term.id
    if isinstance(term, ParentTerm):
        return term.id in (item.id, item.parent)
    if isinstance(term, RelationTerm):
        return term.type in relation_types
    if isinstance(term, FreeText):
        found = text_of(item.class_name, item.name, item.attributes)
        return all(any(token.startswith(prefix) for token in found) for prefix in term.prefixes)
    values = indexed(item.class_name, item.name, item.attributes).get(term.field)
    if isinstance(term, HasTerm) or values is None:
        return values is not None
    return any(_compares(value, term) for value in values)


def _compares(value: str | int, term: FieldTerm) -> bool:
    if isinstance(value, int):
        return term.number is not None and _ordered(value > term.number, value == term.number, term.operator)
    if term.operator == "prefix":
        return value.startswith(term.text)
    return _ordered(sort_key(value) > sort_key(term.text), value == term.text, term.operator)


def _ordered(greater: bool, equal: bool, operator: str) -> bool:
    if operator == ">":
        return greater
    if operator == "<":
        return not greater and not equal
    return equal or (operator == ">=" and greater) or (operator == "<=" and not greater)


def _term(found: re.Match[str], vocabulary: Vocabulary) -> Term:
    key, quoted = found["key"], found["quoted"]
    negated, literal = bool(found["minus"]), quoted is not None
    value = _ESCAPE.sub(r"\1", quoted) if quoted is not None else found["plain"]
    if key is None:
        prefixes = tuple(dict.fromkeys(tokens(value)))
        if not prefixes:
            raise UsageError(
                f"Nothing of {_shown(found[0].strip())} can be searched for: it has no letter and no number."
            )
        return FreeText(prefixes, negated)
    key, operator = fold(key), found["operator"]
    if key in RESERVED:
        if operator or found["star"]:
            raise UsageError(f"{key}: takes a plain value, without {operator or '*'}.")
        if not value:
            raise UsageError(f"{key}: needs a value behind the colon.")
        return _reserved(key, value, negated, vocabulary)
    name, types = _field(key, vocabulary)
    return _field_term(name, types, operator, value, literal, bool(found["star"]), negated)


def _reserved(key: str, value: str, negated: bool, vocabulary: Vocabulary) -> Term:
    if key == "class":
        return ClassTerm(_known("class", value, CLASSES), negated)
    if key == "rel":
        return RelationTerm(_known("relationship type", value, RELATIONSHIP_TYPES), negated)
    if key == "is":
        raise UsageError(
            "is: asks for a discovery state, which `ci find` can do, and what changes or freezes CIs can not."
        )
    if key == "has":
        return HasTerm(_field(fold(value), vocabulary)[0], negated)
    return IdTerm(value, negated) if key == "id" else ParentTerm(value, negated)


def _field_term(
    field: str, types: frozenset[str], operator: str, value: str, literal: bool, star: bool, negated: bool
) -> FieldTerm:
    if not literal and not operator:
        if value.endswith("*"):
            value, star = value[:-1], True
        if "*" in value:
            raise UsageError(
                f"A * may stand at the end only, not as in {_shown(value)}; quote the value to mean the character."
            )
    if star:
        if operator:
            raise UsageError(f"{field}: takes either {operator} or a * at the end, not both.")
        operator = "prefix"
    if not value and (star or not literal):
        raise UsageError(f"{field}: needs a value; has:{field} asks whether there is any.")
    if types <= {"int", "list[int]"} and (star or not _is_number(value)):
        raise UsageError(f"{field} is a number; {_shown(value + '*' * star)} is none.")
    if types == {"bool"} and (operator not in ("", "=") or fold(value) not in ("true", "false")):
        raise UsageError(f"{field} is either true or false: write {field}:true or {field}:false.")
    if star and len(fold(value).encode()) > KEPT_BYTES:
        raise UsageError(f"The value of {field} is too long for a search by prefix; at most {KEPT_BYTES} bytes are.")
    return FieldTerm(field, operator or "=", value, negated)


def _field(name: str, vocabulary: Vocabulary) -> tuple[str, frozenset[str]]:
    """The field that a word means, and its types."""
    name = ALIASES.get(name, name)
    fields = vocabulary.fields()
    if name in fields:
        return name, fields[name]
    if any(name in c.attributes for c in CLASSES.values()):
        raise UsageError(f"{name} is kept with its CI, but not searched.", field=name)
    raise UsageError(
        f"There is no field {_shown(name)}{_nearest(name, [*fields, *RESERVED])} Quote a text that holds a colon.",
        field=name,
    )


def _known(what: str, value: str, names: Iterable[str]) -> str:
    by_fold = {fold(name): name for name in names}
    if fold(value) in by_fold:
        return by_fold[fold(value)]
    raise UsageError(f"There is no {what} {_shown(value)}{_nearest(fold(value), by_fold, by_fold)}")


def _nearest(name: str, names: Iterable[str], shown: Mapping[str, str] | None = None) -> str:
    near = difflib.get_close_matches(name, sorted(set(names)), n=3, cutoff=0.5)
    return "; the nearest are " + ", ".join(shown[n] if shown else n for n in near) + "." if near else "."


def _unreadable(rest: str) -> str:
    shown = rest.split()[0]
    if rest.lstrip("-") and rest.count('"') % 2:
        return f"A quotation mark is not closed, at {_shown(shown)}."
    if '"' in shown:
        return f'{_shown(shown)} has a quotation mark within a word: quote the whole value, and write \\" inside it.'
    return f"{_shown(shown)} is no term; quote it to search for it as text."


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:79] + "\u2026")


def _is_number(value: str) -> bool:
    return bool(_NUMBER.match(value)) and abs(int(value)) <= MAX_INT


def _quoted(value: str) -> str:
    return value if _PLAIN.match(value) else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _written(negated: bool, term: str) -> str:
    return "-" + term if negated else term


_SPACE = re.compile(r"\s*")
_TERM = re.compile(
    r"""(?P<minus>-)?
        (?:(?P<key>[^\W\d]\w*):(?P<operator>>=|<=|>|<|=|))?
        (?:"(?P<quoted>(?:[^"\\]|\\.)*)"(?P<star>\*)?|(?P<plain>[^\s"]*))
        (?:\s+|\Z)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r'\\(["\\])')
_NUMBER = re.compile(r"-?[0-9]{1,16}\Z")
_PLAIN = re.compile(r"[\w./@%+][\w./@%+-]*\Z")
