"""Links derived from evidence and kept: what `cabling` makes of the whole estate becomes batches of the source "topology".

One batch for each host or device that a link's claim is kept with, by the route "derived" and taken as any other, so that
history, witnesses, retirement and merges hold for links too. A second run finds nothing to write. When a table last showed an
inferred link is kept outside the chain, to the day.
"""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cmdb.cabling import CONFIRMED, INFERRED, ONE_SIDED, SEGMENT, SIGHTING, TYPES, Cable, Cabling, by_owner, cabling
from cmdb.cabling_evidence import Estate
from cmdb.cabling_memory import Memory
from cmdb.identify import Identified
from cmdb.model.batch import Header, Section, decode, encode, section_body
from cmdb.model.declaration import Relation
from cmdb.model.precedence import DERIVED
from cmdb.model.precedence import DERIVED_SOURCE as SOURCE
from cmdb.model.times import iso, now
from cmdb.model.values import digest
from cmdb.ports import Clock, Randomness, Store, Transaction, View
from cmdb.staleness import DAY
from cmdb.states import Link, Scope
from cmdb.taking import Sender, Taking

SECTION = "links"
SHOWN = "link shown"
"""Kind of what is kept of inferred links: by owner, {"subject object": the day on which a table last showed it}."""
UNSEEN_DAYS = 30
"""Days after which an inferred link ends that no table has shown meanwhile, and after which a table that was not read again
shows nothing."""
OWNERS = 64
"""Batches that share a transaction."""
LISTED = 1_000
"""Words without a link that an answer lists."""
LONGEST_CAUSE = 1_000

Document = dict[str, Any]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Asked:
    """A batch that is to be taken. `again` is set where its section was said before, and is not what stands."""

    owner: str
    bodies: list[bytes]
    cause: str
    again: bool


@dataclass
class Deriving:
    """One run over a store. `counts` says what was done, or with `dry_run` would be. `memory` is that of a run before in the
    same process, over the same store, and `told` are the hosts and devices of which evidence came since."""

    store: Store
    actor: str
    clock: Clock = now
    randomness: Randomness = secrets.token_bytes
    dry_run: bool = False
    memory: Memory = field(default_factory=Memory)
    told: Collection[str] = ()
    counts: Counter[str] = field(default_factory=Counter)
    revisions: list[int] = field(default_factory=list)

    def run(self) -> Document:
        """Derive all links and keep what differs from those that stand.

        {"links": {"confirmed", "one-sided", "inferred"}, "created", "updated", "retired", "refused", "revisions",
         "unplaced": [{"ci", "name", "port", "why"}], "unplaced_count", "dry_run", "at"}
        `unplaced` are words of which no link could be made, the first 1,000; `refused` counts owners whose links changed
        under the run, and come with the next one. A dry run counts owners that it would write as "updated".
        """
        with self.memory.lock:
            return self._run()

    def _run(self) -> Document:
        time = self.clock()
        today = time // DAY
        with self.store.view() as view:
            self.memory.forward(view, today - UNSEEN_DAYS, time, self.told)
            estate, links = self.memory.estate, list(self.memory.links.values())
            scopes = {scope.subject: scope for scope in view.scopes_from(SOURCE) if scope.section == SECTION}
            shown = _last_shown(view)
        before = {(k.subject, k.object): str(k.attributes.get("evidence", "")) for k in links if _is_inferred(k)}
        days = {key: day for of in shown.values() for key, day in of.items()}
        expired = {key for key in before if days.get(key, today) < today - UNSEEN_DAYS}
        made = cabling(estate, before, expired, self.memory.words)
        self._write(estate, made, scopes, links, time)
        if not self.dry_run:
            self._remember(made, shown, today)
        proofs = Counter(cable.proof for cable in made.cables)
        unplaced = [
            {"ci": u.node, "name": estate.nodes[u.node].name, "port": u.port, "why": u.why}
            for u in made.unplaced[:LISTED]
        ]
        return {
            "links": {proof: proofs[proof] for proof in (CONFIRMED, ONE_SIDED, INFERRED)},
            **{name: self.counts[name] for name in ("created", "updated", "retired", "refused")},
            "revisions": self.revisions,
            "unplaced": unplaced,
            "unplaced_count": len(made.unplaced),
            "dry_run": self.dry_run,
            "at": iso(time),
        }

    def _write(
        self, estate: Estate, made: Cabling, scopes: Mapping[str, Scope], links: Sequence[Link], time: int
    ) -> None:
        wanted = by_owner([*made.cables, *made.sightings])
        kept, astray = self._standing(made, scopes, links)
        asked: list[_Asked] = []
        for owner in sorted({*wanted, *scopes}):
            node, scope = estate.nodes.get(owner), scopes.get(owner)
            if node is None or not node.discovered:
                continue  # It is gone, and its links with it.
            same = scope is not None and scope.digest == self._digest_of(owner, wanted.get(owner, []))
            if not same or owner in astray:
                bodies = section_body([], map(_relation, wanted.get(owner, ())))
                asked.append(_Asked(owner, bodies, _cause(kept.get(owner, ()), wanted.get(owner, ()), made), same))
        if self.dry_run:
            self.counts["updated"] = len(asked)
            return
        for start in range(0, len(asked), OWNERS):
            with self.store.transaction() as tx:
                for one in asked[start : start + OWNERS]:
                    self._take(tx, one, time)

    def _digest_of(self, owner: str, cables: list[Cable]) -> str:
        """The digest of what an owner tells; that of the run before where it is the same."""
        known = self.memory.told.get(owner)
        if known is None or known[0] != cables:
            known = self.memory.told[owner] = (cables, _digest(section_body([], map(_relation, cables))))
        return known[1]

    def _standing(
        self, made: Cabling, scopes: Mapping[str, Scope], links: Sequence[Link]
    ) -> tuple[dict[str, list[Link]], set[str]]:
        """Links that stand by the owner that tells them, and owners who tell other links than they last said: merges and
        splits of CIs move what was said."""
        owners = {scope.number: owner for owner, scope in scopes.items()}
        kept: dict[str, list[Link]] = {}
        several = [link.key for link in links if link.scope is None]
        tellers: dict[Any, list[int]] = {link.key: [link.scope] for link in links if link.scope is not None}
        if several:
            with self.store.view() as view:
                for claim in view.claims(several):
                    tellers.setdefault(claim.target, []).append(claim.scope)
        for link in links:
            for number in tellers.get(link.key, ()):
                if number in owners:
                    kept.setdefault(owners[number], []).append(link)
        stand = {(o, (k.type, k.subject, k.object)) for o, of in kept.items() for k in of}
        meant = {(c.owner, (c.type, c.subject, c.object)) for c in (*made.cables, *made.sightings)}
        return kept, {owner for owner, _ in stand ^ meant}

    def _take(self, tx: Transaction, one: _Asked, time: int) -> None:
        owner, bodies, cause = one.owner, one.bodies, one.cause
        item = tx.items([owner]).get(owner)
        if item is None:
            self.counts["refused"] += 1
            return
        standing = tx.scopes_of(SOURCE, owner)
        if one.again and SECTION in standing:  # It says what it said, and has to be applied nevertheless.
            standing[SECTION] = replace(standing[SECTION], digest="")
        last = max((scope.sequence for scope in standing.values()), default=-1)
        header = Header(
            id=f"links-{self.randomness(16).hex()}",
            source=SOURCE,
            route=DERIVED,
            sequence=max(time, last + 1),
            observed_at=time,
            subject_class=item.class_name,
            marks={},
        )
        section = Section(
            SECTION, 1, [], list(TYPES), "full", "collected", "", {}, [digest(b) for b in bodies], list(bodies)
        )
        section.parts = len(bodies)
        batch = decode(b"".join(encode(header, [section])))
        found = Identified(owner, [], standing=standing)
        sender = Sender(self.actor, SOURCE, DERIVED, cause)
        receipt = Taking(tx, batch, sender, time, self.randomness, self.store.genesis(), identified=found).run()
        for name in ("created", "updated", "retired"):
            self.counts[name] += receipt[name]
        for line in receipt["sections"]:
            if line["outcome"] == "refused":  # What stood before stays, so nothing else would tell of it.
                problem = line["problem"]
                _log.warning("links of %s are refused: %s at %s", owner, problem["title"], problem["path"])
                self.counts["refused"] += 1
        if receipt["revision"] is not None:
            self.revisions.append(receipt["revision"])

    def _remember(
        self,
        made: Cabling,
        shown: Mapping[str, Mapping[tuple[str, str], int]],
        today: int,
    ) -> None:
        """Keep the day on which each inferred link was last shown, and forget those of links that are over."""
        wanted: dict[str, dict[tuple[str, str], int]] = {}
        known = {key: day for of in shown.values() for key, day in of.items()}
        for cable in made.cables:
            if cable.proof == INFERRED:
                key = (cable.subject, cable.object)
                day = made.shown.get(key)
                day = known.get(key, today) if day is None else max(day, known.get(key, day))
                day = min(day, today)
                wanted.setdefault(cable.owner, {})[key] = day
        differing = [owner for owner in sorted({*wanted, *shown}) if wanted.get(owner, {}) != shown.get(owner, {})]
        if not differing:
            return
        with self.store.transaction() as tx:
            for owner in differing:
                if owner in wanted:
                    tx.put_unversioned(SHOWN, owner, {" ".join(key): day for key, day in sorted(wanted[owner].items())})
                else:
                    tx.remove_entry_value(SHOWN, owner)


_OVER = {
    **dict.fromkeys(TYPES, "neither end tells of it any more"),
    SIGHTING: "not all that was said means it any more",
}


def _is_inferred(link: Link) -> bool:
    return link.attributes.get("proof") == INFERRED


def _digest(bodies: Sequence[bytes]) -> str:
    """As Section.digest."""
    parts = [digest(body) for body in bodies]
    return parts[0] if len(parts) == 1 else digest("".join(parts))


def _relation(cable: Cable) -> Relation:
    told = {"proof": cable.proof, "evidence": cable.evidence, **({"note": SEGMENT} if cable.segment else {})}
    return Relation(cable.type, {"id": cable.subject}, {"id": cable.object}, told)


def _cause(stood: Iterable[Link], wanted: Iterable[Cable], made: Cabling) -> str:
    """Why a revision is made: what ends, and why."""
    stay = {(c.type, c.subject, c.object) for c in wanted}
    over = []
    for link in sorted(stood, key=lambda k: k.key):
        if (link.type, link.subject, link.object) not in stay:
            why = made.ended.get((link.subject, link.object), _OVER[link.type])
            over.append(f"{link.subject} {link.type} {link.object}: {why}")
    text = "links derived" + (f"; over: {'; '.join(over)}" if over else "")
    return text if len(text) <= LONGEST_CAUSE else text[: LONGEST_CAUSE - 1] + "…"


def _last_shown(view: View) -> dict[str, dict[tuple[str, str], int]]:
    found: dict[str, dict[tuple[str, str], int]] = {}
    after = ""
    while rows := view.unversioned_of(SHOWN, after, 1_000):
        after = rows[-1][0]
        for owner, value in rows:
            found[owner] = {(k.partition(" ")[0], k.partition(" ")[2]): int(day) for k, day in value.items()}
    return found
