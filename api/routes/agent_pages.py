"""Pages of agents: which were enrolled, and one with its version, what each section costs and which failed; and what to do
about it."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from api import agents
from api.ui.agent_costs import Row, rows
from api.ui.page import asked
from cmdb import aliases
from cmdb.model.errors import UsageError

routes = Blueprint("agent_pages", __name__)

SHOWN = 200


@routes.get("/agents")
def listed() -> str:
    with asked() as page:
        found = agents.registered(page.view, request.args.get("cursor") or None, SHOWN)
        return page.render("agents.html", found=found)


@routes.get("/agents/<id_>")
def one(id_: str) -> str:
    with asked() as page:
        found = agents.show(page.view, id_)
        ci = aliases.resolve(page.view, found["ci"]) if found["ci"] else None
        sections: list[Row] = rows(page.view.scopes_from(found["source"], [ci])) if ci else []
        may = page.at is None and page.caller.may("operate") and found["state"] != "revoked"
        return page.render("agent.html", agent=found, ci=ci, sections=sections, may=may, wishes=agents.WISHES)


@routes.post("/agents/<id_>/decision")
def decide(id_: str) -> Response:
    """Take the form, and show the agent as it is then."""
    with asked("operate") as page:
        estate, address = page.estate, page.link("agent_pages.one", id_=id_)
    what = request.form.get("do", "")
    if what in agents.WISHES:
        estate.ask_agent(id_, what)
    elif what in ("approve", "replace"):
        estate.approve_agent(id_, what == "replace")
    elif what == "rotate":
        estate.rotate_agent(id_)
    elif what == "revoke":
        estate.revoke_agent(id_, request.form.get("reason", ""))
    else:
        raise UsageError(f"There is nothing called {what!r:.40} to be done about an agent.")
    return redirect(address, 303)
