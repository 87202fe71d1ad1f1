"""Values as people write them: on the command line, in a form, in a cell of a file; made into what an attribute takes.

A truth value is true, false, yes or no; members of a list stand apart by a comma or semicolon, where they do not come as a list.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from cmdb.model.checked import shown
from cmdb.model.declaration import Attribute
from cmdb.model.errors import UsageError
from cmdb.model.forms import FORMS
from cmdb.model.text import fold
from cmdb.model.values import Value, problem

TAGS = "tags"
MAX_TAG = 128

_NUMBER = re.compile(r"[+-]?[0-9]{1,16}\Z")
_BETWEEN = re.compile(r"[,;]")
_TRUTH = {"true": True, "yes": True, "false": False, "no": False}


def given(attribute: Attribute, written: Any) -> Value:
    """`written` as a value of the attribute: text without white space around it and in normal form C, lists sorted, a word of
    a closed set as that set has it, an address or network in its one writing. Raises UsageError that names the attribute, the
    value and what it takes."""
    made: Any
    if attribute.type.startswith("list"):
        members = _BETWEEN.split(written) if isinstance(written, str) else written
        if not isinstance(members, (list, tuple, set, frozenset)):
            members = [members]
        one = _number if attribute.type == "list[int]" else _text
        made = sorted({one(attribute, member) for member in members if member != "" and str(member).strip()})
        if attribute.name == TAGS:
            check_tags(made)
    elif attribute.type == "int":
        made = _number(attribute, written)
    elif attribute.type == "bool":
        made = (
            written
            if isinstance(written, bool)
            else _TRUTH.get(fold(written.strip()) if isinstance(written, str) else "")
        )
        if made is None:
            raise UsageError(f"{attribute.name} is true or false, not {shown(written)}.")
    else:
        made = _text(attribute, written)
        if not made:
            raise UsageError(f"{attribute.name} without a value: take it back instead (--unset {attribute.name}).")
        if attribute.form:
            try:
                made = FORMS[attribute.form](made)
            except ValueError as error:
                raise UsageError(f"{attribute.name}: {error}.") from None
    why = problem(made, attribute.type)
    if why:
        raise UsageError(f"{attribute.name}: {why}.")
    if attribute.choices and made not in attribute.choices:
        raise UsageError(f"{attribute.name} is one of {', '.join(attribute.choices)}; {shown(made)} is none of them.")
    return made  # type: ignore[no-any-return]


def check_tags(tags: Iterable[str]) -> None:
    """Raises UsageError for what can not be a tag: a query and a cell name them by themselves."""
    for tag in tags:
        if not tag.strip() or len(tag) > MAX_TAG or not tag.isprintable() or _BETWEEN.search(tag):
            raise UsageError(f"{shown(tag)} is no tag: 1 to {MAX_TAG} printable characters without , and ;.")


def _text(attribute: Attribute, written: Any) -> str:
    if isinstance(written, int) and not isinstance(written, bool):
        written = str(written)
    if not isinstance(written, str):
        raise UsageError(f"{attribute.name} is text, not {shown(written)}.")
    made = unicodedata.normalize("NFC", written.strip())
    return next((word for word in attribute.choices if fold(word) == fold(made)), made)


def _number(attribute: Attribute, written: Any) -> int:
    if isinstance(written, int) and not isinstance(written, bool):
        return written
    if not isinstance(written, str) or not _NUMBER.match(written.strip()):
        raise UsageError(f"{attribute.name} is a whole number, not {shown(written)}.")
    return int(written)
