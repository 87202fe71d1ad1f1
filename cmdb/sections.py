"""Which sections of a batch are applied: those that are valid and differ from what was last accepted of them.

A section that equals the last accepted one is only seen again; one that is not valid is refused with its reason, and the
valid ones beside it land. One that lost a relation because something else retired is forgotten, so that it is decoded again
when it comes back as it was. One that is older than the last accepted one, by the sequence of its source, is superseded: it
changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields, replace
from operator import attrgetter
from typing import Any

from cmdb.commit import scope_of
from cmdb.identify import IDENTITY, Identified, identity_digest
from cmdb.merge import Merge, SectionWork
from cmdb.model.batch import Batch, Section
from cmdb.model.errors import InvalidDocument
from cmdb.model.precedence import DERIVED
from cmdb.model.vocabulary import DECLARED, Vocabulary
from cmdb.observation import check_scope, observed, readings_problem
from cmdb.ports import Transaction
from cmdb.relations import unresolved
from cmdb.states import Coverage, Scope

_standing_of = attrgetter(*(f.name for f in fields(Scope)))

MOST_TRIED = 50
"""Identifiers that were tried, of which so many are kept to explain a match."""


class Sections:
    """The sections of one batch about one subject. `standing` is what this source's sections were before, by name.

    Afterwards `scopes` are to be written whole, of those in `again` only times moved, and those in `repeated`, as they stood
    before, said once more what they had said of relations.
    """

    def __init__(
        self,
        batch: Batch,
        subject: str,
        standing: dict[str, Scope],
        observed_at: int,
        received_at: int,
        covers_from: int,
        by_people: bool,
        vocabulary: Vocabulary = DECLARED,
    ) -> None:
        """`covers_from` is when coverage begins that the batch changes: after all revisions that there are."""
        self._batch = batch
        self._subject = subject
        self._standing = standing
        self._observed_at = observed_at
        self._received_at = received_at
        self._covers_from = covers_from
        self._by_people = by_people
        self._vocabulary = vocabulary
        self._lines: dict[str, dict[str, Any]] = {}
        self._last = standing[IDENTITY].sequence if IDENTITY in standing else -1
        self._moved = False
        self._whole = True
        self.late = batch.header.sequence < self._last
        """True where a batch of a higher sequence of this source is in already."""
        self.scopes: list[Scope] = []
        self.again: list[Scope] = []
        self.repeated: list[Scope] = []
        self.coverage: list[Coverage] = []
        self.identity: Scope | None = None
        """The standing of what the header claims, where that differs from before."""
        self.identity_seen = standing[IDENTITY].collected_at if IDENTITY in standing else None

    def superseded(self) -> list[str]:
        """Names of the batch's sections that change nothing, because newer ones are in, in order."""
        if not self.late:
            return []
        standing, header = self._standing, self._batch.header
        if self._batch.same or standing[IDENTITY].digest.partition(" ")[0] != header.domain:
            return sorted(s.name for s in self._batch.sections)
        return sorted(s.name for s in self._batch.sections if _superseded(s, standing.get(s.name), header.sequence))

    def drop(self, names: Collection[str]) -> None:
        """Leave these sections of the batch out."""
        self._batch = replace(self._batch, sections=[s for s in self._batch.sections if s.name not in names])

    def accept(self, merge: Merge, found: Identified) -> list[SectionWork]:
        """The sections to apply; `merge` has loaded what they need. Raises InvalidDocument where one line stands for
        lines that are not the last accepted ones; nothing is written yet."""
        if not self.late and self._batch.header.route != DERIVED:  # what is derived identifies nobody
            self._identify(found)
        if self._batch.same:
            self._same(merge.draft.tx)
            return []
        works = [work for section in self._batch.sections if (work := self._sorted(section)) is not None]
        works.sort(key=lambda w: w.scope.section)
        merge.again = {s.number: s for s in self.again}
        merge.load(works)
        while wrong := unresolved(merge, works):
            for place, why in wrong.items():
                name = works[place].scope.section
                self._refuse(name, InvalidDocument(why, f"/sections/{name}/relations"))
            works = [w for place, w in enumerate(works) if place not in wrong]
        for work in works:
            self._stand(work.scope, work.before)
            self._lines[work.scope.section] = {"section": work.scope.section, "outcome": "collected"}
        self.scopes.sort(key=lambda s: s.section)
        return works

    def forget(self, tx: Transaction, numbers: Collection[int]) -> None:
        """Have these sections, this source's or another's, decoded again when they come back as they were."""
        if not numbers:
            return
        for scope in [s for s in self.again if s.number in numbers]:
            self.again.remove(scope)
            self.scopes.append(scope)
        for scope in self.scopes:
            if scope.number in numbers:
                scope.digest = ""
                self._whole = False
        others = set(numbers).difference(s.number for s in self.scopes)
        found = tx.scopes_by_number(others).values() if others else ()
        self.scopes += [replace(s, digest="") for s in found if s.digest]

    def lines(self) -> list[dict[str, Any]]:
        """What became of each section, for the receipt, in the order of names."""
        return [self._lines[name] for name in sorted(self._lines)]

    def readings(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Readings to keep: (subject, section, readings). What is wrong with others is noted in their section's line."""
        kept = []
        for section in self._batch.sections:
            if section.readings:
                why = readings_problem(section.readings)
                if why:
                    line = self._lines.setdefault(section.name, {"section": section.name, "outcome": "readings"})
                    line["readings"] = {"title": why, "path": f"/sections/{section.name}/readings"}
                else:
                    kept.append((self._subject, section.name, section.readings))
        return kept

    @property
    def digest(self) -> str:
        """What a later batch may stand for with one line; empty where it may not."""
        return self._batch.sections_digest if self._whole and not self.late else ""

    def _identify(self, found: Identified) -> None:
        """The header as a section of its own. Its digest opens with the domain, where keys of addresses live."""
        header = self._batch.header
        before = self._standing.get(IDENTITY)
        self._moved = before is not None and before.digest.partition(" ")[0] != header.domain
        section = Section(IDENTITY, 1, [header.subject_class], [], header.privilege, "collected")
        section.digests = [identity_digest(header.domain, found.identifiers)]
        if before is not None and before.digest == section.digest:
            self._again(before, before.cost)
            return
        section.cost = {"matched_by": found.matched_by, "tried": found.tried[:MOST_TRIED]}
        self.identity = scope_of(section, header, self._subject, self._observed_at, self._received_at, before)
        self.scopes.append(self.identity)

    def _same(self, tx: Transaction) -> None:
        header = self._batch.header
        meant = [s for s in self._standing.values() if s.section != IDENTITY and s.sequence == self._last]
        lost = [s for s in meant if s.outcome == "collected" and not s.digest]
        if lost or self._moved or tx.same(header.source, self._subject) != self._batch.same:
            raise InvalidDocument(
                "the section lines that this batch refers to are not the last accepted ones: send the lines", "/1/same"
            )
        for scope in meant:
            if scope.relations:
                self.repeated.append(_as_it_stood(scope))
            self._again(scope, scope.cost)
            self._lines[scope.section] = {"section": scope.section, "outcome": "unchanged"}

    def _sorted(self, section: Section) -> SectionWork | None:
        """The section as work, None where there is nothing to apply."""
        if section.outcome == "":
            return None
        header = self._batch.header
        before = self._standing.get(section.name)
        if before is not None and self._as_before(section, before):
            return None
        scope = scope_of(section, header, self._subject, self._observed_at, self._received_at, before)
        try:
            check_scope(section, self._batch.header.route)
            if section.outcome == "collected" and not (before is not None and self._equal(before, scope)):
                content = observed(section, header.subject_class, header.route, self._by_people, self._vocabulary)
                narrower = before is not None and before.ever_full and scope.privilege != "full"
                self._whole &= section.complete
                return SectionWork(scope, content, section.complete and not narrower, before)
        except InvalidDocument as error:
            self._refuse(section.name, error)
            return None
        line = {"section": section.name, "outcome": section.outcome}
        if section.reason:
            line["reason"] = section.reason
        self._lines[section.name] = line
        if section.outcome == "collected" and before is not None:
            line["outcome"] = "unchanged"
            if before.relations:
                self.repeated.append(_as_it_stood(before))
            if _covered(before) == _covered(scope) and not self.late:
                self._again(before, section.cost, section.complete)
                return None
        self._stand(scope, before)
        return None

    def _as_before(self, section: Section, before: Scope) -> bool:
        """Note one that came again as it was, as nearly all do: no standing needs to be made of it. False for any other."""
        if (
            section.outcome != "collected"
            or self.late
            or self._moved
            or section.digest != before.digest
            or section.reason
            or (section.outcome, "", section.privilege, section.version, section.classes, section.relations)
            != _covered(before)
        ):
            return False
        try:
            check_scope(section, self._batch.header.route)
        except InvalidDocument as error:
            self._refuse(section.name, error)
            return True
        self._lines[section.name] = {"section": section.name, "outcome": "unchanged"}
        if before.relations:
            self.repeated.append(_as_it_stood(before))
        self._again(before, section.cost, section.complete)
        return True

    def _equal(self, before: Scope, scope: Scope) -> bool:
        told = (before.digest, before.version, before.privilege)
        return not self._moved and told == (scope.digest, scope.version, scope.privilege)

    def _refuse(self, name: str, error: InvalidDocument) -> None:
        problem = {"title": error.message, "path": error.path}
        self._lines[name] = {"section": name, "outcome": "refused", "problem": problem}
        self._whole = False

    def _stand(self, scope: Scope, before: Scope | None) -> None:
        self.scopes.append(scope)
        # What people say is no looking: nothing becomes comparable by it, and nothing stops being so.
        looked = not self._by_people or scope.route == DERIVED
        if looked and (before is None or _covered(before) != _covered(scope)):
            # The clock may stand still or go back; what came later counts later nevertheless.
            self.coverage.append(_coverage(scope, max(self._covers_from, before.seen_at if before else 0)))

    def _again(self, scope: Scope, cost: dict[str, Any], complete: bool = True) -> None:
        """The section came again as it was: only its times move."""
        scope.observed_at, scope.seen_at, scope.cost = self._observed_at, self._received_at, cost
        scope.sequence = self._batch.header.sequence
        if scope.outcome == "collected":
            scope.collected_sequence = scope.sequence
            if complete:
                scope.collected_at = self._observed_at
        self.again.append(scope)


def _as_it_stood(scope: Scope) -> Scope:
    return Scope(*_standing_of(scope))  # a fifth of the time of dataclasses.replace, for every section of every batch


def _superseded(section: Section, before: Scope | None, sequence: int) -> bool:
    """True where a section of that sequence says nothing that counts after what is known: of one that saw something, after
    another that did; of one that did not, after any."""
    if before is None:
        return False
    if section.outcome == "collected":
        return before.collected_sequence is not None and before.collected_sequence >= sequence
    return before.sequence >= sequence


def _covered(scope: Scope) -> tuple[Any, ...]:
    return (scope.outcome, scope.reason, scope.privilege, scope.version, scope.classes, scope.relations)


def _coverage(scope: Scope, time: int) -> Coverage:
    return Coverage(
        scope.subject,
        scope.source,
        scope.section,
        scope.outcome,
        scope.reason,
        scope.privilege,
        scope.version,
        scope.classes,
        scope.relations,
        time,
    )
