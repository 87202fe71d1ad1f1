"""Pages of sweeps: which there were, and one with how far it is, how its targets ended, why, and what to do about it."""

from __future__ import annotations

from flask import Blueprint, request

from api.ui import sweep_counts
from api.ui.page import asked
from cmdb import sweeps

routes = Blueprint("sweep_pages", __name__)

SHOWN = 100


@routes.get("/sweeps")
def listed() -> str:
    with asked() as page:
        found = sweeps.listed(page.view, page.now, request.args.get("cursor"), SHOWN)
        bars = {one["sweep"]: sweep_counts.parts(one["counts"], one["waiting"]) for one in found["items"]}
        return page.render("sweeps.html", found=found, bars=bars)


@routes.get("/sweeps/<id_>")
def one(id_: str) -> str:
    with asked() as page:
        outcome = request.args.get("outcome", "")
        wanted = sweeps.Asked((outcome,) if outcome else (), request.args.get("cursor"), SHOWN)
        found = sweeps.show(page.view, id_, page.now, wanted, sweeps.Teller(page.caller.actor))
        bar = sweep_counts.parts(found["counts"], found["waiting"])
        return page.render(
            "sweep.html", sweep=found, bar=bar, outcome=outcome, tone=sweep_counts.tone, label=sweep_counts.label
        )
