"""The reference of the model, docs/model.md, made from the declarations: `python -m cmdb.model.reference > docs/model.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from cmdb.model.classes import CLASSES
from cmdb.model.declaration import Attribute, Declaration
from cmdb.model.precedence import GROUPS
from cmdb.model.relationship_types import RELATIONSHIP_TYPES, RULES, SOFT_RULES, Effect, RelationshipType, Rule

HEAD = """# The model

Made from the declarations by `python -m cmdb.model.reference > docs/model.md`; a test fails when they differ.

A configuration item (CI) has a class, attributes and relations. An independent class is identified by itself, a part by its host
and its key among the parts of that class. *Readings* are overwritten without history and are in no baseline; *not searched* are
attributes that no query names; drift of a *security* attribute can not be suppressed. Every list is sorted and holds each member
once. What is not known is not there.
"""
CLASS_HEAD = """## Classes

| Class | What it is | Identified by |
| --- | --- | --- |"""
RELATION_HEAD = """## Relationship types

From subject to object; trouble travels as the last column says, and `possible`, `at_risk`, `degraded`, `outage` are its levels,
mildest first. A rule for two classes goes before that for any.

| Type | Read backwards | Meaning | Trouble |
| --- | --- | --- | --- |"""
GROUP_HEAD = """## Whose word counts

Of an attribute that several sources report, by its group; within a rank the newest observation with at least the same privilege.
A source that looks again and again and has seen nothing for longer than the class's limit stops blocking those behind it.

| Group | Strongest first |
| --- | --- |"""


def reference() -> str:
    """The whole page."""
    lines = [HEAD, CLASS_HEAD]
    lines += [_row(f"[{c.name}](#{c.name.lower()})", _first(c.text), _identified(c)) for c in CLASSES.values()]
    lines += ["", RELATION_HEAD]
    lines += [_row(f"`{t.name}`", f"`{t.inverse}`", _meaning(t), _trouble(t.name)) for t in RELATIONSHIP_TYPES.values()]
    lines += ["", GROUP_HEAD]
    lines += [_row(name, " > ".join(_ranks(ranks))) for name, ranks in sorted(GROUPS.items())]
    for declaration in CLASSES.values():
        lines += ["", f"## {declaration.name}", "", *_class(declaration)]
    return "\n".join(lines) + "\n"


def _class(declaration: Declaration) -> Iterator[str]:
    yield " ".join(declaration.text.split())
    days = declaration.type.stale_after_days
    if declaration.independent and days is not None:
        yield ""
        yield f"Stale when nobody has seen it for {days} days."
    if declaration.marks:
        yield ""
        yield f"Marks by which it is known, combined to identifiers: {', '.join(f'`{m}`' for m in declaration.marks)}."
    yield ""
    yield _row("Attribute", "Type", "Meaning", "")
    yield _row("---", "---", "---", "---")
    for attribute in [*declaration.attributes.values(), *declaration.readings.values()]:
        unit = f" ({attribute.unit})" if attribute.unit else ""
        notes = ", ".join(_notes(attribute, declaration))
        yield _row(f"`{attribute.name}`", f"{attribute.type}{unit}", attribute.text, notes)


def _notes(attribute: Attribute, declaration: Declaration) -> Iterator[str]:
    if attribute.name in declaration.key:
        yield "key"
    if attribute.reading:
        yield "reading"
    elif not attribute.search:
        yield "not searched"
    if attribute.security:
        yield "security"
    if attribute.group != "os":
        yield f"group {attribute.group}"


def _identified(declaration: Declaration) -> str:
    key = ", ".join(f"`{name}`" for name in declaration.key)
    if declaration.parents:
        return f"part of {', '.join(declaration.parents)}: {key}"
    if not key:
        return "its marks"
    return f"{key} in a routing domain" if declaration.in_domain else key


def _meaning(found: RelationshipType) -> str:
    sighted = " Absence from one observation does not end it." if found.sighted else ""
    return f"{found.text}{sighted}"


def _trouble(name: str) -> str:
    told = []
    for (type_name, subject, object_), rule in RULES.items():
        if type_name == name:
            ends = "" if subject == object_ == "*" else f"{subject} – {object_}: "
            told += [f"{ends}{part}" for part in _directions(rule)]
    told += [f"where it is soft, {part}" for part in _directions(SOFT_RULES[name])] if name in SOFT_RULES else []
    return "; ".join(told) or "does not travel"


def _directions(rule: Rule) -> Iterator[str]:
    if rule.forward:
        yield _effect("subject → object", rule.forward)
    if rule.backward:
        yield _effect("object → subject", rule.backward)
    if rule.some:
        yield f"of several objects some, {_effect('object → subject', rule.some)}"


def _effect(way: str, effect: Effect) -> str:
    return f"{way} `{effect.level}` ({effect.text})"


def _ranks(ranks: dict[str, int]) -> Iterator[str]:
    for rank in sorted(set(ranks.values())):
        yield " = ".join(route for route, r in ranks.items() if r == rank)


def _first(text: str) -> str:
    return " ".join(text.split("\n\n")[0].split())


def _row(*cells: str) -> str:
    return _joined(cell.replace("|", "\\|") for cell in cells)


def _joined(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


if __name__ == "__main__":
    sys.stdout.write(reference())
