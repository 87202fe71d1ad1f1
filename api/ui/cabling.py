"""The physical map (cmdb.physical_topology) as a picture: tiers from the core to the hosts, like hosts as one counted box."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from api.encoders import visible
from api.ui.drawing import Drawing, Edge, Kind, Node, Shape, draw
from api.ui.layering import tiers
from api.ui.words import cut
from cmdb.cabling import SEGMENT
from cmdb.folding import ENDS, Folded, fold, weakest

MOST = 120
"""Boxes of one picture."""
LIKE = 5
"""From so many on, hosts that are plugged in alike are one box."""
NAME, CAPTION = 18, 22
_TOLD = 12
"""Cables that the title of one line names."""
_SHAPES: dict[str | None, Shape] = {
    "host": "host",
    "bridge": "switch",
    "router": "router",
    "firewall": "firewall",
    "wlan": "wlan",
}
_WORDS: dict[str | None, str] = {
    "bridge": "switch",
    "wlan": "access point",
    "ups": "UPS",
    "power": "power unit",
    None: "device",
}
Document = dict[str, Any]
Address = Callable[[str], str]


def folded(found: Document, most: int = MOST, like: int = LIKE, opened: Collection[str] = ()) -> Folded:
    """The document's nodes and links with like ones folded, so far that they make one picture."""
    kept = [root["id"] for root in found["roots"]]
    return fold(found["nodes"], found["links"], most, like, kept, opened)


def picture(
    found: Document,
    most: int = MOST,
    opened: Collection[str] = (),
    address: Address | None = None,
    open_address: Address | None = None,
) -> Drawing:
    """The drawing of a document. `address` gives the page of a CI, `open_address` the page on which a box is open."""
    shown = folded(found, most, opened=opened)
    rows = {row["id"]: row for row in shown.nodes}
    names = {row["id"]: row["name"] for row in (*found["nodes"], *shown.nodes)}
    near: dict[str, set[str]] = {}
    pairs: dict[tuple[str, str], list[Document]] = {}
    for shared in (False, True):  # what several share tells of the tiers only where nothing else does
        alone = set(rows) - set(near)
        for link in shown.links:
            a, b = link["a"]["id"], link["b"]["id"]
            if a != b and (link["note"] == SEGMENT) is shared:
                pairs.setdefault((min(a, b), max(a, b)), []).append(link)
                if not shared or alone & {a, b}:
                    near.setdefault(a, set()).add(b)
                    near.setdefault(b, set()).add(a)
    order = list(rows)
    joined = {node: sorted(far, key=order.index) for node, far in near.items()}
    ends = {id_ for id_, row in rows.items() if row["role"] in ENDS}
    outer = {id_ for id_, row in rows.items() if row["role"] in ("router", "firewall")}
    levels = tiers(order, joined, ends, outer)
    top = len(levels.titles) - 1 if levels.titles else 0
    roots = {root["id"] for root in found["roots"]}
    nodes = []
    for id_, row in rows.items():
        lane = top - levels.of[id_] if id_ in levels.of else top + 1
        nodes.append(_node(row, lane, names, shown.members.get(id_, ()), id_ in roots, address, open_address))
    edges = [_edge(some, names, levels.of) for some in pairs.values()]
    # What is only a part of the network does not tell which of its tiers it is.
    whole = found.get("depth") is None
    titles = [
        *(title if whole or title == "Hosts" else "" for title in levels.titles),
        "No link known",
    ]
    return draw(titles, nodes, edges, {g["id"]: _titled(g) for g in found["groups"]})


def _node(
    row: Document,
    lane: int,
    names: dict[str, str],
    members: Sequence[str],
    focus: bool,
    address: Address | None,
    open_address: Address | None,
) -> Node:
    name = visible(row["name"] or "without a name", 400)
    word = _WORDS.get(row["role"]) or str(row["role"])
    caption = word
    if len(members) > 1:
        caption = f"{visible(names[members[0]], 60)} \N{HORIZONTAL ELLIPSIS} {visible(names[members[-1]], 60)}"
    elif row["discovered"] is False:
        caption = "seen by neighbours"
    about = f"{name} ({word})" if row["count"] == 1 else f"{name}: {caption}"
    if row.get("links_within"):
        about += f"; {row['links_within']} links among them"
    if row["discovered"] is False:
        about += "; only its neighbours tell of it"
    if not row["linked"]:
        about += "; no link of it is known"
    to = open_address if row["id"].startswith("~") else address
    return Node(
        key=row["id"],
        lane=lane,
        name=cut(name, NAME),
        caption=cut(caption, CAPTION),
        shape=_SHAPES.get(row["role"], "device"),
        href=to(row["id"]) if to else "",
        about=about,
        count=row["count"],
        focus=focus,
        seen=row["discovered"] is False,
        group=row["group"] or "",
    )


def _edge(links: list[Document], names: dict[str, str], of: dict[str, int]) -> Edge:
    """All cables between two boxes, from the one nearer to the core."""
    one, other = links[0]["a"]["id"], links[0]["b"]["id"]
    source, target = (one, other) if (-of[one], one) <= (-of[other], other) else (other, one)
    count = sum(link["count"] for link in links)
    told = [_told(link, source, names) for link in links[:_TOLD]]
    rest = count - sum(link["count"] for link in links[:_TOLD])
    if rest:
        told.append(f"and {rest} more")
    own = [link for link in links if link["note"] != SEGMENT]
    proof = weakest(link["proof"] for link in own)
    kinds: dict[str | None, Kind] = {"confirmed": "confirmed", "one-sided": "one-sided", "inferred": "inferred"}
    kind: Kind = kinds.get(proof, "unknown") if own else "segment"
    return Edge(source, target, kind, "\n".join(told), count)


def _told(link: Document, first: str, names: dict[str, str]) -> str:
    ends = (link["a"], link["b"]) if link["a"]["id"] == first else (link["b"], link["a"])
    sides = " \N{EN DASH} ".join(
        visible(f"{names[end['id']]} {end['port']}" if end["port"] else names[end["id"]], 120) for end in ends
    )
    proof = link["proof"] or "proof unknown"
    several = f", {link['count']} links" if link["count"] > 1 else ""
    evidence = f" ({visible(link['evidence'], 120)})" if link["evidence"] else ""
    note = f", {visible(link['note'], 60)}" if link["note"] else ""
    return f"{sides}{several}: {proof}{note}{evidence}"


def _titled(group: Document) -> str:
    name = visible(group["name"], 120)
    return cut(f"bonded: {name}" if group["kind"] == "bonded" else name, 30)
