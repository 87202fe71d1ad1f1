"""The page of the physical map: what is plugged into what, as a picture and as a table."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, make_response, request

from api.ui import wiring
from api.ui.page import asked, number
from cmdb.model.errors import NotFoundError, UsageError

routes = Blueprint("topology_pages", __name__)

MOST = 20_000
OPEN = 5
_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}\Z")
_WORDS = ("q", "depth", "start", "first")


@routes.get("/topology")
def topology() -> Response:
    """All of it, or what lies around what is asked for; a question that is refused is explained beside the field."""
    with asked() as page:
        text = request.args.get("q", "").strip()
        opened = list(dict.fromkeys(request.args.getlist("open")))[-OPEN:]

        def link(**said: Any) -> str:
            words: dict[str, Any] = {n: request.args[n] for n in _WORDS if request.args.get(n)} | {"open": opened}
            words.update(said)
            return page.link("topology_pages.topology", **{n: v for n, v in words.items() if v})

        told, problem = None, ""
        try:
            named = {"ids": [text]} if _ID.match(text) else {"queries": [text] if text else []}
            at = None if page.at is None else str(page.at)
            found = page.estate.topology(**named, depth=number("depth"), most=MOST, at=at)
            told = wiring.told(found, opened, number("start") or 0, number("first") or 0, link, page.ci)
        except (UsageError, NotFoundError) as error:
            problem = error.message
        html = page.render("topology.html", q=text, depth=request.args.get("depth", ""), told=told, problem=problem)
        return make_response(html, 400 if problem else 200)
