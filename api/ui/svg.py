"""A drawing as SVG: inside a page, where the page's style sheet colours it, or as a file of its own, which brings its colours.

Every text is escaped, and hidden characters were made visible before. No style attribute and no script: the page's content
security policy would refuse them.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from markupsafe import Markup

from api.encoders import visible
from api.ui.drawing import HEIGHT, WIDTH, Drawing, Edge, Frame, Node, Shape

_ARROW = (
    '<marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
    '<path d="M0 .5 7.5 4 0 7.5z"/></marker>'
)
_BOXES = {
    "endpoint": f'<rect class="box" width="{WIDTH}" height="{HEIGHT}" rx="23"/>',
    "software": f'<rect class="box" width="{WIDTH}" height="{HEIGHT}" rx="9"/>',
    "host": f'<rect class="box" width="{WIDTH}" height="{HEIGHT}"/>'
    f'<rect class="inner" x="4" y="4" width="{WIDTH - 8}" height="{HEIGHT - 8}"/>',
    "network": '<path class="box" d="M10 0h164l10 23-10 23H10L0 23z"/>',
    "record": '<path class="box" d="M0 0h170l14 14v32H0z"/>',
}
_PLAIN = f'<rect class="box" width="{WIDTH}" height="{HEIGHT}" rx="2"/>'
_DEVICE = (
    f'<rect class="box" width="{WIDTH}" height="{HEIGHT}" rx="6"/>'
    '<path class="side" d="M6 .700h26v44.600H6a5.3 5.3 0 0 1-5.3-5.300V6A5.3 5.3 0 0 1 6 .700z"/>'
)
_GLYPHS = {
    "switch": "M2 6h11l-3-3M18 14H7l3 3",
    "router": "M10 1.5a8.5 8.5 0 1 0 .01 0M6 10h8M10 6v8M6 10l2-2M6 10l2 2M14 10l-2-2M14 10l-2 2",
    "firewall": "M2 3h16v14H2zM2 7.700h16M2 12.300h16M10 3v4.700M6 7.700v4.600M14 7.700v4.600M10 12.300V17",
    "wlan": "M2 8a11 11 0 0 1 16 0M5 11.500a7 7 0 0 1 10 0M8 14.500a3 3 0 0 1 4 0M10 17h.01",
    "device": "M3 4h14v12H3zM6 8h8M6 12h5",
}
"""Signs of devices, 20 by 20."""
_KEYS = {
    "endpoint": '<rect width="24" height="14" rx="7"/>',
    "software": '<rect width="24" height="14" rx="4"/>',
    "host": '<rect width="24" height="14"/><rect x="2.5" y="2.5" width="19" height="9"/>',
    "network": '<path d="M4 0h16l4 7-4 7H4L0 7z"/>',
    "record": '<path d="M0 0h19l5 5v9H0z"/>',
}
_SIGNS = {
    "outage": '<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z"/>',
    "degraded": '<path d="M8 1.5 15 14.5H1z"/>',
    "at_risk": '<path d="M8 1 15 8l-7 7-7-7z"/>',
    "possible": '<circle cx="8" cy="8" r="6"/>',
}
_ARROWED = ("needs", "maybe")
_STYLE = """
svg{background:#fff;font:15px/1.5 system-ui,"Segoe UI",Roboto,"Helvetica Neue","DejaVu Sans",sans-serif}
.lane{fill:#55626e;font-size:12.5px;font-weight:600}
.edge{fill:none;stroke:#7d8a95;stroke-width:1.4}.edge.several{stroke-width:2.4}.edge.confirmed{stroke:#0b5c6b}
.edge.one-sided{stroke-dasharray:7 4}.edge.inferred,.edge.unknown{stroke-dasharray:1.5 4;stroke-linecap:round;stroke-width:1.8}
.edge.segment{stroke:#c3cbd2;stroke-width:1}
.edge.maybe{stroke-dasharray:5 4}.hit{fill:none;stroke:none}marker path{fill:#55626e}
.frame rect{fill:#f1f4f6;stroke:#c3cbd2;stroke-dasharray:3 3}.frame text{fill:#55626e;font-size:11px}
.box,.behind{fill:#fff;stroke:#9aa6b0;stroke-width:1.4}.inner{fill:none;stroke:#dde2e6}.side{fill:#e3f1f3}
.glyph{fill:none;stroke:#0b5c6b;stroke-width:1.4;stroke-linecap:round;stroke-linejoin:round}
.seen .box,.seen .behind{stroke-dasharray:5 3}.focus .box{stroke:#0b5c6b;stroke-width:2.4}
.name{fill:#17212b;font-size:12.5px;font-weight:600}.caption{fill:#55626e;font-size:11.5px}
.key text{fill:#55626e;font-size:11.5px}
"""
_LEGEND = (
    ("confirmed", "said at both ends"),
    ("one-sided", "said at one end"),
    ("inferred", "inferred"),
    ("unknown", "proof unknown"),
    ("segment", "over a shared segment"),
)


def inline(drawing: Drawing, title: str, about: str = "") -> Markup:
    """The picture within a page."""
    return Markup("\n".join(_svg(drawing, title, about)))  # noqa: S704 - every text in it is escaped below


def key(shape: Shape) -> Markup:
    """A small sign of a shape, for the legend."""
    if shape in _GLYPHS:
        return Markup(f'<svg viewBox="-3 0 26 20" aria-hidden="true"><path class="glyph" d="{_GLYPHS[shape]}"/></svg>')  # noqa: S704 - no text in it
    inner = _KEYS.get(shape, '<rect width="24" height="14" rx="1"/>')
    return Markup(f'<svg viewBox="-1 -1 26 16" aria-hidden="true">{inner}</svg>')  # noqa: S704 - no text in it


def standalone(drawing: Drawing, title: str, about: str = "") -> str:
    """A file of its own, with its colours and a legend of lines."""
    lines = list(_svg(drawing, title, about, extra=26))
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + "\n".join(lines) + "\n"


def _svg(drawing: Drawing, title: str, about: str, extra: int = 0) -> Iterator[str]:
    width, height = drawing.width, drawing.height + extra
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="graph" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="group" aria-label={quoteattr(visible(title, 200))}>'
    )
    yield f"<title>{_text(title)}</title><desc>{_text(about or _counted(drawing))}</desc>"
    if extra:
        yield f"<style>{_STYLE}</style>"
    yield f"<defs>{_ARROW}</defs>"
    for lane in drawing.lanes:
        yield f'<text class="lane" x="{lane.x}" y="20">{_text(lane.title)}</text>'
    yield from map(_frame, drawing.frames)
    places = {node.key: place for place, node in enumerate(drawing.nodes)}
    for edge in drawing.edges:
        yield _edge(edge, places)
    for place, node in enumerate(drawing.nodes):
        yield from _node(node, place)
    if extra:
        yield from _legend(drawing)
    yield "</svg>"


def _counted(drawing: Drawing) -> str:
    """What a picture shows, for who can not see it."""
    boxes, links = sum(n.count for n in drawing.nodes), sum(e.count for e in drawing.edges)
    return f"{boxes} items in {len(drawing.nodes)} boxes, joined by {links} lines; each box leads to what it shows."


def _frame(frame: Frame) -> str:
    return (
        f'<g class="frame"><rect x="{frame.x}" y="{frame.y}" width="{frame.width}" height="{frame.height}" rx="8"/>'
        f'<svg x="{frame.x}" y="{frame.y}" width="{frame.width}" height="20">'
        f'<text x="9" y="14">{_text(frame.title)}</text></svg></g>'
    )


def _edge(edge: Edge, places: dict[str, int]) -> str:
    arrow = ' marker-end="url(#arrow)"' if edge.kind in _ARROWED else ""
    several = " several" if edge.count > 1 and edge.kind not in ("plain", *_ARROWED) else ""
    return (
        f'<g class="line" data-a="{places[edge.source]}" data-b="{places[edge.target]}">'
        f"<title>{_text(edge.about, 4000)}</title>"
        f'<path class="hit" d="{edge.path}"/><path class="edge {edge.kind}{several}" d="{edge.path}"{arrow}/></g>'
    )


def _node(node: Node, place: int) -> Iterator[str]:
    classes = ["node", node.shape, *(["focus"] if node.focus else []), *(["seen"] if node.seen else [])]
    classes += [node.level] if node.level else []
    link = f"a href={quoteattr(visible(node.href, 20_000))}" if node.href else "g"
    current = ' aria-current="true"' if node.focus and node.href else ""
    name = f'class="{" ".join(classes)}" data-node="{place}" transform="translate({node.x} {node.y})"{current}'
    several = f", {node.count} of them" if node.count > 1 else ""
    level = f": {node.level.replace('_', ' ')}" if node.level else ""
    yield f"<{link} {name}><title>{_text(node.about + several + level, 800)}</title>"
    if node.count > 1:
        round_ = {"endpoint": 23, "software": 9}.get(node.shape, 6 if node.shape in _GLYPHS else 2)
        yield f'<rect class="behind" x="5" y="-5" width="{WIDTH}" height="{HEIGHT}" rx="{round_}"/>'
    left = 36 if node.level else 16
    if node.shape in _GLYPHS:
        yield f'{_DEVICE}<path class="glyph" transform="translate(6 13)" d="{_GLYPHS[node.shape]}"/>'
        left = 66 if node.level else 42
    else:
        yield _BOXES.get(node.shape, _PLAIN)
    if node.level:
        yield f'<g class="sign" transform="translate({left - 22} 15)">{_SIGNS.get(node.level, _SIGNS["possible"])}</g>'
    yield (
        f'<svg width="{WIDTH - 4}" height="{HEIGHT}"><text class="name" x="{left}" y="20">{_text(node.name)}</text>'
        f'<text class="caption" x="{left}" y="36">{_text(node.caption)}</text></svg></{link.split(" ")[0]}>'
    )


def _legend(drawing: Drawing) -> Iterator[str]:
    y, x = drawing.height + 8, 16
    for kind, words in _LEGEND:
        if kind in drawing.kinds:
            yield (
                f'<g class="key"><path class="edge {kind}" d="M{x} {y}h30"/>'
                f'<text x="{x + 38}" y="{y + 4}">{words}</text></g>'
            )
            x += 48 + 7 * len(words) + 20


def _text(text: str, limit: int = 400) -> str:
    return "\n".join(escape(visible(line, limit)) for line in text.split("\n"))
