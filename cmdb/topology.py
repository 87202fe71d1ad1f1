"""Adjacency of the CIs that trouble travels over, in compact arrays.

Nodes are the CIs of the classes that are declared with `topology`, in the order of their ids. Arcs are what trouble
travels along: for each containment and each relation between two nodes, one arc a direction in which its rule lets
trouble pass. Wires are what is plugged into what, and `attachments` what follows from them and from what interfaces say
of each other. All stand in one canonical order, so that a state of the estate has one Topology, loaded or moved forward.

Memory is about 40 bytes a node, 12 bytes an arc, and for an interface 16 bytes for each of its name, members, subnets.
A Topology never changes: `forward` gives another one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cmdb.attachments import Attachments, attachments
from cmdb.cabling import SEGMENT
from cmdb.crossings import (
    CLASS_CODES,
    CONTAINMENT_TYPE,
    CROSSINGS,
    LEVEL_OF,
    PART_IS_SUBJECT,
    TOPOLOGY_CLASSES,
    TYPE_CODES,
    TYPES,
    WIRES,
    crossing_code,
)
from cmdb.interface_traits import KINDS, Trait, ordered, rows, traits
from cmdb.ports import View
from cmdb.states import Item, Link, LinkKey

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Ids = npt.NDArray[np.bytes_]

FEW = 1000
"""Up to so many changes are always applied one by one; beyond, a fresh load is cheaper where a quarter has changed."""


@dataclass(frozen=True, slots=True, eq=False)
class Topology:
    """The adjacency as of a revision.

    `ids`, `classes` (index into TOPOLOGY_CLASSES) and `parents` (-1 where there is none) are by node; `sources`,
    `targets` and `codes` (index into CROSSINGS) by arc, ordered so; the arcs of node n are those from starts[n] to
    starts[n + 1]. `wires` has rows of (subject, object, index into WIRES) in order, `traits` those of interface_traits.py.
    """

    revision: int
    ids: Ids
    classes: Ints
    parents: Ints
    sources: Ints
    targets: Ints
    codes: Ints
    starts: Longs
    wires: Ints
    traits: Longs
    attachments: Attachments

    def nodes(self, ids: Iterable[str]) -> Ints:
        """Node numbers by id, -1 where the id is no node."""
        return _find(self.ids, _as_ids(ids))

    def id(self, node: int) -> str:
        return bytes(self.ids[node]).decode()

    def forward(self, view: View) -> Topology:
        """The topology of the view's revision, made from this one by what has changed since."""
        until = view.head().number
        if until == self.revision:
            return self
        if until < self.revision:
            return load(view)
        touched: set[str] = set()
        links: set[LinkKey] = set()
        for kind, _, key in view.changed(self.revision, until):
            if kind == "ci":
                touched.add(key)
            elif kind == "link":
                subject, type_name, object_ = key.split(" ")
                if type_name in TYPES or type_name in WIRES:
                    links.add((subject, type_name, object_))
        if len(touched) + len(links) > max(FEW, len(self.ids) // 4):
            return load(view)
        return _moved(self, view, until, sorted(touched), links)


def load(view: View, at: int | None = None) -> Topology:
    """The topology as of a revision, of the view's own where that is None."""
    found: list[str] = []
    codes: list[int] = []
    wholes: list[str] = []
    told: list[Trait] = []
    for item in view.scan(TOPOLOGY_CLASSES, at):
        if item.class_name == "NetworkInterface":
            told += traits(item)
        found.append(item.id)
        codes.append(CLASS_CODES[item.class_name])
        wholes.append(item.parent or "")
    unordered = _as_ids(found)
    order = np.argsort(unordered)
    ids, classes = unordered[order], np.array(codes, np.int32)[order]
    parents = _find(ids, _as_ids(wholes)[order])
    relations, wires = _relations(ids, classes, view.scan_links((*TYPES, *WIRES), at))
    arcs = np.concatenate([_containments(classes, np.arange(len(ids), dtype=np.int32), parents), relations])
    revision = view.head().number if at is None else at
    return _topology(revision, ids, classes, parents, np.sort(arcs), wires, _traits(ids, told))


def _moved(old: Topology, view: View, until: int, touched: list[str], links: set[LinkKey]) -> Topology:
    """The topology after a change of these CIs and relations. Counts on a part being gone whenever its whole is."""
    items = {i: item for i, item in view.items(touched).items() if item.class_name in CLASS_CODES}
    before = dict(zip(touched, old.nodes(touched).tolist(), strict=True))
    gone = [node for i, node in before.items() if node >= 0 and i not in items]
    added = _as_ids([i for i in touched if before[i] < 0 and i in items])
    renewed = dict.fromkeys(i for i, item in items.items() if before[i] < 0 or not _stands(old, before[i], item))

    kept = np.ones(len(old.ids), np.bool_)
    kept[gone] = False
    places = np.searchsorted(old.ids[kept], added)
    remaining = np.arange(np.count_nonzero(kept))
    number = np.full(len(kept) + 1, -1, np.int32)  # the last one is found at -1, "no node", and stays so
    number[:-1][kept] = remaining + np.searchsorted(places, remaining, side="right")
    ids = np.insert(old.ids[kept], places, added)
    classes = np.insert(old.classes[kept], places, 0)
    parents = np.insert(number[old.parents[kept]], places, -1)
    nodes = _find(ids, _as_ids(renewed))
    classes[nodes] = [CLASS_CODES[items[i].class_name] for i in renewed]
    parents[nodes] = _find(ids, _as_ids(items[i].parent or "" for i in renewed))

    ends_anew = np.zeros(len(ids) + 1, np.bool_)  # the last one is found at -1
    ends_anew[nodes] = True
    parts = np.flatnonzero(ends_anew[:-1] | ends_anew[parents]).astype(np.int32)
    found = view.links(sorted({*renewed, *(subject for subject, _, _ in links)}))
    anew = [link for link in found if link.key in links or link.subject in renewed or link.object in renewed]
    relations, wires = _relations(ids, classes, anew)
    fresh = np.sort(np.concatenate([_containments(classes, parts, parents[parts]), relations]))

    sources, targets = number[old.sources], number[old.targets]
    stay = (sources >= 0) & (targets >= 0) & ~ends_anew[sources] & ~ends_anew[targets]
    arcs = _joined(len(ids), sources[stay], targets[stay], old.codes[stay])
    arcs = arcs[~_of_relations(arcs, ids, links)]

    kept_wires = np.stack([number[old.wires[:, 0]], number[old.wires[:, 1]], old.wires[:, 2]], axis=1)
    kept_wires = kept_wires[(kept_wires[:, :2] >= 0).all(axis=1) & ~ends_anew[kept_wires[:, :2]].any(axis=1)]
    kept_wires = kept_wires[~_of_wires(kept_wires, ids, links)]
    told_anew = np.zeros(len(ids) + 1, np.bool_)
    told_anew[_find(ids, _as_ids(items))] = True
    nodes_told = number[old.traits[:, 0] // KINDS]
    stays = (nodes_told >= 0) & ~told_anew[nodes_told]
    kept_traits = np.stack(
        [nodes_told[stays].astype(np.int64) * KINDS + old.traits[stays, 0] % KINDS, old.traits[stays, 1]], axis=1
    )
    return _topology(
        until,
        ids,
        classes,
        parents,
        np.insert(arcs, np.searchsorted(arcs, fresh), fresh),
        _in_order(np.concatenate([kept_wires, wires])),
        ordered(np.concatenate([kept_traits, _traits(ids, [t for item in items.values() for t in traits(item)])])),
    )


def _stands(old: Topology, node: int, item: Item) -> bool:
    """Whether class and whole of a node are what they were."""
    whole = old.nodes([item.parent])[0] if item.parent else -1
    return bool(old.classes[node] == CLASS_CODES[item.class_name] and old.parents[node] == whole)


def _topology(revision: int, ids: Ids, classes: Ints, parents: Ints, arcs: Longs, wires: Ints, told: Longs) -> Topology:
    """From arcs as `_joined` has them, in order."""
    ends, codes = np.divmod(arcs, len(CROSSINGS))
    sources, targets = np.divmod(ends, max(len(ids), 1))
    starts = np.searchsorted(sources, np.arange(len(ids) + 1))
    return Topology(
        revision,
        ids,
        classes,
        parents,
        sources.astype(np.int32),
        targets.astype(np.int32),
        codes.astype(np.int32),
        starts,
        wires,
        told,
        attachments(classes, parents, wires, told),
    )


def _joined(count: int, sources: Ints, targets: Ints, codes: Ints) -> Longs:
    """Arcs as one number each, whose order is that of (source, target, code)."""
    assert count * count * len(CROSSINGS) < 2**63, f"{count} CIs of the impact topology are more than are supported"
    return (sources.astype(np.int64) * count + targets) * len(CROSSINGS) + codes


def _containments(classes: Ints, parts: Ints, wholes: Ints) -> Longs:
    """Arcs between parts and their wholes; -1 for a whole stands for none."""
    inside = (wholes >= 0) & (CONTAINMENT_TYPE[classes[parts]] >= 0)
    parts, wholes = parts[inside], wholes[inside]
    types, part_is_subject = CONTAINMENT_TYPE[classes[parts]], PART_IS_SUBJECT[classes[parts]]
    subjects, objects = np.where(part_is_subject, parts, wholes), np.where(part_is_subject, wholes, parts)
    return _arcs(classes, types, subjects, objects, np.zeros(len(parts), np.int32), contained=1)


def _relations(ids: Ids, classes: Ints, links: Iterable[Link]) -> tuple[Longs, Ints]:
    """Arcs of relations between two nodes, and wires; others are left out."""
    wired: list[Link] = []
    types: list[int] = []
    subjects: list[str] = []
    objects: list[str] = []
    soft: list[bool] = []
    for link in links:
        if link.type in TYPE_CODES:
            types.append(TYPE_CODES[link.type])
            subjects.append(link.subject)
            objects.append(link.object)
            soft.append(link.attributes.get("strength") == "soft")
        elif link.type in WIRES and link.attributes.get("note") != SEGMENT:
            wired.append(link)
    ends = _find(ids, _as_ids(subjects)), _find(ids, _as_ids(objects))
    both = (ends[0] >= 0) & (ends[1] >= 0)
    arcs = _arcs(
        classes,
        np.array(types, np.int32)[both],
        ends[0][both],
        ends[1][both],
        np.array(soft, np.int32)[both],
        contained=0,
    )
    return arcs, _wires(ids, [link.key for link in wired])


def _wires(ids: Ids, keys: Iterable[LinkKey]) -> Ints:
    """Rows of the wires between two nodes, in order."""
    found = list(keys)
    subjects, objects = _find(ids, _as_ids(k[0] for k in found)), _find(ids, _as_ids(k[2] for k in found))
    types = np.array([WIRES.index(k[1]) for k in found], np.int32)
    return _in_order(np.stack([subjects, objects, types], axis=1)[(subjects >= 0) & (objects >= 0)])


def _in_order(wires: Ints) -> Ints:
    return wires[np.lexsort((wires[:, 2], wires[:, 1], wires[:, 0]))]


def _of_wires(wires: Ints, ids: Ids, links: Iterable[LinkKey]) -> Flags:
    """Which of the wires are these."""
    gone = _wires(ids, [key for key in links if key[1] in WIRES])
    numbers = [(w[:, 0].astype(np.int64) * len(ids) + w[:, 1]) * len(WIRES) + w[:, 2] for w in (wires, gone)]
    return np.isin(numbers[0], numbers[1])


def _traits(ids: Ids, told: list[Trait]) -> Longs:
    return rows(_find(ids, _as_ids(id_ for id_, _, _ in told)), told)


def _arcs(classes: Ints, types: Ints, subjects: Ints, objects: Ints, soft: Ints, contained: int) -> Longs:
    codes = crossing_code(contained, types, classes[subjects], classes[objects], soft, 0)
    onward, back = LEVEL_OF[codes] > 0, LEVEL_OF[codes + 1] > 0
    return np.concatenate(
        [
            _joined(len(classes), subjects[onward], objects[onward], codes[onward]),
            _joined(len(classes), objects[back], subjects[back], codes[back] + 1),
        ]
    )


def _of_relations(arcs: Longs, ids: Ids, links: Iterable[LinkKey]) -> Flags:
    """Which arcs are those of these relations, whatever their strength. `arcs` are in order."""
    found = np.zeros(len(arcs), np.bool_)
    width = crossing_code(0, 1, 0, 0, 0, 0)
    for subject, type_name, object_ in links:
        if type_name not in TYPE_CODES:
            continue
        a, b = _find(ids, _as_ids([subject, object_])).tolist()
        first = TYPE_CODES[type_name] * width
        # Between the same two nodes there may be the same relation the other way round: only the direction of the arc,
        # the lowest bit of its code, tells which of the two it comes from.
        for backward, (source, target) in enumerate(((a, b), (b, a)) if a >= 0 and b >= 0 else ()):
            pair = (source * len(ids) + target) * len(CROSSINGS)
            between = slice(*np.searchsorted(arcs, [pair + first, pair + first + width]).tolist())
            found[between] |= arcs[between] % 2 == backward
    return found


def _as_ids(ids: Iterable[str]) -> Ids:
    return np.array(list(ids), np.dtype("S26"))


def _find(ids: Ids, wanted: Ids) -> Ints:
    """The place of each id in an ordered array, -1 where it is not there."""
    if not len(ids):
        return np.full(len(wanted), -1, np.int32)
    places = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    return np.where(ids[places] == wanted, places, -1).astype(np.int32)
