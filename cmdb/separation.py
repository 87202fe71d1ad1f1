"""Which dependencies lose their last path over the network when something is down (model.md section 3, CONNECTS_TO).

Devices are joined where wires lead from a port of one to a port of the other, or to a device itself: they pass packets
on, and so does a host that is wired as one (CONNECTS_TO). Any other host hangs at devices (LINKED_VIA) and is where each of
them is, without joining them. What is down is left out, and who met somewhere before and nowhere any more is separated.
Nothing is known of VLANs, routes and filters: a path that is left need not be one that packets may take. Of a host that
no wire leads to nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cmdb.crossings import CLASS_CODES, SEPARATED_OF, WHOLES, WIRES

if TYPE_CHECKING:
    from cmdb.topology import Topology

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

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
    ends, ports, linked = _ends(topology)
    hangs = linked & (topology.classes[ends[:, 0]] == CLASS_CODES["Host"])
    down = distances >= 0
    cut = down[ends].any(axis=1) | down[ports].any(axis=1)
    if not cut.any():
        return Separation(nothing, nothing, nothing, 0)
    count = int((cut & ~(linked & ~down[ends[:, 1]] & ~down[ports[:, 1]])).sum())
    arcs = np.flatnonzero(SEPARATED_OF[topology.codes] >= 0)
    wholes = _wholes(topology)
    providers, consumers = wholes[topology.sources[arcs]], wholes[topology.targets[arcs]]
    apart = (providers >= 0) & (consumers >= 0) & (providers != consumers) & ~down[providers] & ~down[consumers]
    arcs, providers, consumers = arcs[apart], providers[apart], consumers[apart]
    asked = _flags(len(down), np.concatenate([providers, consumers]))
    before = _places(asked, _components(len(down), ends[~hangs]), ends[hangs])
    pieces = _components(len(down), ends[~hangs & ~cut])
    after = _places(asked, pieces, ends[hangs & ~cut])
    apart = _met(before, len(down), providers, consumers) & ~_met(after, len(down), providers, consumers)
    arcs, consumers = arcs[apart], consumers[apart]
    nearest = _nearest_down(ends[cut], ports[cut], distances, pieces)
    sources = _nearest_of(consumers, after, nearest, distances)
    found = np.stack([sources, topology.targets[arcs], SEPARATED_OF[topology.codes[arcs]]], axis=1)
    found = np.unique(found, axis=0).astype(np.int32)
    return Separation(found[:, 0], found[:, 1], found[:, 2], count)


def _ends(topology: Topology) -> tuple[Ints, Ints, Flags]:
    """Of each wire between two wholes, these and the ports, which may be the wholes themselves, and whether the first is
    linked to the second as a host is."""
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


def _places(asked: Flags, pieces: Ints, hanging: Ints) -> Longs:
    """(node, component) of the nodes asked about, as one number each in order: where a node is itself, and where what it
    hangs at is."""
    nodes = np.flatnonzero(asked)
    hanging = hanging[asked[hanging[:, 0]]]
    whose = np.concatenate([nodes, hanging[:, 0]]).astype(np.int64)
    return np.unique(whose * len(pieces) + pieces[np.concatenate([nodes, hanging[:, 1]])])


def _places_of(places: Longs, count: int, nodes: Ints) -> tuple[Longs, Longs]:
    """(place in nodes, component) of each component that each of these is in."""
    begin = np.searchsorted(places, nodes.astype(np.int64) * count)
    counts = np.searchsorted(places, (nodes.astype(np.int64) + 1) * count) - begin
    whose = np.repeat(np.arange(len(nodes)), counts)
    rows = begin[whose] + np.arange(len(whose)) - np.repeat(np.cumsum(counts) - counts, counts)
    return whose, places[rows] % count


def _met(places: Longs, count: int, ones: Ints, others: Ints) -> Flags:
    """Which of these pairs are in one component somewhere."""
    pair, piece = _places_of(places, count, ones)
    found = np.zeros(len(ones), np.bool_)
    found[pair[np.isin(others[pair].astype(np.int64) * count + piece, places)]] = True
    return found


def _nearest_of(nodes: Ints, places: Longs, nearest: Ints, distances: Ints) -> Ints:
    """For each node the nearest to a start of what is down beside the components that it is in, then the lowest."""
    whose, pieces = _places_of(places, len(nearest), nodes)
    down = nearest[pieces]
    whose, down = whose[down >= 0], down[down >= 0]
    order = np.lexsort((down, distances[down], whose))[::-1]
    found = np.full(len(nodes), -1, np.int32)
    found[whose[order]] = down[order]
    return found


def _flags(count: int, nodes: Ints) -> Flags:
    found = np.zeros(count, np.bool_)
    found[nodes] = True
    return found


def _nearest_down(ends: Ints, ports: Ints, distances: Ints, pieces: Ints) -> Ints:
    """By component, what is down at the wires that lead out of it: the nearest to a start, then the lowest; -1 of none."""
    here = np.concatenate([ends[:, 0], ends[:, 0], ends[:, 0], ends[:, 1], ends[:, 1], ends[:, 1]])
    there = np.concatenate([ports[:, 0], ports[:, 1], ends[:, 1], ports[:, 1], ports[:, 0], ends[:, 0]])
    matters = (distances[here] < 0) & (distances[there] >= 0)
    here, there = pieces[here[matters]], there[matters]
    order = np.lexsort((there, distances[there], here))
    here, there = here[order], there[order]
    found = np.full(len(pieces), -1, np.int32)
    found[here[::-1]] = there[::-1]
    return found
