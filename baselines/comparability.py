"""Did both sides look: what of a difference between two snapshots can be told from not having looked (model.md section
5).

Sections are compared by (subject, section), whatever source they came from; of several sources the one that looked
best counts. A section is not comparable where it failed, is absent or says "not applicable" on one side only, or where
both sides have different versions of the fact. Where one side looked as an ordinary user and the other as root, what
only the fuller side has is not comparable, what both have is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from baselines.snapshot import WHOLES, Pair, Snapshot
from cmdb.model.people import GROUP
from cmdb.model.vocabulary import group_of
from cmdb.states import Coverage, Item, Link

Direction = Literal["added", "removed", "changed"]
"""What differs: something is only now there, only in the baseline, or on both sides with another value."""

_OUTCOMES = ("collected", "not_applicable", "failed")


@dataclass(frozen=True, slots=True)
class Standing:
    """What a pair's two sides allow to tell: the reason why not, by direction, empty where they do.

    `notice` is said once for the pair, differences or none: a side did not look, so nobody knows. `failed` is true
    where a side failed.
    """

    added: str = ""
    removed: str = ""
    changed: str = ""
    notice: str = ""
    failed: bool = False

    def why_not(self, direction: Direction) -> str:
        return {"added": self.added, "removed": self.removed, "changed": self.changed}[direction]


def standing(section: str, before: Sequence[Coverage], after: Sequence[Coverage]) -> Standing:
    """The standing of a section by its coverage on both sides, one row a source."""
    left, right = _best(before), _best(after)
    if left is None or right is None:
        side = "by the baseline" if left is None else "now"
        return _blind(f"section {section} was not looked at {side}")
    failures = [
        f"section {section} failed {when}: {row.reason}"
        for row, when in ((left, "at the baseline"), (right, "now"))
        if row.outcome == "failed"
    ]
    if failures:
        return _blind("; ".join(failures), failed=True)
    if left.outcome != right.outcome:
        side, row = ("at the baseline", left) if left.outcome == "not_applicable" else ("now", right)
        return _blind(f"section {section} was not applicable {side}: {row.reason}")
    if left.version != right.version:
        reason = f"section {section} was read by fact version {left.version} at the baseline, {right.version} now"
        return Standing(reason, reason, reason)
    if left.outcome == "collected" and left.privilege != right.privilege:
        if left.privilege == "user":
            return Standing(added=f"section {section} was looked at as an ordinary user at the baseline, fully now")
        reason = f"section {section} was looked at fully at the baseline, as an ordinary user now"
        return Standing(removed=reason, notice=reason)
    return Standing()


class Comparability:
    """Standings of all pairs of two snapshots, and which of them a CI, an attribute or a relation hangs on.

    `one_sided` are subjects that were not there at all on one side: there was nothing to look at, and nothing is
    hidden.
    """

    def __init__(self, before: Snapshot, after: Snapshot, one_sided: Collection[str] = ()) -> None:
        self._before, self._after, self._one_sided = before, after, frozenset(one_sided)
        self._standings: dict[Pair, Standing] = {}

    def standing(self, pair: Pair) -> Standing:
        found = self._standings.get(pair)
        if found is None and pair[0] in self._one_sided:
            found = self._standings[pair] = Standing()
        elif found is None:
            found = standing(pair[1], self._before.coverage.get(pair, ()), self._after.coverage.get(pair, ()))
            self._standings[pair] = found
        return found

    def item(self, item: Item, direction: Direction) -> str:
        """Why nothing can be told of a CI that is on one side only; empty where it can."""
        claimants = self._union(lambda side: side.claims.get(item.id, set()))
        return self._judge(claimants, self._telling([item], item.class_name), direction)

    def attribute(self, item: Item, name: str, direction: Direction) -> str:
        """The same of an attribute that differs, of a CI that is on both sides. What people say of it was not looked for."""
        if group_of(item.class_name, name) == GROUP:
            return ""
        subject = item.parent or item.id
        told = self._union(
            lambda side: {(subject, section) for section in side.tells.get((subject, item.class_name, name), ())}
        )
        if not told and item.parent is None and item.class_name not in WHOLES:
            told = self._union(lambda side: side.claims.get(item.id, set()))
        return self._judge(told, self._telling([item], item.class_name), direction)

    def link(self, link: Link, direction: Direction) -> str:
        """The same of a relation, or an attribute of one."""
        claimants = self._union(lambda side: side.claims.get(link.key, set()))
        ends = [
            end
            for id_ in (link.subject, link.object)
            if (end := self._before.items.get(id_) or self._after.items.get(id_)) is not None
        ]
        return self._judge(claimants, self._telling(ends, link.type), direction)

    def _telling(self, items: Iterable[Item], name: str) -> set[Pair]:
        subjects = {item.parent or item.id for item in items}
        return self._union(lambda side: side.candidates(subjects, name))

    def _union(self, of: Callable[[Snapshot], set[Pair]]) -> set[Pair]:
        return of(self._before) | of(self._after)

    def _judge(self, known: set[Pair], candidates: set[Pair], direction: Direction) -> str:
        """One pair that brought the thing and could tell is enough; where it is not known which did, all have to."""
        reasons = {pair: self.standing(pair).why_not(direction) for pair in sorted(known or candidates)}
        lacking = [reason for reason in reasons.values() if reason]
        if not lacking or (known and len(lacking) < len(reasons)):
            return ""
        return "; ".join(dict.fromkeys(lacking))


def _best(rows: Iterable[Coverage]) -> Coverage | None:
    """The row of the source that looked best: successful, fully, by the newest fact."""
    return min(
        rows, key=lambda r: (_OUTCOMES.index(r.outcome), r.privilege != "full", -r.version, r.source), default=None
    )


def _blind(reason: str, failed: bool = False) -> Standing:
    return Standing(reason, reason, reason, reason, failed)
