"""What time alone changes: CIs that nobody has seen for long become stale, silent sources stop blocking others, flows that
were not sighted for 30 days end. Run by a schedule or at once, never while reading (architecture.md section 2).

Works through the subjects in chunks, reads each first and writes only where something is to be said, a revision of kind
`freshness` and a transaction a chunk. A second run finds nothing to write.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from cmdb import stale
from cmdb.commit import act
from cmdb.draft import Draft
from cmdb.merge import Merge
from cmdb.model.classes import CLASSES
from cmdb.model.precedence import PERIODIC
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.model.times import iso, now
from cmdb.ports import Clock, Randomness, Store, Transaction, View
from cmdb.reconcile import same_attributes, weigh, weigh_relation
from cmdb.references import References
from cmdb.staleness import DAY, silent_before
from cmdb.states import Claim, Commit, LinkKey, Pending, Retirement, Scope

KIND = "freshness"
FLOW_DAYS = 30
"""Days without sight that end a flow."""

SUBJECTS = 500
ROWS = 2_000
"""How many subjects, and references, are looked at in one transaction."""

_SIGHTED = sorted(n for n, t in RELATIONSHIP_TYPES.items() if t.sighted)


@dataclass
class Freshness:
    """One run over a store. `counts` says what was done, or with `dry_run` what would be."""

    store: Store
    actor: str
    clock: Clock = now
    randomness: Randomness = secrets.token_bytes
    dry_run: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    revisions: list[int] = field(default_factory=list)

    def run(self) -> dict[str, Any]:
        """Look at everything; returns {"stale", "current", "changed", "flows", "subjects", "revisions", "dry_run", "at"}.

        `stale` and `current` are CIs that became so, `changed` those whose values another source now says, `flows` the
        references to which nothing was sighted for long.
        """
        time = self.clock()
        self._flows(time)
        after = ""
        while True:
            with self.store.view() as view:
                scopes = view.scopes_after(after, SUBJECTS)
                asked = _asking(view, scopes, time)
            if not scopes:
                break
            after = scopes[-1].subject
            self.counts["subjects"] += len({s.subject for s in scopes})
            if asked:
                with self.store.transaction() as tx:
                    self._chunk(tx, asked, time)
        self._left_over(time)
        found = {name: self.counts[name] for name in ("stale", "current", "changed", "flows", "subjects")}
        return {**found, "revisions": self.revisions, "dry_run": self.dry_run, "at": iso(time)}

    def _flows(self, time: int) -> None:
        while True:
            with self.store.transaction() as tx:
                rows = tx.unseen(_SIGHTED, time - FLOW_DAYS * DAY, ROWS)
                self.counts["flows"] += len(rows)
                if rows and not self.dry_run:
                    self._end(tx, rows, time)
            if len(rows) < ROWS or self.dry_run:
                return

    def _end(self, tx: Transaction, rows: Sequence[Pending], time: int) -> None:
        draft = Draft(tx)
        merge = Merge(draft, None, "", "", KIND)
        references = References(merge, "", time)
        references.end(rows, KIND)
        references.resolve()
        self._write(draft, merge, f"not sighted for {FLOW_DAYS} days")

    def _chunk(self, tx: Transaction, ids: Sequence[str], time: int) -> None:
        draft = Draft(tx)
        merge = Merge(draft, None, "", "", KIND, now=time)
        states = tx.last_states(ids)
        entries = {e.key: e for e in tx.entries(stale.KIND, None, ids)}
        unheard: set[int] = set()
        for id_ in ids:
            scopes = tx.scopes(id_)
            item = states.get(id_)
            if item is None or item.until is not None:
                continue
            subjects = {id_: (item, scopes)}
            if stale.is_stale(item.class_name, scopes, time) is not (id_ in entries):
                with_it = stale.seen_with(tx, id_, scopes)
                entries.update({e.key: e for e in tx.entries(stale.KIND, None, sorted(with_it))})
                subjects.update(with_it)
            for other, (known, told_by) in subjects.items():
                self._state(draft, other, stale.is_stale(known.class_name, told_by, time), entries, told_by)
            unheard |= self._weighed_anew(merge, item.class_name, scopes, time)
        if not self.dry_run:
            scopes_lost = [s for s in tx.scopes_by_number(unheard).values() if s.digest] if unheard else []
            for scope in scopes_lost:
                scope.digest = ""
            self._write(draft, merge, "not seen for long", scopes_lost)

    def _left_over(self, time: int) -> None:
        """End the state of what retired, and of what another subject tells of by now."""
        with self.store.view() as view:
            keys = [entry.key for entry in view.entries(stale.KIND)]
        for start in range(0, len(keys), SUBJECTS):
            part = keys[start : start + SUBJECTS]
            with self.store.transaction() as tx:
                draft = Draft(tx)
                items, told_by = tx.items(part), stale.told_by(tx, part)
                for entry in tx.entries(stale.KIND, None, part):
                    item = items.get(entry.key)
                    if item is None or not stale.is_stale(item.class_name, told_by[entry.key], time):
                        draft.entries_removed.append((entry, Retirement(KIND, None)))
                        self.counts["current"] += 1
                self._write(draft, Merge(draft, None, "", "", KIND), "seen by another, or retired")

    def _state(self, draft: Draft, id_: str, is_stale: bool, entries: dict[str, Any], told_by: list[Scope]) -> None:
        if is_stale and id_ not in entries:
            entries[id_] = stale.entry_of(id_, told_by)
            draft.entries.append(entries[id_])
            self.counts["stale"] += 1
        elif not is_stale and id_ in entries:
            entry = entries.pop(id_)
            if entry.since:
                draft.entries_removed.append((entry, Retirement(KIND, None)))
                self.counts["current"] += 1

    def _weighed_anew(self, merge: Merge, class_name: str, scopes: list[Scope], time: int) -> set[int]:
        """Have the claims count that silent sources no longer block; returns who is to be heard when it comes back."""
        quiet = _silent(class_name, scopes, time)
        if not quiet:
            return set()
        tx = merge.draft.tx
        told = tx.claims_of(quiet)
        unheard = self._relations(merge, class_name, {c.target for c in told if not isinstance(c.target, str)}, time)
        targets = sorted({c.target for c in told if isinstance(c.target, str)})
        claims: dict[str, list[Claim]] = {}
        for claim in tx.claims(targets) if targets else ():
            claims.setdefault(str(claim.target), []).append(claim)
        several = {id_: found for id_, found in claims.items() if len(found) > 1}
        items = tx.items(several) if several else {}
        known = tx.scopes_by_number({c.scope for found in several.values() for c in found}) if several else {}
        for id_, item in items.items():
            limit = silent_before(class_name if item.parent else item.class_name, time)
            says = [(known[c.scope], c.attributes) for c in several[id_] if c.scope in known]
            attributes, left = weigh(item.class_name, says, limit)
            if not same_attributes(attributes, item.attributes):
                unheard |= left
                seen = max((s.collected_at or 0 for s, _ in says), default=0)
                merge.update(item, attributes, seen or None)
                self.counts["changed"] += 1
        return unheard

    def _relations(self, merge: Merge, class_name: str, keys: set[LinkKey], time: int) -> set[int]:
        """The same of relations that silent sources tell beside others."""
        tx = merge.draft.tx
        claims: dict[LinkKey, list[Claim]] = {}
        for claim in tx.claims(sorted(keys)) if keys else ():
            if not isinstance(claim.target, str):
                claims.setdefault(claim.target, []).append(claim)
        known = tx.scopes_by_number({c.scope for found in claims.values() for c in found}) if claims else {}
        unheard: set[int] = set()
        for key, link in (tx.links_by_key(sorted(claims)) if claims else {}).items():
            says = [(known[c.scope], c.attributes) for c in claims[key] if c.scope in known]
            told, left = weigh_relation(class_name, says, silent_before(class_name, time))
            if not same_attributes(told, link.attributes):
                unheard |= left
                seen = max((s.collected_at or 0 for s, _ in says), default=0)
                merge.draft.links_updated[key] = (link, replace(link, attributes=told, not_before=seen or None))
                self.counts["changed"] += 1
        return unheard

    def _write(self, draft: Draft, merge: Merge, cause: str, scopes: Sequence[Scope] = ()) -> None:
        if self.dry_run:
            return
        if draft.effective:
            made = act(
                draft, KIND, self.actor, cause, self.clock, self.randomness, merge=merge, scopes=scopes, source=KIND
            )
            self.revisions.append(made.number)
        elif draft.removed_pending or scopes:
            gone = list(draft.removed_pending.values())
            draft.tx.write(Commit(removed_pending=gone, scopes=list(scopes), links_rescoped=merge.links_rescoped))


def _asking(view: View, scopes: Sequence[Scope], time: int) -> list[str]:
    """Subjects among these of which something may be to be said: their state differs, or a source of several is silent."""
    by_subject = {id_: list(of) for id_, of in groupby(scopes, key=lambda s: s.subject)}
    states = view.last_states(sorted(by_subject)) if by_subject else {}
    known = {e.key for e in view.entries(stale.KIND, None, sorted(by_subject))} if by_subject else set()
    asked = []
    for id_, of in by_subject.items():
        item = states.get(id_)
        if item is None or item.until is not None or item.class_name not in CLASSES:
            continue
        differs = stale.is_stale(item.class_name, of, time) is not (id_ in known)
        if differs or _silent(item.class_name, of, time):
            asked.append(id_)
    return asked


def _silent(class_name: str, scopes: Sequence[Scope], time: int) -> list[int]:
    """Numbers of sections that saw nothing for long, where another source did, or what people said stands beside them."""
    limit = silent_before(class_name, time)
    quiet = [s for s in scopes if s.route in PERIODIC and (s.collected_at or s.observed_at) < limit]
    sources = {s.source for s in quiet}
    heard = any(s.source not in sources for s in scopes)
    return [s.number for s in quiet] if heard else []
