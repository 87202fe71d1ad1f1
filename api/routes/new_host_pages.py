"""The page for a new host: two lines that put the agent on it, and where the token comes from."""

from __future__ import annotations

from flask import Blueprint, request

from api.context import server
from api.new_host import identity, lines
from api.routes.agent_file import given
from api.ui.page import asked

routes = Blueprint("new_host_pages", __name__)


@routes.get("/new-host")
def new_host() -> str:
    with asked("operate") as page:
        certificate = server().settings.certificate
        known = identity(certificate) if certificate is not None else None
        # The Host header is one of the server's own names (api.app), and what the browser reached it by.
        url = request.host_url.rstrip("/")
        return page.render("new_host.html", lines=lines(url, given().sha256, known), known=known, file=given())
