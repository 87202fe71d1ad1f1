"""Which dependencies lose their last path over the network when something is down (model.md section 3, CONNECTS_TO).

Hosts and devices are joined where wires lead from a port of one to a port of the other, or to a device itself. What is
down is left out, and who was joined before and is not any more is separated. Nothing is known of VLANs, routes and
filters: a path that is left need not be one that packets may take. Of a host that no wire leads to nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cmdb.crossings import SEPARATED_OF, WHOLES, WIRES

if TYPE_CHECKING:
    from cmdb.topology import Topology

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]

_DEEP = 4
"""Of so many wholes within each other the outermost is found."""


@dataclass(frozen=True, slots=True, eq=False)
class Separation:
    """Arcs from what is down beside it, the nearest to a start, to each consumer that is separated from a provider, in
    the order (source, target, code); `cut` counts the wires that are down, without those of hosts that only hang there."""

    sources: Ints
    targets: Ints
    codes: Ints
    cut: int


def separation(topology: Topology, distances: Ints) -> Separation:
    """What is separated; `distances` from the starts by node, -1 where that is not down."""
    nothing = np.zeros(0, np.int32)
    ends, ports, hangs = _ends(topology)
    down = distances >= 0
    cut = down[ends].any(axis=1) | down[ports].any(axis=1)
    if not cut.any():
        return Separation(nothing, nothing, nothing, 0)
    count = int((cut & ~(hangs & ~down[ends[:, 1]] & ~down[ports[:, 1]])).sum())
    before, after = _components(len(down), ends), _components(len(down), ends[~cut])

    arcs = np.flatnonzero(SEPARATED_OF[topology.codes] >= 0)
    wholes = _wholes(topology)
    providers, consumers = wholes[topology.sources[arcs]], wholes[topology.targets[arcs]]
    apart = (providers >= 0) & (consumers >= 0) & ~down[providers] & ~down[consumers]
    apart &= (before[providers] == before[consumers]) & (after[providers] != after[consumers])
    arcs, consumers = arcs[apart], consumers[apart]
    nearest = _nearest_down(ends[cut], ports[cut], distances, after)
    sources = nearest[after[consumers]]
    found = np.stack([sources, topology.targets[arcs], SEPARATED_OF[topology.codes[arcs]]], axis=1)
    found = np.unique(found, axis=0).astype(np.int32)
    return Separation(found[:, 0], found[:, 1], found[:, 2], count)


def _ends(topology: Topology) -> tuple[Ints, Ints, Flags]:
    """Of each wire between two wholes, these and the ports, which may be the wholes themselves, and whether the first only
    hangs at the second, and passes nothing on over it."""
    ports = topology.wires[:, :2]
    itself = np.isin(topology.classes[ports], WHOLES)
    ends = np.where(itself, ports, topology.parents[ports])
    joins = (ends >= 0).all(axis=1) & (ends[:, 0] != ends[:, 1])
    return ends[joins], ports[joins], topology.wires[joins, 2] == WIRES.index("LINKED_VIA")


def _wholes(topology: Topology) -> Ints:
    """Of each node, the host or device that it is, or is a part of; -1 of others."""
    found = np.arange(len(topology.ids), dtype=np.int32)
    for _ in range(_DEEP):
        inside = ~np.isin(topology.classes[found], WHOLES) & (found >= 0)
        if not inside.any():
            break
        found[inside] = topology.parents[found[inside]]
    return found


def _components(count: int, ends: Ints) -> Ints:
    """By node, the lowest node that it is joined with."""
    labels = np.arange(count, dtype=np.int32)
    while len(ends):
        joined = labels[ends]
        ends = ends[joined[:, 0] != joined[:, 1]]
        joined = joined[joined[:, 0] != joined[:, 1]]
        np.minimum.at(labels, joined.max(axis=1), joined.min(axis=1))
        while (labels[labels] != labels).any():
            labels = labels[labels]
    return labels


def _nearest_down(ends: Ints, ports: Ints, distances: Ints, after: Ints) -> Ints:
    """By component, what is down at the wires that lead out of it: the nearest to a start, then the lowest; -1 of none."""
    here = np.concatenate([ends[:, 0], ends[:, 0], ends[:, 0], ends[:, 1], ends[:, 1], ends[:, 1]])
    there = np.concatenate([ports[:, 0], ports[:, 1], ends[:, 1], ports[:, 1], ports[:, 0], ends[:, 0]])
    matters = (distances[here] < 0) & (distances[there] >= 0)
    here, there = after[here[matters]], there[matters]
    order = np.lexsort((there, distances[there], here))
    here, there = here[order], there[order]
    found = np.full(len(after), -1, np.int32)
    found[here[::-1]] = there[::-1]
    return found
