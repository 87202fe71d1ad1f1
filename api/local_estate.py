"""The estate in a store that this process opened."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.caller import Caller
from api.host_summary import summary_of
from api.links_due import LinksDue
from api.local_absence import LocalAbsence
from api.local_agents import LocalAgents
from api.local_conflicts import LocalConflicts
from api.local_links import LocalLinks
from api.local_people import LocalPeople
from api.local_redaction import LocalRedaction
from api.local_retention import LocalRetention
from api.local_sweeps import LocalSweeps
from api.raw_limits import limits
from api.tokens import Enrolling, Tokens
from cmdb import query as questions
from cmdb.agent_binding import Agent
from cmdb.ingest import Ingest
from cmdb.model.errors import SurveymarkError, UsageError
from cmdb.model.times import now
from cmdb.ports import Clock, Store, View
from cmdb.taking import Sender

if TYPE_CHECKING:
    from cmdb.damage import Progress
    from cmdb.topology import Topology

Document = dict[str, Any]

COLLECTED = ("ssh", "snmp")
"""Routes by which a collector comes to what it reports."""


@dataclass(slots=True)
class _Shared:
    """What all callers of a process share: waiting batches join one transaction, and the topology is loaded once."""

    ingest: Ingest
    lock: threading.Lock = field(default_factory=threading.Lock)
    topology: Topology | None = None
    links_due: LinksDue = field(default_factory=LinksDue)


class LocalEstate(
    LocalAbsence,
    LocalAgents,
    LocalConflicts,
    LocalLinks,
    LocalPeople,
    LocalRedaction,
    LocalRetention,
    LocalSweeps,
):
    """An Estate (estate.py) over a store, asked by one caller. Safe for use by several threads."""

    def __init__(self, store: Store, caller: Caller, clock: Clock = now) -> None:
        self.store = store
        self.caller = caller
        self.clock = clock
        self._shared = _Shared(Ingest(store, clock, raw=limits()))

    def of(self, caller: Caller) -> LocalEstate:
        """The same estate, asked by somebody else."""
        other = LocalEstate.__new__(LocalEstate)
        other.store, other.caller, other.clock, other._shared = self.store, caller, self.clock, self._shared
        return other

    @property
    def links_due(self) -> LinksDue:
        """Whether links have to be derived anew, shared by all callers."""
        return self._shared.links_due

    # -- reading ---------------------------------------------------------------------------------------------------------

    def find(self, query: str, at: str | None = None, cursor: str | None = None, limit: int = 100) -> Document:
        with self._asked(at) as (view, revision):
            return questions.find(view, query, revision, cursor, limit)

    def show(self, id: str, at: str | None = None) -> Document:
        with self._asked(at, whole=False) as (view, revision):
            return questions.show(view, id, revision)

    def history(self, id: str, at: str | None = None, cursor: str | None = None, limit: int = 100) -> Document:
        with self._asked(at, whole=False) as (view, revision):
            return questions.history(view, id, revision, cursor, limit)

    def neighbours(self, id: str, at: str | None = None, cursor: str | None = None, limit: int = 100) -> Document:
        with self._asked(at) as (view, revision):
            return questions.neighbours(view, id, revision, cursor, limit)

    def explain(self, id: str, at: str | None = None) -> Document:
        from cmdb.explain import explain

        with self._asked(at) as (view, revision):
            return explain(view, id, revision)

    def summary(self, id: str, at: str | None = None) -> Document:
        with self._asked(at) as (view, revision):
            return summary_of(view, id, revision)

    def document(self, digest: str) -> bytes:
        self.caller.needs("read")
        from baselines.documents import resolve

        with self.store.view() as view:
            return resolve(view, digest)

    # -- impact and drift ------------------------------------------------------------------------------------------------

    def impact(
        self, ids: Sequence[str], down: Sequence[str] = (), at: str | None = None, keep: bool = False
    ) -> Document:
        from cmdb.impact import impact

        with self._asked(at) as (view, revision):
            topology = self._topology(view) if revision is None else None
            report = impact(view, ids, down, revision, topology).document()
        return self._kept("impact", report) if keep else report

    def topology(
        self,
        ids: Sequence[str] = (),
        queries: Sequence[str] = (),
        depth: int | None = None,
        classes: Sequence[str] = (),
        most: int | None = None,
        at: str | None = None,
    ) -> Document:
        from cmdb.physical_topology import MOST, Wanted, topology

        with self._asked(at) as (view, revision):
            return topology(view, Wanted(ids, queries, depth, classes, MOST if most is None else most), revision)

    def drift(self, name: str, at: str | None = None, against: str | None = None, keep: bool = False) -> Document:
        from baselines.drift import drift

        with self._asked(at) as (view, revision):
            report = drift(view, name, revision, against)
        return self._kept("drift", report) if keep else report

    def _kept(self, kind: str, report: Document) -> Document:
        self.caller.needs("operate")
        from baselines.documents import save

        return {**report, "document": save(self.store, kind, report)}

    def _topology(self, view: View) -> Topology:
        """The topology as of the view, moved forward from the last one that was asked for."""
        from cmdb.topology import load

        with self._shared.lock:
            known = self._shared.topology
        fresh = known.forward(view) if known is not None else load(view)
        with self._shared.lock:
            last = self._shared.topology
            if last is None or last.revision < fresh.revision:
                self._shared.topology = fresh
        return fresh

    # -- baselines -------------------------------------------------------------------------------------------------------

    def baselines(self) -> Document:
        from baselines.baseline import registered

        with self._asked(None) as (view, _):
            return registered(view)

    def baseline(self, name: str) -> Document:
        from baselines.baseline import show

        with self._asked(None) as (view, _):
            return show(view, name)

    def verify_baseline(self, name: str) -> Document:
        from baselines.baseline import verify

        with self._asked(None) as (view, _):
            return verify(view, name)

    def create_baseline(self, name: str, scope: str, at: str | None = None) -> Document:
        self.caller.needs("operate")
        from baselines.baseline import create

        with self._asked(at) as (_, revision):
            pass
        return create(self.store, name, scope, self.caller.actor, revision, self.clock)

    def approve_baseline(self, name: str, digest: str, self_reason: str | None = None) -> Document:
        self.caller.needs("operate")
        from baselines.baseline import approve

        return approve(self.store, name, digest, self.caller.actor, self_reason, self.clock)

    # -- records ---------------------------------------------------------------------------------------------------------

    def records(self, kind: str, at: str | None = None) -> Document:
        from baselines.records import recorded

        with self._asked(at) as (view, revision):
            return recorded(view, kind, revision)

    def record(self, kind: str, key: str, at: str | None = None) -> Document:
        from baselines.records import show

        with self._asked(at) as (view, revision):
            return show(view, kind, key, revision)

    def add_record(self, kind: str, key: str, said: Mapping[str, Any]) -> Document:
        self.caller.needs("operate")
        from baselines import records
        from baselines.baseline import show
        from baselines.record_words import cis_of, resolved

        actor, clock = self.caller.actor, self.clock
        impact = said.get("impact")
        with self.store.view() as view:  # What names nothing is refused before the record is written.
            for name in said.get("drift") or ():
                show(view, name)
            if impact is True and "cis" not in said:
                known = resolved(view, kind, key)[2]
                if known is None or not records.show(view, kind, key)["affects"]:
                    raise UsageError("Impact of what? Name what the record affects: --ci, or cis of the API.")
            elif impact and impact is not True:
                cis_of(view, impact)
        words = {name: said[name] for name in ("title", "link", "start", "end", "cis") if name in said}
        found = records.add(self.store, kind, key, actor, **words, pins=said.get("pins") or (), clock=clock)
        if impact:
            cis = () if impact is True else impact
            found = records.pin_impact(self.store, kind, found["key"], actor, cis, clock=clock)
        for name in said.get("drift") or ():
            found = records.pin_drift(self.store, kind, found["key"], actor, name, clock=clock)
        return found

    # -- reporting -------------------------------------------------------------------------------------------------------

    def submit(self, batch: bytes, sent_at: int | None = None) -> Document:
        """Take what an agent saw. A caller that is bound to a source reports as that one, whatever the batch says."""
        self.caller.needs("report")
        receipt = self._shared.ingest.submit(batch, self._sender(sent_at))
        self.links_due.note(receipt)
        return receipt

    def submit_many(self, batches: Sequence[bytes]) -> list[Document | SurveymarkError]:
        self.caller.needs("report")
        sender, found = self._sender(None), list[Document | SurveymarkError]()
        try:
            taken = self._shared.ingest.submit_many(batches, sender)
            for receipt in taken:
                self.links_due.note(receipt)
            return [*taken]
        except SurveymarkError:  # What was taken is there: it gets its receipt once more.
            for one in batches:
                try:
                    found.append(receipt := self._shared.ingest.submit(one, sender))
                    self.links_due.note(receipt)
                except SurveymarkError as error:
                    found.append(error)
            return found

    def _sender(self, sent_at: int | None) -> Sender:
        """The caller, who reports by the route of an agent, or by one that collectors may say."""
        routes = COLLECTED if self.caller.may("sweep") else ()
        agent = Agent(self.caller.agent) if self.caller.agent else None
        return Sender(self.caller.actor, self.caller.source, "agent", sent_at=sent_at, routes=routes, agent=agent)

    def digest_key(self) -> bytes:
        """The key of keyed file digests, which an agent needs to compare files without telling what is in them."""
        self.caller.needs("report")
        return self.store.digest_key()

    # -- tokens ----------------------------------------------------------------------------------------------------------

    def create_token(
        self,
        name: str,
        roles: Sequence[str],
        expires: str,
        source: str | None,
        enrolling: Mapping[str, Any] | None = None,
    ) -> Document:
        self.caller.needs("administer")
        said = None
        if enrolling is not None:
            networks = tuple(enrolling.get("networks") or ())
            said = Enrolling(int(enrolling.get("count", 1)), networks, bool(enrolling.get("approve", False)))
        return self._tokens().create(self.caller.actor, name, roles, expires, source, said)

    def list_tokens(self) -> Document:
        self.caller.needs("administer")
        found = self._tokens().list()
        with self.store.view() as view:
            return questions.listed(view, None, found, len(found), None)

    def revoke_token(self, id: str) -> Document:
        self.caller.needs("administer")
        return self._tokens().revoke(self.caller.actor, id)

    def _tokens(self) -> Tokens:
        return Tokens(self.store, self.clock)

    # -- the store itself ------------------------------------------------------------------------------------------------

    def doctor(self, chain: bool = False, progress: Progress | None = None, anchors: Path | None = None) -> Document:
        self.caller.needs("administer")
        from api.doctor import examine

        return examine(self.store, chain, progress, anchors)

    @contextmanager
    def _asked(self, at: str | None, whole: bool = True) -> Iterator[tuple[View, int | None]]:
        self.caller.needs("read")
        with self.store.view() as view:
            yield view, questions.as_of(view, at, self.clock(), whole)
