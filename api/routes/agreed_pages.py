"""Pages of what was agreed: baselines with their drift, change and incident records with what they pin."""

from __future__ import annotations

from flask import Blueprint, request

from api.ui import deviations
from api.ui.page import asked, number
from baselines import baseline, drift, records
from baselines.record_words import CLASSES
from cmdb.model.errors import NotFoundError

routes = Blueprint("agreed_pages", __name__)


@routes.get("/baselines")
def baselines() -> str:
    with asked() as page:
        return page.render("baselines.html", baselines=baseline.registered(page.view)["items"])


@routes.get("/baselines/<name>")
def one(name: str) -> str:
    """The register's entry with what it froze; its integrity is checked where that is asked for, which reads all of it."""
    with asked() as page:
        found = baseline.show(page.view, name)
        verified = baseline.verify(page.view, name) if "verify" in request.args else None
        return page.render("baseline.html", baseline=found, verified=verified)


@routes.get("/baselines/<name>/drift")
def differs(name: str) -> str:
    with asked() as page:
        report = drift.drift(page.view, name, page.at)
        told = deviations.told(report, request.args.get("kind", ""), number("start") or 0)
        return page.render("drift.html", told=told, baseline=baseline.show(page.view, name))


@routes.get("/records")
def listed() -> str:
    with asked() as page:
        found = {kind: records.recorded(page.view, kind, page.at)["items"] for kind in CLASSES}
        return page.render("records.html", found=found)


@routes.get("/records/<kind>/<path:key>")
def record(kind: str, key: str) -> str:
    with asked() as page:
        if kind not in CLASSES:
            raise NotFoundError(f"There are no {kind!r:.40} records; there are {' and '.join(CLASSES)} records.")
        return page.render("record.html", record=records.show(page.view, kind, key, page.at))
