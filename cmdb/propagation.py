"""How far trouble travels over the impact topology, and by which way (model.md section 3).

The level of a CI is the worst over all paths of the mildest on each path. So each level, from the worst on, is a
breadth-first search over the arcs that are at least as bad: what it reaches first has that level, and its shortest path
there is the cause. Trouble that rose from a part to its whole is a state of its own, from which it never descends; what
cut a host off is another, from which it descends to all but to parts that may fail by themselves.

A gate (attachments.py) lets trouble pass in a search once that has reached all of its inputs: so two that are down
together are worse than each. Who loses the last path over the network (separation.py) is asked once, since only what
stops passing packets on decides it, and no dependency does.

Of paths of the same length the one wins whose last CI but one has the lowest id, had trouble that did not rise nor cut
off, and whose last relation is first in the order of CROSSINGS; and so on backwards. That makes the answer one, on every
store. The path through a gate is that over the last of its inputs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from cmdb.attachments import Attachments
from cmdb.crossings import (
    BLOCKED,
    CROSSINGS,
    CUT,
    LEVEL_OF,
    PHYSICAL,
    PLAIN,
    STATE_OF,
    STATES,
    SUFFERS,
    Crossing,
)
from cmdb.model.relationship_types import BEHIND, LEVELS, Effect
from cmdb.separation import Separation, separation
from cmdb.topology import Ints, Topology

_UNSEEN = -1
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """One breadth-first search, by state: 3 x node, + 1 where trouble rose to it from a part, + 2 where it was cut off.
    Unseen states have a distance of -1. `codes` are the crossings by which trouble came, -1 at starts; of unseen states they
    mean nothing, nor does `before`. `seen` are the states that are not unseen."""

    distances: Ints
    before: Ints
    codes: Ints
    seen: Ints

    def nearest(self, nodes: Ints) -> Ints:
        """Of the states of each node, that which was reached first; the first of these where several were."""
        found = self.distances.reshape(-1, STATES)[nodes]
        first = np.where(found == _UNSEEN, np.iinfo(np.int32).max, found).argmin(axis=1)
        states: Ints = STATES * nodes + first.astype(np.int32)
        return states


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """What trouble at `starts` reaches. `levels` are by node, counted from 1 as in Crossing, 0 where it does not come.

    `reached` are the nodes with a level, without the starts, in the order (level, worst first; length of path; id): the
    path to each leads over nodes that stand before it. `cut` counts the wires that are down
    and by which others may be reached.
    """

    topology: Topology
    starts: Ints
    reached: Ints
    levels: npt.NDArray[np.int8]
    states: Flags
    """By node and state, whether trouble stands so at it."""
    cut: int
    _ways: _Ways
    _searches: dict[int, _Search]

    @property
    def plain(self) -> Flags:
        """By node, whether trouble came to it otherwise than by rising from a part or cutting it off."""
        return self.states[:, PLAIN]

    def path(self, node: int) -> list[tuple[int, Crossing | None]]:
        """Nodes from a start to this one, each with how trouble came there."""
        search = self._searches[int(self.levels[node])]
        state = int(search.nearest(np.array([node], np.int32))[0])
        found: list[tuple[int, Crossing | None]] = []
        while True:
            code, before = int(search.codes[state]), int(search.before[state])
            found.append((state // STATES, _crossing(code, before % STATES) if code >= 0 else None))
            if code < 0:
                return found[::-1]
            state = before

    def beyond(self, kept: Ints) -> Ints:
        """Those of the kept nodes and starts from which trouble goes on to a reached node that is not kept."""
        inside = np.zeros(len(self.levels), np.bool_)
        inside[kept] = inside[self.starts] = True
        sources, targets, codes = self._ways.all()
        crosses = inside[sources] & ~inside[targets]
        sources, codes = sources[crosses], codes[crosses]
        passes = (self.states[sources] & ~BLOCKED[:, codes].T).any(axis=1) & self._ways.holds(sources, codes)
        return np.unique(sources[passes])


@dataclass(frozen=True, slots=True, eq=False)
class _Ways:
    """All that trouble may take: arcs of the topology, of attachments and of what is separated, and gates."""

    topology: Topology
    decided: Flags | None
    """By node, whether it is an interface by which its host does not suffer otherwise than as attachments tell."""
    sources: Ints
    targets: Ints
    codes: Ints

    def holds(self, sources: Ints, codes: Ints) -> Flags:
        if self.decided is None:
            return np.ones(len(codes), np.bool_)
        found: Flags = (codes != SUFFERS) | ~self.decided[sources]
        return found

    def all(self) -> tuple[Ints, Ints, Ints]:
        known = self.topology
        return (
            np.concatenate([known.sources, self.sources]),
            np.concatenate([known.targets, self.targets]),
            np.concatenate([known.codes, self.codes]),
        )

    def leaving(self, nodes: Ints) -> tuple[Ints, Ints, Ints]:
        """(place in `nodes`, target, code) of arcs, in the order (place, target, code)."""
        topology = self.topology
        begin = topology.starts[nodes]
        place, rows = _spread(begin, topology.starts[nodes + 1] - begin)
        targets, codes = topology.targets[rows], topology.codes[rows]
        begin = np.searchsorted(self.sources, nodes)
        counts = np.searchsorted(self.sources, nodes, side="right") - begin
        if counts.any():
            more, rows = _spread(begin, counts)
            place = np.concatenate([place, more])
            targets = np.concatenate([targets, self.targets[rows]])
            codes = np.concatenate([codes, self.codes[rows]])
            order = np.lexsort((codes, targets, place))
            place, targets, codes = place[order], targets[order], codes[order]
        if self.decided is not None:
            holds = self.holds(nodes[place], codes)
            place, targets, codes = place[holds], targets[holds], codes[holds]
        return place, targets, codes


class _Gates:
    """How many inputs each gate still waits for in one search."""

    def __init__(self, attachments: Attachments, count: int) -> None:
        self._known = attachments
        self._left = attachments.gate_sizes.copy()
        self._seen = np.zeros(count if len(attachments.inputs) else 0, np.bool_)

    def opened(self, nodes: Ints) -> tuple[Ints, Ints, Ints]:
        """(place in `nodes`, target, code) of the gates that these open, the last of their inputs."""
        known = self._known
        nothing = np.zeros(0, np.int32)
        if not len(known.inputs):
            return nothing, nothing, nothing
        fresh, place = np.unique(nodes, return_index=True)
        place = place[~self._seen[fresh]].astype(np.int32)
        self._seen[fresh] = True
        begin = np.searchsorted(known.inputs, nodes[place])
        at, rows = _spread(begin, np.searchsorted(known.inputs, nodes[place], side="right") - begin)
        np.subtract.at(self._left, known.gates[rows], 1)
        opens = self._left[known.gates[rows]] == 0
        at, rows = at[opens], rows[opens]
        return place[at], known.gate_targets[known.gates[rows]], known.gate_codes[rows]


def propagate(topology: Topology, starts: Ints) -> Reach:
    """Where trouble goes that begins with an outage at `starts`, node numbers."""
    starts = np.unique(starts)
    levels = np.zeros(len(topology.ids), np.int8)
    distances = np.zeros(len(topology.ids), np.int32)
    states = np.zeros((len(topology.ids), STATES), np.bool_)
    searches: dict[int, _Search] = {}
    levels[starts] = len(LEVELS)
    states[starts, PLAIN] = True
    ways, cut = _ways(topology, starts)
    gated = len(topology.attachments.inputs) > 0  # gates may let pass at the worst level what no arc does
    for level in range(len(LEVELS), 0, -1):
        _, _, leaving = ways.leaving(np.flatnonzero(levels).astype(np.int32))
        if not (LEVEL_OF[leaving] == level).any() and (level < len(LEVELS) or not gated):
            continue  # the same arcs as for the level before: nothing new
        search = searches[level] = _search(ways, starts, level)
        states.reshape(-1)[search.seen] = True
        nodes = np.unique(search.seen // STATES)
        new = nodes[levels[nodes] == 0]
        levels[new] = level
        distances[new] = search.distances[search.nearest(new)]
    others = levels > 0
    others[starts] = False
    reached = np.flatnonzero(others).astype(np.int32)
    reached = reached[np.lexsort((reached, distances[reached], -levels[reached]))]
    return Reach(topology, starts, reached, levels, states, cut, ways, searches)


def _ways(topology: Topology, starts: Ints) -> tuple[_Ways, int]:
    """What trouble at the starts may take, and how many wires are down with them."""
    known = topology.attachments
    decided = None
    if len(known.decided):
        decided = np.zeros(len(topology.ids), np.bool_)
        decided[known.decided] = True
    ways = _Ways(topology, decided, known.sources, known.targets, known.codes)
    apart = _separated(ways, starts)
    if apart is None or not len(apart.sources):
        return ways, apart.cut if apart else 0
    sources, targets, codes = (
        np.concatenate(pair)
        for pair in ((ways.sources, apart.sources), (ways.targets, apart.targets), (ways.codes, apart.codes))
    )
    order = np.lexsort((codes, targets, sources))
    return _Ways(topology, decided, sources[order], targets[order], codes[order]), apart.cut


def _separated(ways: _Ways, starts: Ints) -> Separation | None:
    if not len(ways.topology.wires) or not len(starts):
        return None
    found = _search(ways, starts, len(LEVELS), PHYSICAL)
    distances = np.full(len(ways.topology.ids), _UNSEEN, np.int32)
    nodes = np.unique(found.seen // STATES)
    distances[nodes] = found.distances[found.nearest(nodes)]
    return separation(ways.topology, distances)


def _search(ways: _Ways, starts: Ints, level: int, among: Flags | None = None) -> _Search:
    """Over the arcs at least as bad as a level, of these codes where they are named."""
    count = len(ways.topology.ids)
    distances = np.full(STATES * count, _UNSEEN, np.int32)
    before, by = np.empty(STATES * count, np.int32), np.empty(STATES * count, np.int32)
    gates = _Gates(ways.topology.attachments, count)
    passing = (level <= LEVEL_OF) & (among if among is not None else np.True_)
    layer, distance = STATES * starts, 0
    distances[layer], by[layer] = 0, _UNSEEN
    layers = [layer]
    while len(layer):
        distance += 1
        nodes, states = np.divmod(layer, STATES)
        place, targets, codes = ways.leaving(nodes)
        by_gate = gates.opened(nodes)
        if len(by_gate[0]):
            place, targets, codes = (
                np.concatenate(pair) for pair in zip((place, targets, codes), by_gate, strict=True)
            )
            order = np.lexsort((codes, targets, place))
            place, targets, codes = place[order], targets[order], codes[order]
        passes = passing[codes] & ~BLOCKED[states[place], codes]
        place, codes = place[passes], codes[passes]
        targets = STATES * targets[passes] + STATE_OF[codes]
        unseen = distances[targets] == _UNSEEN
        # The layer is in order of states and arcs are in order of (place, target, code): the first one wins.
        layer, first = np.unique(targets[unseen], return_index=True)
        layers.append(layer)
        distances[layer] = distance
        before[layer] = nodes[place[unseen][first]] * STATES + states[place[unseen][first]]
        by[layer] = codes[unseen][first]
    return _Search(distances, before, by, np.concatenate(layers))


def _crossing(code: int, stood: int) -> Crossing | None:
    """How trouble crossed that stood so at its source."""
    crossing = CROSSINGS[code]
    if crossing and crossing.descends and stood == CUT:
        return replace(crossing, effect=Effect(crossing.effect.level, BEHIND))
    return crossing


def _spread(begin: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> tuple[Ints, Ints]:
    """(place, row) for each of `counts` rows from `begin` on, by place."""
    place = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    offset = np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts)
    return place, (begin[place] + offset).astype(np.int32)
