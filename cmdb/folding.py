"""Like nodes of a map as one counted box, so that a picture of any estate stays one that can be read.

Like are nodes of one class and role that are plugged into the same others with the same proof: the hosts of one access switch,
say. A number of boxes that is still too large is brought down by folding what hangs below boxes that are alike, at last by
class and role alone. Nothing vanishes: a box tells how many nodes it stands for and how many links run within it, a link
between boxes how many cables it is. Where links are too many, those of the same two nodes are one, and then more nodes
are folded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

PROOFS = ("inferred", "one-sided", "confirmed")
"""Weakest first. A proof that is none of these, or not told, is weaker still."""
ENDS = ("host", "printer", "ups", "power")
"""Roles of what nothing else is plugged into."""
LEAST = 10
"""Boxes below which no map is brought down."""
OPENED = 60
"""Members of a box that was asked to be opened which are shown, the rest stays in the box."""
_WORDS = {
    "host": "hosts",
    "bridge": "switches",
    "router": "routers",
    "firewall": "firewalls",
    "wlan": "access points",
    "printer": "printers",
    "ups": "UPSs",
    "power": "power units",
}
Row = dict[str, Any]


@dataclass(slots=True)
class Folded:
    """Rows of nodes and links as they are given, boxes among them; `members` are the ids that a box stands for."""

    nodes: list[Row]
    links: list[Row]
    collapsed: Row
    members: dict[str, list[str]] = field(default_factory=dict)


def fold(
    nodes: Sequence[Row],
    links: Sequence[Row],
    most: int,
    like: int = 0,
    kept: Collection[str] = (),
    opened: Collection[str] = (),
) -> Folded:
    """Nodes and links with like ones folded: always those at the edge of which there are `like` or more (0: none), and
    further until there are no more than `most`. `kept` are never folded unless they alone are too many; `opened` are boxes
    that are shown with up to OPENED of their members."""
    work = _Work(nodes, links, set(kept) if len(kept) * 2 <= most else set())
    if like:
        work.fold(work.ends(), work.same_neighbours, like, opened)
    before = -1
    while len(work.blocks) > most and len(work.blocks) != before:
        before = len(work.blocks)
        work.fold(work.ends(), work.same_neighbours, 2, (), most)
        if len(work.blocks) > most:
            work.fold(work.blocks, work.same_but_leaves, 2, (), most)
    if len(work.blocks) > most:
        work.fold(work.blocks, lambda b: work.kind(b), 2, (), most)
    if len(work.blocks) > most:
        work.kept.clear()
        work.fold(work.blocks, lambda b: work.kind(b)[:1], 2)
    return work.folded()


def fold_within(
    nodes: Sequence[Row], links: Sequence[Row], most: int, most_links: int, kept: Collection[str] = ()
) -> Folded:
    """Folded until there are no more than `most` nodes and `most_links` links, or hardly any nodes are left."""
    found = fold(nodes, links, most, kept=kept)
    boxes = len(found.nodes)
    while len(found.links) > most_links:
        found = _joined(found)
        if len(found.links) <= most_links or boxes <= LEAST:
            break
        boxes = max(min(boxes, most) // 2, LEAST)
        found = fold(nodes, links, boxes, kept=kept)
    return found


def weakest(proofs: Iterable[str | None]) -> str | None:
    """The proof that several links have together: that of the least proved one."""
    ranks = [PROOFS.index(p) if p in PROOFS else -1 for p in proofs]
    least = min(ranks, default=-1)
    return PROOFS[least] if least >= 0 else None


class _Work:
    """Blocks of nodes, each named by its first node, and what joins them."""

    def __init__(self, nodes: Sequence[Row], links: Sequence[Row], kept: set[str]) -> None:
        self.rows = {row["id"]: row for row in nodes}
        self.links = links
        self.kept = kept
        self.blocks: dict[str, list[str]] = {id_: [id_] for id_ in self.rows}
        self.block_of = {id_: id_ for id_ in self.rows}
        self.near: dict[str, dict[str, set[str | None]]] = {}
        self._join()

    def _join(self) -> None:
        self.near = {block: {} for block in self.blocks}
        for link in self.links:
            a, b = self.block_of[link["a"]["id"]], self.block_of[link["b"]["id"]]
            if a != b:
                self.near[a].setdefault(b, set()).add(link["proof"])
                self.near[b].setdefault(a, set()).add(link["proof"])

    def kind(self, block: str) -> tuple[Hashable, ...]:
        row = self.rows[block]
        return (row["class"], row["role"], row["discovered"])

    def ends(self) -> list[str]:
        """Blocks at the edge of the map: hosts, what is plugged in like one, and what only one neighbour tells of."""
        return [
            block
            for block in self.blocks
            if (row := self.rows[block])["role"] in ENDS or (not row["discovered"] and len(self.near[block]) <= 1)
        ]

    def same_neighbours(self, block: str) -> Hashable:
        near = self.near[block]
        return (*self.kind(block), frozenset((far, weakest(proofs)) for far, proofs in near.items()))

    def same_but_leaves(self, block: str) -> Hashable:
        """Alike apart from what hangs on nothing else."""
        return (*self.kind(block), frozenset(far for far in self.near[block] if len(self.near[far]) > 1))

    def fold(
        self,
        blocks: Iterable[str],
        likeness: Callable[[str], Hashable],
        least: int,
        opened: Collection[str] = (),
        most: int = 0,
    ) -> None:
        """Merges like blocks, the largest number first, until no more than `most` are left."""
        alike: dict[Hashable, list[str]] = {}
        for block in blocks:
            if block not in self.kept:
                alike.setdefault(likeness(block), []).append(block)
        left = len(self.blocks)
        for some in sorted((a for a in alike.values() if len(a) >= least), key=lambda a: (-len(a), a[0])):
            if left <= most:
                break
            if _box(some[0]) in opened:
                some = some[OPENED:]
                if len(some) < 2:
                    continue
            first = some[0]
            for block in some[1:]:
                self.blocks[first] += self.blocks.pop(block)
                left -= 1
            self.block_of.update(dict.fromkeys(self.blocks[first], first))
        self._join()

    def folded(self) -> Folded:
        boxes = {block: _box(block) if len(ids) > 1 else block for block, ids in self.blocks.items()}
        within = dict.fromkeys(self.blocks, 0)
        links: list[Row] = []
        bundles: dict[tuple[str, str, str, str], list[Row]] = {}
        for link in self.links:
            a, b = self.block_of[link["a"]["id"]], self.block_of[link["b"]["id"]]
            if a == b and len(self.blocks[a]) > 1:
                within[a] += link["count"]
            elif len(self.blocks[a]) == len(self.blocks[b]) == 1:
                links.append(link)
            else:
                bundles.setdefault((boxes[a], boxes[b], link["type"], link["note"] or ""), []).append(link)
        for (a, b, type_, _), some in bundles.items():
            links.append(_bundle(a, b, type_, some, self.rows))
        nodes = [self._node(block, boxes[block], within[block]) for block in self.blocks]
        folded = [ids for ids in self.blocks.values() if len(ids) > 1]
        collapsed = {
            "boxes": len(folded),
            "nodes": sum(self.rows[i]["count"] for ids in folded for i in ids),
            "links": sum(row["count"] for some in bundles.values() for row in some) + sum(within.values()),
        }
        return Folded(nodes, links, collapsed, {_box(ids[0]): ids for ids in folded})

    def _node(self, block: str, box: str, within: int) -> Row:
        row, ids = self.rows[block], self.blocks[block]
        if len(ids) == 1:
            return row
        rows = [self.rows[i] for i in ids]
        count = sum(r["count"] for r in rows)
        role, class_ = _same(rows, "role"), _same(rows, "class")
        word = _WORDS.get(str(role), "devices") if class_ else "hosts and devices"
        return {
            **row,
            "id": box,
            "class": class_,
            "role": role,
            "discovered": _same(rows, "discovered"),
            "group": _same(rows, "group"),
            "linked": any(r["linked"] for r in rows),
            "name": f"{count} {word}",
            "count": count,
            "links_within": within + sum(r.get("links_within", 0) for r in rows),
        }


def _bundle(a: str, b: str, type_: str, some: list[Row], rows: dict[str, Row]) -> Row:
    """Several cables as one row; a port stays named where all of them share it."""
    proofs: dict[str, int] = {}
    for link in some:
        for proof, count in (link.get("proofs") or {str(link["proof"] or "unknown"): link["count"]}).items():
            proofs[proof] = proofs.get(proof, 0) + count
    ends = []
    for name, box in (("a", a), ("b", b)):
        ids = {(link[name]["port"], link[name]["port_id"]) for link in some}
        port, port_id = next(iter(ids)) if len(ids) == 1 and box in rows else (None, None)
        ends.append({"id": box, "port": port, "port_id": port_id})
    evidence = {link["evidence"] for link in some}
    return {
        "a": ends[0],
        "b": ends[1],
        "type": type_,
        "proof": weakest(link["proof"] for link in some),
        "evidence": evidence.pop() if len(evidence) == 1 else None,
        "note": some[0]["note"],
        "count": sum(link["count"] for link in some),
        "proofs": dict(sorted(proofs.items())),
    }


def _joined(found: Folded) -> Folded:
    """With links between the same two as one."""
    rows = {row["id"]: row for row in found.nodes}
    between: dict[tuple[str, str, str, str], list[Row]] = {}
    for link in found.links:
        a, b = link["a"]["id"], link["b"]["id"]
        turned = {**link, "a": link["b"], "b": link["a"]} if a > b else link
        between.setdefault((min(a, b), max(a, b), link["type"], link["note"] or ""), []).append(turned)
    links = [
        some[0] if len(some) == 1 else _bundle(a, b, type_, some, rows) for (a, b, type_, _), some in between.items()
    ]
    several = sum(link["count"] for some in between.values() if len(some) > 1 for link in some if link["count"] == 1)
    collapsed = {**found.collapsed, "links": found.collapsed["links"] + several}
    return Folded(found.nodes, links, collapsed, found.members)


def _same(rows: Sequence[Row], name: str) -> Any:
    """The value that all rows share, None where they differ."""
    first = rows[0][name]
    return first if all(row[name] == first for row in rows) else None


def _box(id_: str) -> str:
    """The id of a box, from that of its first node: no id of a CI has a tilde."""
    return id_ if id_.startswith("~") else f"~{id_}"
