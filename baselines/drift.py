"""Drift: how a scope differs from its baseline, now, at another time, or in another baseline (model.md section 5).

CIs are compared by id. One deviation is one thing: a CI or relation that was added or removed, an attribute that
changed. A whole (a host) that came or went is one deviation; its parts and their relations are counted in `left_out`.
What a side did not look at is `not_comparable` with its reason, and a section that nobody looked at on one side is one
such deviation by itself (`section` names it), so that "no drift" is never said of what was not seen. Identifiers are
not compared: what identifies a host is among its attributes too. Readings are in no snapshot.

`coverage` counts pairs of CI and section: `compared`, `failed` (on a side), `stale` (compared with the present, but not
reported anew since the baseline was frozen); and the deviations that are `not_comparable`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from baselines.baseline import load, show
from baselines.comparability import Comparability, Direction
from baselines.documents import Document
from baselines.followed import followed
from baselines.frozen import Frozen
from baselines.happened import NEVER, Event, Happened
from baselines.snapshot import WHOLES, Pair, Snapshot, capture, concerns, names_parts
from cmdb import redacted
from cmdb.history import changed
from cmdb.model.errors import UsageError
from cmdb.model.values import Value
from cmdb.ports import View
from cmdb.states import Item, Link

NOT_COMPARABLE = "not_comparable"


def drift(view: View, name: str, at: int | None = None, against: str | None = None) -> Document:
    """How the estate differs from the baseline `name`, as of a revision (None: now), or how the baseline `against`
    does.

    The document of architecture.md section 5, with the baseline's digest and state beside its name. Raises
    NotFoundError for a baseline that there is not, UsageError where both `at` and `against` are given.
    """
    if at is not None and against is not None:
        raise UsageError("Compare either with a time or with another baseline, not with both.")
    other = load(view, against) if against is not None else None
    report = compare(load(view, name), view, at, other)
    report["state"] = show(view, name)["state"]
    if other is not None:
        report["against"] = {"baseline": against, "digest": other.digest}
    return report


def compare(baseline: Frozen, view: View, at: int | None = None, against: Frozen | None = None) -> Document:
    """How the state as of a revision, or another baseline of the same scope, differs from a baseline."""
    before, merged = followed(baseline.snapshot, view, against.snapshot.revision if against is not None else at)
    if against is None:
        after = capture(view, baseline.header["scope"], at, before)
    elif against.header["scope"] == baseline.header["scope"]:
        after = against.snapshot
    else:
        raise UsageError(
            "Only baselines of one scope can be compared; their scopes are "
            f"{baseline.header['scope']!r:.200} and {against.header['scope']!r:.200}."
        )
    found = _Comparison(view, before, after)
    found.merged(merged)
    found.run()
    deviations = sorted(found.deviations, key=_place)
    blind = sum(deviation["kind"] == NOT_COMPARABLE for deviation in deviations)
    counts = found.counts
    stale = _stale(view, found.pairs, baseline.created_at) if at is None and against is None else 0
    return {
        "baseline": baseline.header["name"],
        "digest": baseline.digest,
        "baseline_revision": before.revision,
        "revision": after.revision,
        "deviations": deviations,
        "coverage": {
            "compared": counts["compared"],
            "stale": stale,
            "failed": counts["failed"],
            "not_comparable": blind,
        },
        "left_out": counts["left_out"],
        "findings": len(deviations) - blind,
    }


def exit_status(report: Mapping[str, Any]) -> int:
    """0 no drift and all of it looked at, 1 drift, 3 where some of it could not be compared."""
    if report["coverage"]["not_comparable"]:
        return 3
    return 1 if report["findings"] else 0


class _Comparison:
    def __init__(self, view: View, before: Snapshot, after: Snapshot) -> None:
        self._view, self._before, self._after = view, before, after
        self._can = Comparability(before, after, self._one_sided())
        first, last = sorted((before.revision, after.revision))
        self._happened = Happened(view, first, last)
        self._folded = {
            id_
            for side, other in ((before.items, after.items), (after.items, before.items))
            for id_, item in side.items()
            if id_ not in other and item.class_name in WHOLES
        }
        self._erased: dict[str, dict[str, str]] = {}
        """Why nothing can be told of an attribute of a CI, by both: its value was redacted."""
        for entry in view.entries(redacted.KIND):
            why = f"the value was redacted by revision {entry.since}: {entry.value['reason']}"
            self._erased.setdefault(str(entry.value["ci"]), {})[str(entry.value["attribute"])] = why
        self._seals = redacted.seals(view) if self._erased else {}
        self.deviations: list[Document] = []
        self.counts: Counter[str] = Counter()
        self.pairs: list[Pair] = []

    def run(self) -> None:
        self._sections()
        self._items("removed", self._before, self._after)
        self._items("added", self._after, self._before)
        for id_, item in self._before.items.items():
            other = self._after.items.get(id_)
            if other is not None and other.digest != item.digest:
                self._attributes(item, other)
        self._links()

    def merged(self, gone: Sequence[tuple[str, Item]]) -> None:
        """CIs of the baseline that are one with another one of it by now; what they consisted of is left out."""
        for onward, item in gone:
            if item.parent is None:
                event = self._happened.item(item.id)
                self._deviate(
                    item, "removed", event=event, reason=f"merged into {onward}, which is in the baseline too"
                )
            else:
                self.counts["left_out"] += 1

    def _one_sided(self) -> set[str]:
        """Subjects with coverage on one side, because on the other they were not there."""
        left = {subject for subject, _ in self._before.coverage}
        right = {subject for subject, _ in self._after.coverage}
        new = [subject for subject in right - left if subject not in self._before.items]
        gone = [subject for subject in left - right if subject not in self._after.items]
        found = set(new) - set(self._view.items(new, self._before.revision) if new else ())
        return found | (set(gone) - set(self._view.items(gone, self._after.revision) if gone else ()))

    # -- sections ----------------------------------------------------------------------------------------------------

    def _sections(self) -> None:
        inside = {item.parent for side in (self._before, self._after) for item in side.items.values()}
        for pair in sorted({*self._before.coverage, *self._after.coverage}):
            if not self._concerned(pair, inside):
                continue
            self.pairs.append(pair)
            standing = self._can.standing(pair)
            self.counts["failed"] += standing.failed
            self.counts["compared"] += not standing.changed
            if standing.notice:
                self._notice(pair, standing.notice)

    def _concerned(self, pair: Pair, inside: set[str | None]) -> bool:
        subject = pair[0]
        rows = [*self._before.coverage.get(pair, ()), *self._after.coverage.get(pair, ())]
        both = subject in self._before.items and subject in self._after.items
        if both or subject in self._before.items or subject in self._after.items:
            return both and concerns(self._before.scope, rows, True)
        if subject in inside or names_parts(self._before.scope):
            return concerns(self._before.scope, rows, False)
        return False

    def _notice(self, pair: Pair, reason: str) -> None:
        item = self._before.items.get(pair[0]) or self._view.last_states([pair[0]]).get(pair[0])
        if item is not None:
            self._deviate(item, NOT_COMPARABLE, reason=reason, section=pair[1])

    # -- CIs ---------------------------------------------------------------------------------------------------------

    def _items(self, direction: Direction, side: Snapshot, other: Snapshot) -> None:
        single = [item for id_, item in side.items.items() if id_ not in other.items]
        elsewhere = self._view.items([item.id for item in single], other.revision) if single else {}
        for item in single:
            if item.parent in self._folded:
                self.counts["left_out"] += 1
                continue
            whole = item.id in self._folded
            why_not = "" if whole else self._can.item(item, direction)
            kind = NOT_COMPARABLE if why_not else direction
            reason = f"only there {_side(direction)}: {why_not}" if why_not else None
            if not why_not and item.id in elsewhere:
                reason = f"{_there(direction)} too, but outside the scope"
            self._deviate(item, kind, event=self._happened.item(item.id), reason=reason)

    def _attributes(self, item: Item, other: Item) -> None:
        erased = self._erased.get(item.id, {}) if item.digest.hex() in self._seals else {}
        for name, old, new in changed(item.attributes, other.attributes):
            if name in erased:
                continue
            why_not = self._can.attribute(other, name, _direction(old, new))
            event = self._happened.attribute(item.id, name)
            self._change(other, name, old, new, why_not, event)
        for name, reason in sorted(erased.items()):
            self._change(other, name, None, None, reason, self._happened.attribute(item.id, name))

    def _change(
        self,
        item: Item,
        name: str,
        old: Value | None,
        new: Value | None,
        why_not: str,
        event: Event,
        relation: Document | None = None,
    ) -> None:
        kind = NOT_COMPARABLE if why_not else "changed"
        self._deviate(item, kind, name, relation, old, new, event, why_not or None)

    # -- relations ---------------------------------------------------------------------------------------------------

    def _links(self) -> None:
        for key, link in self._before.links.items():
            other = self._after.links.get(key)
            if other is None:
                self._link("removed", link, self._before)
            elif other.digest != link.digest:
                for name, old, new in changed(link.attributes, other.attributes):
                    why_not = self._can.link(link, _direction(old, new))
                    event = self._happened.link_attribute(key, name)
                    subject = self._after.items[link.subject]
                    self._change(subject, name, old, new, why_not, event, _relation(link))
        for key, link in self._after.links.items():
            if key not in self._before.links:
                self._link("added", link, self._after)

    def _link(self, direction: Direction, link: Link, side: Snapshot) -> None:
        if {side.whole(link.subject), side.whole(link.object)} & self._folded:
            self.counts["left_out"] += 1
            return
        why_not = self._can.link(link, direction)
        kind = NOT_COMPARABLE if why_not else direction
        reason = f"only there {_side(direction)}: {why_not}" if why_not else None
        event = self._happened.link(link.key)
        self._deviate(side.items[link.subject], kind, relation=_relation(link), event=event, reason=reason)

    def _deviate(
        self,
        item: Item,
        kind: str,
        attribute: str | None = None,
        relation: Document | None = None,
        before: Value | None = None,
        after: Value | None = None,
        event: Event = NEVER,
        reason: str | None = None,
        section: str | None = None,
    ) -> None:
        self.deviations.append(
            {
                "ci": item.id,
                "class": item.class_name,
                "name": item.name,
                "kind": kind,
                "attribute": attribute,
                "relation": relation,
                "section": section,
                "before": before,
                "after": after,
                "not_before": event.not_before,
                "not_after": event.not_after,
                "revision": event.revision,
                "source": event.source,
                "verdict": "not comparable" if kind == NOT_COMPARABLE else "no record",
                "change": None,
                "reason": reason,
            }
        )


def _stale(view: View, pairs: list[Pair], frozen_at: int) -> int:
    """How many pairs no report has renewed since the baseline was frozen."""
    seen: dict[Pair, int] = {}
    for subject in {subject for subject, _ in pairs}:
        for scope in view.scopes(subject):
            pair = (subject, scope.section)
            seen[pair] = max(scope.seen_at, seen.get(pair, 0))
    return sum(seen.get(pair, 0) <= frozen_at for pair in pairs)


def _direction(old: Value | None, new: Value | None) -> Direction:
    """A list that only grew counts as something added: whoever sees less may see a shorter list."""
    grown = isinstance(old, list) and isinstance(new, list) and set(old) < set(new)
    shrunk = isinstance(old, list) and isinstance(new, list) and set(new) < set(old)
    if old is None or grown:
        return "added"
    return "removed" if new is None or shrunk else "changed"


def _relation(link: Link) -> Document:
    return {"type": link.type, "subject": link.subject, "object": link.object}


def _side(direction: Direction) -> str:
    return "now" if direction == "added" else "in the baseline"


def _there(direction: Direction) -> str:
    return "there at the baseline" if direction == "added" else "there now"


def _place(deviation: Document) -> tuple[str | bool, ...]:
    """By class, name and id; of one CI first what was not looked at, then its attributes, then its relations."""
    relation = deviation["relation"] or {}
    return (
        deviation["class"],
        deviation["name"],
        deviation["ci"],
        deviation["section"] is None,
        deviation["section"] or "",
        relation.get("type", ""),
        relation.get("subject", ""),
        relation.get("object", ""),
        deviation["attribute"] or "",
        deviation["kind"],
    )
