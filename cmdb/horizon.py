"""The horizon: from which revision on everything can be asked, where retention has freed part of the past (retention.py).

Kept as versioned entries of kind "horizon", key a class or "*" for all others and for relations, {"revision", "at"}: past states
that ended by that revision are freed of their values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cmdb.model.errors import HorizonError
from cmdb.model.times import iso
from cmdb.ports import View
from cmdb.states import Item, Link

HORIZON = "horizon"
ALL = "*"


def horizon(view: View) -> int:
    """The revision from which on every question can be answered, 0 where nothing was freed."""
    return max(horizons(view).values(), default=0)


def within(view: View, number: int) -> None:
    """Raises HorizonError, naming the horizon, where something of a revision may be freed."""
    reach = horizon(view)
    if number < reach:
        entry = view.revision(reach)
        since = f" ({iso(entry.committed_at)})" if entry else ""
        raise HorizonError(
            f"Revision {number} lies before the horizon: retention has freed part of the past, and everything can be asked "
            f"from revision {reach}{since} on. Baselines and pinned reports from before are kept.",
            horizon=reach,
        )


def may_be_freed(horizons: Mapping[str, int], state: Item | Link) -> bool:
    """True where the chain, by the horizons that it has, says that a state of this class which ended then was freed."""
    own = horizons.get(state.class_name) if isinstance(state, Item) else None
    reach = own if own is not None else horizons.get(ALL)
    return reach is not None and state.until is not None and state.until <= reach


def horizons(view: View) -> dict[str, int]:
    """The revision of every horizon by its key, a class or "*" for all others and for relations."""
    return {e.key: int(e.value["revision"]) for e in view.entries(HORIZON)}


def can_stand_again(view: View, states: Iterable[Item | Link], remedy: str) -> None:
    """Raises HorizonError, with the remedy, where values of these past states, which are to stand again, were freed."""
    if any(state.freed for state in states):
        raise HorizonError(
            f"What it was is not kept any more, so it can not be put back: retention has freed it. {remedy}",
            horizon=horizon(view),
        )


def kept(view: View, state: Item) -> Item:
    """The state, where its values are kept. Raises HorizonError, naming the horizon, where they are not."""
    if state.freed:
        reach = horizon(view)
        raise HorizonError(
            f"What {state.id} was from revision {state.since} to {state.until} is not kept any more: retention has freed it. "
            f"Everything can be asked from revision {reach} on.",
            horizon=reach,
        )
    return state
