"""Pages of conflicts: what is open, one with its proposals, and the form that resolves it."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from api.ui.page import asked
from cmdb import conflicts

routes = Blueprint("conflict_pages", __name__)

SHOWN = 200


@routes.get("/conflicts")
def listed() -> str:
    with asked() as page:
        every = "all" in request.args
        found = conflicts.registered(page.view, every, page.at, request.args.get("cursor") or None, SHOWN)
        return page.render("conflicts.html", found=found["items"], more=found["next"], every=every)


@routes.get("/conflicts/<number>")
def one(number: str) -> str:
    with asked() as page:
        found = conflicts.show(page.view, number, page.at)
        may = page.at is None and found["state"] == "open" and page.caller.may("operate")
        return page.render("conflict.html", conflict=found, may=may)


@routes.post("/conflicts/<number>/resolution")
def resolve(number: str) -> Response:
    """Take the form, and show the conflict as it is then."""
    with asked("operate") as page:
        estate, address = page.estate, page.link("conflict_pages.one", number=number)
    proposal = request.form.get("as", "")
    if proposal == "assign:ID":
        proposal = f"assign:{request.form.get('ci', '').strip()}"
    estate.resolve_conflict(number, proposal, request.form.get("reason", ""))
    return redirect(address, 303)
