"""What a browser sends to retire a CI by hand, or to bring it back."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from api.ui.page import Page, asked, state
from cmdb.model.errors import ConflictError

routes = Blueprint("absence_pages", __name__)


@routes.post("/ci/<id_>/retirement")
def retirement(id_: str) -> Response:
    with asked("operate") as page:
        estate, found, address = page.estate, _unchanged(page, id_), page.ci(state(page, id_))
    estate.retire(found, request.form.get("reason", ""))
    return redirect(address, 303)


@routes.post("/ci/<id_>/restoration")
def restoration(id_: str) -> Response:
    with asked("operate") as page:
        estate, found, address = page.estate, _unchanged(page, id_), page.ci(state(page, id_))
    estate.restore(found, request.form.get("reason", ""))
    return redirect(address, 303)


def _unchanged(page: Page, id_: str) -> str:
    """The CI's id. Raises ConflictError where it is no longer as it was when the form was shown."""
    item = state(page, id_)
    if request.form.get("since") != str(item.since):
        raise ConflictError("It has changed since the form was shown: load the page again.")
    return item.id
