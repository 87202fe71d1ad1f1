"""The physical map as a file for other tools: GraphML (graphml.graphdrawing.org, 1.0) and DOT (graphviz).

Names come from hosts and devices: what XML or DOT give a meaning is escaped, what neither may hold is made visible.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from api.encoders import dot, visible

Document = dict[str, Any]
_NODE = {
    "class": "string",
    "name": "string",
    "role": "string",
    "discovered": "boolean",
    "group": "string",
    "count": "int",
}
_EDGE = {
    "type": "string",
    "source_port": "string",
    "target_port": "string",
    "proof": "string",
    "evidence": "string",
    "count": "int",
}
_LINES = {"confirmed": "solid", "one-sided": "dashed", "inferred": "dotted"}


def graphml(found: Document) -> Iterator[str]:
    """Lines of a GraphML document; an edge is a cable, or several between boxes of like nodes."""
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    for place, kinds in (("graph", {"revision": "int", "complete": "boolean"}), ("node", _NODE), ("edge", _EDGE)):
        for name, kind in kinds.items():
            yield f'  <key id="{place}.{name}" for="{place}" attr.name="{name}" attr.type="{kind}"/>'
    yield '  <graph id="topology" edgedefault="undirected">'
    yield from _data("graph", {"revision": found["revision"], "complete": found["complete"]}, "    ")
    groups = {group["id"]: group["name"] for group in found["groups"]}
    for node in found["nodes"]:
        yield f"    <node id={quoteattr(visible(node['id']))}>"
        yield from _data("node", {**{n: node[n] for n in _NODE}, "group": groups.get(node["group"])}, "      ")
        yield "    </node>"
    for number, link in enumerate(found["links"]):
        ends = f"source={quoteattr(visible(link['a']['id']))} target={quoteattr(visible(link['b']['id']))}"
        yield f'    <edge id="e{number}" {ends}>'
        told = {**link, "source_port": link["a"]["port"], "target_port": link["b"]["port"]}
        yield from _data("edge", {name: told[name] for name in _EDGE}, "      ")
        yield "    </edge>"
    yield "  </graph>"
    yield "</graphml>"


def dot_lines(found: Document) -> Iterator[str]:
    """Lines of an undirected graph for graphviz, groups as clusters, proof as the style of the line."""
    yield "graph topology {"
    yield "  node [shape=box];"
    grouped: dict[str, list[Document]] = {}
    for node in found["nodes"]:
        grouped.setdefault(node["group"] or "", []).append(node)
    names = {group["id"]: group["name"] for group in found["groups"]}
    for number, group in enumerate(sorted(grouped)):
        inside = "    " if group else "  "
        if group:
            yield f"  subgraph cluster_{number} {{"
            yield f"    label={dot(names.get(group, group))};"
        for node in grouped[group]:
            style = "" if node["discovered"] is not False else ", style=dashed"
            yield f"{inside}{dot(node['id'])} [label={dot(node['name'])}{style}];"
        if group:
            yield "  }"
    for link in found["links"]:
        ports = f"taillabel={dot(link['a']['port'])}, headlabel={dot(link['b']['port'])}"
        style = _LINES.get(link["proof"] or "", "dotted")
        several = f", label={dot(link['count'])}" if link["count"] > 1 else ""
        yield f"  {dot(link['a']['id'])} -- {dot(link['b']['id'])} [{ports}, style={style}{several}];"
    yield "}"


def _data(place: str, told: Document, inside: str) -> Iterator[str]:
    for name, value in told.items():
        if value is not None:
            text = str(value).lower() if isinstance(value, bool) else visible(str(value))
            yield f'{inside}<data key="{place}.{name}">{escape(text)}</data>'
