"""Conflicts resolved by people: a proposal is done, and the conflict closed with who, why and when (conflicts.py).

All of it is one transaction. Merges and splits that a resolution takes are revisions of their own; the last one, of kind
"resolution", closes the conflict.
"""

from __future__ import annotations

import secrets
from typing import Any

from cmdb import aliases, conflicts, decisions
from cmdb.commit import act
from cmdb.decisions import SHARED
from cmdb.draft import Draft
from cmdb.merging import checked, done, join, said
from cmdb.model.errors import ConflictError, UsageError
from cmdb.model.identity import WEAK
from cmdb.model.times import iso, now
from cmdb.ports import Clock, Randomness, Store, Transaction
from cmdb.splitting import separate
from cmdb.states import Entry, Retirement

ASSIGN = "assign:"

Document = dict[str, Any]


def resolve(
    store: Store,
    number: str,
    proposal: str,
    actor: str,
    reason: str,
    clock: Clock = now,
    randomness: Randomness = secrets.token_bytes,
) -> Document:
    """Do a proposal of an open conflict and close it; returns the conflict as conflicts.show does.

    Raises NotFoundError, UsageError for a proposal that there is not or that can not be done, ConflictError where the
    conflict is resolved already.
    """
    reason = said(reason)
    with store.transaction() as tx:
        entry = conflicts.entry_of(tx, number)
        if entry.value["state"] != "open":
            how = entry.value["resolution"]["as"]
            raise ConflictError(f"Conflict {entry.key} is resolved already, as {how}.", number=entry.value["number"])
        _check(entry, proposal)
        resolving = _Resolving(tx, entry, actor, reason, clock, randomness, store.genesis())
        forget = resolving.carry_out(proposal)
        draft = Draft(tx)
        draft.entries += resolving.entries
        draft.entries_removed += resolving.removed
        told = {"as": proposal, "actor": actor, "reason": reason, "at": iso(clock())}
        draft.entries.append(conflicts.closed(tx, entry, told, forget))
        act(draft, "resolution", actor, reason, clock, randomness)
        return conflicts.show(tx, entry.key)


def _check(entry: Entry, proposal: str) -> None:
    names = [p["name"] for p in entry.value["proposals"]]
    assignable = entry.value["kind"] in ("bridge", "quarantine")
    if proposal not in names and not (assignable and proposal.startswith(ASSIGN)):
        raise UsageError(f"Conflict {entry.key} can not be resolved as {proposal!r:.60}; it can as {', '.join(names)}.")


class _Resolving:
    """What a proposal takes. `entries` and `removed` go along with the closing of the conflict."""

    def __init__(
        self,
        tx: Transaction,
        entry: Entry,
        actor: str,
        reason: str,
        clock: Clock,
        randomness: Randomness,
        genesis: str,
    ) -> None:
        self._tx, self._entry, self._value = tx, entry, entry.value
        self._actor, self._reason = actor, reason
        self._clock, self._randomness, self._genesis = clock, randomness, genesis
        self.entries: list[Entry] = []
        self.removed: list[tuple[Entry, Retirement]] = []

    def carry_out(self, proposal: str) -> bool:
        """Do it; True where the same matter may open anew."""
        if proposal.startswith(ASSIGN):
            self._decide({"as": "assign", "ci": self._assigned(proposal.removeprefix(ASSIGN))})
        elif proposal == "new":
            self._decide({"as": "new"})
        elif proposal in ("same", "merge"):
            self._unite()
            return True
        elif proposal == "split":
            self._part()
        return False

    def _decide(self, value: Document) -> None:
        self.entries.append(Entry(decisions.KIND, self._value["fingerprint"], value, 0, b"", b""))

    def _assigned(self, id_: str) -> str:
        found = aliases.resolve(self._tx, id_.strip().upper())
        item = self._tx.items([found]).get(found)
        wanted = self._value["subject"]["class"]
        if item is None or item.class_name != wanted:
            raise UsageError(f"{id_!r:.80} is no {wanted} that is there; `ci find class:{wanted}` lists them.")
        return found

    def _unite(self) -> None:
        """Make one CI of all that the conflict names; what they shared identifies again."""
        if self._value.get("more"):
            raise UsageError(
                f"Conflict {self._entry.key} is about more CIs than it lists; join those that are one with `ci merge`."
            )
        tx = self._tx
        here = tx.items({aliases.resolve(tx, id_) for id_ in self._value["cis"]})
        if not here:
            raise UsageError(f"None of the CIs of conflict {self._entry.key} is there any more; resolve it as ignore.")
        survivor, *others = sorted(here.values(), key=lambda item: (item.born, item.id))
        for other in others:
            draft = Draft(tx)
            one, two = checked(tx, survivor.id, other.id)
            join(draft, one, two, max(self._clock(), tx.head().committed_at + 1))
            done(draft, "merge", self._actor, self._reason, self._clock, self._randomness, [one.id])
        if not others:
            known = tx.entry(aliases.JOINED, survivor.id)
            value = {"ids": [], **(known.value if known else {}), "accepted": True}
            self.entries.append(Entry(aliases.JOINED, survivor.id, value, 0, b"", b""))
        for shared in tx.entries(SHARED):
            if shared.value.get("conflict") == self._value["number"]:
                self.removed.append((shared, Retirement(f"conflict {self._entry.key}", None)))

    def _part(self) -> None:
        """Make CIs of their own of what sources report that were matched by the conflict's identifiers alone."""
        tx, parted = self._tx, False
        for id_ in [aliases.resolve(tx, id_) for id_ in self._value["cis"]]:
            for source in self._sources(id_):
                draft = Draft(tx)
                time = max(self._clock(), tx.head().committed_at + 1)
                whole, leaves = separate(draft, id_, [source], time, self._genesis)
                done(draft, "split", self._actor, self._reason, self._clock, self._randomness, [whole, leaves])
                parted = True
        if not parted:
            raise UsageError(
                f"Nothing of conflict {self._entry.key} was matched by its identifiers alone: resolve it as keep-apart, or "
                "name the source with `ci split ID --source SOURCE`."
            )

    def _sources(self, id_: str) -> list[str]:
        """Sources of a CI that leave it: of a contradiction the one that brought it, else those that share nothing strong
        with the others but what the conflict is about."""
        tx = self._tx
        claims = [claim for claim in tx.claims([id_]) if claim.identifiers]
        scopes = tx.scopes_by_number([claim.scope for claim in claims])
        known = {scopes[c.scope].source: {i for i in c.identifiers if i.partition(" ")[0] not in WEAK} for c in claims}
        if self._value["kind"] == "contradiction":
            return [self._value["source"]] if self._value["source"] in known and len(known) > 1 else []
        shared = {e.key for e in tx.entries(SHARED) if e.value.get("conflict") == self._value["number"]}
        order = sorted(known, key=lambda source: min(c.scope for c in claims if scopes[c.scope].source == source))
        found = []
        for source in order[1:]:
            rest = set().union(*(known[other] for other in order if other != source and other not in found))
            common = known[source] & rest
            if common and common <= shared:
                found.append(source)
        return found
