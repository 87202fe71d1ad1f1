"""Which CI a subject is: match, new, or quarantined; and what of its identifiers contradicts (architecture.md section 2).

Identifiers are tried strongest first. Nothing is ever overwritten by a guess: identifiers that lead to several CIs quarantine
the subject with the reason, and one whose marks contradict what another live source says of the CI is a CI of its own. What
both of those brought is shared from then on and identifies nobody; who was there first goes on as before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from cmdb.aliases import reconciled
from cmdb.claimed_macs import itself, only_claimed
from cmdb.model.batch import SUBJECT_SECTION
from cmdb.model.identity import MARKS, ROWS, contradiction, marks_of, missing_mark, scheme
from cmdb.model.times import SECOND
from cmdb.model.values import digest
from cmdb.neighbours import is_reference
from cmdb.ports import Transaction
from cmdb.rules import TODAY, Rules
from cmdb.states import Claim, Item, Scope

IDENTITY = SUBJECT_SECTION
SHARED = "shared_identifier"
"""Kind of the entries that say which identifiers are shared; the key is the identifier."""

Kind = Literal["shared", "foreign", "contradiction", "bridge", "quarantine"]


@dataclass(slots=True)
class Disagreement:
    """What of a subject's identity people have to decide; found by `identify`, kept as a conflict.

    Kinds: `shared`, identifiers of live CIs that contradict each other: these identify nobody any more, and it is one matter
    for all CIs that bring one of them, so it grows by CIs and identifiers; `foreign`, the subject was matched, but some of
    its identifiers are another CI's; `contradiction`, two sources of one CI differ; `bridge`, it could be any of several CIs
    and is quarantined; `quarantine`, nothing that it brought identifies.
    `cis` are the CIs known before; the subject's own belongs to them as soon as it has an id. `identifiers` are what it is
    about, in order.
    """

    kind: Kind
    cis: list[str]
    identifiers: list[str]
    reason: str


@dataclass(slots=True)
class Identified:
    """The outcome. `id` is None for a new CI, `identifiers` are all that it brought. `quarantine` says why the subject can
    not land, `candidates` which CIs it could be. `tried` are the identifiers looked at, down to the rank that matched."""

    id: str | None
    identifiers: list[str]
    matched_by: str = ""
    tried: list[str] = field(default_factory=list)
    quarantine: str = ""
    candidates: list[str] = field(default_factory=list)
    disagreements: list[Disagreement] = field(default_factory=list)
    standing: dict[str, Scope] | None = None
    """Scopes of this source and the CI by section, where they were looked at."""
    judged: bool = True
    """False where the source says of the CI what it said before."""
    leaves: str = ""
    """The CI that this source has told of so far, and which turned out to be another one."""
    rejudge: list[int] = field(default_factory=list)
    """Identity scopes of other sources of the CI that have to be judged again when they report."""
    absorbs: list[str] = field(default_factory=list)
    """CIs that turn out to be this one: devices known by their neighbours' words only, and the device that a host is."""


def identify(
    tx: Transaction,
    class_name: str,
    marks: Mapping[str, Any],
    source: str,
    domain: str,
    observed_at: int,
    interval_seconds: int,
    sequence: int | None = None,
    rules: Rules = TODAY,
) -> Identified:
    """Find the CI that has these marks. Reads only. A batch with a `sequence` lower than the last accepted one is late, and
    contradicts nobody."""
    ranks = rules.compose(class_name, marks)
    subject = _Subject(class_name, ranks, source, domain, observed_at, interval_seconds * SECOND, sequence, rules)
    if not any(subject.ranks):
        return Identified(None, subject.brought, quarantine=missing_mark(class_name, marks))
    return _Search(tx, subject).run()


def identity_digest(domain: str, identifiers: Sequence[str]) -> str:
    """What the header counts as its section's digest. It opens with the domain, where keys of addresses live."""
    return f"{domain} {digest(chr(10).join(identifiers))}"


class _Subject:
    """What a batch's header says of its subject. `ranks` are the identifiers that may match, strongest first; a Host is
    found by others by its `rows`, never by another Host."""

    def __init__(
        self,
        class_name: str,
        ranks: list[list[str]],
        source: str,
        domain: str,
        observed_at: int,
        interval: int,
        sequence: int | None,
        rules: Rules,
    ) -> None:
        unfit = rules.weak(class_name)
        self.class_name = class_name
        self.brought = sorted({i for rank in ranks for i in rank})
        self.ranks = [[i for i in rank if scheme(i) not in unfit] for rank in ranks]
        self.strong = {i for rank in self.ranks for i in rank}
        self.shared = rules.shared(class_name) & self.strong
        self.rows = [i for i in self.brought if scheme(i) in ROWS] if class_name == "Host" else []
        self.source = source
        self.domain = domain
        self.observed_at = observed_at
        self.interval = interval
        self.sequence = sequence

    def live(self, scope: Scope) -> bool:
        """True where the other report is less than one interval from this one."""
        return abs(self.observed_at - scope.observed_at) <= self.interval


class _Search:
    """One identification."""

    def __init__(self, tx: Transaction, subject: _Subject) -> None:
        self._tx = tx
        self._subject = subject
        self._hits = tx.identified([i for rank in subject.ranks for i in rank] + subject.rows)
        self._shared = {entry.key for entry in tx.entries(SHARED)} & subject.strong | subject.shared
        self._tried: list[str] = []
        self._excluded: list[str] = []
        self._absorbs: set[str] = set()
        self._against: list[str] = []
        self._leaves = ""

    def run(self) -> Identified:
        while True:
            found, by = self._strongest()
            if len(found) > 1:
                return self._bridge(found, by)
            if not found:
                return self._nobody()
            done = self._judge(found[0], by[0])
            if done is not None:
                return done

    # -- looking ---------------------------------------------------------------------------------------------------------

    def _strongest(self) -> tuple[list[str], list[str]]:
        """CIs that the strongest rank with a hit leads to, and by which identifiers. An identifier that several have is
        shared, whoever proved it."""
        self._tried = []
        for rank in self._subject.ranks:
            self._tried += rank
            by = [i for i in rank if i not in self._shared and self._holders(i)]
            several = [i for i in by if len(self._holders(i)) > 1]
            if several and len(several) == len(by):
                alive = self._current({id_ for i in several for id_ in self._holders(i)})
                self._absorbs.update(id_ for id_, item in alive.items() if is_reference(item))
                alive = {id_: item for id_, item in alive.items() if id_ not in self._absorbs}
                by = [i for i in several if sum(id_ in alive for id_ in self._holders(i)) == 1]
                found = {id_ for i in by for id_ in self._holders(i) if id_ in alive}
                self._shared.update(i for i in several if i not in by)
            else:
                by = [i for i in by if i not in several]
                found = {id_ for i in by for id_ in self._holders(i)}
            if len(found) > 1:
                found = self._discovered(found)
            if found:
                return sorted(found), [i for i in by if found.intersection(self._hits[i])]
        return self._by_rows()

    def _by_rows(self) -> tuple[list[str], list[str]]:
        """The device, not another Host, that has an interface's MAC of this one."""
        found = {id_ for i in self._subject.rows for id_ in self._holders(i)}
        if found:
            states = self._tx.last_states(found)
            found = {id_ for id_, item in states.items() if item.class_name != "Host" and item.until is None}
            found = self._discovered(found) if len(found) > 1 else found
        self._tried += self._subject.rows
        if len(found) > 1:
            found = self._of_several(found)
        return sorted(found), [i for i in self._subject.rows if found.intersection(self._holders(i))]

    def _of_several(self, found: set[str]) -> set[str]:
        """Of several devices whose MACs the host brings the one that it is. Where it is none, that is for people to look at."""
        one = itself(self._tx, self._subject.brought, found)
        if not one:
            self._against.append(f"it brings MACs of {len(found)} devices, {_listed(found)}, and can not be them all")
            self._excluded += sorted(found)
        return one

    def _holders(self, identifier: str) -> list[str]:
        return [id_ for id_ in self._hits.get(identifier, ()) if id_ not in self._excluded and id_ not in self._absorbs]

    def _current(self, ids: Iterable[str]) -> dict[str, Item]:
        return {id_: item for id_, item in self._tx.last_states(sorted(ids)).items() if item.until is None}

    def _discovered(self, ids: Iterable[str]) -> set[str]:
        states = self._tx.last_states(sorted(ids))
        self._absorbs.update(id_ for id_, item in states.items() if is_reference(item) and item.until is None)
        return {id_ for id_, item in states.items() if not is_reference(item)}

    # -- judging ---------------------------------------------------------------------------------------------------------

    def _judge(self, id_: str, by: str) -> Identified | None:
        """The match, None where who was there first contradicts it."""
        subject = self._subject
        standing = self._tx.scopes_of(subject.source, id_)
        mine = standing.get(IDENTITY)
        same = mine is not None and mine.digest == identity_digest(subject.domain, subject.brought)
        late = mine is not None and subject.sequence is not None and subject.sequence < mine.sequence
        # Somebody may have been taken for this one while its source was silent.
        if late or (mine is not None and same and subject.live(mine)):
            return Identified(id_, subject.brought, by, self._tried, standing=standing, judged=False)
        state = self._tx.last_states([id_]).get(id_)
        if mine is None and state is not None and is_reference(state):
            self._absorbs.add(id_)
            return None
        claims = [c for c in self._tx.claims([id_]) if c.identifiers]
        if mine is None and only_claimed(self._tx, subject.class_name, subject.brought, state, claims):
            self._against.append(f"{by} matched {id_}, but of the MACs of the device the host has too few")
            self._excluded.append(id_)
            return None
        scopes = self._tx.scopes_by_number([c.scope for c in claims])
        theirs = [c for c in claims if scopes[c.scope].source != subject.source]
        own = next((c for c in claims if mine is not None and c.scope == mine.number), None)
        alive = [c for c in theirs if subject.live(scopes[c.scope])]
        against = [(c, why) for c in alive if (why := self._differs(c))] if self._differ(alive) else []
        if (against or (own is not None and self._differs(own))) and reconciled(self._tx, id_, subject.brought):
            against, own = [], None  # People know of it, and said that it is one.
        first = [(c, why) for c, why in against if mine is None or c.scope < mine.number]
        if first:
            claim, why = first[0]
            self._against.append(f"{by} matched {id_}, but {why} (source {scopes[claim.scope].source})")
            self._shared |= self._common(theirs)
            self._excluded.append(id_)
            self._leaves = id_ if mine is not None else self._leaves
            return None
        done = Identified(id_, subject.brought, by, self._tried, standing=standing, leaves=self._leaves)
        if against:
            claim, why = against[0]
            reason = f"{why} (source {scopes[claim.scope].source})"
            if own is None or same or contradiction(own.identifiers, claim.identifiers):
                done.rejudge = [c.scope for c, _ in against]
                done.disagreements.append(self._matter([id_], self._common([c for c, _ in against]), reason))
            else:  # It changed, and the other has not looked since.
                done.disagreements.append(Disagreement("contradiction", [id_], sorted(self._common(theirs)), reason))
        elif own is not None and mine is not None and subject.live(mine) and self._goes_back(id_, own):
            reason = f"source {subject.source} went back: {self._differs(own)}"
            done.disagreements.append(self._matter([id_], self._common([own]), reason))
        self._others(done, id_)
        if subject.class_name == "Host" and state is not None and state.class_name == "NetworkDevice":
            done.absorbs, done.id, done.standing = sorted({*done.absorbs, id_}), None, None
        return done

    def _differs(self, claim: Claim) -> str:
        return contradiction(claim.identifiers, self._subject.brought)

    def _differ(self, claims: Iterable[Claim]) -> bool:
        """True where a mark differs from all that these claims have together: one of them may know of some keys only."""
        return bool(contradiction([i for c in claims for i in c.identifiers], self._subject.brought))

    def _goes_back(self, id_: str, own: Claim) -> bool:
        """True where this differs from what the source said last, and is what the CI was known by before that."""
        if not self._differs(own):
            return False
        said, now = marks_of(own.identifiers), marks_of(self._subject.brought)
        differing = [m for m in MARKS if said.get(m) and now.get(m) and not said[m] & now[m]]
        for past in self._tx.history(id_)[:-1]:
            known = marks_of(past.identifiers)
            if all(known.get(m, set()) & now[m] for m in differing):
                return True
        return False

    def _common(self, claims: Iterable[Claim]) -> set[str]:
        """What is strong of that which these claims have, too."""
        return self._subject.strong.intersection(i for c in claims for i in c.identifiers)

    def _others(self, done: Identified, id_: str) -> None:
        """What a matched subject brought of other CIs: shared with them, theirs, or a reference that it is."""
        subject = self._subject
        holders = {i: [h for h in self._hits.get(i, ()) if h != id_] for i in [*sorted(subject.strong), *subject.rows]}
        ids = {h for each in holders.values() for h in each}
        current = self._current(ids) if ids else {}
        self._absorbs.update(h for h, item in current.items() if is_reference(item))
        done.absorbs = sorted(self._absorbs)
        found = {
            i: [h for h in each if h in current and h not in self._absorbs and self._is_rival(i, current[h])]
            for i, each in holders.items()
        }
        joined = {i for i in self._shared if id_ not in self._hits.get(i, ())}
        theirs = {i for i, each in found.items() if each and i not in self._shared}
        rivals = {h for i in theirs for h in found[i]}
        proven = {h for h in rivals if self._is_another(h)} if rivals else set()
        shared = joined | {i for i in theirs if proven.intersection(found[i])}
        if shared or self._against:
            shared |= self._shared
            cis = sorted({h for i in shared for h in found[i]} | set(self._excluded))
            reason = "; ".join(self._against) or f"{_listed(shared)} is also of {', '.join(cis) or 'others'}"
            done.disagreements.append(self._matter(cis, shared, reason))
        foreign = theirs - shared
        if foreign:
            others = sorted({h for i in foreign for h in found[i]})
            reason = f"{_listed(foreign)} belongs to {', '.join(others)}"
            done.disagreements.append(Disagreement("foreign", others, sorted(foreign), reason))

    def _is_rival(self, identifier: str, holder: Item) -> bool:
        """True where both can not have it: hosts may well have a MAC in common, a host and a device that is another may not."""
        return identifier in self._subject.strong or holder.class_name != "Host"

    def _is_another(self, id_: str) -> bool:
        """True where a live source of that CI contradicts this subject."""
        claims = [c for c in self._tx.claims([id_]) if c.identifiers]
        scopes = self._tx.scopes_by_number([c.scope for c in claims])
        return self._differ([c for c in claims if self._subject.live(scopes[c.scope])])

    @staticmethod
    def _matter(cis: Iterable[str], identifiers: Iterable[str], reason: str) -> Disagreement:
        return Disagreement("shared", sorted(cis), sorted(identifiers), reason)

    # -- no match --------------------------------------------------------------------------------------------------------

    def _bridge(self, found: list[str], by: list[str]) -> Identified:
        reason = f"{', '.join(by)} belongs to {len(found)} CIs: {', '.join(found)}"
        return Identified(None, self._subject.brought, tried=self._tried, quarantine=reason, candidates=found)

    def _nobody(self) -> Identified:
        subject = self._subject
        shared = subject.strong & self._shared
        holders = sorted({h for i in shared for h in self._hits.get(i, ())}.union(self._excluded) - self._absorbs)
        new = Identified(None, subject.brought, tried=self._tried, leaves=self._leaves, absorbs=sorted(self._absorbs))
        known = self._standing(holders)
        late = self._told_since(holders) if known is None else known if self._is_late(known) else None
        if late is not None:
            late.judged = False
            return late
        if subject.strong - shared:
            if shared or self._against:
                reason = "; ".join(self._against) or f"{_listed(shared)} is shared"
                new.disagreements.append(self._matter(holders, shared, reason))
            return new
        if known is not None:
            return known
        why = "every identifier that it brought is shared by several hosts: " + _listed(shared)
        if self._against:
            why = "; ".join(self._against) + "; it brought no identifier of its own"
            new.disagreements.append(self._matter(holders, shared, why))
        new.quarantine, new.candidates, new.leaves = why, holders, ""
        return new

    def _is_late(self, known: Identified) -> bool:
        """True where the source has told of that CI since: what it said before may have been taken back."""
        mine = (known.standing or {}).get(IDENTITY)
        return mine is not None and self._subject.sequence is not None and self._subject.sequence < mine.sequence

    def _told_since(self, holders: list[str]) -> Identified | None:
        """Of the CIs that have what is shared, the one that this source has told of since: what it said before, late or once
        more, is no other one."""
        found: list[tuple[int, str, dict[str, Scope]]] = []
        for id_ in holders if self._subject.sequence is not None else ():
            standing = self._tx.scopes_of(self._subject.source, id_)
            mine = standing.get(IDENTITY)
            if mine is not None and mine.sequence > (self._subject.sequence or 0):
                found.append((mine.sequence, id_, standing))
        if not found:
            return None
        _, id_, standing = max(found, key=lambda row: row[:2])
        return Identified(id_, self._subject.brought, "", self._tried, standing=standing)

    def _standing(self, holders: list[str]) -> Identified | None:
        """The one CI that this source told of before by what is shared now: who steals an identifier stops nobody."""
        claims = [c for c in self._tx.claims(holders) if c.identifiers and not self._differs(c)] if holders else []
        scopes = self._tx.scopes_by_number([c.scope for c in claims]) if claims else {}
        own = [c for c in claims if scopes[c.scope].source == self._subject.source and self._common([c])]
        if len(own) != 1 or str(own[0].target) in self._excluded:
            return None
        by = min(self._common(own))
        id_ = str(own[0].target)
        standing = self._tx.scopes_of(self._subject.source, id_)
        return Identified(id_, self._subject.brought, by, self._tried, standing=standing)


def _listed(identifiers: Iterable[str]) -> str:
    ordered = sorted(identifiers)
    return ", ".join(ordered[:5]) + (f" and {len(ordered) - 5} more" if len(ordered) > 5 else "")
