"""The state of a scope as of a revision, and what was looked at to know it.

A scope is a query: the CIs that it matches, their parts, and the relations among all of these. A term with a minus
leaves out parts too (`class:Host -class:SoftwarePackage`). The empty scope is everything. Change and incident records
are no configuration and belong to no scope.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from cmdb.model.classes import CLASSES
from cmdb.model.query_language import ClassTerm, IdTerm, ParentTerm, Query, RelationTerm, matches
from cmdb.own_attributes import query_of
from cmdb.ports import View
from cmdb.states import Claim, Coverage, Item, Link, LinkKey, Scope

RECORDS = frozenset({"ChangeRecord", "IncidentRecord"})
WHOLES = frozenset(parent for declared in CLASSES.values() for parent in declared.parents)
"""Classes of CIs that have parts."""

Pair = tuple[str, str]
"""(subject id, section)"""

_PAGE = 1000


@dataclass(slots=True)
class Snapshot:
    """States by id and key, and how they are known.

    `coverage` has one row for each source of a pair. `claims` says which pairs brought a CI or relation, where more
    than one could have. `tells` says which sections bring an attribute: (subject, class, attribute), where several
    sections tell of the class.
    """

    revision: int
    as_of: int
    scope: Query
    items: dict[str, Item] = field(default_factory=dict)
    links: dict[LinkKey, Link] = field(default_factory=dict)
    coverage: dict[Pair, list[Coverage]] = field(default_factory=dict)
    claims: dict[str | LinkKey, set[Pair]] = field(default_factory=dict)
    tells: dict[tuple[str, str, str], set[str]] = field(default_factory=dict)
    _sections: dict[str, list[str]] = field(default_factory=dict)

    def whole(self, id_: str) -> str:
        """The id of the CI that this one is a part of, itself where it is none."""
        item = self.items.get(id_)
        return item.parent if item is not None and item.parent is not None else id_

    def candidates(self, subjects: Collection[str], name: str) -> set[Pair]:
        """Pairs of these subjects whose section tells of a class or of a relationship type."""
        if not self._sections:
            for subject, section in self.coverage:
                self._sections.setdefault(subject, []).append(section)
        pairs = [(subject, section) for subject in subjects for section in self._sections.get(subject, ())]
        return {p for p in pairs if any(name in row.classes or name in row.relations for row in self.coverage[p])}


def capture(view: View, scope: str, at: int | None = None, beside: Snapshot | None = None) -> Snapshot:
    """The scope's state as of a revision, of the view's own where `at` is None.

    `beside` is an earlier snapshot that this one will be compared with: what it holds is captured in scope or not.
    Raises UsageError where the scope is no query.
    """
    query = query_of(view, scope, at)
    revision = view.head().number if at is None else at
    row = view.revision(revision)
    found = Snapshot(revision, row.committed_at if row else 0, query)
    found.items = _matching(view, query, at)
    subjects: set[str] = set()
    if beside is not None:
        missing = [id_ for id_ in beside.items if id_ not in found.items]
        found.items.update(view.items(missing, at) if missing else {})
        subjects = {subject for subject, _ in beside.coverage}
    if query.terms:
        _add_parts(view, found, at)
    for link in view.links(list(found.items), at) if query.terms else view.scan_links(None, at):
        if link.subject in found.items and link.object in found.items:
            found.links[link.key] = link
    _look(view, found, subjects, None if at is None else found.as_of)
    return found


def names_parts(query: Query) -> bool:
    """True where a scope names a class of what belongs to some whole: then each section of that class matters."""
    return any(name not in WHOLES for name in _named(query, False))


def concerns(query: Query, coverage: Iterable[Coverage], whole_in_scope: bool) -> bool:
    """True where a section could tell something of the scope: its classes are not left out by name."""
    rows = list(coverage)
    told = {name for row in rows for name in row.classes} - _named(query, True)
    if whole_in_scope:
        return bool(told) or any(row.relations for row in rows)
    named = _named(query, False)
    return bool(told & named if named else told)


def _named(query: Query, negated: bool) -> set[str]:
    return {term.name for term in query.terms if isinstance(term, ClassTerm) and term.negated is negated}


def _anywhere(query: Query) -> bool:
    """True where a whole that is not in scope may come to have something that is."""
    if any(isinstance(term, IdTerm | ParentTerm) and not term.negated for term in query.terms):
        return False
    return names_parts(query) or not _named(query, False)


def _matching(view: View, query: Query, at: int | None) -> dict[str, Item]:
    if not query.terms:
        return {item.id: item for item in view.scan(None, at) if item.class_name not in RECORDS}
    found: dict[str, Item] = {}
    after: str | None = None
    while True:
        page = view.find(query, at, after, _PAGE)
        found.update((item.id, item) for item in page.items if item.class_name not in RECORDS)
        after = page.next
        if after is None:
            return found


def _add_parts(view: View, found: Snapshot, at: int | None) -> None:
    """Parts of the wholes, but for what a term with a minus leaves out."""
    left_out = Query(tuple(t for t in found.scope.terms if t.negated and not isinstance(t, RelationTerm)), "")
    for whole in [item.id for item in found.items.values() if item.class_name in WHOLES]:
        found.items.update((part.id, part) for part in view.parts(whole, None, at) if matches(left_out, part, ()))


def _look(view: View, found: Snapshot, subjects: Collection[str], at_time: int | None) -> None:
    """Coverage of everything in the snapshot and of these subjects, and who brought what."""
    wholes = {item.parent or item.id for item in found.items.values()}
    loose = [i.id for i in found.items.values() if i.parent is None and i.class_name not in WHOLES]
    claims = view.claims(loose) if loose else []
    scopes = view.scopes_by_number({claim.scope for claim in claims})
    wanted = None if _anywhere(found.scope) else {*wholes, *subjects, *(scope.subject for scope in scopes.values())}
    for row in view.coverage(wanted, at_time):
        if not RECORDS.intersection(row.classes):
            found.coverage.setdefault((row.subject, row.section), []).append(row)
    for claim in claims:
        _claim(found, claim, scopes)
    _attribute(view, found)


def _claim(found: Snapshot, claim: Claim, scopes: Mapping[int, Scope]) -> Pair | None:
    """Note who brought a CI or relation; None where that is no section that coverage knows."""
    scope = scopes.get(claim.scope)
    if scope is None or (scope.subject, scope.section) not in found.coverage:
        return None
    found.claims.setdefault(claim.target, set()).add((scope.subject, scope.section))
    return (scope.subject, scope.section)


def _attribute(view: View, found: Snapshot) -> None:
    """Fill `claims` and `tells` where several sections could have brought a thing."""
    telling: Counter[tuple[str, str]] = Counter()
    for (subject, _), rows in found.coverage.items():
        telling.update((subject, name) for name in {name for row in rows for name in (*row.classes, *row.relations)})
    states: list[Item | Link] = [i for i in found.items.values() if telling[(i.parent or i.id, i.class_name)] > 1]
    for link in found.links.values():
        ends = {found.whole(link.subject), found.whole(link.object)}
        if sum(telling[(end, link.type)] for end in ends) > 1:
            states.append(link)
    claims: list[Claim] = []
    shared: list[str | LinkKey] = []
    for state in states:
        target = state.id if isinstance(state, Item) else state.key
        if state.scope is None:
            shared.append(target)
        else:
            claims.append(Claim(state.scope, target, state.attributes))
    claims += view.claims(shared) if shared else []
    scopes = view.scopes_by_number({claim.scope for claim in claims})
    for claim in claims:
        pair = _claim(found, claim, scopes)
        if pair is not None and isinstance(claim.target, str):
            class_name = found.items[claim.target].class_name
            for name in claim.attributes:
                found.tells.setdefault((pair[0], class_name, name), set()).add(pair[1])
