"""The neighbourhood of a CI as a picture: what it needs, its host, software, endpoints, and who uses them.

At most MOST boxes a lane; like ones (the same port at several addresses, clients of one name) are one box with their count,
and what does not fit is one counted box that leads to the whole list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from api.encoders import visible
from api.ui.drawing import Drawing, Edge, Node, Shape, draw
from api.ui.words import class_label, cut
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.ports import View
from cmdb.states import Item, Link

MOST = 9
NAME, CAPTION = 20, 25
TITLES = ["Needs", "Host", "Software", "Listens on", "Used by"]
NEEDS, HOST, SOFTWARE, ENDPOINT, USERS = range(5)
SHAPES: dict[str, Shape] = {
    "Host": "host",
    "NetworkDevice": "device",
    "SoftwareInstance": "software",
    "Endpoint": "endpoint",
    "NetworkInterface": "network",
    "IPAddress": "network",
    "Subnet": "network",
    "ChangeRecord": "record",
    "IncidentRecord": "record",
}
_USES = ("TALKS_TO", "DEPENDS_ON")
Address = Callable[[Item], str]
More = Callable[[str, str], str]


@dataclass(slots=True)
class _Box:
    """Like CIs of one lane."""

    lane: int
    items: list[Item]
    caption: str
    key: str = ""


@dataclass(slots=True)
class _Scene:
    view: View
    own: Item
    at: int | None
    boxes: dict[str, _Box] = field(default_factory=dict)
    box_of: dict[str, str] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)

    def add(self, lane: int, likeness: str, item: Item, caption: str) -> None:
        if item.id in self.box_of:
            return
        key = f"{lane} {likeness}"
        self.boxes.setdefault(key, _Box(lane, [], caption, key)).items.append(item)
        self.box_of[item.id] = key


def neighbourhood(view: View, own: Item, at: int | None, address: Address, more: More) -> Drawing:
    """The picture of a CI. `address` gives the page of a CI, `more` the page of its group (relation, class)."""
    scene = _Scene(view, own, at)
    if own.class_name in ("Host", "SoftwareInstance", "Endpoint"):
        _dependencies(scene)
        return _drawn(scene, TITLES, address, more)
    return _drawn(scene, _around(scene), address, more)


def _dependencies(scene: _Scene) -> None:
    own, view, at = scene.own, scene.view, scene.at
    software, endpoints = [own], [own]
    if own.class_name == "Host":
        parts = view.parts(own.id, ["SoftwareInstance", "Endpoint"], at)
        software = [p for p in parts if p.class_name == "SoftwareInstance"]
        endpoints = [p for p in parts if p.class_name == "Endpoint"]
        links = view.links([own.id, *(p.id for p in parts)], at)
    else:
        near = view.links([own.id], at)
        exposed = {link.object if link.subject == own.id else link.subject for link in near if link.type == "EXPOSES"}
        others = sorted(view.items(sorted(exposed), at).values(), key=_order) if exposed else []
        if own.class_name == "SoftwareInstance":
            endpoints = others
        else:
            software = others
        links = _distinct([*near, *(view.links([o.id for o in others], at) if others else [])])
    inner = {i.id: i for i in (own, *software, *endpoints)}
    uses = [link for link in links if link.type in _USES]
    ends = {e for link in uses for e in (link.subject, link.object)} - set(inner)
    outer = view.items(sorted(ends), at) if ends else {}
    wanted = {i.parent for i in (*outer.values(), own) if i.parent and i.parent not in inner}
    wholes = {**(view.items(sorted(w for w in wanted if w), at) if wanted else {}), **inner, **outer}
    _inner(scene, software, endpoints, links, wholes)
    for link in uses:
        if link.subject in inner and link.object in outer:
            scene.add(NEEDS, _likeness(outer[link.object]), outer[link.object], _caption(outer[link.object], wholes))
    for link in uses:
        if link.object in inner and link.subject in outer:
            scene.add(USERS, _likeness(outer[link.subject]), outer[link.subject], _caption(outer[link.subject], wholes))
    scene.links = [link for link in links if link.type in (*_USES, "EXPOSES")]


def _inner(
    scene: _Scene, software: list[Item], endpoints: list[Item], links: list[Link], wholes: dict[str, Item]
) -> None:
    """Host, software and endpoints; software that listens first, endpoints in the order of who listens there."""
    own = scene.own
    owners: dict[str, list[str]] = {}
    for link in links:
        if link.type == "EXPOSES":
            owners.setdefault(link.object, []).append(link.subject)
    busy = {o for each in owners.values() for o in each} | {x.subject for x in links if x.type in _USES}
    host = own if own.class_name == "Host" else wholes.get(own.parent or "")
    if host is not None:
        scene.add(HOST, host.id, host, class_label(host.class_name))
    ranked = sorted(software, key=lambda s: (s.id not in busy, _order(s)))
    for item in ranked:
        if item.class_name == "SoftwareInstance":
            kind = str(item.attributes.get("kind") or class_label(item.class_name))
            scene.add(SOFTWARE, item.id, item, kind)
    rank = {item.id: n for n, item in enumerate(ranked)}
    first = {e.id: min((rank.get(o, 1 << 30) for o in owners.get(e.id, ())), default=1 << 30) for e in endpoints}
    for item in sorted(endpoints, key=lambda e: (first[e.id], e.attributes.get("exposed") is False, _order(e))):
        if item.class_name == "Endpoint":
            local = item.attributes.get("exposed") is False
            port = f"{item.attributes.get('protocol', '')} {item.attributes.get('port', '')}"
            alike = f"{port} {local} {sorted(owners.get(item.id, ()))} {item.id == own.id}"
            scene.add(ENDPOINT, alike, item, "local only" if local else "reachable from outside")


def _around(scene: _Scene) -> list[str]:
    """The CI, the whole that it is a part of, and whatever it is related to, in lanes of their own."""
    own, view, at = scene.own, scene.view, scene.at
    scene.links = view.links([own.id], at)
    ends = {link.object if link.subject == own.id else link.subject for link in scene.links}
    outer = view.items(sorted(ends | ({own.parent} if own.parent else set())), at) if ends or own.parent else {}
    missing = sorted({i.parent for i in outer.values() if i.parent} - set(outer))
    wholes = {**(view.items(missing, at) if missing else {}), **outer}
    whole = outer.get(own.parent or "")
    if whole is not None:
        scene.add(0, whole.id, whole, class_label(whole.class_name))
    scene.add(1, own.id, own, class_label(own.class_name))
    for link in scene.links:
        other = outer.get(link.object if link.subject == own.id else link.subject)
        if other is not None:
            scene.add(2 if link.subject == own.id else 0, _likeness(other), other, _caption(other, wholes))
    return ["Part of, or named by", class_label(own.class_name), "Related to"]


def _drawn(scene: _Scene, titles: list[str], address: Address, more: More) -> Drawing:
    nodes: list[Node] = []
    kept: dict[str, str] = {}
    for lane in sorted({box.lane for box in scene.boxes.values()}):
        boxes = [b for b in scene.boxes.values() if b.lane == lane]
        shown = boxes if len(boxes) <= MOST else boxes[: MOST - 1]
        for box in shown:
            nodes.append(_node(box, scene.own, address))
            kept[box.key] = box.key
        rest = boxes[len(shown) :]
        if rest:
            nodes.append(_rest(rest, lane, more))
            kept.update({box.key: nodes[-1].key for box in rest})
    edges = _edges(scene, kept)
    return draw(titles, nodes, edges)


def _node(box: _Box, own: Item, address: Address) -> Node:
    item = next((i for i in box.items if i.id == own.id), box.items[0])
    name, about = visible(item.name, 400), class_label(item.class_name)
    ports = item.class_name == "Endpoint" and len(box.items) > 1
    if ports:
        name = visible(f"{item.attributes.get('protocol', '')} {item.attributes.get('port', '')}")
        about = ", ".join(visible(i.name, 60) for i in box.items[:6])
    times = f" \N{MULTIPLICATION SIGN}{len(box.items)}" if len(box.items) > 1 else ""
    return Node(
        key=box.key,
        lane=box.lane,
        name=cut(name, NAME - len(times)) + times,
        caption=cut(visible(box.caption), CAPTION),
        shape=SHAPES.get(item.class_name, "part"),
        href=address(item),
        about=f"{name} ({about})",
        count=len(box.items),
        focus=item.id == own.id,
    )


def _rest(rest: list[_Box], lane: int, more: More) -> Node:
    items = [i for box in rest for i in box.items]
    classes = sorted({i.class_name for i in items})
    what = class_label(classes[0], len(items)) if len(classes) == 1 else "configuration items"
    return Node(
        key=f"{lane} rest",
        lane=lane,
        name=f"{len(items)} more",
        caption=cut(what.lower(), CAPTION),
        shape=SHAPES.get(classes[0], "part"),
        href=more("", classes[0]) if len(classes) == 1 and lane in (SOFTWARE, ENDPOINT) else "#neighbours",
        about=f"{len(items)} more {what.lower()}, listed under Neighbours",
        count=len(items),
    )


def _edges(scene: _Scene, kept: dict[str, str]) -> list[Edge]:
    found: dict[tuple[str, str], Edge] = {}
    own = scene.box_of.get(scene.own.id, "")
    hosts = [b for b in scene.boxes.values() if any(i.class_name == "Host" for i in b.items) and b.lane == HOST]
    for box in scene.boxes.values():
        if box.lane == SOFTWARE and hosts and scene.own.class_name in ("Host", "SoftwareInstance", "Endpoint"):
            _join(found, kept, hosts[0].key, box.key, "plain", "runs")
    if scene.own.parent and scene.own.class_name not in ("SoftwareInstance", "Endpoint"):
        _join(found, kept, scene.box_of.get(scene.own.parent, ""), own, "plain", "contains")
    for link in scene.links:
        uses = link.type in _USES
        kind = "maybe" if link.type == "TALKS_TO" else "needs" if uses else "plain"
        about = RELATIONSHIP_TYPES[link.type].text if link.type in RELATIONSHIP_TYPES else link.type
        _join(found, kept, scene.box_of.get(link.subject, ""), scene.box_of.get(link.object, ""), kind, about)
    return list(found.values())


def _join(
    found: dict[tuple[str, str], Edge], kept: dict[str, str], source: str, target: str, kind: str, about: str
) -> None:
    a, b = kept.get(source), kept.get(target)
    if a and b and a != b:
        edge = found.setdefault((a, b), Edge(a, b, about=about))
        if kind == "needs" or (kind == "maybe" and edge.kind == "plain"):
            edge.kind = "needs" if kind == "needs" else "maybe"


def _likeness(item: Item) -> str:
    return f"{item.class_name} {item.name}" if item.class_name == "SoftwareInstance" else item.id


def _caption(item: Item, wholes: dict[str, Item]) -> str:
    on = wholes.get(item.parent or "")
    return f"on {on.name}" if on is not None else class_label(item.class_name)


def _order(item: Item) -> tuple[str, str]:
    return (item.name, item.id)


def _distinct(links: Iterable[Link]) -> list[Link]:
    return list({link.key: link for link in links}.values())
