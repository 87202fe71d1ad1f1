"""What a source no longer says, where its file is a full witness of what it says: its claims end, and with them the CIs that
nobody else tells of.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from cmdb.by_hand import retire
from cmdb.commit import act
from cmdb.draft import Draft
from cmdb.model.times import now
from cmdb.model.values import Value
from cmdb.ports import Clock, Randomness, Transaction
from cmdb.reconcile import Say, weigh
from cmdb.staleness import silent_before
from cmdb.states import Commit, Item


@dataclass(slots=True)
class Withdrawn:
    """What became of it: CIs with their attributes afterwards, and CIs that retired."""

    left: list[tuple[Item, dict[str, Value]]] = field(default_factory=list)
    retired: list[Item] = field(default_factory=list)


def withdraw(
    tx: Transaction,
    source: str,
    still: Collection[str],
    actor: str,
    reason: str,
    randomness: Randomness,
    clock: Clock = now,
) -> Withdrawn:
    """End what the source claims of CIs that are not among `still`. Those of which another source tells stay, with what that
    one says, in one revision; each other one retires, by hand of the actor, so that it can be restored."""
    scopes = [s for s in tx.scopes_from(source) if s.subject not in still]
    mine = {s.number: s for s in scopes}
    items = tx.items(sorted({s.subject for s in scopes})) if scopes else {}
    done, draft, time = Withdrawn(), Draft(tx), clock()
    alone: list[Item] = []
    for id_, item in sorted(items.items()):
        claims = tx.claims([id_])
        ours = [c for c in claims if c.scope in mine]
        others = [c for c in claims if c.scope not in mine]
        if not ours:
            continue
        known = tx.scopes_by_number([c.scope for c in others]) if others else {}
        if not any(scope.classes for scope in known.values()):
            alone.append(item)
            continue
        says: list[Say] = [(known[c.scope], c.attributes) for c in others if c.scope in known]
        after, unheard = weigh(item.class_name, says, silent_before(item.class_name, time))
        identifiers = sorted({i for c in others for i in c.identifiers})
        draft.removed_claims += [(c.scope, id_) for c in ours]
        # Said once more it has to be decoded again, though it is what it was.
        draft.scopes += [replace(mine[c.scope], digest="") for c in ours]
        draft.scopes += [replace(s, digest="") for s in tx.scopes_by_number(unheard).values()] if unheard else []
        if after != item.attributes or identifiers != item.identifiers:
            changed = replace(item, attributes=after, identifiers=identifiers, not_before=time, text="")
            draft.updated[id_] = (item, changed)
        done.left.append((item, after))
    if draft.effective:
        act(draft, "withdrawal", actor, reason, clock, randomness, source=source)
    elif draft.removed_claims:
        tx.write(Commit(removed_claims=draft.removed_claims, scopes=draft.scopes))
    for item in alone:
        retire(tx, item.id, actor, reason, clock, randomness)
        done.retired.append(item)
    return done
