"""Pages of one CI: itself with its neighbourhood and past, one group of its neighbours, its timeline, impact and identity."""

from __future__ import annotations

from flask import Blueprint, request

from api.ui import cabling, impacted, overview, picture, related, saying, timeline, words
from api.ui.drawing import Drawing
from api.ui.page import Page, asked, number, state
from baselines.record_words import CLASSES
from cmdb.by_hand import may_restore
from cmdb.explain import explain
from cmdb.model.errors import NotFoundError
from cmdb.own_attributes import vocabulary
from cmdb.physical_topology import CLASSES as WIRED
from cmdb.physical_topology import around
from cmdb.query import Details
from cmdb.states import Item

routes = Blueprint("ci_pages", __name__)

GROUP = 100
OPEN = 5
"""Boxes of like ones that are open at once."""


@routes.get("/ci/<id_>")
def ci(id_: str) -> str:
    with asked() as page:
        item = state(page, id_)
        gone = item.until is not None and (page.at is None or item.until <= page.at)
        shown = Details(page.view, page.at).cis([item])[0]
        groups = [] if gone else related.groups(page.view, item, page.at)
        known = vocabulary(page.view, page.at)
        sayable = page.at is None and not gone and item.class_name not in CLASSES.values()
        return page.render(
            "ci.html",
            item=item,
            records={class_name: kind for kind, class_name in CLASSES.items()},
            ci=shown,
            gone=page.view.revision(item.until) if gone and item.until else None,
            whole=_whole(page, item),
            fields=[words.field(item.class_name, n, v, known) for n, v in sorted(item.attributes.items())],
            saying=saying.fields(item, known) if sayable and page.caller.may("operate") else [],
            ending=_ending(page, item, bool(gone)),
            redacted=[
                {**why, "label": words.attribute_label(n)} for n, why in sorted(shown.get("redacted", {}).items())
            ],
            readings=[words.field(item.class_name, n, v) for n, v in sorted(shown["readings"].items())],
            groups=groups,
            first=related.FIRST,
            drawing=None if gone else picture.neighbourhood(page.view, item, page.at, page.ci, _more(page, item)),
            wiring=None if gone or item.class_name not in WIRED else _wiring(page, item),
            timeline=timeline.of(page.view, item, page.at),
            sections=[s for s in overview.sections(page.view, item.parent or item.id, page.at) if _tells(s, item)],
        )


@routes.get("/ci/<id_>/neighbours/<key>")
def neighbours(id_: str, key: str) -> str:
    with asked() as page:
        item = state(page, id_)
        group = next((g for g in related.groups(page.view, item, page.at) if g.key == key), None)
        if group is None:
            raise NotFoundError(f"{item.name!r:.60} has no neighbours {key!r:.80} as of revision {page.revision}.")
        found = related.page(group, request.args.get("cursor") or None, GROUP)
        return page.render("neighbours.html", item=item, found=found)


@routes.get("/ci/<id_>/timeline")
def past(id_: str) -> str:
    with asked() as page:
        item = state(page, id_)
        return page.render(
            "timeline.html", item=item, timeline=timeline.of(page.view, item, page.at, number("before"), 25)
        )


@routes.get("/ci/<id_>/impact")
def impact(id_: str) -> str:
    with asked() as page:
        item = state(page, id_)
        report = page.estate.impact([id_], at=None if page.at is None else str(page.at))
        opened = list(dict.fromkeys(request.args.getlist("open")))[-OPEN:]

        def around_of(other: str) -> str:
            return page.link("ci_pages.impact", id_=other)

        def with_open(box: str) -> str:
            return page.link("ci_pages.impact", id_=id_, open=[*opened, box]) + "#picture"

        told = impacted.told(page.view, report, number("start") or 0, around_of, with_open, opened)
        return page.render("impact.html", item=item, told=told)


@routes.get("/ci/<id_>/identity")
def identity(id_: str) -> str:
    with asked() as page:
        item = state(page, id_)
        told = explain(page.view, item.id, page.at)
        known = vocabulary(page.view)
        fields = {
            (a["attribute"], place): words.field(item.class_name, a["attribute"], claim["value"], known)
            for a in told["attributes"]
            for place, claim in enumerate(a["claims"])
        }
        return page.render("explained.html", item=item, told=told, fields=fields)


def _wiring(page: Page, item: Item) -> Drawing | None:
    """What it is plugged into, where anything is known of that."""
    found = around(page.view, item, page.at)
    if not found["links"]:
        return None

    def opened(box: str) -> str:
        return page.link("topology_pages.topology", q=item.id, depth=1, open=box)

    return cabling.picture(found, address=page.ci, open_address=opened)


def _more(page: Page, item: Item) -> picture.More:
    ends = {"SoftwareInstance": "RUNS_ON.object", "Endpoint": "CONTAINS.subject"}

    def address(_: str, class_name: str) -> str:
        if item.class_name == "Host" and class_name in ends:
            return page.link("ci_pages.neighbours", id_=item.id, key=f"{ends[class_name]}.{class_name}")
        return "#neighbours"

    return address


def _whole(page: Page, item: Item) -> Item | None:
    return page.view.last_states([item.parent]).get(item.parent) if item.parent else None


def _tells(section: overview.Section, item: Item) -> bool:
    """Whether a section of the subject says something of a CI of this class."""
    return item.parent is None or item.class_name in section.classes


def _ending(page: Page, item: Item, gone: bool) -> str:
    """What may be done about whether it is there: "retirement", "restoration", or nothing."""
    if page.at is not None or not page.caller.may("operate"):
        return ""
    if gone:
        return "restoration" if may_restore(page.view, item) else ""
    return "retirement"
