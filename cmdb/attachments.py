"""How trouble passes over links and aggregates, where it is a matter of how many are left (model.md section 3).

Made from wires (LINKED_VIA) and from what interfaces say of each other (interface_traits.py):

- An interface is down when a port is that it is linked to: it has one cable, and where several links of it are known, which is
  the cable is not. A bond (any aggregate) is down when all ports are that it is linked to, or all its members. A bond of which
  links are known, its own or its members', goes by these only: of a member whose port is not known nothing is known.
- A host is cut off when all of its interfaces that lead to one network are down: those that share a subnet, which counts
  for a bond as one interface, and for an interface whatever stands on it (VLAN, bridge). An interface without a
  subnet is alone. While some are left the host is at risk.
- A member of an aggregate is down with it, unless links of that are known: then the host goes by the aggregate itself.

So a gate is a target that is down when all of its inputs are. One with a single input is an arc like any other; beside
each input of a gate goes the arc over which trouble passes while it is one of some.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cmdb.crossings import (
    ATTACHED_ALL,
    ATTACHED_SOME,
    CLASS_CODES,
    INTERFACE,
    LINK_ALL,
    LINK_SOME,
    MEMBER_ALL,
    MEMBER_SOME,
    OF_AGGREGATE,
    WIRES,
)
from cmdb.interface_traits import BOND, LOWER, MASTER, NAME, SUBNET, of_kind, ordered

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

PAIRS = 1 << 16
"""Steps from interfaces to what stands on them, and to the subnets of that, that are taken for one host: one that lies could have
each of its interfaces stand on each other. Beyond it each of its interfaces counts as alone."""
_STANDING = 8
"""Of so many interfaces that stand on each other the highest still tells the subnets of the lowest."""


@dataclass(frozen=True, slots=True, eq=False)
class Attachments:
    """Arcs in the order (source, target, code); inputs of gates in the order (input, gate), each with the code by which
    trouble passes; targets and counts of inputs by gate; `decided` are the interfaces, in order, whose host goes by gates;
    `bounded` are the hosts, in order, whose interfaces stand on each other in more ways than are looked at.
    """

    sources: Ints
    targets: Ints
    codes: Ints
    inputs: Ints
    gates: Ints
    gate_codes: Ints
    gate_targets: Ints
    gate_sizes: Ints
    decided: Ints
    bounded: Ints


def attachments(classes: Ints, parents: Ints, wires: Ints, traits: Longs) -> Attachments:
    """All gates of a state of the estate."""
    links = wires[wires[:, 2] == WIRES.index("LINKED_VIA"), :2]
    bonds = of_kind(traits, BOND)[0]
    if not len(links) and not len(bonds):
        return Attachments(*(np.zeros(0, np.int32) for _ in range(10)))
    is_bond, linked = _flags(len(classes), bonds), _flags(len(classes), links[:, 0])
    above = _above(parents, traits)
    members = above[is_bond[above[:, 1]] & ~is_bond[above[:, 0]]]
    by_links = members[linked[members[:, 0]]]
    known = linked | _flags(len(classes), by_links[:, 1])
    members = members[~known[members[:, 1]] | linked[members[:, 0]]]

    through = _flags(len(classes), by_links[:, 0])
    at_host = (classes == INTERFACE) & (parents >= 0) & (classes[parents] == CLASS_CODES["Host"])
    tops = np.flatnonzero(known & at_host & ~through).astype(np.int32)
    host_gates, host_inputs, bounded = _host_gates(parents, tops, above, traits)

    targets = np.concatenate([links[:, 0], members[:, 1]])
    one_each = len(classes) + np.arange(len(targets))
    lower, place = np.unique(np.where(is_bond[targets], targets, one_each), return_inverse=True)
    gates = np.concatenate([place.astype(np.int32), host_gates + np.int32(len(lower))])
    inputs = np.concatenate([links[:, 1], members[:, 0], host_inputs])
    counts = [len(links), len(members), len(host_inputs)]
    some = np.repeat(np.array([LINK_SOME, MEMBER_SOME, ATTACHED_SOME], np.int32), counts)
    every = np.repeat(np.array([LINK_ALL, MEMBER_ALL, ATTACHED_ALL], np.int32), counts)
    target_of = np.zeros(int(gates.max(initial=-1)) + 1, np.int32)
    target_of[gates] = np.concatenate([targets, parents[host_inputs]])
    sizes = np.bincount(gates, minlength=len(target_of)).astype(np.int32)

    single = sizes[gates] == 1
    downward = members[~known[members[:, 1]]]
    arcs = _unique(
        np.concatenate([inputs, inputs[single], downward[:, 1]]),
        np.concatenate([target_of[gates], target_of[gates][single], downward[:, 0]]),
        np.concatenate([some, every[single], np.full(len(downward), OF_AGGREGATE, np.int32)]),
    )
    order = np.lexsort((gates, inputs))
    order = order[~single[order]]
    decided = np.flatnonzero((known | through) & at_host).astype(np.int32)
    return Attachments(*arcs, inputs[order], gates[order], every[order], target_of, sizes, decided, bounded)


def _above(parents: Ints, traits: Longs) -> Ints:
    """Rows of (interface, one that stands on it) of one whole, in order."""
    nodes, names = of_kind(traits, NAME)
    known = _keys(parents[nodes], names)
    order = np.argsort(known)
    known, nodes = known[order], nodes[order]

    def named(of: Ints, values: Longs) -> Ints:
        if not len(known):
            return np.full(len(of), -1, np.int32)
        wanted = _keys(parents[of], values)
        places = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        return np.where((known[places] == wanted) & (parents[of] >= 0), nodes[places], -1).astype(np.int32)

    (under, masters), (over, lowers) = of_kind(traits, MASTER), of_kind(traits, LOWER)
    pairs = np.concatenate(
        [np.stack([under, named(under, masters)], axis=1), np.stack([named(over, lowers), over], axis=1)]
    )
    pairs = pairs[(pairs >= 0).all(axis=1) & (pairs[:, 0] != pairs[:, 1])]
    return ordered(pairs.astype(np.int64)).astype(np.int32)


def _keys(wholes: Ints, names: Longs) -> npt.NDArray[np.uint64]:
    """One number for a whole and what stands for a name (64 evenly spread bits)."""
    return names.view(np.uint64) ^ (wholes.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))


def _host_gates(parents: Ints, tops: Ints, above: Ints, traits: Longs) -> tuple[Ints, Ints, Ints]:
    """(gate, input) of the gates of hosts, one for each subnet that its interfaces lead to; and the hosts beyond the bound."""
    reached = np.stack([tops, tops], axis=1)
    over: list[Ints] = []

    def kept(present: Ints) -> Ints:
        inside = _bounded(parents, reached, present)
        over.append(parents[reached[~inside, 0]])
        return reached[inside]

    for _ in range(_STANDING):
        reached = kept(above[:, 0])
        more = ordered(np.concatenate([reached, _joined(reached, above)]).astype(np.int64)).astype(np.int32)
        if len(more) == len(reached):
            break
        reached = more
    nodes, subnets = of_kind(traits, SUBNET)
    reached = kept(nodes)
    place, rows = _matches(reached[:, 1], nodes)
    inputs, leads_to = reached[place, 0], subnets[rows]
    alone = np.setdiff1d(tops, inputs)
    found = np.stack(
        [
            np.concatenate([parents[inputs], parents[alone]]).astype(np.int64),
            np.concatenate([np.zeros(len(inputs), np.int64), alone + 1]),
            np.concatenate([leads_to, np.zeros(len(alone), np.int64)]),
            np.concatenate([inputs, alone]).astype(np.int64),
        ],
        axis=1,
    )
    found = found[np.lexsort(found.T[::-1])]
    new = np.ones(len(found), np.bool_)
    new[1:] = (found[1:] != found[:-1]).any(axis=1)
    found = found[new]  # an interface with two addresses of a subnet leads there once
    new = np.ones(len(found), np.bool_)
    new[1:] = (found[1:, :3] != found[:-1, :3]).any(axis=1)
    bounded = np.unique(np.concatenate(over)).astype(np.int32)
    return (np.cumsum(new) - 1).astype(np.int32), found[:, 3].astype(np.int32), bounded


def _bounded(parents: Ints, reached: Ints, present: Ints) -> Flags:
    """Which pairs are of hosts that have no more than PAIRS of them, those included that a step to `present` adds."""
    steps = np.searchsorted(present, reached[:, 1], side="right") - np.searchsorted(present, reached[:, 1], side="left")
    hosts, place = np.unique(parents[reached[:, 0]], return_inverse=True)
    return (np.bincount(place, weights=steps + 1, minlength=len(hosts)) <= PAIRS)[place]


def _joined(pairs: Ints, above: Ints) -> Ints:
    """Rows of (first of a pair, what stands on its second)."""
    place, rows = _matches(pairs[:, 1], above[:, 0])
    return np.stack([pairs[place, 0], above[rows, 1]], axis=1)


def _matches(wanted: Ints, present: Ints) -> tuple[Ints, Ints]:
    """(place in wanted, place in present) wherever the two are equal; `present` is in order."""
    begin = np.searchsorted(present, wanted, side="left")
    counts = np.searchsorted(present, wanted, side="right") - begin
    place = np.repeat(np.arange(len(wanted)), counts)
    rows = begin[place] + np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts)
    return place.astype(np.int32), rows.astype(np.int32)


def _unique(sources: Ints, targets: Ints, codes: Ints) -> tuple[Ints, Ints, Ints]:
    order = np.lexsort((codes, targets, sources))
    found = np.stack([sources, targets, codes], axis=1)[order]
    new = np.ones(len(found), np.bool_)
    new[1:] = (found[1:] != found[:-1]).any(axis=1)
    found = found[new]
    return found[:, 0], found[:, 1], found[:, 2]


def _flags(count: int, nodes: Ints) -> Flags:
    found = np.zeros(count, np.bool_)
    found[nodes] = True
    return found
