"""Pages of the whole: home, hosts, search, what happened; and problems told to people.

Everything is drawn by the server; the script that comes along only adds comfort.
"""

from __future__ import annotations

import json

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from api import answers, auth
from api.ui import overview, timeline
from api.ui.page import Page, asked, furnish, number, state
from cmdb import query as questions
from cmdb.model.classes import CLASSES
from cmdb.model.errors import NotFoundError, UsageError
from cmdb.states import Item
from cmdb.states import Page as Found

routes = Blueprint("pages", __name__)
furnish(routes)

RESULTS = 50
EXAMPLES = (
    ("class:Host", "every host"),
    ("class:Endpoint exposed:true", "what can be reached from outside"),
    ("class:SoftwarePackage name:openssl*", "installed packages whose name begins so"),
    ("class:LocalAccount password_state:usable", "accounts that can sign in with a password"),
    ("class:FileSystem network:true", "file systems that lie on another host"),
    ("port:<1024", "well-known ports"),
    ("nginx", "anything with a word that begins so"),
)


@routes.get("/sign-in")
def sign_in() -> str | Response:
    """The form; somebody who is signed in has no need of it."""
    if auth.session() is not None:
        return make_response(redirect(url_for("pages.home"), 303))
    return render_template("sign_in.html", page=None)


@routes.get("/")
def home() -> str:
    """The host, where there is one; the list of hosts, where there are several."""
    with asked() as page:
        hosts = overview.hosts(page.view, page.at, request.args.get("cursor"))
        if hosts.total == 1 and hosts.rows:
            return _host(page, hosts.rows[0].host)
        counts = page.view.counts() if page.at is None else {}
        classes = {name: counts[name] for name in CLASSES if counts.get(name)}
        return page.render(
            "hosts.html", hosts=hosts, counts=classes, latest=timeline.latest(page.view, page.at, None, 6)
        )


@routes.get("/hosts/<id_>")
def host(id_: str) -> str:
    with asked() as page:
        return _host(page, state(page, id_, "Host"))


@routes.get("/search")
def search() -> Response:
    """The query language, with its help; a query that is refused is explained beside the field."""
    with asked() as page:
        text = request.args.get("q", "").strip()
        found, problem, wholes = None, "", {}
        if "q" in request.args:
            try:
                found = questions.found(page.view, text, page.at, request.args.get("cursor") or None, RESULTS)
            except UsageError as error:
                problem = error.message
        if found is not None:
            wholes = _wholes(page, found)
        html = page.render(
            "search.html", q=text, found=found, problem=problem, wholes=wholes, examples=EXAMPLES, classes=CLASSES
        )
        return make_response(html, 400 if problem else 200)


@routes.get("/revisions")
def revisions() -> str:
    with asked() as page:
        rows = timeline.latest(page.view, page.at, number("before"), 50)
        before = rows[-1].number if rows and rows[-1].number > 1 else None
        return page.render("revisions.html", rows=rows, before=before)


@routes.get("/revisions/<int:number_>")
def revision(number_: int) -> str:
    with asked() as page:
        found = page.view.revision(number_) if number_ <= page.head.number else None
        if found is None:
            raise NotFoundError(f"There is no revision {number_}; the newest is {page.head.number}.")
        changes = timeline.changes(page.view, number_, number("start") or 0)
        return page.render("revision.html", revision=found, changes=changes)


@routes.after_app_request
def told_to_people(response: Response) -> Response:
    """A problem document that a browser gets instead of a page, as a page with the same status."""
    person = any(kind == "text/html" for kind, _ in request.accept_mimetypes)
    if response.mimetype != answers.PROBLEM or request.path.startswith("/api/") or not person:
        return response
    problem = json.loads(response.get_data())
    response.set_data(render_template("problem.html", page=None, problem=problem))
    response.content_type = "text/html; charset=utf-8"
    return response


def _host(page: Page, item: Item) -> str:
    return page.render(
        "host.html",
        host=overview.of(page.view, item, page.at),
        latest=timeline.latest(page.view, page.at, None, 6),
    )


def _wholes(page: Page, found: Found) -> dict[str, Item]:
    wanted = sorted({i.parent for i in found.items if i.parent})
    return page.view.items(wanted, page.at) if wanted else {}
