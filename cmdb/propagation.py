"""How far trouble travels over the impact topology, and by which way (model.md section 3).

The level of a CI is the worst over all paths of the mildest on each path. So each level, from the worst on, is a
breadth-first search over the arcs that are at least as bad: what it reaches first has that level, and its shortest path
there is the cause. Trouble that rose from a part to its whole is a state of its own, from which it never descends.

Of paths of the same length the one wins whose last CI but one has the lowest id, had trouble that did not rise, and
whose last relation is first in the order of CROSSINGS; and so on backwards. That makes the answer one, on every store.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cmdb.crossings import CROSSINGS, DESCENDS, LEVEL_OF, RISES, Crossing
from cmdb.model.relationship_types import LEVELS
from cmdb.topology import Ints, Topology

_UNSEEN = -1


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """One breadth-first search, by state: 2 x node, + 1 where trouble rose to it from a part. Unseen states have -1 for
    all, starts for `before` and `arcs`."""

    distances: Ints
    before: Ints
    arcs: Ints

    def nearest(self, nodes: Ints) -> Ints:
        """Of the two states of each node, that which was reached first; the one without rise where both were."""
        plain, risen = self.distances[2 * nodes], self.distances[2 * nodes + 1]
        rose = (plain == _UNSEEN) | ((risen != _UNSEEN) & (risen < plain))
        states: Ints = 2 * nodes + rose.astype(np.int32)
        return states


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """What trouble at `starts` reaches. `levels` are by node, counted from 1 as in Crossing, 0 where it does not come.

    `reached` are the nodes with a level, without the starts, in the order (level, worst first; length of path; id): the
    path to each leads over nodes that stand before it.
    """

    topology: Topology
    starts: Ints
    reached: Ints
    levels: npt.NDArray[np.int8]
    plain: npt.NDArray[np.bool_]
    """By node, whether trouble came to it otherwise than by rising from a part."""
    _searches: dict[int, _Search]

    def path(self, node: int) -> list[tuple[int, Crossing | None]]:
        """Nodes from a start to this one, each with how trouble came there."""
        search = self._searches[int(self.levels[node])]
        state = int(search.nearest(np.array([node], np.int32))[0])
        found: list[tuple[int, Crossing | None]] = []
        while True:
            arc = int(search.arcs[state])
            found.append((state // 2, CROSSINGS[self.topology.codes[arc]] if arc >= 0 else None))
            if arc < 0:
                return found[::-1]
            state = int(search.before[state])

    def beyond(self, kept: Ints) -> Ints:
        """Those of the kept nodes and starts from which trouble goes on to a reached node that is not kept."""
        inside = np.zeros(len(self.levels), np.bool_)
        inside[kept] = inside[self.starts] = True
        topology = self.topology
        crosses = inside[topology.sources] & ~inside[topology.targets]
        crosses &= self.plain[topology.sources] | ~DESCENDS[topology.codes]
        return np.unique(topology.sources[crosses])


def propagate(topology: Topology, starts: Ints) -> Reach:
    """Where trouble goes that begins with an outage at `starts`, node numbers."""
    starts = np.unique(starts)
    levels = np.zeros(len(topology.ids), np.int8)
    distances = np.zeros(len(topology.ids), np.int32)
    plain = np.zeros(len(topology.ids), np.bool_)
    searches: dict[int, _Search] = {}
    levels[starts] = len(LEVELS)
    plain[starts] = True
    for level in range(len(LEVELS), 0, -1):
        leaving, _ = _arcs_of(topology, np.flatnonzero(levels).astype(np.int32))
        if not (LEVEL_OF[topology.codes[leaving]] == level).any():
            continue  # the same arcs as for the level before: nothing new
        search = searches[level] = _search(topology, starts, level)
        plain |= search.distances[::2] != _UNSEEN
        seen = (search.distances != _UNSEEN).reshape(-1, 2).any(axis=1)
        new = np.flatnonzero(seen & (levels == 0)).astype(np.int32)
        levels[new] = level
        distances[new] = search.distances[search.nearest(new)]
    others = levels > 0
    others[starts] = False
    reached = np.flatnonzero(others).astype(np.int32)
    reached = reached[np.lexsort((reached, distances[reached], -levels[reached]))]
    return Reach(topology, starts, reached, levels, plain, searches)


def _search(topology: Topology, starts: Ints, level: int) -> _Search:
    states = 2 * len(topology.ids)
    search = _Search(*(np.full(states, _UNSEEN, np.int32) for _ in range(3)))
    layer, distance = 2 * starts, 0
    search.distances[layer] = 0
    while len(layer):
        distance += 1
        arcs, source = _arcs_of(topology, layer // 2)
        sources = layer[source]
        codes = topology.codes[arcs]
        passes = (LEVEL_OF[codes] >= level) & ~((sources % 2 == 1) & DESCENDS[codes])
        arcs, sources = arcs[passes], sources[passes]
        targets = 2 * topology.targets[arcs] + RISES[codes[passes]]
        unseen = search.distances[targets] == _UNSEEN
        # The layer is in order of states and arcs are in order of (source, target, code): the first one wins.
        layer, first = np.unique(targets[unseen], return_index=True)
        search.distances[layer] = distance
        search.before[layer] = sources[unseen][first]
        search.arcs[layer] = arcs[unseen][first]
    return search


def _arcs_of(topology: Topology, nodes: Ints) -> tuple[Ints, Ints]:
    """Arcs that leave these nodes, and for each the place of its node in `nodes`."""
    begin = topology.starts[nodes]
    counts = topology.starts[nodes + 1] - begin
    place = np.repeat(np.arange(len(nodes), dtype=np.int32), counts)
    offset = np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts)
    return (begin[place] + offset).astype(np.int32), place
