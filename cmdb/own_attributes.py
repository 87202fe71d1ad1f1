"""The attributes that the people of a store declared themselves, as data: entries of the kind `attribute` in the chain.

`vocabulary` is what there is as of a revision, `query_of` a query that may name them.
"""

from __future__ import annotations

from collections.abc import Mapping

from cmdb.aliases import followed
from cmdb.model.declaration import Attribute
from cmdb.model.errors import UsageError
from cmdb.model.people import said
from cmdb.model.query_language import Query, parse
from cmdb.model.values import Value, problem
from cmdb.model.vocabulary import Vocabulary, may_be_own
from cmdb.ports import View

KIND = "attribute"


def vocabulary(view: View, at: int | None = None) -> Vocabulary:
    """Declared and own attributes as of a revision. What a later version of a class declares itself is that one's."""
    own: dict[str, dict[str, Attribute]] = {}
    for entry in view.entries(KIND, at):
        class_name, name = str(entry.value["class"]), str(entry.value["name"])
        if may_be_own(class_name, name):
            attribute = said(name, str(entry.value["type"]), str(entry.value["text"]))
            own.setdefault(class_name, {})[name] = attribute
    return Vocabulary(own)


def still_declared(known: Vocabulary, class_name: str, attributes: Mapping[str, Value]) -> dict[str, Value]:
    """Of what was said once, what may be said still: an own attribute that was taken back took its values with it."""
    found = {name: known.attribute(class_name, name) for name in attributes}
    return {n: v for n, v in attributes.items() if (a := found[n]) is not None and not problem(v, a.type)}


def query_of(view: View, text: str, at: int | None = None) -> Query:
    """The query that `text` asks of the store as of a revision, with old ids followed. Raises UsageError as `parse` does."""
    return followed(view, _parsed(view, text, at), at)


def _parsed(view: View, text: str, at: int | None) -> Query:
    try:
        return parse(text)  # Most queries name no own attribute: they need not be looked up.
    except UsageError as error:
        if "field" not in error.details:
            raise
    return parse(text, vocabulary(view, at))
