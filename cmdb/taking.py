"""The taking of one batch: identify its subject, apply what differs, and commit (architecture.md section 2).

A section that is not valid is refused by itself; the valid ones beside it land. A batch without effective change makes no
revision.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from cmdb import (
    agent_binding,
    clock_skew,
    commit,
    conflicts,
    decisions,
    leaving,
    merging,
    redacted,
    relations,
    settled,
    stale,
)
from cmdb.agent_binding import Agent
from cmdb.draft import Draft, NewItem
from cmdb.identify import IDENTITY, Identified, identify
from cmdb.merge import Merge, SectionWork
from cmdb.model.batch import Batch
from cmdb.model.classes import CLASSES
from cmdb.model.declaration import SUBJECT
from cmdb.model.errors import InvalidDocument
from cmdb.model.identity import mint
from cmdb.model.precedence import DERIVED, PERIODIC
from cmdb.model.values import MAX_INDEXED_BYTES
from cmdb.model.vocabulary import DECLARED
from cmdb.own_attributes import vocabulary
from cmdb.ports import Randomness, Transaction
from cmdb.reconcile import effective
from cmdb.references import References, link_key
from cmdb.rules import TODAY, Rules
from cmdb.sections import Sections
from cmdb.states import Claim, Commit, Item, Revision, Scope

Receipt = dict[str, Any]


@dataclass(frozen=True)
class Sender:
    """Who hands a batch in, as the receiver knows it; source and route in the batch's header are overridden where set.

    What stands behind an "@" in the header's source stays: a collector tells of each host that it looks at as a source of its
    own, "ssh:7@10.0.0.1:22".
    """

    actor: str
    source: str | None = None
    route: str | None = None
    cause: str = "discovery"
    sent_at: int | None = None
    """The sender's clock when it sent the batch, where the way that it came tells."""
    routes: tuple[str, ...] = ()
    """Routes that the batch's header may say instead of `route`."""
    agent: Agent | None = None
    """The agent's key that the batch is signed with; it tells of its own host and as nobody else."""

    def speaks_as(self, said: str) -> str:
        """The source that a batch has which says that of itself."""
        if self.source is None:
            return said
        if self.agent is not None:
            return self.source
        _, at, target = said.partition("@")
        return f"{self.source}{at}{target}"

    @property
    def names_ids(self) -> bool:
        """True where the batch may name CIs of the store by id."""
        return self.route in ("manual", "import", DERIVED)


class Taking:
    """The taking of one batch into a transaction."""

    def __init__(
        self,
        tx: Transaction,
        batch: Batch,
        sender: Sender,
        received_at: int,
        randomness: Randomness,
        genesis: str,
        rules: Rules = TODAY,
        identified: Identified | None = None,
    ) -> None:
        """`identified` is which CI the subject is, where that is known already: a person named it."""
        self.tx = tx
        self.batch = batch
        self.sender = sender
        self.received_at = received_at
        self.randomness = randomness
        self.genesis = genesis
        self.rules = rules
        self._identified = identified
        header = batch.header
        seen = clock_skew.observed(header.observed_at, received_at, sender.sent_at)
        self.observed_at = seen.at
        self.receipt: Receipt = {
            "batch": header.id,
            "source": header.source,
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
        if seen.clock is not None:
            self.receipt["clock"] = seen.clock
        self.draft = Draft(tx)
        self.head = tx.head()
        self.number = self.head.number + 1
        self._time = max(received_at, self.head.committed_at + 1)

    def run(self) -> Receipt:
        header = self.batch.header
        found = self._identified or self._identify()
        agent = self.sender.agent
        if agent is not None:
            found = agent_binding.judged(self.tx, agent, header, found, self.received_at)
        decided = bool(found.quarantine)
        if decided:
            found = decisions.applied(self.tx, header, found)
        self.receipt["conflicts"] += [matter.reason for matter in found.disagreements]
        if found.quarantine:
            subject = {"class": header.subject_class, "identifiers": dict(header.marks)}
            self.receipt["quarantined"].append({"subject": subject, "reason": found.quarantine})
            self.receipt["sections"] = [{"section": s.name, "outcome": "quarantined"} for s in self.batch.sections]
            self.draft.entries += conflicts.entries_of(self.tx, header, "", found)
            self.tx.write(self._sealed(None, ""))
            return self.receipt
        id_ = found.id or mint(self.genesis, self.number, 1)[0]
        last = self.tx.last_states([id_]).get(id_) if found.id else None
        current = last if last is not None and last.until is None else None
        standing = found.standing
        if standing is None:  # of a CI that is made here nothing was said before
            standing = self.tx.scopes_of(header.source, id_) if found.id else {}
        if current is None:
            # What a retired CI's sections said before is gone with it, and has to be told again.
            standing = {n: replace(s, digest="", ever_full=False, collected_at=None) for n, s in standing.items()}
        if found.id:
            self._withhold_reasons(id_, standing)
        known = vocabulary(self.tx) if self.sender.names_ids else DECLARED
        times = (self.observed_at, self.received_at, self._time)
        sections = Sections(self.batch, id_, standing, *times, self.sender.names_ids, known)
        if sections.late:
            every = sorted(s.name for s in self.batch.sections)
            self.receipt["superseded"] = superseded = every if current is None else sections.superseded()
            if superseded == every:
                return self.receipt
            sections.drop(superseded)
        asks_stale = (
            current is not None
            and header.route in PERIODIC
            and stale.may_be_stale(header.subject_class, standing.get(IDENTITY), self.received_at)
        )
        merge = Merge(self.draft, current, header.subject_class, header.domain, header.id, now=self.received_at)
        merge.neighbours.reporter = id_
        works = sections.accept(merge, found)
        told = None
        if agent is not None:
            told = agent_binding.told(self.tx, agent, works, {*standing, *(s.section for s in sections.scopes)})
        self.tx.number_scopes([s for s in sections.scopes if not s.number])
        self._apply(merge, works, sections, id_, last, found)
        self.draft.entries += conflicts.entries_of(self.tx, header, id_, found)
        if asks_stale:
            stale.seen_again(self.draft, id_, standing, header.source, header.id)
        if decided:
            self.draft.entries += decisions.became(self.tx, header, id_)
        self._absorb(id_, found.absorbs)
        settled.over(self.draft, header.id)
        if agent is not None:
            self.draft.entries += agent_binding.bound(self.tx, agent, id_)
            agent_binding.keep_told(self.tx, agent, told)
        self._write(merge, sections, id_)
        return self.receipt

    # -- the subject -----------------------------------------------------------------------------------------------------

    def _identify(self) -> Identified:
        header = self.batch.header
        declaration = CLASSES[header.subject_class]
        if not declaration.marks:
            key = header.marks.get("key")
            if not isinstance(key, str) or not key or len(key.encode()) > MAX_INDEXED_BYTES:
                raise InvalidDocument(
                    f"{header.subject_class} is identified by its key, a text of at most {MAX_INDEXED_BYTES} bytes",
                    "/0/subject/identifiers/key",
                )
            identifier = f"{header.subject_class} {key}"
            ids = self.tx.identified([identifier]).get(identifier, [])
            return Identified(ids[0] if ids else None, [identifier], identifier)
        return identify(
            self.tx,
            header.subject_class,
            header.marks,
            header.source,
            header.domain,
            self.observed_at,
            header.interval_seconds,
            header.sequence,
            self.rules,
        )

    def _withhold_reasons(self, id_: str, standing: dict[str, Scope]) -> None:
        """Put the mark in the place of reasons that may tell again what was erased; only another one than stands is asked for."""
        before = {name: scope.reason for name, scope in standing.items()}
        new = {s.name for s in self.batch.sections if s.reason and s.reason != before.get(s.name)}
        gone = new & redacted.withheld(self.tx).reasons.get(id_, frozenset()) if new else frozenset()
        if gone:
            sections = [replace(s, reason=redacted.MARK) if s.name in gone else s for s in self.batch.sections]
            self.batch = replace(self.batch, sections=sections)

    # -- applying ------------------------------------------------------------------------------------------------------

    def _apply(
        self,
        merge: Merge,
        works: list[SectionWork],
        sections: Sections,
        id_: str,
        last: Item | None,
        found: Identified,
    ) -> None:
        merge.items(works)
        if merge.subject is None:
            new = self._new_subject(merge, works, sections, found, last)
            merge.new[(self.batch.header.subject_class, SUBJECT)] = new
        elif sections.identity is not None:
            self._identifiers(merge, merge.subject, found, sections.identity, sections.identity_seen)
        commit.enter(self.draft, merge, id_, mint_from=(self.genesis, self.number))
        lost = self._retire_links()
        telling = [w for w in works if w.scope.relations]  # of relations that a section may not tell it ends none
        rows = relations.apply(merge, telling)
        references = References(merge, id_, self.observed_at)
        references.apply(telling, rows)
        for scope in sections.repeated:
            references.seen_again(scope)
        if found.leaves:
            header = self.batch.header
            sections.scopes += leaving.withdraw(merge, found.leaves, header.source, header.sequence)
        lost |= references.drop_retired()
        references.resolve()
        forgotten = merge.lost | lost.difference(w.scope.number for w in works)
        sections.forget(self.tx, forgotten.union(found.rejudge))

    def _new_subject(
        self, merge: Merge, works: list[SectionWork], sections: Sections, found: Identified, last: Item | None
    ) -> NewItem:
        header = self.batch.header
        key = (header.subject_class, SUBJECT)
        says = [(w.scope, w.observed.items[key]) for w in works if key in w.observed.items]
        for scope, attributes in says:
            merge.claims[(scope.number, key)] = Claim(scope.number, "", dict(attributes))
        identity = sections.identity
        assert identity is not None, "what a new subject is known by differs from before"
        merge.claims[(identity.number, key)] = Claim(identity.number, "", {}, list(found.identifiers))
        return NewItem(
            header.subject_class,
            None,
            "" if CLASSES[header.subject_class].marks else str(header.marks["key"]),
            effective(header.subject_class, says, merge.silent_before(header.subject_class)) if says else {},
            list(found.identifiers),
            None,
            last,
        )

    def _identifiers(self, merge: Merge, subject: Item, found: Identified, scope: Scope, seen: int | None) -> None:
        """The identifiers that this source claims, and with other sources' claims those that the subject has now; `seen`
        is when it last claimed others."""
        claims = {c.scope: set(c.identifiers) for c in self.tx.claims([subject.id])}
        claims[scope.number] = set(found.identifiers)
        merge.claims[(scope.number, subject.id)] = Claim(scope.number, subject.id, {}, list(found.identifiers))
        now_has = sorted(set().union(*claims.values()))
        if subject.identifiers != now_has:
            _, item = self.draft.updated.get(subject.id, (subject, replace(subject, not_before=seen)))
            self.draft.updated[subject.id] = (subject, replace(item, identifiers=now_has))

    def _absorb(self, id_: str, others: list[str]) -> None:
        """Devices known by others' words, and the device that a host is, become one with the subject."""
        states = self.tx.items(others) if others else {}
        for other in states.values():
            survivor = self.draft.items([id_])[id_]
            merging.absorb(self.draft, survivor, other)

    def _retire_links(self) -> set[int]:
        """Relations of what retired retire with the same witness; returns the numbers of the sections that tell them.

        A relation that was found by address is told again by its reference once something answers there.
        """
        gone = self.draft.retired
        if not gone:
            return set()
        found = {link_key(p) for p in self.tx.pending_to(list(gone))}
        told: set[int] = set()
        for link in self.tx.links(list(gone)):
            self.draft.links_retired[link.key] = (link, gone[link.subject if link.subject in gone else link.object][1])
            if link.key not in found:
                told.update({link.scope} if link.scope is not None else {c.scope for c in self.tx.claims([link.key])})
        return told

    # -- writing -------------------------------------------------------------------------------------------------------

    def _write(self, merge: Merge, sections: Sections, id_: str) -> None:
        """Write all that the batch changes at once; of what came again as it was only the times."""
        self.draft.readings += sections.readings()
        self.receipt["sections"] = sections.lines()
        self.receipt["unchanged"] = merge.unchanged
        done = self._sealed(merge, id_)
        done.scopes = sections.scopes
        done.coverage = sections.coverage
        if not sections.late and (not self.batch.same or not sections.digest):
            done.same = (self.batch.header.source, id_, sections.digest)
        self.tx.write(done)
        if sections.again:
            self.tx.seen_again(sections.again)

    def _sealed(self, merge: Merge | None, id_: str) -> Commit:
        """Seal the draft into one commit, and count it in the receipt."""
        header = self.batch.header
        revision = Revision(
            number=self.number,
            committed_at=self._time,
            kind="ingest",
            source=header.source,
            actor=self.sender.actor,
            cause=self.sender.cause,
            batch=header.id,
            batch_digest=self.batch.digest,
            observed_at=self.observed_at,
            received_at=self.received_at,
        )
        draft = self.draft
        done = commit.sealed(draft, merge, revision, self.head.digest, self.randomness)
        self.receipt["created"] = len(draft.created) + len(draft.links_created)
        self.receipt["updated"] = len(draft.updated) + len(draft.links_updated)
        self.receipt["retired"] = len(draft.retired) + len(draft.links_retired)
        self.receipt["ci"] = id_ or None
        if done.revision is not None:
            self.receipt["revision"] = self.number
            done.receipt = self.receipt
        return done
