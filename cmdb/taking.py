"""The taking of one batch: identify its subject, apply what differs, and commit (architecture.md section 2).

A section that is not valid is refused by itself; the valid ones beside it land. A batch without effective change makes no
revision.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from cmdb import commit
from cmdb.draft import Draft, NewItem
from cmdb.identify import IDENTITY, Identified, identify
from cmdb.merge import Merge, SectionWork
from cmdb.model.batch import Batch, Section
from cmdb.model.classes import CLASSES
from cmdb.model.declaration import SUBJECT
from cmdb.model.errors import InvalidDocument
from cmdb.model.identity import mint
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.model.times import SECOND
from cmdb.observation import Observed, observed
from cmdb.ports import Randomness, Transaction
from cmdb.reconcile import effective
from cmdb.references import References
from cmdb.states import Claim, Commit, Coverage, Item, Retirement, Revision, Scope

SKEW_SHOWN = 300 * SECOND

Receipt = dict[str, Any]


@dataclass(frozen=True)
class Sender:
    """Who hands a batch in, as the receiver knows it; source and route in the batch's header are overridden where set."""

    actor: str
    source: str | None = None
    route: str | None = None
    cause: str = "discovery"

    @property
    def by_people(self) -> bool:
        """True where the batch may name CIs of the store by id."""
        return self.route in ("manual", "import")


class Taking:
    """The taking of one batch into a transaction."""

    def __init__(
        self, tx: Transaction, batch: Batch, sender: Sender, received_at: int, randomness: Randomness, genesis: str
    ) -> None:
        self.tx = tx
        self.batch = batch
        self.sender = sender
        self.received_at = received_at
        self.randomness = randomness
        self.genesis = genesis
        header = batch.header
        self.observed_at = min(header.observed_at, received_at)
        self.receipt: Receipt = {
            "batch": header.id,
            "revision": None,
            "created": 0,
            "updated": 0,
            "retired": 0,
            "unchanged": 0,
            "superseded": [],
            "conflicts": [],
            "quarantined": [],
            "sections": [],
        }
        skew = header.observed_at - received_at
        if abs(skew) > SKEW_SHOWN or skew > 0:
            self.receipt["clock"] = {"skew_seconds": skew // SECOND, "clamped": skew > 0}
        self.draft = Draft(tx)
        self.number = tx.head().number + 1
        self.coverage: list[Coverage] = []
        self.scopes: list[Scope] = []
        self.again: list[Scope] = []

    def run(self) -> Receipt:
        header = self.batch.header
        found = self._identify()
        if found.conflict:
            self.receipt["conflicts"].append(found.conflict["reason"])
        if found.quarantine:
            subject = {"class": header.subject_class, "identifiers": dict(header.marks)}
            self.receipt["quarantined"].append({"subject": subject, "reason": found.quarantine})
            self.receipt["sections"] = [{"section": s.name, "outcome": "quarantined"} for s in self.batch.sections]
            self.tx.write(self._finish(None, "", found))
            return self.receipt
        id_ = found.id or mint(self.genesis, self.number, 1)[0]
        last = self.tx.last_states([id_]).get(id_) if found.id else None
        current = last if last is not None and last.until is None else None
        scopes = self.tx.scopes_of(header.source, id_) if found.id else {}
        identity = scopes.get(IDENTITY)
        if identity is not None and header.sequence < identity.sequence:
            self.receipt["superseded"] = sorted(s.name for s in self.batch.sections)
            return self.receipt
        if self.batch.same:
            self._same(scopes, id_)
            works: list[SectionWork] = []
        else:
            works = self._works(scopes, id_, found)
        merge = Merge(self.draft, current, header.subject_class, header.domain, header.id)
        self._apply(merge, works, scopes, id_, last, found)
        done = self._finish(merge, id_, found)
        self.tx.write(done)
        if self.again:
            self.tx.seen_again(self.again)
        return self.receipt

    # -- the subject -----------------------------------------------------------------------------------------------------

    def _identify(self) -> Identified:
        header = self.batch.header
        declaration = CLASSES[header.subject_class]
        if not declaration.marks:
            key = str(header.marks.get("key", ""))
            identifier = f"{header.subject_class} {key}"
            if not key:
                raise InvalidDocument(f"{header.subject_class} is identified by its key", "/0/subject/identifiers/key")
            ids = self.tx.identified([identifier]).get(identifier, [])
            return Identified(ids[0] if ids else None, [identifier], identifier)
        return identify(
            self.tx, header.subject_class, header.marks, header.source, self.observed_at, header.interval_seconds
        )

    # -- sections ----------------------------------------------------------------------------------------------------------

    def _same(self, scopes: dict[str, Scope], subject: str) -> None:
        if self.tx.same(self.batch.header.source, subject) != self.batch.same:
            raise InvalidDocument(
                "the section lines that this batch refers to are not the last accepted ones: send the lines", "/1/same"
            )
        costs = {s.name: s.cost for s in self.batch.sections if s.cost}
        for scope in scopes.values():
            self._again(scope, costs.get(scope.section, scope.cost))
            if scope.section != IDENTITY:
                self.receipt["sections"].append({"section": scope.section, "outcome": "unchanged"})

    def _again(self, scope: Scope, cost: dict[str, Any]) -> None:
        """The section came again as it was: only its times move."""
        scope.observed_at, scope.seen_at, scope.cost = self.observed_at, self.received_at, cost
        scope.sequence = self.batch.header.sequence
        if scope.outcome == "collected":
            scope.collected_at = self.observed_at
        self.again.append(scope)

    def _works(self, scopes: dict[str, Scope], subject: str, found: Identified) -> list[SectionWork]:
        header = self.batch.header
        applied: list[tuple[Scope, Observed, bool, Scope | None]] = []
        identity = Section(IDENTITY, 1, [header.subject_class], [], header.privilege, "collected")
        identity.digests = ["\n".join(found.identifiers)]
        for section in sorted([identity, *self.batch.sections], key=lambda s: s.name):
            if section.outcome == "":
                continue
            before = scopes.get(section.name)
            scope = commit.scope_of(section, header, subject, self.observed_at, self.received_at, before)
            line = {"section": section.name, "outcome": section.outcome}
            if before is not None and section.name != IDENTITY and _repeats(section, before):
                if _covered(before) == _covered(scope):
                    self._again(before, section.cost)
                else:
                    self.scopes.append(scope)
                    self.coverage.append(_coverage(scope))
                self.receipt["sections"].append(dict(line, outcome="unchanged"))
                continue
            if section.outcome == "collected" and section.name != IDENTITY:
                try:
                    content = observed(section, header.subject_class, header.route, self.sender.by_people)
                    _check_scope(section)
                except InvalidDocument as error:
                    problem = {"title": error.message, "path": error.path}
                    self.receipt["sections"].append(dict(line, outcome="refused", problem=problem))
                    continue
                narrower = before is not None and before.ever_full and scope.privilege != "full"
                applied.append((scope, content, section.complete and not narrower, before))
            elif section.name == IDENTITY and before is not None and before.digest == section.digest:
                self._again(before, before.cost)
                continue
            self.scopes.append(scope)
            if section.name != IDENTITY:
                self.receipt["sections"].append(dict(line) if not section.reason else dict(line, reason=section.reason))
                if before is None or _covered(before) != _covered(scope):
                    self.coverage.append(_coverage(scope))
        return [SectionWork(*row) for row in applied]

    def _whole(self, merge: Merge, works: list[SectionWork]) -> list[SectionWork]:
        """The sections whose relations have both their ends; half a statement would be a guess, so the others are refused,
        one by one, until what is left is whole."""
        merge.load(works)
        for work in works:
            why = merge.missing_end(work, works)
            if why:
                self.scopes = [s for s in self.scopes if s is not work.scope]
                self.coverage = [c for c in self.coverage if c.section != work.scope.section]
                name = work.scope.section
                problem = {"title": why, "path": f"/sections/{name}/relations"}
                self.receipt["sections"] = [
                    {"section": name, "outcome": "refused", "problem": problem} if row["section"] == name else row
                    for row in self.receipt["sections"]
                ]
                return self._whole(merge, [w for w in works if w is not work])
        self.tx.number_scopes([s for s in self.scopes if not s.number])
        return works

    # -- applying -----------------------------------------------------------------------------------------------------------

    def _apply(
        self,
        merge: Merge,
        works: list[SectionWork],
        scopes: dict[str, Scope],
        id_: str,
        last: Item | None,
        found: Identified,
    ) -> None:
        works = self._whole(merge, works)
        merge.items(works)
        subject_key = (self.batch.header.subject_class, SUBJECT)
        if merge.subject is None:
            merge.new[subject_key] = self._new_subject(merge, works, found, last)
        else:
            self._identifiers(merge, merge.subject, found, scopes)
        ids = commit.enter(self.draft, merge, id_, mint_from=(self.genesis, self.number))
        self._retire_links()
        rows = merge.links(works, ids)
        references = References(merge, id_, self.observed_at)
        references.apply(works, rows, ids)
        for scope in self.again:
            if any(RELATIONSHIP_TYPES[t].sighted for t in scope.relations):
                references.seen_again(scope.number)
        references.drop_retired()
        moved = _moved(self.draft)
        if moved or self.draft.pending:
            references.resolve(moved)

    def _new_subject(self, merge: Merge, works: list[SectionWork], found: Identified, last: Item | None) -> NewItem:
        header = self.batch.header
        key = (header.subject_class, SUBJECT)
        says = [(w.scope, w.observed.items[key]) for w in works if key in w.observed.items]
        for scope, attributes in says:
            merge.claims[(scope.number, key)] = Claim(scope.number, "", dict(attributes))
        identity = next((s for s in self.scopes if s.section == IDENTITY), None)
        if identity is not None:
            merge.claims[(identity.number, key)] = Claim(identity.number, "", {}, list(found.identifiers))
        return NewItem(
            header.subject_class,
            None,
            "" if CLASSES[header.subject_class].marks else str(header.marks["key"]),
            effective(header.subject_class, says) if says else {},
            list(found.identifiers),
            None,
            last,
        )

    def _identifiers(self, merge: Merge, subject: Item, found: Identified, scopes: dict[str, Scope]) -> None:
        """The identifiers that this source claims, and with other sources' claims those that the subject has now."""
        scope = next((s for s in self.scopes if s.section == IDENTITY), None)
        if scope is None:
            return
        claims = {c.scope: set(c.identifiers) for c in self.tx.claims([subject.id])}
        claims[scope.number] = set(found.identifiers)
        merge.claims[(scope.number, subject.id)] = Claim(scope.number, subject.id, {}, list(found.identifiers))
        now_has = sorted(set().union(*claims.values()))
        if subject.identifiers != now_has:
            before = scopes.get(IDENTITY)
            seen = before.collected_at if before else None
            _, item = self.draft.updated.get(subject.id, (subject, replace(subject, not_before=seen)))
            self.draft.updated[subject.id] = (subject, replace(item, identifiers=now_has))

    def _retire_links(self) -> None:
        """Relations of what retired retire with the same witness."""
        gone = self.draft.retired
        for link in self.tx.links(list(gone)) if gone else []:
            end: Retirement = gone[link.subject if link.subject in gone else link.object][1]
            self.draft.links_retired[link.key] = (link, end)

    def _finish(self, merge: Merge | None, id_: str, found: Identified) -> Commit:
        """Seal everything into one commit, and count it in the receipt."""
        header = self.batch.header
        self.draft.entries += commit.conflict_entries(self.tx, header, id_, found)
        revision = Revision(
            number=self.number,
            committed_at=max(self.received_at, self.tx.head().committed_at + 1),
            kind="ingest",
            source=header.source,
            actor=self.sender.actor,
            cause=self.sender.cause,
            batch=header.id,
            batch_digest=self.batch.digest,
            observed_at=self.observed_at,
            received_at=self.received_at,
        )
        done = commit.sealed(self.draft, merge, revision, self.tx.head().digest, self.randomness)
        draft = self.draft
        self.receipt["created"] = len(draft.created) + len(draft.links_created)
        self.receipt["updated"] = len(draft.updated) + len(draft.links_updated)
        self.receipt["retired"] = len(draft.retired) + len(draft.links_retired)
        self.receipt["unchanged"] = merge.unchanged if merge else 0
        self.receipt["ci"] = id_ or None
        if done.revision is not None:
            self.receipt["revision"] = self.number
        done.receipt = self.receipt if done.revision is not None else None
        done.scopes = [s for s in self.scopes if id_]
        done.coverage = self.coverage
        if id_:
            done.readings = [(id_, s.name, s.readings) for s in self.batch.sections if s.readings]
            refused = any(s.get("outcome") == "refused" for s in self.receipt["sections"])
            if not self.batch.same:
                done.same = (header.source, id_, "" if refused else self.batch.sections_digest)
        return done


def _repeats(section: Section, before: Scope) -> bool:
    """True where the section says what was last accepted, and saw as much."""
    return section.outcome == "collected" and (section.digest, section.version, section.privilege) == (
        before.digest,
        before.version,
        before.privilege,
    )


def _moved(draft: Draft) -> bool:
    """True where addresses or endpoints came or went, or a server's word about a flow is new."""
    classes = {"Endpoint", "IPAddress", "NetworkInterface"}
    return (
        any(i.class_name in classes for i in draft.created.values())
        or any(i.class_name in classes for i, _ in draft.retired.values())
        or any(k[1] == "HAS_ADDRESS" for k in draft.links_created)
        or any(k[1] == "HAS_ADDRESS" for k in draft.links_retired)
    )


def _check_scope(section: Section) -> None:
    for name in section.classes:
        if name not in CLASSES:
            raise InvalidDocument(f"no class {name!r:.64}", f"/sections/{section.name}/scope/classes")
    for name in section.relations:
        if name not in RELATIONSHIP_TYPES:
            raise InvalidDocument(f"no relationship type {name!r:.64}", f"/sections/{section.name}/scope/relations")


def _covered(scope: Scope) -> tuple[Any, ...]:
    return (scope.outcome, scope.reason, scope.privilege, scope.version, scope.classes, scope.relations)


def _coverage(scope: Scope) -> Coverage:
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
        scope.seen_at,
    )
