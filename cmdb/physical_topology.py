"""The physical map: which host and which network device is plugged into which, at what port, and what proves it.

Nodes are hosts and network devices, those too that only a neighbour tells of (`discovered` false). Links are the relations
CONNECTS_TO and LINKED_VIA between their ports, one row a cable, each with its proof. What is asked about is all of it, or
what lies within some links of some CIs; what was left out is counted, and like nodes beyond a bound become one counted box,
as do links of the same two nodes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from cmdb import aliases, query
from cmdb.cabling import NETWORK_SYSTEMS, SIGHTING
from cmdb.cabling_evidence import BUNDLES
from cmdb.folding import fold_within
from cmdb.model.errors import NotFoundError, UsageError
from cmdb.neighbours import is_reference
from cmdb.ports import View
from cmdb.states import Item, Link

CLASSES = ("Host", "NetworkDevice")
TYPES = ("CONNECTS_TO", "LINKED_VIA")
MOST = 5_000
MAX_MOST = 100_000
LINKS_A_BOX = 10
"""So many times as many links as boxes are shown one by one at most."""
MAX_ROOTS = 1_000
MAX_DEPTH = 1_000
ROLES = ("firewall", "wlan", "printer", "ups", "power", "bridge", "router")
"""What a device that is several at once counts as, the most telling first: a bridge that routes is a switch."""
_ROWS = 10_000
Document = dict[str, Any]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked: from which CIs on, how many links far (None: all that hangs together), which classes of nodes, and above
    how many nodes like ones become one box."""

    ids: Sequence[str] = ()
    queries: Sequence[str] = ()
    depth: int | None = None
    classes: Sequence[str] = ()
    most: int = MOST


def topology(view: View, wanted: Wanted, at: int | None = None) -> Document:
    """The document of the map. Raises UsageError for what can not be asked, NotFoundError for an id that there is not."""
    _check(wanted)
    named = _named(view, wanted, at)
    found = _Map(view, at)
    found.add(view.scan_links(TYPES, at))
    found.seen_as = {link.object: link.subject for link in view.scan_links((SIGHTING,), at)}
    roots, outside = found.roots(named)
    if not named:
        found.nodes.update({item.id: item for item in view.scan(CLASSES, at) if item.id not in found.seen_as})
    inside = found.within(roots, wanted.depth) if named else set(found.nodes)
    shown = {i for i in inside if not wanted.classes or found.nodes[i].class_name in wanted.classes or i in roots}
    return found.document(shown, roots, outside, wanted)


def around(view: View, item: Item, at: int | None = None, most: int = MOST) -> Document:
    """The map of one host or device and what it is plugged into, at the cost of its own ports only."""
    found = _Map(view, at)
    ports = [part.id for part in view.parts(item.id, ["NetworkInterface"], at)]
    ends = [item.id, *ports]
    for some in _chunks(ends):
        found.add(link for link in view.links(some, at) if link.type in TYPES)
    found.nodes[item.id] = item
    return found.document(set(found.nodes), {item.id}, [], Wanted((item.id,), depth=1, most=most))


@dataclass(slots=True)
class _Map:
    """Nodes and cables as of a revision. A cable whose end is a part of neither a host nor a device is `beside` the map."""

    view: View
    at: int | None
    nodes: dict[str, Item] = field(default_factory=dict)
    cables: list[Document] = field(default_factory=list)
    bonds: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """Devices by what ports of a host belong to (its id, the name of a bond or bridge) that are plugged into them."""
    gear: set[str] = field(default_factory=set)
    """Nodes that hosts are plugged into."""
    seen_as: dict[str, str] = field(default_factory=dict)
    """Devices by what neighbours tell of them by reference, which is no node beside them."""
    beside: int = 0

    def add(self, links: Iterable[Link]) -> None:
        """Cables of these links, each once."""
        known = sorted({link.key: link for link in links}.values(), key=lambda link: link.key)
        for some in _chunks(known):
            ends = _items(self.view, {e for link in some for e in (link.subject, link.object)}, self.at)
            wholes = _items(self.view, {i.parent for i in ends.values() if i.parent} - set(ends), self.at)
            for link in some:
                a, b = ends.get(link.subject), ends.get(link.object)
                at_a, at_b = _whole(a, ends, wholes), _whole(b, ends, wholes)
                if a is None or b is None or at_a is None or at_b is None:
                    self.beside += 1
                    continue
                self.nodes.update({at_a.id: at_a, at_b.id: at_b})
                if link.type == "LINKED_VIA":
                    self.gear.add(at_b.id)
                    bond = a.name if a.attributes.get("kind") in BUNDLES else a.attributes.get("master")
                    if bond:
                        self.bonds.setdefault((at_a.id, str(bond)), set()).add(at_b.id)
                told = link.attributes
                self.cables.append(
                    {
                        "a": _end(a, at_a),
                        "b": _end(b, at_b),
                        "type": link.type,
                        "proof": told.get("proof"),
                        "evidence": told.get("evidence"),
                        "note": told.get("note"),
                        "count": 1,
                    }
                )

    def roots(self, named: Iterable[Item]) -> tuple[set[str], list[Document]]:
        """The nodes that CIs stand for, their host or device where they are parts, and those that stand for none."""
        roots: set[str] = set()
        outside: list[Document] = []
        for item in named:
            id_ = self.seen_as.get(item.id, item.parent)
            whole = item if id_ is None else self.view.items([id_], self.at).get(id_)
            if whole is not None and whole.class_name in CLASSES:
                self.nodes[whole.id] = whole
                roots.add(whole.id)
            else:
                reason = f"{item.class_name} is neither a host or network device nor a part of one"
                outside.append({"id": item.id, "class": item.class_name, "name": item.name, "reason": reason})
        return roots, outside

    def within(self, roots: Collection[str], depth: int | None) -> set[str]:
        """Nodes at most `depth` links away from a root."""
        near: dict[str, set[str]] = {}
        for cable in self.cables:
            a, b = cable["a"]["id"], cable["b"]["id"]
            near.setdefault(a, set()).add(b)
            near.setdefault(b, set()).add(a)
        inside, rim, steps = set(roots), set(roots), 0
        while rim and (depth is None or steps < depth):
            rim = {far for node in rim for far in near.get(node, ())} - inside
            inside |= rim
            steps += 1
        return inside

    def document(self, shown: set[str], roots: set[str], outside: list[Document], wanted: Wanted) -> Document:
        links = [c for c in self.cables if c["a"]["id"] in shown and c["b"]["id"] in shown]
        reached = {e for c in self.cables for e in (c["a"]["id"], c["b"]["id"])}
        rim = [c for c in self.cables if (c["a"]["id"] in shown) != (c["b"]["id"] in shown)]
        beyond = {e for c in rim for e in (c["a"]["id"], c["b"]["id"])} - shown
        groups, group_of = _groups(self.nodes, shown, self._bonded())
        items = sorted((self.nodes[i] for i in shown), key=lambda n: (n.class_name != "NetworkDevice", n.name, n.id))
        rows = [_row(item, role_of(item, self.gear), group_of.get(item.id), item.id in reached) for item in items]
        folded = fold_within(rows, links, wanted.most, wanted.most * LINKS_A_BOX, roots)
        used = {row["group"] for row in folded.nodes}
        return {
            "revision": self.view.head().number if self.at is None else self.at,
            "complete": not (rim or self.beside),
            "depth": wanted.depth,
            "roots": [{"id": i.id, "class": i.class_name, "name": i.name} for i in items if i.id in roots],
            "outside": outside,
            "nodes": folded.nodes,
            "links": folded.links,
            "groups": [group for group in groups if group["id"] in used],
            "collapsed": folded.collapsed,
            "left_out": {"nodes": len(beyond), "links": len(rim) + self.beside},
        }

    def _bonded(self) -> set[tuple[str, ...]]:
        """Pairs of devices that a host is plugged into with one bond; a bridge over two ports is no redundancy of its own."""
        found: set[tuple[str, ...]] = set()
        for (host, name), far in sorted(self.bonds.items()):
            pair = tuple(sorted(far))
            if len(pair) == 2 and pair not in found:
                ports = self.view.parts(host, ["NetworkInterface"], self.at)
                if any(port.name == name and port.attributes.get("kind") in BUNDLES for port in ports):
                    found.add(pair)
        return found


def role_of(item: Item, gear: Collection[str] = ()) -> str | None:
    """What a node is at work as; None where nobody tells. A host that others are plugged into, or that runs the system of a
    switch, is one."""
    if item.class_name == "Host":
        return "bridge" if item.id in gear or item.attributes.get("os") in NETWORK_SYSTEMS else "host"
    told = item.attributes.get("roles")
    return next((role for role in ROLES if isinstance(told, list) and role in told), None)


def _row(item: Item, role: str | None, group: str | None, linked: bool) -> Document:
    return {
        "id": item.id,
        "class": item.class_name,
        "name": item.name,
        "role": role,
        "discovered": not is_reference(item),
        "group": group,
        "linked": linked,
        "count": 1,
    }


def _groups(
    nodes: dict[str, Item], shown: set[str], bonded: Collection[tuple[str, ...]]
) -> tuple[list[Document], dict[str, str]]:
    """Devices that hosts are bonded to together, two at a time; all others by where they stand, where that is told."""
    groups: dict[str, Document] = {}
    group_of: dict[str, str] = {}
    for pair in sorted(bonded):
        if shown.issuperset(pair) and not any(node in group_of for node in pair):
            names = " + ".join(sorted(nodes[node].name for node in pair))
            key = " ".join(("bonded", *pair))
            groups[key] = {"id": key, "kind": "bonded", "name": names}
            group_of.update(dict.fromkeys(pair, key))
    for node in sorted(shown - set(group_of)):
        place = nodes[node].attributes.get("location")
        if isinstance(place, str) and place.strip():
            key = f"location {place}"
            groups[key] = {"id": key, "kind": "location", "name": place}
            group_of[node] = key
    return [groups[key] for key in sorted(groups)], group_of


def _check(wanted: Wanted) -> None:
    if wanted.depth is not None and not 0 <= wanted.depth <= MAX_DEPTH:
        raise UsageError(f"A depth is 0 to {MAX_DEPTH} links, not {wanted.depth}.")
    if not 10 <= wanted.most <= MAX_MOST:
        raise UsageError(f"The map has 10 to {MAX_MOST} boxes, not {wanted.most}.")
    for name in wanted.classes:
        if name not in CLASSES:
            raise UsageError(f"The map has the classes {' and '.join(CLASSES)}, not {name!r:.80}.")


def _named(view: View, wanted: Wanted, at: int | None) -> list[Item]:
    """The CIs that are asked about, each once. Empty where none is named."""
    found: dict[str, Item] = {}
    if wanted.ids:
        onward = aliases.resolved(view, list(wanted.ids), at)
        ids = [onward.get(i, i) for i in wanted.ids]
        found.update(view.items(ids, at))
        missing = [i for i in ids if i not in found]
        if missing:
            raise NotFoundError(f"There is no configuration item {missing[0]!r:.60} at this time.", ids=missing)
    for text in wanted.queries:
        cursor: str | None = None
        before = len(found)
        while True:
            page = query.found(view, text, at, cursor, query.MAX_PAGE)
            found.update({item.id: item for item in page.items})
            cursor = page.next
            if cursor is None or len(found) > MAX_ROOTS:
                break
        if len(found) == before and not page.items:
            raise NotFoundError(f"Nothing matches {text!r:.200}; `ci find` searches.")
    if len(found) > MAX_ROOTS:
        raise UsageError(f"More than {MAX_ROOTS} configuration items are meant; ask more narrowly.")
    return list(found.values())


def _items(view: View, ids: Collection[str], at: int | None) -> dict[str, Item]:
    found: dict[str, Item] = {}
    for some in _chunks(sorted(ids)):
        found.update(view.items(some, at))
    return found


def _whole(end: Item | None, ends: dict[str, Item], wholes: dict[str, Item]) -> Item | None:
    """The host or device that an end of a cable is, or is a port of."""
    if end is not None and end.parent is not None:
        end = ends.get(end.parent) or wholes.get(end.parent)
    return end if end is not None and end.class_name in CLASSES else None


def _end(end: Item, whole: Item) -> Document:
    at_port = end.id != whole.id
    return {"id": whole.id, "port": end.name if at_port else None, "port_id": end.id if at_port else None}


def _chunks(rows: Iterable[_T]) -> Iterator[list[_T]]:
    rest = iter(rows)
    while some := list(islice(rest, _ROWS)):
        yield some
